//! Converts the error that a handler returned.

use std::any::type_name;
use std::fmt::Display;

use super::FunctionError;

/// An error type for typed handlers: a [`FunctionError`], or any type that implements `Display`.
///
/// A type that implements `Display` is converted as Lambda's Rust runtime does it: its text becomes
/// the `errorMessage`, and the name of its type, after a `&`, the `errorType`. So `Box<dyn Error>`,
/// `String`, `&str`, `anyhow::Error` and your own error types work. To choose the type or the
/// runtime, return a [`FunctionError`]; `?` converts every [`Error`](std::error::Error) to one in
/// the same way.
///
/// ```
/// use fake_lambda::{FunctionError, IntoFunctionError};
///
/// let error = "no such order".into_function_error();
/// assert_eq!(error, FunctionError::new("&&str", "no such order"));
///
/// fn parsed(text: &str) -> Result<u8, FunctionError> {
///     Ok(text.parse()?)
/// }
/// let error = FunctionError::new("&core::num::error::ParseIntError", "invalid digit found in string");
/// assert_eq!(parsed("seven"), Err(error));
/// ```
///
/// A recording of January 2026 shows that AWS sends the same:
/// `&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>`. Such
/// names may change between versions of the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a function can fail with",
    note = "give a `FunctionError`, or a type that is `Display`, as every `std::error::Error` is"
)]
pub trait IntoFunctionError {
    /// Returns the function error that the caller gets.
    fn into_function_error(self) -> FunctionError;
}

impl IntoFunctionError for FunctionError {
    fn into_function_error(self) -> FunctionError {
        self
    }
}

impl<E: Display> IntoFunctionError for E {
    fn into_function_error(self) -> FunctionError {
        // The runtime names the type of a reference to the error.
        FunctionError::new(type_name::<&E>(), self.to_string())
    }
}

/// Converts like [`IntoFunctionError`], so that `?` works.
impl<E: std::error::Error> From<E> for FunctionError {
    fn from(error: E) -> Self {
        error.into_function_error()
    }
}

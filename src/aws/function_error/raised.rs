//! What becomes of the error that a handler returned.

use std::any::type_name;
use std::fmt::Display;

use super::FunctionError;

/// What a typed handler may fail with: a [`FunctionError`], or anything that prints.
///
/// What prints becomes what Lambda's runtime for Rust makes of it: its text is the `errorMessage`, and the name of its type, behind a
/// `&`, the `errorType`. So `Box<dyn Error>`, `String`, `&str`, `anyhow::Error` and the test's own error types all do. To choose
/// the type or the runtime, return a [`FunctionError`]; `?` turns every [`Error`](std::error::Error) into one in the same way.
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
/// That is also what AWS was seen to send in January 2026: `&alloc::boxed::Box<dyn core::error::Error + core::marker::Send +
/// core::marker::Sync>`. Between versions of the compiler such names may change.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a function can fail with",
    note = "give a `FunctionError`, or a type that is `Display`, as every `std::error::Error` is"
)]
pub trait IntoFunctionError {
    /// The function error that the caller gets.
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

/// As [`IntoFunctionError`] does it, so that `?` works.
impl<E: std::error::Error> From<E> for FunctionError {
    fn from(error: E) -> Self {
        error.into_function_error()
    }
}

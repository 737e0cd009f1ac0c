//! The types that a script accepts as a reply: a closed list, so that the compiler can say what to
//! write for other types.

use serde_json::Value;

use super::Reply;
use crate::aws::function_error::FunctionError;
use crate::aws::service_error::ServiceError;
use crate::reply::fault::Fault;

/// A type that [`reply`](crate::Rule::reply) and [`then`](crate::Script::then) accept, that a
/// closure of [`handle`](crate::Rule::handle) can return, and that [`Chaos`](crate::Chaos) accepts
/// through [`IntoEffect`](crate::IntoEffect): a [`Reply`], a [`serde_json::Value`], a
/// [`ServiceError`], a [`FunctionError`], a [`Fault`], and a `Result` of two of these.
///
/// The list is closed. Wrap a value of any other serializable type in [`Reply::json`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reply: wrap it in `Reply::json(..)`",
    label = "not a reply",
    note = "a reply is a `Reply`, `serde_json::Value`, `ServiceError`, `FunctionError` or `Fault`, or a `Result` of two of these",
    note = "`Reply::json(..)` accepts every value that implements `serde::Serialize`"
)]
pub trait IntoReply: sealed::Sealed {
    /// The reply.
    fn into_reply(self) -> Reply;
}

/// The error of a `Result` that is a reply: a reply itself. A trait of its own, so that the
/// compiler does not suggest `Reply::json(..)`, which is a success.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error reply: map it to a `FunctionError`, or use `handle_json`, which accepts every error",
    label = "the error of the `Result` is not a reply",
    note = "the failure of a function is `FunctionError::new(\"Type\", message)`; the error can also be a `ServiceError`, `Fault` or `Reply`"
)]
pub trait IntoErrorReply: IntoReply {}

#[diagnostic::do_not_recommend]
impl<R: IntoReply> IntoErrorReply for R {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! replies {
    ($($kind:ty),*) => {
        $(
            impl sealed::Sealed for $kind {}

            impl IntoReply for $kind {
                fn into_reply(self) -> Reply {
                    self.into()
                }
            }
        )*
    };
}

replies!(Fault, FunctionError, Reply, ServiceError, Value);

impl<T: IntoReply, E: IntoErrorReply> sealed::Sealed for Result<T, E> {}

impl<T: IntoReply, E: IntoErrorReply> IntoReply for Result<T, E> {
    fn into_reply(self) -> Reply {
        match self {
            Ok(reply) => reply.into_reply(),
            Err(reply) => reply.into_reply(),
        }
    }
}

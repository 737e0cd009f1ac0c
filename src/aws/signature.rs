//! Checks that a request is signed as AWS requires, with Signature Version 4.
//!
//! From keys, request and clock it computes either nothing or a refusal, which consists of the
//! error, the service's text, and a reason that AWS does not send. It signs no requests and does
//! not depend on rules. Without the feature `signature` every request passes.

#[cfg(feature = "signature")]
mod authorization;
#[cfg(feature = "signature")]
mod canonical;
#[cfg(feature = "signature")]
mod credentials;
#[cfg(feature = "signature")]
mod keys;
#[cfg(feature = "signature")]
mod mistake;
#[cfg(not(feature = "signature"))]
mod off;
#[cfg(feature = "signature")]
mod stamp;
#[cfg(all(test, feature = "signature"))]
mod tests;

#[cfg(feature = "signature")]
pub use self::credentials::Credentials;
#[cfg(feature = "signature")]
pub(crate) use self::keys::Keys;
#[cfg(not(feature = "signature"))]
pub(crate) use self::off::{Credentials, Keys};
use crate::aws::service_error::ServiceError;

/// The only way of signing that the service accepts.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// AWS's text for a part of `Authorization` that is not a parameter, such as the start of a second
/// signature.
pub(crate) fn not_a_parameter(part: &str, value: &str) -> String {
    format!(
        "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: \
         '{value}'."
    )
}

/// The error, its text, and the reason why the signature is wrong.
pub(crate) type Refusal = (ServiceError, String, String);

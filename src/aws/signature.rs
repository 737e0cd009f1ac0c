//! Whether a request is signed as AWS demands, with Signature Version 4.
//!
//! Keys, request and clock go in, and out comes nothing or the refusal in the service's words, with a reason that AWS keeps to
//! itself. Signs nothing for anyone and knows no rules. Without the feature `signature` every request passes.

#[cfg(feature = "signature")]
mod authorization;
#[cfg(feature = "signature")]
mod canonical;
#[cfg(feature = "signature")]
mod credentials;
#[cfg(feature = "signature")]
mod keys;
#[cfg(not(feature = "signature"))]
mod off;
#[cfg(feature = "signature")]
mod slip;
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

/// The error, its text, and what was wrong with the signature.
pub(crate) type Refusal = (ServiceError, String, String);

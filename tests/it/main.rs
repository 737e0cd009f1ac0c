//! One binary for all integration tests: the AWS SDK is linked once.

mod clients;
mod conformance;
mod denied;
mod documentation;
mod eras;
mod errors;
mod function_errors;
mod http;
mod journal;
mod lifecycle;
mod log_tail;
mod outages;
mod properties;
mod raw;
mod red;
mod scripts;
mod service_errors;
#[cfg(feature = "signature")]
mod signature;
mod verification;
mod versions;
mod wire;

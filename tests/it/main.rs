//! One binary for all integration tests: the AWS SDK is linked once.

// Tests name the crate and get `engine`'s fake in the place of the crate's.
extern crate fake_lambda as fake_lambda_itself;
extern crate self as fake_lambda;
pub(crate) use fake_lambda_itself::*;

pub(crate) use self::engine::{Builder, FakeLambda};

mod causes;
mod chaos;
mod clients;
mod conformance;
mod denied;
mod documentation;
mod engine;
mod eras;
mod errors;
mod events;
mod faults;
#[cfg(feature = "rstest")]
mod fixtures;
mod function_errors;
mod handlers;
mod http;
mod journal;
mod lifecycle;
mod log_tail;
mod mounted;
mod outages;
mod panics;
mod properties;
mod raw;
mod red;
mod scripts;
mod service_errors;
#[cfg(feature = "signature")]
mod signature;
mod text;
mod verification;
mod versions;
mod waits;
mod wire;

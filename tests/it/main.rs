//! One binary for all integration tests: the AWS SDK is linked once.

mod clients;
mod documentation;
mod errors;
mod http;
mod lifecycle;
mod raw;
mod scripts;
mod service_errors;
mod verification;
mod wire;

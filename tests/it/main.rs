//! One binary for all integration tests: the AWS SDK is linked once.

mod clients;
mod errors;
mod http;
mod raw;
mod service_errors;
mod wire;

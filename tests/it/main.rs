//! One binary for all integration tests that use the AWS SDK, so that it is linked only once.

mod any_transport;
mod documentation;
#[cfg(feature = "rstest")]
mod fixtures;
#[cfg(feature = "in-memory")]
mod in_memory;
mod mounted;
mod other_transports;
mod own_server;
mod panics;
mod raw;
mod service_errors;
mod streams;
mod text;
mod transport;
mod waits;

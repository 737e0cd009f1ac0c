//! One binary for all integration tests: the AWS SDK is linked once.

mod causes;
mod chaos;
mod clients;
mod conformance;
mod denied;
mod documentation;
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
mod transport;
mod verification;
mod versions;
mod waits;
mod wire;

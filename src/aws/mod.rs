//! Facts about AWS Lambda: its names, errors, limits, logs and signatures.
//!
//! Each fact names its source, and how certain it is if AWS was never recorded. This module makes
//! no decisions and does not depend on scripts.

pub(crate) mod era;
pub(crate) mod event_stream;
pub(crate) mod function_error;
pub mod limits;
pub(crate) mod log_tail;
pub(crate) mod service_error;
pub(crate) mod signature;
pub(crate) mod start;
pub(crate) mod target;
pub(crate) mod versions;
pub(crate) mod words;

//! Facts about AWS Lambda: its names, errors, limits, logs and signatures.
//!
//! Each fact has its source beside it, and a grade where AWS was never recorded. Nothing here decides anything, or knows that there
//! is a script.

pub(crate) mod era;
pub(crate) mod function_error;
pub mod limits;
pub(crate) mod log_tail;
pub(crate) mod service_error;
pub(crate) mod signature;
pub(crate) mod start;
pub(crate) mod target;
pub(crate) mod versions;
pub(crate) mod words;

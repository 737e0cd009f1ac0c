//! Replies and their processing: `Reply`, then `Outcome`, then `Response`, then `Transmission`.
//!
//! Each step is a pure function of the previous one and of the request, so all of it is tested
//! without a socket. This wing does not choose replies, and it does not send them.

pub(crate) mod capability;
pub(crate) mod chunk_sender;
pub(crate) mod chunked;
pub(crate) mod chunks;
pub(crate) mod delay;
mod error_body;
pub(crate) mod fault;
pub(crate) mod gate;
pub(crate) mod outcome;
#[allow(
    clippy::module_inception,
    reason = "the wing and its main type have one name"
)]
pub(crate) mod reply;
pub(crate) mod response;
pub(crate) mod stream;
pub(crate) mod transmission;

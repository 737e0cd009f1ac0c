//! What a script may answer, and what becomes of it: `Reply`, then `Outcome`, then `Response`, then `Transmission`.
//!
//! Each step is a pure function of the one before, so all of it is tested without a socket. Nothing here chooses which reply is given,
//! and nothing here sends.

pub(crate) mod capability;
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
pub(crate) mod transmission;

//! What HTTP alone can carry, whatever carries it. `mounted::capabilities` runs these tests a second time.

pub(crate) mod causes;
pub(crate) mod chaos;
mod clients;
mod conformance;
mod denied;
mod eras;
mod errors;
pub(crate) mod events;
mod function_errors;
mod handlers;
mod journal;
mod log_tail;
mod red;
pub(crate) mod scripts;
#[cfg(feature = "signature")]
mod signature;
mod verification;
mod versions;
mod wire;

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

// In the order in which data flows: a module imports only from those above it.
mod calendar;
mod cut;
mod place;
mod words;

mod draws;

mod aws_words;
pub mod limits;

mod era;
mod target;

mod environments;
mod versions;

mod service_error;

mod function_error;
mod head;
mod json;
mod log_tail;

mod signature;

mod invocation;

mod context;

pub mod matchers;

mod fault;

mod delay;

mod gate;

mod reply;

mod outcome;

mod count;

mod script;

mod event;

mod causes;
mod chaos;

mod journal;

mod transport;

mod finding;

mod report;

mod exchange;

mod wait;

mod server;

mod scope;

#[cfg(feature = "wiremock")]
mod mount;

mod rule;

mod client;

mod fake;

mod assert;

mod scenario;

#[cfg(feature = "rstest")]
pub mod fixtures;

pub use crate::aws_words::{InvocationType, LogFormat, LogType, Runtime, ThrottleReason};
pub use crate::causes::Lasting;
pub use crate::chaos::{Chaos, Hit, Shrink};
pub use crate::context::Context;
pub use crate::count::Count;
pub use crate::delay::Delay;
pub use crate::event::{
    DeadLetter, Delivery, DestinationKind, EventCondition, Execution, InvocationRecord,
};
pub use crate::fake::{
    ActiveChaos, Alias, Builder, Cause, EventInvokeConfig, EventsRun, FakeLambda, Handle, Outage,
    Paused,
};
pub use crate::fault::Fault;
pub use crate::function_error::{FunctionError, IntoFunctionError};
pub use crate::gate::Gate;
pub use crate::invocation::Invocation;
pub use crate::journal::{Attempt, Call, Journal, Timeline};
pub use crate::reply::Reply;
pub use crate::report::Report;
pub use crate::rule::{Rule, Script, Seen};
pub use crate::service_error::{Evidence, ServiceError};
#[cfg(feature = "signature")]
pub use crate::signature::Credentials;
pub use crate::wait::Wait;
pub use crate::words::UnknownWord;

pub mod documentation {
    //! Pages to read; there is nothing to call here.
    //!
    //! One page for each job: [a retry policy](retry_policies), [error handling](error_handling), [a fire-and-forget caller](fire_and_forget), [a
    //! child process or another language](other_processes), [snapshots of a client's behaviour](snapshots); and how to [migrate](migration) a test
    //! from wiremock or aws-smithy-mocks. To look things up: [every error](errors), [every fault](faults), [throttles under load](load), [every key of a
    //! scenario file](scenarios), [every public name](names), [fidelity](comparison).

    #[doc = include_str!("docs/retry_policies.md")]
    pub mod retry_policies {}

    #[doc = include_str!("docs/error_handling.md")]
    pub mod error_handling {}

    #[doc = include_str!("docs/fire_and_forget.md")]
    pub mod fire_and_forget {}

    #[doc = include_str!("docs/other_processes.md")]
    pub mod other_processes {}

    #[doc = include_str!("docs/snapshots.md")]
    pub mod snapshots {}

    #[doc = include_str!("docs/migration.md")]
    pub mod migration {}

    #[doc = include_str!("docs/errors.md")]
    pub mod errors {}

    #[doc = include_str!("docs/scenarios.md")]
    pub mod scenarios {}

    #[doc = include_str!("docs/faults.md")]
    pub mod faults {}

    #[doc = include_str!("docs/load.md")]
    pub mod load {}

    #[doc = include_str!("docs/comparison.md")]
    pub mod comparison {}

    #[doc = include_str!("docs/names.md")]
    pub mod names {}
}

#[doc(hidden)]
pub mod __private {
    //! What `sdk_client!` expands to; no part of the API.

    pub const ACCESS_KEY_ID: &str = crate::client::ACCESS_KEY_ID;
    pub const SECRET_ACCESS_KEY: &str = crate::client::SECRET_ACCESS_KEY;

    /// See `sdk_client!`: says what the closure takes, so that it needs no types and may capture.
    pub fn configured<B>(builder: B, configure: impl FnOnce(B) -> B) -> B {
        configure(builder)
    }

    /// See `sdk_client!`.
    pub fn retry_partition(endpoint_url: &str) -> String {
        crate::client::retry_partition(endpoint_url)
    }

    /// See `sdk_client!`.
    #[track_caller]
    pub fn refuse_proxy() {
        crate::client::refuse_proxy();
    }
}

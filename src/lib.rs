// The README links to files of the repository. In the documentation the first definition of a link
// counts, so these lead to pages of the documentation.
#![doc = "[Replies]: documentation::replies"]
#![doc = "[snapshots]: documentation::snapshots"]
#![doc = "[child process]: documentation::other_processes"]
#![doc = "[Events]: documentation::events"]
#![doc = "[Faults]: documentation::connections"]
#![doc = "[Chaos]: documentation::chaos"]
#![doc = "[Constraints]: documentation::constraints"]
#![doc = "[Scenarios]: documentation::scenarios"]
#![doc = "[Streams]: documentation::streaming"]
#![doc = "[wiremock]: documentation::wiremock"]
#![cfg_attr(
    feature = "in-memory",
    doc = "[Without waiting]: documentation::without_waiting"
)]
#![cfg_attr(feature = "in-memory", doc = "[Sweep]: documentation::sweep")]
#![cfg_attr(feature = "in-memory", doc = "[sweep.rs]: documentation::sweep")]
#![doc = concat!("[matrix]: ", include_str!("docs/sweep.uri"))]
#![doc = "[when a test fails]: documentation::when_a_test_fails"]
#![doc = "[retry policies]: documentation::retry_policies"]
#![doc = "[error handling]: documentation::error_handling"]
#![doc = "[a fire-and-forget caller]: documentation::fire_and_forget"]
#![doc = "[migration]: documentation::migration"]
#![doc = "[every error]: documentation::errors"]
#![doc = "[a comparison]: documentation::comparison"]
#![doc = "[A table]: documentation::faults"]
#![doc = "[`Evidence`]: Evidence"]
#![doc = "[`sdk_client!`]: sdk_client!"]
#![doc = "[events.rs]: documentation::events"]
#![doc = "[faults.rs]: documentation::connections"]
#![doc = "[chaos.rs]: documentation::chaos"]
#![doc = "[constraints.rs]: documentation::constraints"]
#![doc = "[scenarios.rs]: documentation::scenarios"]
#![doc = "[streams.rs]: documentation::streaming"]
#![doc = "[wiremock.rs]: documentation::wiremock"]
#![cfg_attr(
    feature = "in-memory",
    doc = "[without_waiting.rs]: documentation::without_waiting"
)]
#![doc = ""]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// A new variant must not be ignored silently: every match on an enum names all variants.
#![cfg_attr(not(test), warn(clippy::wildcard_enum_match_arm))]

// The wings: each of these modules imports only from those above it.
mod ground;

mod aws;

mod request;

mod reply;

mod behavior;

mod record;

mod exchange;

mod transport;

mod api;

mod scenario;

#[cfg(feature = "in-memory")]
pub mod sweep;

#[cfg(feature = "rstest")]
pub mod fixtures;

pub use crate::api::fake::{
    ActiveChaos, Alias, Builder, Constraint, EventInvokeConfig, EventsRun, FakeLambda, Handle,
    Outage, Paused,
};
pub use crate::api::rule::{Rule, Script, Seen};
pub use crate::api::wait::Wait;
pub use crate::aws::function_error::{FunctionError, IntoFunctionError};
pub use crate::aws::service_error::{Evidence, ServiceError};
#[cfg(feature = "signature")]
pub use crate::aws::signature::Credentials;
pub use crate::aws::words::{
    InvocationType, LogFormat, LogType, Operation, Runtime, ThrottleReason,
};
pub use crate::behavior::chaos::{Chaos, Hit, IntoEffect, Shrink};
pub use crate::behavior::events::{
    DeadLetter, Delivery, DestinationKind, EventCondition, Execution, InvocationRecord,
};
pub use crate::record::journal::{Attempt, Call, Duplicate, Journal};
pub use crate::record::report::Report;
pub use crate::reply::chunk_sender::ChunkSender;
pub use crate::reply::chunks::{Boundaries, Chunks};
pub use crate::reply::delay::Delay;
pub use crate::reply::fault::Fault;
pub use crate::reply::gate::Gate;
pub use crate::reply::reply::{IntoReply, Reply};
pub use crate::request::context::Context;
pub use crate::request::invocation::Invocation;
#[cfg(feature = "in-memory")]
pub use crate::sweep::sweep;
#[cfg(feature = "in-memory")]
pub use crate::transport::http1::{HttpClient, MemoryConnection};

pub use crate::aws::limits;
pub use crate::request::matchers;

pub mod documentation {
    //! Guide pages; this module has no code.
    //!
    //! Features: [replies], [streams](streaming), [events], [broken connections](connections),
    //! [chaos], [constraints], [scenario files](scenarios), [a wiremock server](wiremock).
    //!
    //! How to test: [a retry policy](retry_policies), [error handling](error_handling), [a
    //! fire-and-forget caller](fire_and_forget), [a child process or another
    //! language](other_processes), [snapshots of a client's behavior](snapshots); and how to
    //! [migrate](migration) a test from wiremock or aws-smithy-mocks.
    //!
    #![cfg_attr(
        feature = "in-memory",
        doc = "On a paused clock: [tests without waiting](without_waiting), and [a sweep of failure modes](sweep).\n"
    )]
    //! [When a test fails](when_a_test_fails): each kind of message, what it means and what to do.
    //!
    //! Reference: [every error](errors), [every fault](faults), [a comparison with
    //! emulators](comparison).

    #[doc = include_str!("docs/replies.md")]
    pub mod replies {}

    #[doc = include_str!("docs/events.md")]
    pub mod events {}

    #[doc = include_str!("docs/streaming.md")]
    pub mod streaming {}

    #[doc = include_str!("docs/connections.md")]
    pub mod connections {}

    #[doc = include_str!("docs/chaos.md")]
    pub mod chaos {}

    #[doc = include_str!("docs/constraints.md")]
    pub mod constraints {}

    #[cfg(feature = "wiremock")]
    #[doc = include_str!("docs/wiremock.md")]
    pub mod wiremock {}

    #[cfg(feature = "in-memory")]
    #[doc = include_str!("docs/without_waiting.md")]
    pub mod without_waiting {}

    #[cfg(feature = "in-memory")]
    #[doc = include_str!("docs/sweep.md")]
    pub mod sweep {}

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

    #[doc = include_str!("docs/when_a_test_fails.md")]
    pub mod when_a_test_fails {}

    #[doc = include_str!("docs/errors.md")]
    pub mod errors {}

    #[doc = include_str!("docs/scenarios.md")]
    pub mod scenarios {}

    #[doc = include_str!("docs/faults.md")]
    pub mod faults {}

    #[doc = include_str!("docs/comparison.md")]
    pub mod comparison {}
}

#[cfg(all(fuzzing, feature = "signature"))]
#[doc(hidden)]
pub mod fuzzing;

#[doc(hidden)]
pub mod __private {
    //! Used by the expansion of `sdk_client!` and `lambda_handler!`; not part of the API.

    pub const ACCESS_KEY_ID: &str = crate::api::client::ACCESS_KEY_ID;
    pub const SECRET_ACCESS_KEY: &str = crate::api::client::SECRET_ACCESS_KEY;

    /// See `lambda_handler!`: the time since 1970, as Lambda's runtimes state it.
    pub fn milliseconds(time: std::time::SystemTime) -> u64 {
        let since = time.duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as u64)
    }

    /// See `sdk_client!`: declares the closure's type, so that the closure needs no type
    /// annotations and can capture.
    pub fn configured<B>(builder: B, configure: impl FnOnce(B) -> B) -> B {
        configure(builder)
    }

    /// See `sdk_client!`.
    pub fn retry_partition(endpoint_url: &str) -> String {
        crate::api::client::retry_partition(endpoint_url)
    }

    /// See `sdk_client!`: the transport of the fake in memory that has this URL.
    #[cfg(feature = "in-memory")]
    pub fn http_client(endpoint_url: &str) -> Option<crate::HttpClient> {
        crate::transport::http1::http_client_of(endpoint_url)
    }

    pub use crate::reply::reply::OfRuntime;

    /// See `sdk_client!`.
    #[track_caller]
    pub fn refuse_proxy() {
        crate::api::client::refuse_proxy();
    }
}

//! A service that is unreachable for a while.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::thread;

use super::Handle;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::record::record::StartedOutage;
use crate::record::report;
use crate::reply::capability::Capability;
use crate::transport::http1::Sockets;

/// Prevents connections until [`stop`](Self::stop) or until it is dropped; created by
/// [`Handle::outage`].
#[must_use = "the outage ends when this is dropped: keep it in a variable, `let outage = lambda.outage();`, and end it with `outage.stop()`"]
pub struct Outage {
    sockets: Arc<Sockets>,
    begun_at: Location,
    is_over: bool,
}

impl Handle {
    /// Resets every open connection and refuses new ones, until [`stop`](Outage::stop) or until the
    /// guard is dropped.
    ///
    /// After that the same port listens again. No other process can take the port in the meantime,
    /// because a second socket that never listens holds it (`SO_REUSEPORT`). On systems that do not
    /// have this option, or do not allow it on a socket that is already bound, the port is free
    /// during the outage, and the end of the outage panics if the port is taken. The journal
    /// contains the attempts that the outage cuts; refused connections are visible only to the
    /// client. Outages can overlap: the port accepts connections again when the last one has ended.
    ///
    /// This returns when the connections are closed, but waits at most a second if a handler blocks
    /// the fake's thread. It does not wait inside a handler or for an in-memory fake, whose
    /// connections are closed by their runtime.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, sdk_client};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lambda = FakeLambda::start();
    /// lambda.on("resize").reply(json!({"ok": true}));
    /// let client = sdk_client!(aws_sdk_lambda, lambda);
    /// let outage = lambda.outage();
    /// assert!(client.invoke().function_name("resize").send().await.is_err());
    /// outage.stop();
    /// assert!(client.invoke().function_name("resize").send().await.is_ok());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the fake was dropped, or if it is mounted on a `wiremock::MockServer`.
    #[track_caller]
    pub fn outage(&self) -> Outage {
        self.exchange.note_check();
        self.require(Capability::Outage, "`outage`");
        let sockets = self
            .reach
            .sockets()
            .expect("whatever can have an outage has sockets");
        assert!(
            sockets.begin_outage(),
            "{}",
            report::fake_was_dropped("cannot start an outage")
        );
        let begun_at = Location::here();
        self.exchange.edit(|state| {
            state.record.newest_outage = Some(StartedOutage {
                begun_at: begun_at.clone(),
                last_call: state.record.log.last_call(),
            });
        });
        Outage {
            sockets,
            begun_at,
            is_over: false,
        }
    }
}

impl Outage {
    /// Ends the outage: the fake's port accepts connections again.
    ///
    /// Otherwise the outage ends when the guard is dropped.
    ///
    /// # Panics
    ///
    /// Panics if another process has taken the fake's port in the meantime.
    #[track_caller]
    pub fn stop(mut self) {
        if let Err(text) = self.end() {
            panic!("{text}");
        }
    }

    fn end(&mut self) -> Result<(), Message> {
        if mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        self.sockets.end_outage().map_err(|error| {
            Message::new(
                format!("the outage cannot end: the fake's port is taken: {error}"),
                "run this test alone; on this system the port is free for others during an outage",
            )
            .line(format!("outage started at {}", self.begun_at))
        })
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        if let Err(text) = self.end() {
            match thread::panicking() {
                true => eprintln!("{text}"),
                false => panic!("{text}"),
            }
        }
    }
}

impl fmt::Debug for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outage")
            .field("begun_at", &self.begun_at)
            .finish_non_exhaustive()
    }
}

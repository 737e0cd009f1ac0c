//! A service that cannot be reached for a while.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::thread;

use super::Handle;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::record::report;
use crate::reply::capability::Capability;
use crate::transport::http1::Sockets;

/// No connection gets through until [`stop`](Self::stop), or until this is dropped; made by [`Handle::outage`].
#[must_use = "the outage ends when this is dropped: keep it in a variable, `let outage = lambda.outage();`, and end it with `outage.stop()`"]
pub struct Outage {
    sockets: Arc<Sockets>,
    begun_at: Location,
    is_over: bool,
}

impl Handle {
    /// Resets every open connection and refuses new ones, until [`stop`](Outage::stop) or until the guard is dropped.
    ///
    /// Then the same port listens again. No stranger can take it meanwhile: a second socket that never listens holds it (`SO_REUSEPORT`); on a system
    /// that does not have this, or not for a socket that is bound, the port is free during the outage, and the outage's end panics if it
    /// is taken. The attempts that the outage cuts are in the journal; refused connections cannot be seen by anybody but the client.
    /// Outages may overlap: the end of the last one ends them.
    ///
    /// This returns once the connections are gone, but waits at most a second for a fake whose thread a handler blocks; from inside a handler it does
    /// not wait at all.
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
    /// At this line when the fake was dropped, and when it is mounted on a `wiremock::MockServer`.
    #[track_caller]
    pub fn outage(&self) -> Outage {
        self.require(Capability::Outage, "`outage`");
        let sockets = self
            .sockets
            .as_ref()
            .expect("whatever can have an outage has sockets");
        assert!(
            sockets.begin_outage(),
            "{}",
            report::gone("cannot start an outage")
        );
        Outage {
            sockets: sockets.clone(),
            begun_at: Location::here(),
            is_over: false,
        }
    }
}

impl Outage {
    /// Ends the outage: from now on the fake's port takes connections again.
    ///
    /// Without this it ends when the guard is dropped.
    ///
    /// # Panics
    ///
    /// At this line when somebody has taken the fake's port meanwhile.
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
                "run this test alone; a fixed port is free for others during an outage",
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

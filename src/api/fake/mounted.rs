//! Mounting a fake on a `wiremock::MockServer`.

use std::sync::Arc;

use wiremock::MockServer;

use super::builder::cannot_start;
use super::engine::Engine;
use super::{Builder, FakeLambda};
use crate::exchange::Exchange;
use crate::reply::capability::TransportKind;
use crate::transport::wiremock::Mount;

impl FakeLambda {
    /// The same fake behind a `wiremock::MockServer` that the test has already: on its address, beside its other mocks.
    ///
    /// Only Invoke requests are its own (`POST /2015-03-31/functions/<name>/invocations`). It takes them before every mock but one of
    /// priority 1 that was mounted earlier, so a catch-all never sees them. The two operations that it knows and does not play, `InvokeAsync` and
    /// `InvokeWithResponseStream`, it takes last, with priority 255: a mock of yours may play them. Everything else, the server's own 404 and
    /// its verification too, is as it was.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, ServiceError, sdk_client};
    /// use serde_json::json;
    /// use wiremock::matchers::path;
    /// use wiremock::{Mock, MockServer, ResponseTemplate};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let server = MockServer::start().await;
    /// Mock::given(path("/orders")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    ///
    /// let lambda = FakeLambda::mount_on(&server).await;
    /// let script = lambda.on("resize").reply(ServiceError::TooManyRequestsException).then(json!({"ok": true}));
    ///
    /// let client = sdk_client!(aws_sdk_lambda, lambda); // or any other, with the endpoint `server.uri()`
    /// assert!(client.invoke().function_name("resize").send().await.is_ok());
    /// script.assert_attempts(2);
    /// # }
    /// ```
    ///
    /// What only a server of its own can do panics at the line that asks for it: every [`Fault`](crate::Fault) but
    /// `CloseBeforeReply`, gates, [`body_delay`](crate::Reply::body_delay), a reply without `Date`, [`pause`](crate::Handle::pause),
    /// [`outage`](crate::Handle::outage), and a bound of concurrency above 0. And some things differ, since the server decides them:
    ///
    /// - It writes header names in lower case, in an order of its own, and its own reason phrases; of a request it keeps neither casing nor order.
    /// - It answers one request at a time. A handler holds up every mock for as long as it takes, at most three seconds: then the
    ///   client gets a 500 and verification fails. One that waits for another request of the same server can only run into that.
    ///   [`delay`](crate::Reply::delay) and the start of an environment hold nothing up, and come behind the handler.
    /// - EventParty tells when a client leaves: an attempt is answered when its reply is handed to the server, before any delay, and none is ever
    ///   abandoned.
    /// - It keeps what it gets for [`received_requests`](MockServer::received_requests), without a limit, unless it is told not to.
    ///
    /// Keep the server at least as long as the fake, as the order of the lines above does: a server that was dropped may be handed to another test.
    /// When the fake is dropped it is verified and the server goes on without it; `server.reset()` takes it out like any mock. Of two
    /// fakes on one server the first gets every request.
    ///
    /// # Panics
    ///
    /// At this line when the system has no thread or descriptor left.
    #[track_caller]
    pub fn mount_on(server: &MockServer) -> impl Future<Output = Self> + Send {
        Self::builder().mount_on(server)
    }
}

impl Builder {
    /// Starts the fake behind a `wiremock::MockServer`; see [`FakeLambda::mount_on`].
    ///
    /// # Panics
    ///
    /// At this line when the system has no thread or descriptor left, or `FAKE_LAMBDA_SEED` is no number.
    #[track_caller]
    pub fn mount_on(self, server: &MockServer) -> impl Future<Output = FakeLambda> + Send {
        let verifies_on_drop = self.verifies_on_drop;
        let exchange = Arc::new(Exchange::new(self.config(TransportKind::Mount)));
        let mount = match Mount::new(&exchange, server) {
            Ok(mount) => mount,
            Err(error) => panic!("{}", cannot_start(&error)),
        };
        async move {
            mount.register(server).await;
            FakeLambda::with(exchange, Engine::Mounted(mount), verifies_on_drop)
        }
    }
}

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
    /// Mounts a fake on an existing `wiremock::MockServer`: on its address, next to its other
    /// mocks.
    ///
    /// The fake answers only requests of `Invoke` (`POST
    /// /2015-03-31/functions/<name>/invocations`) and `InvokeWithResponseStream`, and refuses
    /// `InvokeAsync`, which it knows but does not support. Everything else stays as it was,
    /// including the server's own 404 and its verification.
    ///
    /// The server asks the fake like a mock with the default priority, 5: after the mocks of that
    /// priority that were mounted earlier, and before those that are mounted later. So mount the
    /// fake before a catch-all, or give the catch-all `.with_priority(255)`. To answer one of the
    /// three operations with your own mock, mount it before the fake.
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
    /// Features that need the fake's own server panic at the line that uses them. If a handler
    /// returns a reply that needs it, the client gets 418 `FakeLambdaImpossibleReply`, and
    /// verification fails. These features are:
    ///
    /// - every [`Fault`](crate::Fault) except `CloseBeforeReply`, and a
    ///   [`delay`](crate::Reply::delay) before `CloseBeforeReply`;
    /// - gates, [`body_delay`](crate::Reply::body_delay), and a reply without `Date`;
    /// - in a stream: pauses, gates, faults and damaged frames;
    /// - [`pause`](crate::Handle::pause), [`outage`](crate::Handle::outage), and a concurrency
    ///   limit above 0.
    ///
    /// Some behavior differs, because the server decides it:
    ///
    /// - It writes header names in lower case, in its own order, and its own reason phrases. It
    ///   does not keep the casing and order of a request's headers.
    /// - It answers one request at a time. A handler blocks every mock while it runs, for at most
    ///   three seconds; then the client gets 418 `FakeLambdaGivenUp`, and verification fails. This
    ///   always happens to a handler that waits for another request to the same server.
    ///   [`delay`](crate::Reply::delay) and the start of an environment block nothing, and come
    ///   after the handler.
    /// - It does not report when a client disconnects: an attempt counts as answered when its reply
    ///   is handed to the server, before any delay, and none is ever abandoned.
    /// - A guard of a scoped mock sees its own requests only if all mocks have the default
    ///   priority, because the guard stores the position of its mock, and the server sorts the
    ///   mocks by priority. The fake has the default priority, so it changes no position.
    /// - It numbers mocks from 0 in the order of mounting, and reports a mock without a name by its
    ///   number. The fake counts as two mocks: if it is mounted first, the next mock is `Mock #2`.
    ///   Give that mock a name, with `.named(..)`.
    /// - It keeps all requests for [`received_requests`](MockServer::received_requests), without a
    ///   limit, unless you turn that off.
    ///
    /// Keep the server at least as long as the fake, because a dropped server can be handed to
    /// another test: declare it before the fake, as in the example, so that it is dropped after the
    /// fake. When the fake is dropped, it verifies, and the server continues without it.
    /// `server.reset()` removes the fake like any mock: mount another one after it. Of two fakes on
    /// one server, the first gets every request of the three operations.
    ///
    /// # Panics
    ///
    /// Panics if the system has no free thread or descriptor, or if an environment variable is not
    /// valid, as in [`Builder::start`].
    #[track_caller]
    pub fn mount_on(server: &MockServer) -> impl Future<Output = Self> + Send {
        Self::builder().mount_on(server)
    }
}

impl Builder {
    /// Starts the fake on a `wiremock::MockServer`; see [`FakeLambda::mount_on`].
    ///
    /// # Panics
    ///
    /// Panics if the system has no free thread or descriptor, or if a variable of the environment
    /// is not valid, as in [`start`](Self::start).
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

//! wiremock's server as its users run it, with one mock per function and recorded requests, except
//! that it is not from wiremock's pool: a pooled server starts only the first time.

use tokio::runtime::{Builder, Runtime};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client::invocations_path;

/// A listening wiremock server and the runtime that its async methods need.
///
/// The server itself runs on its own thread and runtime.
pub(crate) struct WiremockServer {
    server: MockServer,
    runtime: Runtime,
}

impl WiremockServer {
    pub(crate) fn start() -> WiremockServer {
        let runtime = caller_runtime();
        WiremockServer {
            server: start_on(&runtime),
            runtime,
        }
    }

    /// Mounts the function's mock, which answers `{"ok":true}`.
    pub(crate) fn script(&self, function: &str) {
        let reply = ResponseTemplate::new(200).set_body_json(serde_json::json!({"ok": true}));
        let mock = Mock::given(method("POST"))
            .and(path(invocations_path(function)))
            .respond_with(reply);
        self.runtime.block_on(mock.mount(&self.server));
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.address().port()
    }
}

/// The runtime that a test with wiremock has.
pub(crate) fn caller_runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Starts a server that is not from the pool.
pub(crate) fn start_on(runtime: &Runtime) -> MockServer {
    runtime.block_on(MockServer::builder().start())
}

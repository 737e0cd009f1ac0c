//! The minimum for a server on hyper: it collects and drops the request body, and its reply is
//! constant.

use std::convert::Infallible;
use std::future::pending;
use std::net;
use std::sync::OnceLock;
use std::thread;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

/// A listening hyper server.
pub(crate) struct BareHyper {
    port: u16,
    accepting: JoinHandle<()>,
}

impl BareHyper {
    /// Binds a free port and accepts on the shared runtime.
    pub(crate) fn start() -> BareHyper {
        let listener = net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener
            .set_nonblocking(true)
            .expect("a listener can be non-blocking");
        let port = listener.local_addr().expect("the listener is bound").port();
        let runtime = shared_runtime();
        let _entered = runtime.enter();
        let listener = TcpListener::from_std(listener).expect("the listener is non-blocking");
        BareHyper {
            port,
            accepting: runtime.spawn(accept(listener)),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for BareHyper {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
        tokio::spawn(connection);
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    request.into_body().collect().await?;
    Ok(Response::new(Full::new(Bytes::from_static(
        br#"{"ok":true}"#,
    ))))
}

/// One current-thread runtime on its own thread for all servers of the process, shared as in a test
/// suite.
fn shared_runtime() -> &'static Handle {
    static RUNTIME: OnceLock<Handle> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let handle = runtime.handle().clone();
        thread::spawn(move || runtime.block_on(pending::<Infallible>()));
        handle
    })
}

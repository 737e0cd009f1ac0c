//! The fake's own server: one thread, one runtime and one listening socket for each fake. A fake in
//! memory has none of these: tasks of the client's runtime serve pipes with the same code.
//!
//! All sockets of the crate are in this module. The exchange decides what to answer; this module
//! reads, writes, and detects that a client has disconnected.

mod body;
mod connection;
mod events;
mod function;
mod function_stream;
mod handler;
#[cfg(feature = "in-memory")]
mod in_memory;
#[cfg(feature = "in-memory")]
mod kept;
mod live;
#[cfg(feature = "in-memory")]
mod pipe;
mod ports;
mod reading;
#[cfg(feature = "in-memory")]
mod sdk;
mod sockets;
mod stream;
mod streaming;
mod thread;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use self::connection::Connection;
pub(crate) use self::events::run as run_events;
#[cfg(feature = "wiremock")]
pub(crate) use self::function::FunctionParty;
#[cfg(feature = "wiremock")]
pub(crate) use self::handler::HandlerTask;
#[cfg(feature = "in-memory")]
pub(crate) use self::in_memory::InMemory;
#[cfg(feature = "in-memory")]
pub use self::in_memory::MemoryConnection;
#[cfg(feature = "in-memory")]
pub use self::sdk::HttpClient;
#[cfg(feature = "in-memory")]
pub(crate) use self::sdk::http_client_of;
pub(crate) use self::sockets::Sockets;
use self::stream::Stream;
pub(crate) use self::thread::{OwnThread, spawn};
use crate::exchange::Exchange;

/// A running server; [`stop`](Self::stop) stops it.
pub(crate) struct Server {
    address: SocketAddr,
    sockets: Arc<Sockets>,
    thread: OwnThread,
}

impl Server {
    /// Binds the port and starts the thread; connections are accepted from now on.
    pub(crate) fn start(exchange: Arc<Exchange>) -> io::Result<Self> {
        let (listener, address) = ports::listen()?;
        let sockets = Arc::new(Sockets::new(address, listener));
        let shared = sockets.clone();
        let thread = OwnThread::start(&|| sockets.listen(), Box::pin(serve(shared, exchange)))?;
        Ok(Self {
            address,
            sockets,
            thread,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The sockets, so that they can be cut while the server runs.
    pub(crate) fn sockets(&self) -> Arc<Sockets> {
        self.sockets.clone()
    }

    /// Closes the port and every connection, then waits for the thread, at most a second. On the
    /// thread itself it does not wait.
    ///
    /// Returns `false` if a handler still blocks the thread after that.
    pub(crate) fn stop(&mut self) -> bool {
        self.sockets.close();
        self.thread.ends_in_time()
    }
}

/// Accepts connections until the fake is dropped.
async fn serve(sockets: Arc<Sockets>, exchange: Arc<Exchange>) {
    sockets.served_by_this_thread();
    spawn(Box::pin(run_events(exchange.clone())));
    tokio::select! {
        biased;
        () = sockets.stopped() => {}
        () = accept(&sockets, &exchange) => {}
    }
}

async fn accept(sockets: &Arc<Sockets>, exchange: &Arc<Exchange>) {
    while let Some(accepted) = sockets.accept().await {
        match accepted {
            Ok(stream) => {
                let Some((number, line)) = sockets.add(Stream::Socket(stream)) else {
                    continue;
                };
                let (sockets, exchange) = (sockets.clone(), exchange.clone());
                spawn(Box::pin(async move {
                    let _leaves = sockets.leaving(number);
                    Connection::new(line, number, exchange).serve().await;
                }));
            }
            // The connection was reset before it was accepted, or the process is out of
            // descriptors: the next one may succeed.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

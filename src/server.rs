//! The fake's own server: one thread, one runtime and one listening socket for each fake.
//!
//! The only sockets of the crate are in here. What to answer comes from the exchange; this module reads, writes, and knows when a
//! client has left.

mod body;
mod connection;
mod handler;
mod inflict;
mod ports;
mod reading;
mod sockets;

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::LocalOptions;

use self::connection::Connection;
pub(crate) use self::sockets::Sockets;
use crate::exchange::Exchange;

/// How long a drop waits for the fake's thread; a handler that blocks it longer is left behind.
const GRACE: Duration = Duration::from_secs(1);

/// A running server; it stops when it is told to.
pub(crate) struct Server {
    address: SocketAddr,
    sockets: Arc<Sockets>,
    ended: Mutex<mpsc::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Binds the port and starts the thread; connections made from now on are accepted.
    pub(crate) fn start(exchange: Arc<Exchange>) -> io::Result<Self> {
        let listener = ports::listen()?;
        let address = listener.local_addr()?;
        let sockets = Arc::new(Sockets::new(address, listener));
        let (ending, ended) = mpsc::channel();
        let shared = sockets.clone();
        let thread = thread::Builder::new().name(thread_name()).spawn(move || {
            run(shared, exchange);
            drop(ending);
        })?;
        Ok(Self {
            address,
            sockets,
            ended: Mutex::new(ended),
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The sockets, to be cut while the server runs.
    pub(crate) fn sockets(&self) -> Arc<Sockets> {
        self.sockets.clone()
    }

    /// Closes the port and every connection, then waits for the thread, at most a second.
    ///
    /// Says whether the thread ended; if not, a handler blocks it.
    pub(crate) fn stop(&mut self) -> bool {
        self.sockets.close();
        let Some(thread) = self.thread.take() else {
            return true;
        };
        if thread.thread().id() == thread::current().id() {
            return true;
        }
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        match ended.recv_timeout(GRACE) {
            Err(RecvTimeoutError::Timeout) => false,
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                // A panic of the thread was printed when it happened; a drop has nothing to add.
                let _ = thread.join();
                true
            }
        }
    }
}

/// The life of the fake's thread.
fn run(sockets: Arc<Sockets>, exchange: Arc<Exchange>) {
    // Handlers may return futures that are not `Send`, so everything runs as local tasks.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .expect("the system has the descriptors for a runtime");
    sockets.served_by_this_thread();
    runtime.block_on(async {
        tokio::select! {
            biased;
            () = sockets.stopped() => {}
            () = accept(&sockets, &exchange) => {}
        }
        // Handlers of accepted events that had no turn yet get one.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    });
    // A handler may have left a blocking task behind, which nobody waits for.
    runtime.shutdown_background();
}

async fn accept(sockets: &Arc<Sockets>, exchange: &Arc<Exchange>) {
    while let Some(accepted) = sockets.accept().await {
        match accepted {
            Ok(stream) => {
                let Some((number, line)) = sockets.enter(stream) else {
                    continue;
                };
                let (sockets, exchange) = (sockets.clone(), exchange.clone());
                tokio::task::spawn_local(async move {
                    Connection::new(line, exchange).serve().await;
                    sockets.leave(number);
                });
            }
            // A connection that was reset before it was accepted, or a process out of descriptors: the next one may do.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// The test's thread names the fake's, so a panic of a handler says which test it belongs to.
fn thread_name() -> String {
    match thread::current().name() {
        Some(name) => format!("fake-lambda of {name}"),
        None => "fake-lambda".to_owned(),
    }
}

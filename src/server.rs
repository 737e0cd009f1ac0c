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

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::LocalOptions;
use tokio::sync::Notify;

use self::connection::Connection;
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

/// Every socket of one fake, so that another thread can close them while a handler blocks the fake's own.
struct Sockets {
    open: Mutex<Open>,
    stop: Notify,
}

struct Open {
    /// Nothing is accepted any more.
    closed: bool,
    /// The only strong reference but for the moment of a poll: taking it closes the port.
    listener: Option<Arc<TcpListener>>,
    connections: HashMap<u64, Arc<TcpStream>>,
    next: u64,
}

impl Server {
    /// Binds the port and starts the thread; connections made from now on are accepted.
    pub(crate) fn start(exchange: Arc<Exchange>) -> io::Result<Self> {
        let listener = ports::listen()?;
        let address = listener.local_addr()?;
        let sockets = Arc::new(Sockets {
            open: Mutex::new(Open {
                closed: false,
                listener: None,
                connections: HashMap::new(),
                next: 0,
            }),
            stop: Notify::new(),
        });
        let (ending, ended) = mpsc::channel();
        let shared = sockets.clone();
        let thread = thread::Builder::new().name(thread_name()).spawn(move || {
            run(listener, shared, exchange);
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

impl Sockets {
    /// Takes the listener in, unless the fake is gone already.
    fn listen(&self, listener: TcpListener) -> Option<Weak<TcpListener>> {
        let mut open = self.lock();
        if open.closed {
            return None;
        }
        let listener = open.listener.insert(Arc::new(listener));
        Some(Arc::downgrade(listener))
    }

    /// Keeps a connection in reach of [`close`](Self::close), unless the fake is gone already.
    fn enter(&self, stream: TcpStream) -> Option<(u64, Arc<TcpStream>)> {
        let mut open = self.lock();
        if open.closed {
            return None;
        }
        let stream = Arc::new(stream);
        let number = open.next;
        open.next += 1;
        open.connections.insert(number, stream.clone());
        Some((number, stream))
    }

    fn leave(&self, number: u64) {
        self.lock().connections.remove(&number);
    }

    fn close(&self) {
        let mut open = self.lock();
        open.closed = true;
        let listener = open.listener.take();
        let connections = std::mem::take(&mut open.connections);
        drop(open);
        drop(listener);
        for stream in connections.values() {
            // A socket whose client is gone cannot be shut down, and need not be.
            let _ = SockRef::from(&**stream).shutdown(Shutdown::Both);
        }
        self.stop.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The life of the fake's thread.
fn run(listener: std::net::TcpListener, sockets: Arc<Sockets>, exchange: Arc<Exchange>) {
    // Handlers may return futures that are not `Send`, so everything runs as local tasks.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .expect("the system has the descriptors for a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("the runtime's I/O is enabled");
        let Some(listener) = sockets.listen(listener) else {
            return;
        };
        tokio::select! {
            biased;
            () = sockets.stop.notified() => {}
            () = accept(&listener, &sockets, &exchange) => {}
        }
        // Handlers of accepted events that had no turn yet get one.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    });
    // A handler may have left a blocking task behind, which nobody waits for.
    runtime.shutdown_background();
}

async fn accept(listener: &Weak<TcpListener>, sockets: &Arc<Sockets>, exchange: &Arc<Exchange>) {
    loop {
        let accepted = poll_fn(|context| match listener.upgrade() {
            Some(listener) => listener.poll_accept(context).map(Some),
            None => Poll::Ready(None),
        });
        match accepted.await {
            None => return,
            Some(Ok((stream, _))) => {
                let Some((number, stream)) = sockets.enter(stream) else {
                    return;
                };
                let (sockets, exchange) = (sockets.clone(), exchange.clone());
                tokio::task::spawn_local(async move {
                    Connection::new(stream, exchange).serve().await;
                    sockets.leave(number);
                });
            }
            // A connection that was reset before it was accepted, or a process out of descriptors: the next one may do.
            Some(Err(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
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

//! Every socket and every in-memory pipe of one fake, accessible from other threads.
//!
//! Even if a handler blocks the fake's own thread, a drop must close the port and an outage must
//! cut the connections.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use socket2::{SockRef, Socket};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::ports;
use super::stream::Stream;

/// How long an outage waits until the connections that it cuts are closed; a handler that blocks
/// the fake's thread can keep them longer.
const GRACE: Duration = Duration::from_secs(1);

/// The listening socket, if there is one, and every connection.
pub(crate) struct Sockets {
    /// `None` if clients connect in memory.
    address: Option<SocketAddr>,
    open: Mutex<Open>,
    /// A connection was closed.
    left: Condvar,
    /// The listening socket was replaced or removed.
    changed: Notify,
    stop: Notify,
}

struct Open {
    /// No more connections are accepted.
    closed: bool,
    /// The socket that listens already, but is not registered with a runtime yet.
    next_listener: Option<std::net::TcpListener>,
    /// The only strong reference, except during a poll: taking it closes the port.
    listener: Option<Arc<TcpListener>>,
    /// The socket that holds the port during an outage.
    twin: Option<Socket>,
    outages: usize,
    /// The connections by number, from 1 in the order in which they were accepted.
    connections: HashMap<u64, Arc<Line>>,
    next: u64,
    served_by: Option<ThreadId>,
}

/// One client's connection.
pub(super) struct Line {
    pub(super) stream: Stream,
    is_cut: AtomicBool,
    cut: Notify,
}

impl Sockets {
    pub(super) fn new(address: SocketAddr, listener: std::net::TcpListener) -> Self {
        Self::with(Some(address), Some(listener))
    }

    /// The pipes of a fake without a port, whose clients connect in memory.
    #[cfg(feature = "in-memory")]
    pub(super) fn without_port() -> Self {
        Self::with(None, None)
    }

    fn with(address: Option<SocketAddr>, listener: Option<std::net::TcpListener>) -> Self {
        Self {
            address,
            open: Mutex::new(Open {
                closed: false,
                next_listener: listener,
                listener: None,
                twin: None,
                outages: 0,
                connections: HashMap::new(),
                next: 1,
                served_by: None,
            }),
            left: Condvar::new(),
            changed: Notify::new(),
            stop: Notify::new(),
        }
    }

    pub(super) fn served_by_this_thread(&self) {
        self.lock().served_by = Some(thread::current().id());
    }

    /// Registers the new listening socket, if there is one, with the runtime of this thread.
    pub(super) fn listen(&self) -> io::Result<()> {
        self.lock().listen()
    }

    /// Waits until the fake is being dropped.
    pub(super) async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// The next connection or an error; `None` if there will be no more.
    pub(super) async fn accept(&self) -> Option<io::Result<TcpStream>> {
        loop {
            let listener = {
                let mut open = self.lock();
                if open.closed {
                    return None;
                }
                if let Err(error) = open.listen() {
                    return Some(Err(error));
                }
                open.listener.as_ref().map(Arc::downgrade)
            };
            let accepted = poll_fn(|context| {
                let listener = listener.as_ref().and_then(|listener| listener.upgrade());
                match listener {
                    Some(listener) => listener.poll_accept(context).map(Some),
                    None => Poll::Ready(None),
                }
            });
            let accepted = tokio::select! {
                biased;
                () = self.changed.notified() => continue,
                accepted = accepted => accepted,
            };
            match accepted {
                Some(accepted) => return Some(accepted.map(|(stream, _)| stream)),
                None => self.changed.notified().await,
            }
        }
    }

    /// Registers a connection, unless the fake was dropped or an outage is active.
    pub(super) fn add(&self, stream: Stream) -> Option<(u64, Arc<Line>)> {
        let mut open = self.lock();
        if open.closed || open.outages > 0 {
            let _ = stream.reset_on_close();
            return None;
        }
        let line = Arc::new(Line {
            stream,
            is_cut: AtomicBool::new(false),
            cut: Notify::new(),
        });
        let number = open.next;
        open.next += 1;
        open.connections.insert(number, line.clone());
        Some((number, line))
    }

    /// Returns `true` once the fake was dropped.
    #[cfg(feature = "in-memory")]
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    pub(super) fn leave(&self, number: u64) {
        let gone = self.lock().connections.remove(&number);
        drop(gone);
        self.left.notify_all();
    }

    /// Removes a connection when the guard is dropped, even if its task panics.
    pub(super) fn leaving(&self, number: u64) -> Leaving<'_> {
        Leaving {
            sockets: self,
            number,
        }
    }

    /// Closes everything permanently.
    pub(super) fn close(&self) {
        let mut open = self.lock();
        open.closed = true;
        let listeners = (
            open.listener.take(),
            open.next_listener.take(),
            open.twin.take(),
        );
        let connections = std::mem::take(&mut open.connections);
        drop(open);
        drop(listeners);
        for line in connections.values() {
            line.stream.shut_down(Shutdown::Both);
        }
        self.changed.notify_one();
        self.stop.notify_one();
    }

    /// Resets every connection and refuses new ones; `false` if the fake was dropped.
    pub(crate) fn begin_outage(&self) -> bool {
        let mut open = self.lock();
        if open.closed {
            return false;
        }
        open.outages += 1;
        if open.outages == 1 {
            let listening = match (&open.listener, &open.next_listener) {
                (Some(listener), _) => Some(SockRef::from(&**listener)),
                (None, Some(listener)) => Some(SockRef::from(listener)),
                (None, None) => None,
            };
            let twin = listening
                .zip(self.address)
                .and_then(|(listener, address)| ports::twin(listener, address));
            open.twin = twin;
            if let Some(listener) = open.listener.take() {
                // The fake's thread holds it during a poll, which runs no user code.
                while Arc::strong_count(&listener) > 1 {
                    thread::yield_now();
                }
            }
            drop(open.next_listener.take());
        }
        for line in open.connections.values() {
            line.cut();
        }
        // A pipe is served by its client's runtime, which does not run while this waits.
        let mine = self.address.is_none() || open.served_by == Some(thread::current().id());
        let deadline = Instant::now() + GRACE;
        while !mine && open.connections.values().any(|line| line.is_cut()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            open = self
                .left
                .wait_timeout(open, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    /// Ends one outage; after the last one, the same port listens again.
    pub(crate) fn end_outage(&self) -> io::Result<()> {
        let mut open = self.lock();
        open.outages -= 1;
        if open.closed || open.outages > 0 {
            return Ok(());
        }
        if let Some(address) = self.address {
            open.next_listener = Some(ports::listen_again(address)?);
        }
        drop(open.twin.take());
        drop(open);
        self.changed.notify_one();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is being served.
pub(super) struct Leaving<'a> {
    sockets: &'a Sockets,
    number: u64,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.sockets.leave(self.number);
    }
}

impl Open {
    fn listen(&mut self) -> io::Result<()> {
        if let Some(next) = self.next_listener.take() {
            self.listener = Some(Arc::new(TcpListener::from_std(next)?));
        }
        Ok(())
    }
}

impl Line {
    /// Returns `true` if an outage has cut it.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Relaxed)
    }

    /// Waits until the stream accepts more bytes; returns an error if an outage has cut the
    /// connection.
    pub(super) async fn writable(&self) -> io::Result<()> {
        self.unless_cut(self.stream.writable()).await
    }

    /// The result of `work`, or an error if an outage cuts the connection first.
    pub(super) async fn unless_cut(
        &self,
        work: impl Future<Output = io::Result<()>>,
    ) -> io::Result<()> {
        tokio::select! {
            biased;
            () = self.cut.notified() => Err(io::ErrorKind::ConnectionAborted.into()),
            result = work => result,
        }
    }

    /// Makes the task of this connection see a disconnected client; closing it is then a reset.
    fn cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
        // Both calls fail if the client has closed the connection; they are not needed then.
        let _ = self.stream.reset_on_close();
        self.stream.shut_down(Shutdown::Read);
        self.cut.notify_one();
    }
}

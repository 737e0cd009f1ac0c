//! A fake without a port and without a thread: each client connects through an in-memory pipe,
//! whose server's end is a task of the client's own runtime.
//!
//! So everything waits on that runtime's clock, which the test can pause.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{self, Handle, RuntimeFlavor};
use tokio::task::JoinHandle;

use super::connection::Connection;
use super::events;
use super::pipe::{ClientEnd, pipe};
use super::sockets::Sockets;
use super::stream::Stream;
use crate::exchange::Exchange;
use crate::record::report::{self, NotConnected};

/// The start and the end of every endpoint URL of a fake in memory. Names below `.invalid` never
/// resolve, so a client without the fake's transport cannot reach another server.
const URL: (&str, &str) = ("http://in-memory-", ".fake-lambda.invalid");

/// The fakes in memory that have not been dropped yet, by the number in their URL.
static RUNNING: Mutex<Vec<(u64, Weak<InMemory>)>> = Mutex::new(Vec::new());

/// The server of one fake in memory.
pub(crate) struct InMemory {
    number: u64,
    exchange: Arc<Exchange>,
    sockets: Arc<Sockets>,
    /// The task that runs events, and its runtime.
    events: Mutex<Option<(runtime::Id, JoinHandle<()>)>>,
    /// The number of attempts of the SDK at each path.
    attempts: Mutex<HashMap<Box<str>, u64>>,
}

/// A client's end of a connection to a fake in memory; created by
/// [`Handle::connect`](crate::Handle::connect).
///
/// Reads and writes are bytes of HTTP/1.1. Dropping it has the effect of closing a socket.
pub struct MemoryConnection(pub(super) ClientEnd);

impl InMemory {
    pub(crate) fn start(exchange: Arc<Exchange>) -> Arc<Self> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        let fake = Arc::new(Self {
            number,
            exchange,
            sockets: Arc::new(Sockets::without_port()),
            events: Mutex::default(),
            attempts: Mutex::default(),
        });
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.push((number, Arc::downgrade(&fake)));
        fake
    }

    /// The fake that was started with this URL; the error is the reason why there is none, for a
    /// URL of a fake in memory. `None` for every other URL.
    pub(crate) fn of_url(url: &str) -> Option<Result<Arc<Self>, NotConnected>> {
        let number: u64 = url.strip_prefix(URL.0)?.strip_suffix(URL.1)?.parse().ok()?;
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let fake = running.iter().find(|(known, _)| *known == number);
        let fake = fake.and_then(|(_, fake)| fake.upgrade());
        Some(fake.ok_or(NotConnected::Dropped))
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{}{}", URL.0, self.number, URL.1)
    }

    pub(crate) fn sockets(&self) -> Arc<Sockets> {
        self.sockets.clone()
    }

    /// Closes every connection; no new ones are made.
    pub(crate) fn stop(&self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|(number, _)| *number != self.number);
        drop(running);
        self.sockets.close();
    }

    pub(super) fn seed(&self) -> u64 {
        self.exchange.config.seed
    }

    /// Counts an attempt at a path, from 1.
    pub(super) fn count_attempt(&self, path: &str) -> u64 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = attempts.get_mut(path) {
            *known += 1;
            return *known;
        }
        attempts.insert(path.into(), 1);
        1
    }

    /// Opens a connection, which a task of the caller's runtime serves.
    pub(crate) fn connect(&self) -> Result<MemoryConnection, NotConnected> {
        let runtime = self.runtime()?;
        let (client, server) = pipe();
        let Some((number, line)) = self.sockets.add(Stream::Pipe(server)) else {
            if self.sockets.is_closed() {
                return Err(NotConnected::Dropped);
            }
            self.exchange
                .edit(|state| state.record.refused_connections += 1);
            return Err(NotConnected::Outage);
        };
        self.run_events_on(&runtime);
        let leaves = Leaves {
            sockets: self.sockets.clone(),
            number,
        };
        let served = Connection::new(line, number, self.exchange.clone());
        runtime.spawn(async move {
            let _leaves = leaves;
            served.serve().await;
        });
        Ok(MemoryConnection(client))
    }

    /// Returns `true` if a runtime that is not this thread's runs events.
    pub(crate) fn runs_elsewhere(&self) -> bool {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let here = Handle::try_current().map(|runtime| runtime.id()).ok();
        let elsewhere = |(id, task): &(_, JoinHandle<()>)| Some(*id) != here && !task.is_finished();
        events.as_ref().is_some_and(elsewhere)
    }

    /// Lets the caller's runtime run events, if it can. If no runtime does, only the events' clock
    /// moves.
    pub(crate) fn run_events(&self) {
        match Handle::try_current() {
            Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::CurrentThread => {
                self.run_events_on(&runtime);
            }
            Ok(_) | Err(_) if self.runs_elsewhere() => {}
            Ok(_) | Err(_) => self.exchange.move_idle_clock(),
        }
    }

    fn run_events_on(&self, runtime: &Handle) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        match &*events {
            Some((id, task)) if *id == runtime.id() && !task.is_finished() => return,
            // Another runtime might no longer be running.
            Some((_, task)) => task.abort(),
            None => {}
        }
        let task = runtime.spawn(events::run(self.exchange.clone()));
        *events = Some((runtime.id(), task));
    }

    /// The runtime of the caller.
    fn runtime(&self) -> Result<Handle, NotConnected> {
        let Ok(runtime) = Handle::try_current() else {
            return Err(NotConnected::NoRuntime);
        };
        if runtime.runtime_flavor() != RuntimeFlavor::CurrentThread {
            self.exchange.refuse_runtime();
            return Err(NotConnected::MultiThread);
        }
        Ok(runtime)
    }
}

/// Removes a connection from the list, even if its runtime is dropped.
struct Leaves {
    sockets: Arc<Sockets>,
    number: u64,
}

impl Drop for Leaves {
    fn drop(&mut self) {
        self.sockets.leave(self.number);
    }
}

impl From<NotConnected> for io::Error {
    fn from(why: NotConnected) -> Self {
        let kind = match why {
            NotConnected::NoRuntime | NotConnected::MultiThread => io::ErrorKind::Unsupported,
            NotConnected::Outage | NotConnected::Dropped => io::ErrorKind::ConnectionRefused,
        };
        Self::new(kind, report::not_connected(why))
    }
}

impl AsyncRead for MemoryConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for MemoryConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl fmt::Debug for MemoryConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryConnection")
    }
}

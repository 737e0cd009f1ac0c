//! A connection without a socket: two queues of bytes in memory.
//!
//! Each direction takes as many bytes as a loopback socket does before the other end reads. A reset
//! loses no byte that was written before it, as on Linux.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::BufMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes that wait in one direction.
const CAPACITY: usize = 256 * 1024;

/// One direction.
#[derive(Default)]
struct Half(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    bytes: VecDeque<u8>,
    has_ended: bool,
    is_reset: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// The server's end of a pipe.
pub(super) struct ServerEnd {
    input: Arc<Half>,
    output: Arc<Half>,
    resets: AtomicBool,
}

/// The client's end of a pipe.
pub(super) struct ClientEnd {
    input: Arc<Half>,
    output: Arc<Half>,
}

/// A new connection.
pub(super) fn pipe() -> (ClientEnd, ServerEnd) {
    let (up, down) = (Arc::<Half>::default(), Arc::<Half>::default());
    let client = ClientEnd {
        input: down.clone(),
        output: up.clone(),
    };
    let server = ServerEnd {
        input: up,
        output: down,
        resets: AtomicBool::new(false),
    };
    (client, server)
}

impl Half {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut queue = self.lock();
        queue.is_open()?;
        let room = CAPACITY.saturating_sub(queue.bytes.len()).min(bytes.len());
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        queue.bytes.extend(&bytes[..room]);
        wake(queue);
        Ok(room)
    }

    fn poll_writable(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.lock();
        if queue.bytes.len() < CAPACITY || queue.has_ended {
            return Poll::Ready(());
        }
        queue.writer = Some(context.waker().clone());
        Poll::Pending
    }

    /// Reads at most this many bytes, in one or two parts; 0 at the end of the stream.
    fn try_read(&self, room: usize, mut put: impl FnMut(&[u8])) -> io::Result<usize> {
        let mut queue = self.lock();
        if queue.bytes.is_empty() {
            return queue.at_end();
        }
        let (front, back) = queue.bytes.as_slices();
        let front = &front[..front.len().min(room)];
        let back = &back[..back.len().min(room - front.len())];
        let length = front.len() + back.len();
        for part in [front, back] {
            if !part.is_empty() {
                put(part);
            }
        }
        queue.bytes.drain(..length);
        wake(queue);
        Ok(length)
    }

    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.lock();
        if !queue.bytes.is_empty() || queue.has_ended {
            return Poll::Ready(());
        }
        queue.reader = Some(context.waker().clone());
        Poll::Pending
    }

    /// Ends this direction; the bytes that were written are still read.
    fn end(&self, resets: bool) {
        let mut queue = self.lock();
        queue.has_ended = true;
        queue.is_reset |= resets;
        wake(queue);
    }
}

/// The error of a socket that was reset: with Linux's error number on systems where that number has
/// this meaning.
fn reset() -> io::Error {
    let error = io::Error::from_raw_os_error(104);
    match error.kind() == io::ErrorKind::ConnectionReset {
        true => error,
        false => io::ErrorKind::ConnectionReset.into(),
    }
}

/// Wakes both sides, after the lock is released: a waker is foreign code.
fn wake(mut queue: MutexGuard<'_, Queue>) {
    let wakers = [queue.reader.take(), queue.writer.take()];
    drop(queue);
    wakers.into_iter().flatten().for_each(Waker::wake);
}

impl Queue {
    /// An error if nothing can be written anymore.
    fn is_open(&self) -> io::Result<()> {
        match (self.is_reset, self.has_ended) {
            (true, _) => Err(reset()),
            (false, true) => Err(io::ErrorKind::BrokenPipe.into()),
            (false, false) => Ok(()),
        }
    }

    /// The result of a read if no byte is left.
    fn at_end(&self) -> io::Result<usize> {
        match (self.is_reset, self.has_ended) {
            (true, _) => Err(reset()),
            (false, true) => Ok(0),
            (false, false) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl ServerEnd {
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.output.try_write(bytes)
    }

    pub(super) async fn writable(&self) -> io::Result<()> {
        poll_fn(|context| self.output.poll_writable(context)).await;
        Ok(())
    }

    pub(super) fn try_read<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        let room = buffer.chunk_mut().len();
        self.input.try_read(room, |part| buffer.put_slice(part))
    }

    pub(super) async fn readable(&self) {
        poll_fn(|context| self.input.poll_readable(context)).await;
    }

    pub(super) fn reset_on_close(&self) {
        self.resets.store(true, Ordering::Relaxed);
    }

    pub(super) fn shut_down(&self, how: Shutdown) {
        if matches!(how, Shutdown::Write | Shutdown::Both) {
            self.output.end(false);
        }
        if matches!(how, Shutdown::Read | Shutdown::Both) {
            self.input.end(false);
        }
    }
}

impl Drop for ServerEnd {
    fn drop(&mut self) {
        let resets = self.resets.load(Ordering::Relaxed);
        self.output.end(resets);
        self.input.end(resets);
    }
}

impl Drop for ClientEnd {
    fn drop(&mut self) {
        self.output.end(false);
        self.input.end(false);
    }
}

impl ClientEnd {
    /// Reads at most this many bytes, as they become available.
    pub(super) fn poll_read_with(
        &self,
        context: &mut Context<'_>,
        room: usize,
        mut put: impl FnMut(&[u8]),
    ) -> Poll<io::Result<()>> {
        if room == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            match self.input.try_read(room, &mut put) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result.map(|_| ())),
            }
            if self.input.poll_readable(context).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl AsyncRead for ClientEnd {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_read_with(context, buffer.remaining(), |part| buffer.put_slice(part))
    }
}

impl AsyncWrite for ClientEnd {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.output.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            if self.output.poll_writable(context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.output.end(false);
        Poll::Ready(Ok(()))
    }
}

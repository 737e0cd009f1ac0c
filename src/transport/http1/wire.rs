//! The bytes of one connection: reading, writing, and detecting a disconnected client.

use std::future::{Future, poll_fn};
use std::io;
use std::net::Shutdown;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::{Buf, BufMut, Bytes, BytesMut};
#[cfg(any(target_os = "linux", target_os = "android"))]
use {socket2::SockRef, tokio::net::TcpStream};

use super::sockets::Line;
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::stream::Stream;
use crate::reply::fault::Ending;
use crate::reply::transmission::{Step, Transmission};

/// Once this many bytes have been read ahead while a request is being answered, nothing more is
/// read; the rest stays in the system's buffers.
const MAX_AHEAD: usize = 256 * 1024;

/// How long a closing connection is still read, so that a reset does not destroy the reply.
const LINGER: Duration = Duration::from_secs(1);

/// The size of the blocks into which heads and small bodies are read. The journal keeps copies, so
/// one block serves many requests.
const BLOCK: usize = 16 * 1024;

/// If a block has less free space than this, the next bytes are read into a new one.
const ROOM: usize = 1024;

/// One connection, and the bytes that were read from it but not used yet.
pub(super) struct Wire {
    line: Arc<Line>,
    pub(super) buffer: BytesMut,
    /// The time just before the last write, or before a reply without a byte is performed: no
    /// client can have the whole reply earlier.
    pub(super) last_write: Instant,
}

impl Wire {
    pub(super) fn new(line: Arc<Line>) -> Self {
        line.stream.send_without_delay();
        Self {
            line,
            buffer: BytesMut::new(),
            last_write: Instant::now(),
        }
    }

    /// Returns `true` if an outage has ended the connection.
    pub(super) fn is_cut(&self) -> bool {
        self.line.is_cut()
    }

    /// Reads available bytes; `false` if the client has disconnected. Cancel-safe: no bytes are
    /// lost if it is dropped.
    pub(super) async fn read_some(&mut self) -> bool {
        if self.buffer.capacity() - self.buffer.len() < ROOM {
            self.buffer.reserve(BLOCK);
        }
        let read = self.line.stream.read_into(&mut self.buffer).await;
        matches!(read, Ok(1..))
    }

    /// Reads a body of known length into memory of its own: a part of the buffer would keep all of
    /// it in memory. The error is the number of bytes read before the client disconnected.
    pub(super) async fn read_body(&mut self, length: usize) -> Result<Bytes, usize> {
        if let Some(body) = self.buffer.get(..length) {
            let body = Bytes::copy_from_slice(body);
            self.buffer.advance(length);
            return Ok(body);
        }
        let mut body = BytesMut::with_capacity(length);
        body.extend_from_slice(&self.buffer.split());
        while body.len() < length {
            let left = length - body.len();
            let read = self
                .line
                .stream
                .read_into(&mut (&mut body).limit(left))
                .await;
            if !matches!(read, Ok(1..)) {
                return Err(body.len());
            }
        }
        Ok(body.freeze())
    }

    /// Writes all bytes; an error if the client has disconnected, or if an outage has cut the
    /// connection.
    pub(super) async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.is_cut() {
                return left();
            }
            self.last_write = Instant::now();
            match self.line.stream.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.line.writable().await?
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Runs `work` while the client stays connected; bytes that it sends ahead are kept for the
    /// next request.
    pub(super) async fn unless_left<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        let mut left = pin!(self.client_left());
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => left.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    /// Ready when the client has disconnected or closed its sending half. Once the buffer has
    /// [`MAX_AHEAD`] bytes, nothing more is read, so neither is noticed.
    async fn client_left(&mut self) {
        while self.buffer.len() < MAX_AHEAD {
            if !self.read_some().await {
                return;
            }
        }
        std::future::pending().await
    }

    /// Ends the connection so that the client gets every byte of the last reply.
    pub(super) async fn close(mut self) {
        self.line.stream.shut_down(Shutdown::Write);
        let drained = async {
            while self.read_some().await {
                self.buffer.clear();
            }
        };
        let _ = tokio::time::timeout(LINGER, drained).await;
    }

    /// Performs the steps of a reply. Returns how the connection continues, or an error if it ended
    /// first.
    pub(super) async fn perform(&mut self, transmission: Transmission) -> io::Result<Ending> {
        if transmission.opening.is_empty() {
            self.last_write = Instant::now();
        }
        self.write(&transmission.opening).await?;
        for step in transmission.rest {
            match step {
                Step::Send(bytes) => self.write(&bytes).await?,
                Step::Trickle {
                    bytes,
                    piece,
                    every,
                } => {
                    for (index, piece) in bytes.chunks(piece).enumerate() {
                        if index > 0 {
                            self.pause(every).await?;
                        }
                        self.write(piece).await?;
                    }
                }
                Step::Wait(length) => self.pause(length).await?,
            }
        }
        match transmission.ending {
            Ending::Reset => {
                self.all_sent().await?;
                self.reset()?;
                Ok(Ending::Reset)
            }
            ending @ (Ending::KeepAlive | Ending::Close | Ending::Hang | Ending::ResetNext) => {
                Ok(ending)
            }
        }
    }

    /// Turns the close of the connection, which follows, into a reset.
    pub(super) fn reset(&self) -> io::Result<()> {
        self.line.stream.reset_on_close()
    }

    /// Waits until the system has sent everything that was written: a reset would discard the rest.
    /// It does this only on Linux and Android; on other systems it returns immediately.
    async fn all_sent(&mut self) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let socket = match &self.line.stream {
                Stream::Socket(socket) => SockRef::from(socket),
                // A reset of a pipe discards nothing.
                #[cfg(feature = "in-memory")]
                Stream::Pipe(_) => return Ok(()),
            };
            // From here on `writable` means that the send buffer is empty. If the system does not
            // support the option, the wait below ends immediately.
            let _ = socket.set_tcp_notsent_lowat(1);
            // tokio caches readiness; a second registration of the same socket observes the new
            // low-water mark.
            let again = TcpStream::from_std(socket.try_clone()?.into())?;
            // A client that has closed its sending half still reads.
            return self.line.unless_cut(again.writable()).await;
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        Ok(())
    }

    async fn pause(&mut self, length: Duration) -> io::Result<()> {
        match length.is_zero() {
            // Lets other connections run between two pieces.
            true => tokio::task::yield_now().await,
            false => {
                let slept = self.unless_left(tokio::time::sleep(length)).await;
                slept.map_or_else(left, Ok)?;
            }
        }
        Ok(())
    }
}

/// The error of a connection that ended before its reply did.
fn left<T>() -> io::Result<T> {
    Err(io::ErrorKind::ConnectionAborted.into())
}

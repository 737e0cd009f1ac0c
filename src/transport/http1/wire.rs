//! The bytes of one connection: reading, writing, and noticing that the client has left.

use std::future::{Future, poll_fn};
use std::io;
use std::net::Shutdown;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use socket2::SockRef;
use tokio::net::TcpStream;

use super::sockets::Line;
use crate::reply::fault::Ending;
use crate::reply::transmission::{Step, Transmission};

/// What a client may send ahead while its request is being answered; more is left to the system's buffers.
const MAX_AHEAD: usize = 256 * 1024;

/// How long a closing connection is read from, so that the reply is not lost to a reset.
const LINGER: Duration = Duration::from_secs(1);

/// The size of the blocks that heads and small bodies are read into. The journal keeps parts of them, so they are filled up.
const BLOCK: usize = 16 * 1024;

/// The least room in a block that is still read into.
const ROOM: usize = 1024;

/// One connection, and what was read from it and not used yet.
pub(super) struct Wire {
    line: Arc<Line>,
    pub(super) buffer: BytesMut,
}

impl Wire {
    pub(super) fn new(line: Arc<Line>) -> Self {
        // Small replies must not wait for an acknowledgement. A client that is gone already is noticed by the first read.
        let _ = line.stream.set_nodelay(true);
        Self {
            line,
            buffer: BytesMut::new(),
        }
    }

    /// Whether an outage has ended it.
    pub(super) fn is_cut(&self) -> bool {
        self.line.is_cut()
    }

    /// Reads what there is; `false` when the client has left. Dropped while it waits, it loses nothing.
    pub(super) async fn read_some(&mut self) -> bool {
        if self.buffer.capacity() - self.buffer.len() < ROOM {
            self.buffer.reserve(BLOCK);
        }
        let read = read_into(&self.line.stream, &mut self.buffer).await;
        matches!(read, Ok(1..))
    }

    /// Reads a body of known length into bytes of just that size; how much came if the client left.
    pub(super) async fn read_body(&mut self, length: usize) -> Result<Bytes, usize> {
        if self.buffer.len() >= length {
            return Ok(self.buffer.split_to(length).freeze());
        }
        let mut body = BytesMut::with_capacity(length);
        body.extend_from_slice(&self.buffer.split());
        while body.len() < length {
            let left = length - body.len();
            let read = read_into(&self.line.stream, &mut (&mut body).limit(left)).await;
            if !matches!(read, Ok(1..)) {
                return Err(body.len());
            }
        }
        Ok(body.freeze())
    }

    pub(super) async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
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

    /// Does `work` while the client stays; what it sends ahead is kept for the next request.
    pub(super) async fn unless_left<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        let mut left = pin!(self.client_left());
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => left.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    /// Ready when the client has left or closed its sending half.
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
        let _ = SockRef::from(&self.line.stream).shutdown(Shutdown::Write);
        let drained = async {
            while self.read_some().await {
                self.buffer.clear();
            }
        };
        let _ = tokio::time::timeout(LINGER, drained).await;
    }
    /// Performs the steps of a reply; what becomes of the connection then, or an error when it has ended before.
    pub(super) async fn perform(&mut self, transmission: Transmission) -> io::Result<Ending> {
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
            Ending::Hang => {
                self.client_left().await;
                left()
            }
            Ending::Reset => {
                self.all_sent().await?;
                self.reset()?;
                Ok(Ending::Reset)
            }
            ending @ (Ending::KeepAlive | Ending::Close | Ending::ResetNext) => Ok(ending),
        }
    }

    /// Lets the closing of the socket, which comes next, be a reset.
    pub(super) fn reset(&self) -> io::Result<()> {
        SockRef::from(&self.line.stream).set_linger(Some(Duration::ZERO))
    }

    /// Waits until the system has sent all that was written: what it still has when a reset comes is lost.
    async fn all_sent(&mut self) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let socket = SockRef::from(&self.line.stream);
            // Writable from here on is what has nothing left to send. Without it the wait below ends at once, as elsewhere.
            let _ = socket.set_tcp_notsent_lowat(1);
            // What tokio knows of this socket is from before, so it is asked anew, as another one.
            let again = TcpStream::from_std(socket.try_clone()?.into())?;
            return self
                .unless_left(again.writable())
                .await
                .unwrap_or_else(left);
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        Ok(())
    }

    async fn pause(&mut self, length: Duration) -> io::Result<()> {
        match length.is_zero() {
            // The other connections get their turn between two pieces.
            true => tokio::task::yield_now().await,
            false => {
                let slept = self.unless_left(tokio::time::sleep(length)).await;
                slept.map_or_else(left, Ok)?;
            }
        }
        Ok(())
    }
}

async fn read_into<B: BufMut>(stream: &TcpStream, buffer: &mut B) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read_buf(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return result,
        }
    }
}

/// The client is gone before the end of its reply.
fn left<T>() -> io::Result<T> {
    Err(io::ErrorKind::ConnectionAborted.into())
}

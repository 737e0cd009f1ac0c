//! The byte stream of a connection: a socket, or the server's end of an in-memory pipe.

use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::time::Duration;

use bytes::BufMut;
use socket2::SockRef;
use tokio::net::TcpStream;

#[cfg(feature = "in-memory")]
use super::pipe::ServerEnd;

/// What one connection reads from and writes to.
pub(super) enum Stream {
    Socket(TcpStream),
    #[cfg(feature = "in-memory")]
    Pipe(ServerEnd),
}

impl Stream {
    /// Makes later small writes go out without waiting for an acknowledgement.
    pub(super) fn send_without_delay(&self) {
        match self {
            // An error is ignored: if the client is already gone, the first read detects it.
            Self::Socket(socket) => {
                let _ = socket.set_nodelay(true);
            }
            #[cfg(feature = "in-memory")]
            Self::Pipe(_) => {}
        }
    }

    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => socket.try_write(bytes),
            #[cfg(feature = "in-memory")]
            Self::Pipe(pipe) => pipe.try_write(bytes),
        }
    }

    /// Waits until the stream accepts more bytes, or until it is certain that it accepts no more.
    pub(super) async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Socket(socket) => socket.writable().await,
            #[cfg(feature = "in-memory")]
            Self::Pipe(pipe) => pipe.writable().await,
        }
    }

    /// Reads available bytes; 0 at the end of the stream. Cancel-safe, but only one task may read.
    pub(super) async fn read_into<B: BufMut>(&self, buffer: &mut B) -> io::Result<usize> {
        loop {
            let read = match self {
                Self::Socket(socket) => {
                    poll_fn(|context| socket.poll_read_ready(context)).await?;
                    socket.try_read_buf(buffer)
                }
                #[cfg(feature = "in-memory")]
                Self::Pipe(pipe) => {
                    pipe.readable().await;
                    pipe.try_read(buffer)
                }
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
        }
    }

    /// Turns the close of the stream, which follows, into a reset.
    pub(super) fn reset_on_close(&self) -> io::Result<()> {
        match self {
            Self::Socket(socket) => SockRef::from(socket).set_linger(Some(Duration::ZERO)),
            #[cfg(feature = "in-memory")]
            Self::Pipe(pipe) => {
                pipe.reset_on_close();
                Ok(())
            }
        }
    }

    /// Ends one direction or both. A stream whose client is gone cannot be ended, and does not need
    /// to be.
    pub(super) fn shut_down(&self, how: Shutdown) {
        match self {
            Self::Socket(socket) => {
                let _ = SockRef::from(socket).shutdown(how);
            }
            #[cfg(feature = "in-memory")]
            Self::Pipe(pipe) => pipe.shut_down(how),
        }
    }
}

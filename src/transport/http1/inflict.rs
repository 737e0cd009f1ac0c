//! Performing a transmission on a socket.

use std::io;
use std::time::Duration;

use socket2::SockRef;
#[cfg(any(target_os = "linux", target_os = "android"))]
use tokio::net::TcpStream;

use super::connection::Connection;
use crate::reply::fault::Ending;
use crate::reply::transmission::{Step, Transmission};

impl Connection {
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
                    for (place, piece) in bytes.chunks(piece).enumerate() {
                        if place > 0 {
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

/// The client is gone before the end of its reply.
fn left<T>() -> io::Result<T> {
    Err(io::ErrorKind::ConnectionAborted.into())
}

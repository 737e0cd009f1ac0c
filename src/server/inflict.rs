//! Faults, done to the bytes of a reply and to the socket under it.

use std::io;
use std::time::Duration;

use socket2::SockRef;
#[cfg(any(target_os = "linux", target_os = "android"))]
use tokio::net::TcpStream;

use super::connection::{Connection, Sent};
use crate::fault::Fault;
use crate::render::Rendered;

/// What no client takes for HTTP.
const GARBAGE: &[u8] = b"\x00\xff\xfeSSH-2.0-fake-lambda\r\n\x00\r\n";

impl Connection {
    /// Sends what a fault leaves of a reply.
    pub(super) async fn inflict(
        &mut self,
        fault: Option<Fault>,
        body_delay: Duration,
        reply: &Rendered,
    ) -> io::Result<Sent> {
        let (head, body) = (reply.head.as_slice(), &reply.body);
        match fault {
            Some(Fault::Reset) => self.reset(),
            Some(Fault::CloseBeforeReply) => Ok(Sent::Last),
            Some(Fault::Hang) => self.hang().await,
            Some(Fault::Garbage) => {
                self.write(GARBAGE).await?;
                Ok(Sent::Last)
            }
            Some(Fault::ResetInHead) => {
                self.write(&head[..head.len() / 2]).await?;
                self.all_sent().await?;
                self.reset()
            }
            Some(Fault::TruncateHead) => {
                self.write(&head[..head.len() / 2]).await?;
                Ok(Sent::Last)
            }
            Some(Fault::SlowHead { bytes, every }) => {
                for (place, piece) in head.chunks(bytes).enumerate() {
                    if place > 0 {
                        self.pause(every).await?;
                    }
                    self.write(piece).await?;
                }
                self.pause(body_delay).await?;
                self.write(body).await?;
                Ok(Sent::Whole)
            }
            fault => {
                self.write(head).await?;
                self.pause(body_delay).await?;
                self.inflict_on_body(fault, body).await
            }
        }
    }

    async fn inflict_on_body(&mut self, fault: Option<Fault>, body: &[u8]) -> io::Result<Sent> {
        match fault {
            Some(Fault::TruncateAfter(bytes)) => {
                self.write(&body[..bytes]).await?;
                Ok(Sent::Last)
            }
            Some(Fault::ResetAfter(bytes)) => {
                self.write(&body[..bytes]).await?;
                self.all_sent().await?;
                self.reset()
            }
            Some(Fault::StallAfter(bytes)) => {
                self.write(&body[..bytes]).await?;
                self.hang().await
            }
            Some(Fault::Dribble { bytes, every }) => {
                for piece in body.chunks(bytes) {
                    self.pause(every).await?;
                    self.write(piece).await?;
                }
                Ok(Sent::Whole)
            }
            Some(Fault::BadChunk) => {
                let (first, second) = body.split_at(body.len() / 2);
                let size = format!("{:x}\r\n", first.len());
                let chunks = [size.as_bytes(), first, b"\r\nno size\r\n", second, b"\r\n"];
                self.write(&chunks.concat()).await?;
                Ok(Sent::Last)
            }
            Some(Fault::LengthTooLong(_) | Fault::CloseAfterReply) => {
                self.write(body).await?;
                Ok(Sent::Last)
            }
            Some(Fault::ResetOnReuse) => {
                self.write(body).await?;
                Ok(Sent::WholeForTheLastTime)
            }
            _ => {
                self.write(body).await?;
                Ok(Sent::Whole)
            }
        }
    }

    /// Lets the closing of the socket, which comes next, be a reset.
    pub(super) fn reset(&self) -> io::Result<Sent> {
        SockRef::from(&self.line.stream).set_linger(Some(Duration::ZERO))?;
        Ok(Sent::Reset)
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

    /// Sends nothing until the client leaves.
    async fn hang(&mut self) -> io::Result<Sent> {
        self.client_left().await;
        left()
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

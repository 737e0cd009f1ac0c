//! Reading requests off a connection: heads, bodies, and noticing that the client has left.

use std::io;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::net::TcpStream;

use super::body::{Chunks, Framing, Refused};
use super::connection::Connection;
use crate::ground::head::Head;

/// The service takes a request line and header fields of 1 MB together.
const MAX_HEAD: usize = 1024 * 1024;

/// The size of the blocks that heads and small bodies are read into. The journal keeps parts of them, so they are filled up.
const BLOCK: usize = 16 * 1024;

/// The least room in a block that is still read into.
const ROOM: usize = 1024;

/// Why no further request is read.
pub(super) enum End {
    /// The client left between two requests.
    Idle,
    /// The client left inside a request.
    Incomplete {
        head: Head,
        why: String,
    },
    Refused {
        head: Head,
        refused: Refused,
    },
}

impl Connection {
    pub(super) async fn read_request(&mut self) -> Result<(Head, Bytes), End> {
        let head = self.read_head().await?;
        let framing = match Framing::of(&head) {
            Ok(framing) => framing,
            Err(refused) => return Err(End::Refused { head, refused }),
        };
        if let Some(expected) = head.field("expect") {
            if !expected.eq_ignore_ascii_case(b"100-continue") {
                let why = format!(
                    "`{}` is no expectation but 100-continue",
                    String::from_utf8_lossy(expected)
                );
                return Err(End::Refused {
                    head,
                    refused: Refused::new(417, why),
                });
            }
            let waits =
                head.is_http_11() && framing != Framing::Length(0) && self.buffer.is_empty();
            if waits && self.write(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_err() {
                return Err(End::Incomplete {
                    head,
                    why: "the client left before its body".into(),
                });
            }
        }
        match framing {
            Framing::Length(length) => match self.read_body(length).await {
                Ok(body) => Ok((head, body)),
                Err(read) => {
                    let why = format!("the client left after {read} of {length} bytes of the body");
                    Err(End::Incomplete { head, why })
                }
            },
            Framing::Chunked => {
                let mut chunks = Chunks::default();
                loop {
                    match chunks.take(&mut self.buffer) {
                        Ok(Some(body)) => return Ok((head, body)),
                        Ok(None) if self.read_some().await => {}
                        Ok(None) => {
                            let why = "the client left inside a chunked body".into();
                            return Err(End::Incomplete { head, why });
                        }
                        Err(refused) => return Err(End::Refused { head, refused }),
                    }
                }
            }
        }
    }

    async fn read_head(&mut self) -> Result<Head, End> {
        // How far the buffer was searched for the head's end, so that a client which sends byte by byte costs no more than another.
        let mut searched = 0_usize;
        loop {
            if !self.buffer.is_empty()
                && (searched == 0 || ends_a_head(&self.buffer[searched.saturating_sub(3)..]))
            {
                match Head::take(&mut self.buffer) {
                    Ok(Some(head)) if head.len() > MAX_HEAD => {
                        return Err(End::Refused {
                            head,
                            refused: head_too_long(),
                        });
                    }
                    Ok(Some(head)) => return Ok(head),
                    Ok(None) => {}
                    Err(error) => {
                        let (status, why) = match error {
                            httparse::Error::TooManyHeaders => {
                                (431, "the head has too many header fields".to_owned())
                            }
                            // The first two bytes of every TLS connection.
                            _ if self.buffer.starts_with(b"\x16\x03") => (
                                400,
                                "the client speaks TLS; the fake's endpoint begins with `http://`"
                                    .to_owned(),
                            ),
                            error => (400, format!("these bytes are no HTTP request: {error}")),
                        };
                        let head = Head::unreadable(self.buffer.split().freeze());
                        return Err(End::Refused {
                            head,
                            refused: Refused::new(status, why),
                        });
                    }
                }
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(End::Refused {
                    head: Head::unreadable(self.buffer.split().freeze()),
                    refused: head_too_long(),
                });
            }
            searched = self.buffer.len();
            if !self.read_some().await {
                // A line break behind a body belongs to no request.
                if self.buffer.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                    return Err(End::Idle);
                }
                let why = "the client left before the end of the head".into();
                return Err(End::Incomplete {
                    head: Head::unreadable(self.buffer.split().freeze()),
                    why,
                });
            }
        }
    }

    /// Reads a body of known length into bytes of just that size; how much came if the client left.
    async fn read_body(&mut self, length: usize) -> Result<Bytes, usize> {
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

    /// Reads what there is; `false` when the client has left. Dropped while it waits, it loses nothing.
    pub(super) async fn read_some(&mut self) -> bool {
        if self.buffer.capacity() - self.buffer.len() < ROOM {
            self.buffer.reserve(BLOCK);
        }
        let read = read_into(&self.line.stream, &mut self.buffer).await;
        matches!(read, Ok(1..))
    }
}

async fn read_into<B: BufMut>(stream: &TcpStream, buffer: &mut B) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        let room = buffer.chunk_mut().len();
        match stream.try_read_buf(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(read @ 1..) if read < room => {
                read_dry(stream);
                return Ok(read);
            }
            result => return result,
        }
    }
}

/// A short read has taken all there was: the next one may wait for news instead of asking the system first.
fn read_dry(stream: &TcpStream) {
    // Only where the system tells of each arrival, as tokio itself does it.
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
    let _ = stream.try_io(tokio::io::Interest::READABLE, || {
        Err::<(), _>(io::ErrorKind::WouldBlock.into())
    });
}

fn head_too_long() -> Refused {
    Refused::new(431, format!("the head is longer than {MAX_HEAD} bytes"))
}

/// Whether an empty line stands in these bytes, where a head may end.
fn ends_a_head(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

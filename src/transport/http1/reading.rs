//! Reads the heads and bodies of requests from a connection, or finds out why there is no request.

use bytes::Bytes;

use super::body::{BodyFraming, Chunks, Refused};
use super::wire::Wire;
use crate::ground::head::Head;

/// The most bytes of a head: the service accepts a request line and header fields of 1 MB in total.
const MAX_HEAD: usize = 1024 * 1024;

/// The reason why no further request is read.
pub(super) enum NoRequest {
    /// The client disconnected outside of a request.
    Idle,
    /// The client disconnected inside a request.
    Incomplete {
        head: Head,
        why: String,
    },
    Refused {
        head: Head,
        refused: Refused,
    },
}

/// The next request, or the reason why there is none.
pub(super) async fn read_request(wire: &mut Wire) -> Result<(Head, Bytes), NoRequest> {
    let head = read_head(wire).await?;
    let framing = match BodyFraming::of(&head) {
        Ok(framing) => framing,
        Err(refused) => return Err(NoRequest::Refused { head, refused }),
    };
    if let Some(expected) = head.field("expect") {
        if !expected.eq_ignore_ascii_case(b"100-continue") {
            let why = format!(
                "`{}` is not a supported expectation: only 100-continue is",
                String::from_utf8_lossy(expected)
            );
            return Err(NoRequest::Refused {
                head,
                refused: Refused::new(417, why),
            });
        }
        let waits =
            head.is_http_11() && framing != BodyFraming::Length(0) && wire.buffer.is_empty();
        if waits && wire.write(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_err() {
            return Err(NoRequest::Incomplete {
                head,
                why: "the client disconnected before its body".into(),
            });
        }
    }
    match framing {
        BodyFraming::Length(length) => match wire.read_body(length).await {
            Ok(body) => Ok((head, body)),
            Err(read) => {
                let why =
                    format!("the client disconnected after {read} of {length} bytes of the body");
                Err(NoRequest::Incomplete { head, why })
            }
        },
        BodyFraming::Chunked => {
            let mut chunks = Chunks::default();
            loop {
                match chunks.take(&mut wire.buffer) {
                    Ok(Some(body)) => return Ok((head, body)),
                    Ok(None) if wire.read_some().await => {}
                    Ok(None) => {
                        let why = "the client disconnected inside a chunked body".into();
                        return Err(NoRequest::Incomplete { head, why });
                    }
                    Err(refused) => return Err(NoRequest::Refused { head, refused }),
                }
            }
        }
    }
}

async fn read_head(wire: &mut Wire) -> Result<Head, NoRequest> {
    // The length of the buffer when it was last searched for the head's end. Only newer bytes are
    // searched again, so a client that sends byte by byte is not more expensive.
    let mut searched = 0_usize;
    loop {
        if !wire.buffer.is_empty()
            && (searched == 0 || ends_a_head(&wire.buffer[searched.saturating_sub(3)..]))
        {
            match Head::take(&mut wire.buffer) {
                Ok(Some(head)) if head.len() > MAX_HEAD => {
                    return Err(NoRequest::Refused {
                        head,
                        refused: head_too_long(),
                    });
                }
                Ok(Some(head)) => return Ok(head),
                Ok(None) => {}
                Err(error) => {
                    // The first two bytes of every TLS connection.
                    let is_tls = wire.buffer.starts_with(b"\x16\x03");
                    let (status, why) = if error == httparse::Error::TooManyHeaders {
                        (431, "the head has too many header fields".to_owned())
                    } else if is_tls {
                        let why =
                            "the client speaks TLS; the fake's endpoint begins with `http://`";
                        (400, why.to_owned())
                    } else {
                        (400, format!("not a valid HTTP request: {error}"))
                    };
                    let head = Head::unreadable(wire.buffer.split().freeze());
                    return Err(NoRequest::Refused {
                        head,
                        refused: Refused::new(status, why),
                    });
                }
            }
        }
        if wire.buffer.len() > MAX_HEAD {
            return Err(NoRequest::Refused {
                head: Head::unreadable(wire.buffer.split().freeze()),
                refused: head_too_long(),
            });
        }
        searched = wire.buffer.len();
        if !wire.read_some().await {
            // A line break after a body is not part of a request.
            if wire.buffer.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                return Err(NoRequest::Idle);
            }
            let why = "the client disconnected before the end of the head".into();
            return Err(NoRequest::Incomplete {
                head: Head::unreadable(wire.buffer.split().freeze()),
                why,
            });
        }
    }
}

fn head_too_long() -> Refused {
    Refused::new(431, format!("the head is longer than {MAX_HEAD} bytes"))
}

/// Returns `true` if these bytes contain an empty line, which can end a head.
fn ends_a_head(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

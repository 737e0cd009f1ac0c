//! Finds the length of a request's body, and reads chunked bodies.
//!
//! Two readers that disagree about the end of a request see two requests in one, so nothing here is
//! lenient: contradictions are refused.

use bytes::{Buf, Bytes, BytesMut};

use crate::ground::head::{Head, whole_number};

/// The longest body that is read. The service's own limit is far below and has its own answer.
pub(super) const MAX_BODY: usize = 64 * 1024 * 1024;

/// The longest line of a chunked body: a size with its extensions, or a trailer field.
const MAX_LINE: usize = 8 * 1024;

/// The maximum number of bytes of all trailer fields together.
const MAX_TRAILERS: usize = 64 * 1024;

/// The maximum number of bytes that are shown of an invalid trailer field.
const MAX_SHOWN: usize = 64;

/// How the end of a body is determined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BodyFraming {
    Length(usize),
    Chunked,
}

/// A request that is refused before it is understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) why: String,
}

impl Refused {
    pub(super) fn new(status: u16, why: impl Into<String>) -> Self {
        Self {
            status,
            why: why.into(),
        }
    }
}

impl BodyFraming {
    /// The framing that the head states.
    pub(super) fn of(head: &Head) -> Result<Self, Refused> {
        let mut length = None;
        for value in head.values("content-length") {
            let number = whole_number(value).ok_or_else(|| {
                Refused::new(
                    400,
                    format!(
                        "`{}` is not a valid content-length",
                        String::from_utf8_lossy(value)
                    ),
                )
            })?;
            if length.is_some_and(|known| known != number) {
                return Err(Refused::new(
                    400,
                    "the request has two content-lengths that differ",
                ));
            }
            length = Some(number);
        }
        let mut chunked = false;
        for value in head.values("transfer-encoding") {
            if chunked || !value.eq_ignore_ascii_case(b"chunked") {
                let value = String::from_utf8_lossy(value);
                return Err(Refused::new(
                    400,
                    format!(
                        "`{value}` is not supported as transfer-encoding: only a single `chunked` is"
                    ),
                ));
            }
            chunked = true;
        }
        match (length, chunked) {
            (Some(_), true) => Err(Refused::new(
                400,
                "the request has both content-length and transfer-encoding",
            )),
            (None, true) if !head.is_http_11() => Err(Refused::new(
                400,
                "an HTTP/1.0 request cannot have a transfer-encoding",
            )),
            (None, true) => Ok(Self::Chunked),
            (Some(length), false) if length > MAX_BODY as u64 => Err(too_long()),
            (length, false) => Ok(Self::Length(length.unwrap_or(0) as usize)),
        }
    }
}

/// A chunked body being read.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    body: BytesMut,
    state: ChunkState,
    /// The bytes of the trailer fields so far.
    trailers: usize,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum ChunkState {
    #[default]
    Size,
    Data(usize),
    /// The line break after a chunk's data.
    EndOfData,
    Trailer,
    Done,
}

impl Chunks {
    /// Consumes the front of `buffer`; returns the whole body when its end has arrived.
    pub(super) fn take(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, Refused> {
        while self.state != ChunkState::Done {
            match self.state {
                ChunkState::Data(left) => {
                    let length = left.min(buffer.len());
                    if length == 0 {
                        return Ok(None);
                    }
                    self.body.extend_from_slice(&buffer[..length]);
                    buffer.advance(length);
                    self.state = if length == left {
                        ChunkState::EndOfData
                    } else {
                        ChunkState::Data(left - length)
                    };
                }
                ChunkState::Size
                | ChunkState::EndOfData
                | ChunkState::Trailer
                | ChunkState::Done => {
                    let Some(line) = take_line(buffer)? else {
                        return Ok(None);
                    };
                    self.state = self.after_line(&line)?;
                }
            }
        }
        // As a boxed slice, which keeps no room for more chunks.
        let body: Vec<u8> = std::mem::take(&mut self.body).into();
        Ok(Some(body.into_boxed_slice().into()))
    }

    fn after_line(&mut self, line: &[u8]) -> Result<ChunkState, Refused> {
        match self.state {
            ChunkState::Size => match chunk_size(line)? {
                0 => Ok(ChunkState::Trailer),
                size if self.body.len() + size > MAX_BODY => Err(too_long()),
                size => Ok(ChunkState::Data(size)),
            },
            ChunkState::EndOfData if line.is_empty() => Ok(ChunkState::Size),
            ChunkState::EndOfData => Err(Refused::new(400, "a chunk is longer than its size says")),
            // Trailer fields are ignored: Invoke never uses one.
            ChunkState::Trailer if !line.is_empty() => {
                self.trailers += line.len() + 2;
                if self.trailers > MAX_TRAILERS {
                    let why = format!("the trailer fields are longer than {MAX_TRAILERS} bytes");
                    return Err(Refused::new(431, why));
                }
                trailer_field(line)?;
                Ok(ChunkState::Trailer)
            }
            ChunkState::Trailer | ChunkState::Data(_) | ChunkState::Done => Ok(ChunkState::Done),
        }
    }
}

fn too_long() -> Refused {
    Refused::new(
        413,
        format!("the body is longer than {MAX_BODY} bytes, far beyond what Lambda accepts"),
    )
}

/// One line without its CRLF; a line feed alone does not end a line.
fn take_line(buffer: &mut BytesMut) -> Result<Option<Bytes>, Refused> {
    let within = &buffer[..buffer.len().min(MAX_LINE)];
    match within.iter().position(|byte| *byte == b'\n') {
        Some(end) if end > 0 && buffer[end - 1] == b'\r' => {
            let line = buffer.split_to(end - 1).freeze();
            buffer.advance(2);
            Ok(Some(line))
        }
        Some(_) => Err(Refused::new(
            400,
            "a line of the chunked body ends without a carriage return",
        )),
        None if buffer.len() >= MAX_LINE => {
            Err(Refused::new(400, "a line of the chunked body is too long"))
        }
        None => Ok(None),
    }
}

/// The size before a chunk. The text after a semicolon is an extension and is ignored.
fn chunk_size(line: &[u8]) -> Result<usize, Refused> {
    let end = line.iter().position(|byte| *byte == b';');
    let (size, extension) = line.split_at(end.unwrap_or(line.len()));
    if !extension.iter().all(|byte| is_in_a_value(*byte)) {
        return Err(Refused::new(
            400,
            "the extension of a chunk size contains a control character",
        ));
    }
    let blanks = size.iter().rev().take_while(|byte| is_blank(**byte));
    let digits = &size[..size.len() - blanks.count()];
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    let text = std::str::from_utf8(digits).unwrap_or_default();
    let is_hexadecimal = !text.is_empty()
        && text.len() - zeros <= 8
        && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    usize::from_str_radix(text, 16)
        .ok()
        .filter(|_| is_hexadecimal)
        .ok_or_else(|| {
            let why = format!("`{}` is not a valid chunk size", digits.escape_ascii());
            Refused::new(400, why)
        })
}

/// Checks that a line is a header field.
fn trailer_field(line: &[u8]) -> Result<(), Refused> {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let value = &line[name.len()..];
    let is_field = !name.is_empty()
        && name.iter().all(|byte| is_in_a_name(*byte))
        && !value.is_empty()
        && value.iter().all(|byte| is_in_a_value(*byte));
    match is_field {
        true => Ok(()),
        false => Err(Refused::new(
            400,
            format!(
                "`{}` is not a valid trailer field",
                line[..line.len().min(MAX_SHOWN)].escape_ascii()
            ),
        )),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns `true` for the characters of a token.
fn is_in_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Returns `true` for every byte except control characters; a tab is allowed.
fn is_in_a_value(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}

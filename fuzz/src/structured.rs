//! Requests that are mostly right, several on one connection, in pieces.

use arbitrary::{Arbitrary, Unstructured};

use crate::fake::end_at_panics;
use crate::raw;

/// The most requests on one connection.
const REQUESTS: usize = 6;

#[derive(Arbitrary)]
enum Method {
    Post,
    Get,
    Put,
    Delete,
    Options,
    Odd(Vec<u8>),
}

#[derive(Arbitrary)]
enum Path {
    Function,
    Label(Vec<u8>),
    Arn { has_alias: bool, has_query: bool },
    Qualifier(Vec<u8>),
    Absolute,
    Stream,
    Async,
    Star,
    Raw(Vec<u8>),
}

#[derive(Arbitrary)]
enum Name {
    InvocationType,
    LogType,
    ClientContext,
    InvocationId,
    Attempt,
    RequestId,
    Connection,
    Expect,
    Authorization,
    ContentType,
    TransferEncoding,
    ContentLength,
    Host,
    Tenant,
    Other(Vec<u8>),
}

#[derive(Arbitrary)]
enum Value {
    Event,
    DryRun,
    RequestResponse,
    Tail,
    Base64,
    Close,
    KeepAlive,
    Chunked,
    Number(u16),
    Attempt(u8, u8),
    Continue,
    Uuid,
    Signature,
    Other(Vec<u8>),
}

#[derive(Arbitrary)]
enum Body {
    None,
    Json(u8),
    Length(Vec<u8>),
    Chunks(Vec<(Vec<u8>, bool)>, bool),
    WrongLength(u16, Vec<u8>),
}

#[derive(Arbitrary)]
struct Request {
    method: Method,
    path: Path,
    version: u8,
    fields: Vec<(Name, Value)>,
    body: Body,
    line_end: u8,
}

pub fn run(data: &[u8]) {
    end_at_panics();
    let mut draws = Unstructured::new(data);
    let drawn = <([u8; 3], Vec<Request>)>::arbitrary(&mut draws);
    let Ok((cuts, requests)) = drawn else { return };
    let mut bytes = Vec::new();
    for request in requests.iter().take(REQUESTS) {
        request.write(&mut bytes);
    }
    raw::send(&bytes, &cuts);
}

/// The bytes that are neither white space nor control characters.
fn visible(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let bytes = bytes.iter().copied();
    bytes.filter(|byte| *byte > b' ' && *byte != 0x7F)
}

impl Request {
    fn write(&self, out: &mut Vec<u8>) {
        let line_end: &[u8] = match self.line_end % 16 {
            1 => b"\n",
            _ => b"\r\n",
        };
        if self.line_end % 16 == 2 {
            out.extend(b"\r\n");
        }
        self.method.write(out);
        out.push(b' ');
        self.path.write(out);
        out.extend(match self.version % 8 {
            1 => b" HTTP/1.0",
            _ => b" HTTP/1.1",
        });
        out.extend(line_end);
        for (name, value) in &self.fields {
            name.write(out);
            out.extend(b": ");
            value.write(out);
            out.extend(line_end);
        }
        self.body.write(out, line_end);
    }
}

impl Method {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Post => out.extend(b"POST"),
            Self::Get => out.extend(b"GET"),
            Self::Put => out.extend(b"PUT"),
            Self::Delete => out.extend(b"DELETE"),
            Self::Options => out.extend(b"OPTIONS"),
            Self::Odd(name) => out.extend(name.iter().filter(|byte| byte.is_ascii_alphabetic())),
        }
    }
}

impl Path {
    fn write(&self, out: &mut Vec<u8>) {
        const FUNCTIONS: &[u8] = b"/2015-03-31/functions/";
        const INVOKE: &[u8] = b"/2015-03-31/functions/f/invocations";
        match self {
            Self::Function => out.extend(INVOKE),
            Self::Label(label) => {
                out.extend(FUNCTIONS);
                out.extend(visible(label));
                out.extend(b"/invocations");
            }
            Self::Arn {
                has_alias,
                has_query,
            } => {
                out.extend(FUNCTIONS);
                out.extend(b"arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af");
                out.extend(if *has_alias { &b"%3Alive"[..] } else { b"" });
                out.extend(b"/invocations");
                out.extend(if *has_query {
                    &b"?Qualifier=live"[..]
                } else {
                    b""
                });
            }
            Self::Qualifier(qualifier) => {
                out.extend(INVOKE);
                out.extend(b"?Qualifier=");
                out.extend(visible(qualifier));
            }
            Self::Absolute => {
                out.extend(b"http://lambda");
                out.extend(INVOKE);
            }
            Self::Stream => out.extend(b"/2021-11-15/functions/f/response-streaming-invocations"),
            Self::Async => out.extend(b"/2014-11-13/functions/f/invoke-async/"),
            Self::Star => out.push(b'*'),
            Self::Raw(path) => {
                out.push(b'/');
                out.extend(visible(path));
            }
        }
    }
}

impl Name {
    fn write(&self, out: &mut Vec<u8>) {
        let name: &[u8] = match self {
            Self::InvocationType => b"X-Amz-Invocation-Type",
            Self::LogType => b"X-Amz-Log-Type",
            Self::ClientContext => b"X-Amz-Client-Context",
            Self::InvocationId => b"amz-sdk-invocation-id",
            Self::Attempt => b"amz-sdk-request",
            Self::RequestId => b"x-amzn-RequestId",
            Self::Connection => b"Connection",
            Self::Expect => b"Expect",
            Self::Authorization => b"Authorization",
            Self::ContentType => b"Content-Type",
            Self::TransferEncoding => b"Transfer-Encoding",
            Self::ContentLength => b"Content-Length",
            Self::Host => b"Host",
            Self::Tenant => b"X-Amz-Tenant-Id",
            Self::Other(name) => {
                out.push(b'x');
                return out.extend(visible(name));
            }
        };
        out.extend(name);
    }
}

impl Value {
    fn write(&self, out: &mut Vec<u8>) {
        let value: &[u8] = match self {
            Self::Event => b"Event",
            Self::DryRun => b"DryRun",
            Self::RequestResponse => b"RequestResponse",
            Self::Tail => b"Tail",
            Self::Base64 => b"eyJhIjoxfQ==",
            Self::Close => b"close",
            Self::KeepAlive => b"keep-alive",
            Self::Chunked => b"chunked",
            Self::Number(number) => return out.extend(number.to_string().bytes()),
            Self::Attempt(number, most) => {
                return out.extend(format!("attempt={number}; max={most}").bytes());
            }
            Self::Continue => b"100-continue",
            Self::Uuid => b"01234567-89ab-cdef-0123-456789abcdef",
            Self::Signature => {
                b"AWS4-HMAC-SHA256 Credential=AKID/20150830/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=00"
            }
            Self::Other(value) => {
                let ends_line = |byte: &&u8| matches!(byte, b'\r' | b'\n' | b'\0');
                return out.extend(value.iter().filter(|byte| !ends_line(byte)));
            }
        };
        out.extend(value);
    }
}

impl Body {
    fn write(&self, out: &mut Vec<u8>, line_end: &[u8]) {
        const JSON: [&str; 6] = [
            "{}",
            "{\"a\":1}",
            "null",
            "[1,2,{\"b\":\"c\"}]",
            "\"\\ud800\"",
            "1e999",
        ];
        let mut with_length = |length: usize, body: &[u8]| {
            out.extend(format!("Content-Length: {length}\r\n\r\n").bytes());
            out.extend(body);
        };
        match self {
            Self::None => out.extend(line_end),
            Self::Json(which) => {
                let body = JSON[usize::from(*which) % JSON.len()];
                with_length(body.len(), body.as_bytes());
            }
            Self::Length(body) => with_length(body.len(), body),
            Self::WrongLength(length, body) => with_length(usize::from(*length), body),
            Self::Chunks(chunks, has_trailer) => {
                out.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                for (chunk, has_extension) in chunks.iter().filter(|chunk| !chunk.0.is_empty()) {
                    let extension = if *has_extension { ";x=y" } else { "" };
                    out.extend(format!("{:x}{extension}\r\n", chunk.len()).bytes());
                    out.extend(chunk);
                    out.extend(b"\r\n");
                }
                out.extend(b"0\r\n");
                out.extend(if *has_trailer {
                    &b"X-T: 1\r\n"[..]
                } else {
                    b""
                });
                out.extend(b"\r\n");
            }
        }
    }
}

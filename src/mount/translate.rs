//! Between wiremock's requests and responses and ours.

use bytes::Bytes;
use wiremock::{Request, ResponseTemplate};

use crate::head::Head;
use crate::invocation::{Defaults, Invocation};
use crate::render::Rendered;

/// The request, its header names in lower case and its path as an URL has it: the server keeps no other.
pub(super) fn invocation(request: &Request, defaults: &Defaults) -> Invocation {
    let path = request.url.path();
    let target = match request.url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let fields = request.headers.iter();
    let fields = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
    let head = Head::of_parts(request.method.as_str(), &target, fields);
    Invocation::read(head, Bytes::copy_from_slice(&request.body), defaults)
}

/// The reply for the server to send: names get its casing, and the body's length is counted by it.
pub(super) fn response(reply: Rendered) -> ResponseTemplate {
    let lines = reply.head.split(|byte| *byte == b'\n').count();
    let mut fields = vec![httparse::EMPTY_HEADER; lines];
    let mut head = httparse::Response::new(&mut fields);
    let parsed = head.parse(&reply.head).expect("what is rendered is HTTP");
    let httparse::Status::Complete(end) = parsed else {
        unreachable!("a head is rendered whole");
    };
    let mut response = ResponseTemplate::new(head.code.expect("a status is rendered"));
    for field in head.headers.iter() {
        if !field.name.eq_ignore_ascii_case("content-length") {
            response = response.append_header(field.name, field.value);
        }
    }
    let mut body = reply.head[end..].to_vec();
    body.extend_from_slice(&reply.body);
    response.set_body_bytes(body)
}

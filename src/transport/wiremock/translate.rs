//! Converts between wiremock's requests and responses and ours.

use bytes::Bytes;
use wiremock::{Request, ResponseTemplate};

use crate::ground::head::Head;
use crate::reply::response::{Field, Response};
use crate::request::invocation::{Defaults, Invocation};

/// The request, with header names in lower case and its path in URL form, because the server keeps
/// no other form.
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

/// The reply for the server to send. The server changes the casing of names and counts the length
/// of the body.
pub(super) fn response(reply: &Response<'_>) -> ResponseTemplate {
    let mut response = ResponseTemplate::new(reply.status());
    let mut fields = Vec::new();
    reply.fields(&mut |field| match field {
        Field::Is(name, value) => fields.push((name.to_owned(), value.to_vec())),
        Field::Length => {}
    });
    for (name, value) in fields {
        response = response.append_header(name, value.as_slice());
    }
    response.set_body_bytes(reply.body().to_vec())
}

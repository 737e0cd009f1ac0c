//! Streams in tests: frames written and read by another project, and what the SDK makes of them.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_lambda::operation::invoke_with_response_stream::InvokeWithResponseStreamOutput;
use aws_sdk_lambda::types::InvokeWithResponseStreamResponseEvent as Event;
use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;

/// A frame with these headers, as the encoder of another project writes it.
pub(crate) fn frame(headers: &[(&str, &str)], payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut message = Message::new(payload.as_ref().to_vec());
    for (name, value) in headers {
        let value = HeaderValue::String((*value).to_owned().into());
        message = message.add_header(Header::new((*name).to_owned(), value));
    }
    let mut out = Vec::new();
    write_message_to(&message, &mut out).unwrap();
    out
}

pub(crate) fn chunk(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let headers = [
        (":event-type", "PayloadChunk"),
        (":content-type", "application/octet-stream"),
        (":message-type", "event"),
    ];
    frame(&headers, payload)
}

pub(crate) fn event(event_type: &str, json: &str) -> Vec<u8> {
    let headers = [
        (":event-type", event_type),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, json)
}

pub(crate) fn complete(json: &str) -> Vec<u8> {
    event("InvokeComplete", json)
}

/// Each message as `name: payload`, read by the decoder of another project.
pub(crate) fn messages(body: &[u8]) -> Vec<String> {
    let mut body = Bytes::copy_from_slice(body);
    let mut messages = Vec::new();
    while !body.is_empty() {
        let message = read_message_from(&mut body).unwrap();
        let name = message.headers().iter().find_map(|header| {
            let is_name = header.name().as_str() == ":event-type";
            is_name.then(|| header.value().as_string().unwrap().as_str().to_owned())
        });
        let payload = String::from_utf8_lossy(message.payload());
        messages.push(format!("{}: {payload}", name.unwrap_or_default()));
    }
    messages
}

/// An HTTP chunk.
pub(crate) fn http_chunk(bytes: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat()
}

/// The answer of `f`.
pub(crate) async fn open(client: &Client) -> InvokeWithResponseStreamOutput {
    let call = client.invoke_with_response_stream().function_name("f");
    call.send().await.unwrap()
}

/// Each result of `recv` for the answer of `f`, one line each, until its end or its third error.
pub(crate) async fn seen(client: &Client) -> String {
    let answer = open(client).await;
    let read = tokio::time::timeout(DEADLINE, rest(answer)).await;
    read.expect("the stream has no end")
}

/// The deadline of a stream; on a paused clock, far beyond any pause of a test.
const DEADLINE: Duration = Duration::from_secs(3_500);

/// Each result of `recv` for the rest of an answer, one line each, until its end or third error.
pub(crate) async fn rest(mut answer: InvokeWithResponseStreamOutput) -> String {
    let begun = tokio::time::Instant::now();
    let (mut lines, mut errors) = (Vec::new(), 0);
    while errors < 3 {
        let event = answer.event_stream.recv().await;
        let seconds = match begun.elapsed().as_secs() {
            0 => String::new(),
            seconds => format!("{seconds} s: "),
        };
        let line = match &event {
            Ok(None) => "end".to_owned(),
            Ok(Some(event)) => shown(event),
            Err(error) => {
                errors += 1;
                let text = DisplayErrorContext(error).to_string();
                let (text, _) = text.split_once(" (").unwrap_or((&text, ""));
                format!("error: {text}")
            }
        };
        lines.push(seconds + &line);
        if matches!(event, Ok(None)) {
            break;
        }
    }
    lines.join("\n")
}

/// The results of `recv` for the answer of `f` in a few words, as the page of faults shows them.
pub(crate) async fn reaction(client: &Client) -> String {
    let mut answer = open(client).await;
    let (mut words, mut errors) = (Vec::new(), 0);
    while errors < 3 {
        let event = answer.event_stream.recv();
        let Ok(event) = tokio::time::timeout(Duration::from_secs(3600), event).await else {
            words.push("no end".to_owned());
            break;
        };
        match event {
            Ok(None) => {
                words.push("end".to_owned());
                break;
            }
            Ok(Some(Event::PayloadChunk(chunk))) => {
                let payload = chunk.payload().map_or(&b""[..], AsRef::as_ref);
                words.push(format!("{:?}", String::from_utf8_lossy(payload)));
            }
            Ok(Some(Event::InvokeComplete(end))) => words.push(match end.error_code() {
                Some(code) => format!("InvokeComplete, {code}"),
                None => "InvokeComplete".to_owned(),
            }),
            Ok(Some(other)) => words.push(format!("{other:?}")),
            Err(error) => {
                errors += 1;
                words.push(match error {
                    SdkError::DispatchFailure(failure) if failure.is_io() => {
                        "DispatchFailure, io".to_owned()
                    }
                    SdkError::DispatchFailure(_) => "DispatchFailure, other".to_owned(),
                    SdkError::ResponseError(_) => "ResponseError".to_owned(),
                    SdkError::ServiceError(error) => match error.err().code() {
                        Some(code) => format!("ServiceError, {code}"),
                        None => "ServiceError without a code".to_owned(),
                    },
                    other => format!("{other:?}"),
                });
            }
        }
    }
    words.join("; ")
}

/// An event as text, such as `chunk Hel` or `complete Unhandled {"a":1}`.
pub(crate) fn shown(event: &Event) -> String {
    match event {
        Event::PayloadChunk(chunk) => {
            let payload = chunk.payload().map_or(&b""[..], AsRef::as_ref);
            format!("chunk {}", String::from_utf8_lossy(payload).escape_debug())
        }
        Event::InvokeComplete(end) => {
            let parts = [end.error_code(), end.error_details(), end.log_result()];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            ["complete", &parts.join(" ")]
                .join(" ")
                .trim_end()
                .to_owned()
        }
        other => format!("{other:?}"),
    }
}

//! Replies of every kind.

use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::aws::event_stream::FrameDamage;
use crate::aws::function_error::FunctionError;
use crate::aws::log_tail::LineForm;
use crate::aws::service_error::ServiceError;
use crate::aws::words::{Runtime, ThrottleReason};
use crate::ground::message::Message;
use crate::reply::chunks::{Boundaries, Chunks, End, Odd, Part};
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::reply::Reply;
use crate::scenario::vocabulary::PLAIN;

pub(super) fn json() -> impl Strategy<Value = Value> {
    select(vec![
        json!(null),
        json!({"size": "xl"}),
        json!([1, 2.5, -3e-7, "é\u{0}\"", true]),
        json!({}),
        json!("text"),
    ])
}

pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ]{0,8}", Just("line\nline\r\n\u{7f}\"é".to_owned())]
}

fn bytes() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        text().prop_map(Bytes::from),
        Just(Bytes::from_static(b"\xff\x00")),
        Just(Bytes::from_static(b"{ \"a\": 1 }")),
    ]
}

fn duration() -> impl Strategy<Value = Duration> {
    let nanos = prop_oneof![
        Just(0),
        Just(1),
        Just(1_500),
        Just(3_000_000),
        0..5_000_000_000_u64
    ];
    prop_oneof![nanos.prop_map(Duration::from_nanos), Just(Duration::MAX)]
}

pub(super) fn delay() -> impl Strategy<Value = Delay> {
    let short = (1..1_000_000_u64, 0..1_000_000_u64);
    let pair = short.prop_map(|(least, more)| {
        (
            Duration::from_micros(least),
            Duration::from_micros(least + more),
        )
    });
    prop_oneof![
        duration().prop_map(Delay::from),
        pair.clone()
            .prop_map(|(least, most)| Delay::from(least..most)),
        pair.prop_map(|(p50, p99)| Delay::log_normal(p50, p99)),
    ]
}

pub(super) fn fault() -> impl Strategy<Value = Fault> {
    const COUNTED: [fn(usize) -> Fault; 5] = [
        Fault::TruncateAfter,
        Fault::ResetAfter,
        Fault::StallAfter,
        Fault::LengthTooLong,
        Fault::LengthTooShort,
    ];
    let bytes = prop_oneof![1..3_usize, Just(usize::MAX)];
    let pieces = || (1..9_usize, duration());
    prop_oneof![
        select(PLAIN.to_vec()).prop_map(|(_, fault)| fault),
        (select(COUNTED.to_vec()), bytes).prop_map(|(fault, bytes)| fault(bytes)),
        pieces().prop_map(|(bytes, every)| Fault::SlowHead { bytes, every }),
        pieces().prop_map(|(bytes, every)| Fault::Dribble { bytes, every }),
    ]
}

fn function_error() -> BoxedStrategy<FunctionError> {
    let thrown = (
        text(),
        text(),
        option::of(select(Runtime::ALL)),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let thrown = thrown.prop_map(
        |(error_type, message, runtime, at_init, has_stack, has_cause)| {
            let mut error = FunctionError::new(&error_type, &message);
            let Some(runtime) = runtime else { return error };
            error = error.runtime(runtime);
            match runtime {
                Runtime::Java | Runtime::DotNet if has_cause => {
                    let cause = FunctionError::new("Inner", &message)
                        .runtime(runtime)
                        .stack(["at a"]);
                    return error.cause(cause.cause(FunctionError::new("Innermost", "")));
                }
                Runtime::Rust => return error,
                _ if has_stack => return error.stack(["main.go:12 handler"]),
                Runtime::Go => return error,
                _ => {}
            }
            if at_init { error.at_init() } else { error }
        },
    );
    prop_oneof![
        4 => thrown,
        1 => (text(), text())
            .prop_map(|(error_type, text)| FunctionError::platform(error_type, text)),
        1 => (1..900_000_000_u64)
            .prop_map(|micros| FunctionError::timed_out(Duration::from_micros(micros))),
        1 => Just(FunctionError::out_of_memory()),
        1 => (0..=255).prop_map(FunctionError::exited),
        1 => (0..=255).prop_map(|code| FunctionError::extension_exited("apm", code)),
        1 => Just(FunctionError::response_too_large()),
        1 => Just(FunctionError::invalid_entrypoint()),
        1 => json().prop_map(FunctionError::payload),
        1 => bytes().prop_map(FunctionError::bytes),
    ]
    .boxed()
}

/// A text for the header of a frame, which cannot be empty.
fn filled_text() -> impl Strategy<Value = String> {
    text().prop_filter("empty", |text| !text.is_empty())
}

/// A stream without the steps that it refuses.
fn chunks() -> BoxedStrategy<Chunks> {
    let http = |headers: Vec<(String, String)>| {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| (&**name, &**value));
        let chunks = Chunks::new().try_http(200, headers).unwrap();
        chunks.parts()[0].clone()
    };
    let error = |(code, text): (String, String)| {
        let (code, text) = (code.into(), text.into());
        Part::Message(Odd::Error { code, text })
    };
    let event = |(name, payload): (String, Value)| {
        let (name, payload) = (name.into(), payload.to_string().into());
        Part::Message(Odd::Event { name, payload })
    };
    let part = prop_oneof![
        4 => bytes().prop_map(Part::Send),
        1 => vec((text(), text()), 0..2).prop_map(http),
        1 => delay().prop_map(Part::Wait),
        1 => fault().prop_map(Part::Fault),
        1 => select(vec![FrameDamage::Message, FrameDamage::Prelude]).prop_map(Part::Damage),
        1 => select(ServiceError::ALL).prop_map(|error| Part::Message(Odd::Exception(error))),
        1 => (filled_text(), filled_text()).prop_map(error),
        1 => (filled_text(), json()).prop_map(event),
    ];
    let end = prop_oneof![
        Just(End::Complete),
        Just(End::Missing),
        function_error().prop_map(End::Failed)
    ];
    let boundaries = select(vec![
        Boundaries::AsSent,
        Boundaries::Merged,
        Boundaries::Every(3),
        Boundaries::Random,
    ]);
    let cases = (vec(part, 0..5), end, option::of(boundaries));
    cases
        .prop_map(|(parts, end, boundaries)| {
            let mut chunks = Chunks::new();
            for part in parts {
                let before = chunks.clone();
                let added = match part {
                    Part::Fault(fault) => before.try_fault(fault),
                    Part::Wait(delay) => before.try_wait(delay),
                    part => before.try_add("", part),
                };
                chunks = added.unwrap_or(chunks);
            }
            let verb = match &end {
                End::Complete => return with_boundaries(chunks, boundaries),
                End::Missing => "no_end",
                End::Failed(_) => "fail",
            };
            let ended = chunks.clone().try_end(verb, end);
            with_boundaries(ended.unwrap_or(chunks), boundaries)
        })
        .boxed()
}

fn with_boundaries(chunks: Chunks, boundaries: Option<Boundaries>) -> Chunks {
    match boundaries {
        Some(boundaries) => chunks.boundaries(boundaries),
        None => chunks,
    }
}

/// Adds a refinement to the reply, unless there is none or the reply refuses it.
fn tried<T>(
    reply: Reply,
    value: Option<T>,
    add: impl Fn(Reply, T) -> Result<Reply, Message>,
) -> Reply {
    match value {
        Some(value) => add(reply.clone(), value).unwrap_or(reply),
        None => reply,
    }
}

pub(super) fn reply() -> BoxedStrategy<Reply> {
    let answer = prop_oneof![
        json().prop_map(Reply::json),
        chunks().prop_map(Reply::stream),
        chunks().prop_map(Reply::stream),
        function_error().prop_map(Reply::from),
        select(ServiceError::ALL).prop_map(Reply::error),
        Just(Reply::error(ServiceError::TooManyRequestsException)),
        Just(Reply::error(ServiceError::Ec2UnexpectedException)),
        (400..600_u16).prop_map(|status| Reply::unmodeled_error("Brand_New", status)),
        (205..304_u16, bytes()).prop_map(|(status, body)| Reply::http(status, body)),
        select(vec![
            Fault::Reset,
            Fault::Hang,
            Fault::Garbage,
            Fault::CloseBeforeReply
        ])
        .prop_map(Reply::from),
    ];
    let of_error = (
        option::of(text()),
        option::of(select(ThrottleReason::ALL)),
        option::of(0..9_u64),
        option::of(text()),
        option::of(option::of(text())),
    );
    let of_run = (
        option::of(select(vec!["$LATEST", "8"])),
        vec((text(), any::<bool>()), 0..3),
    );
    let of_head = (
        vec(
            select(vec![("X-A", "1"), ("x-a", "2"), ("Date", "never")]),
            0..3,
        ),
        vec(select(vec!["Date", "x-amzn-ErrorType"]), 0..2),
        option::of(200..600_u16),
    );
    let on_the_way = (
        option::of(bytes()),
        option::of(delay()),
        option::of(delay()),
        option::of(fault()),
        option::of(Just(Duration::from_millis(10))),
    );
    let of_event = (
        any::<bool>(),
        option::weighted(0.2, 1..4_u32),
        proptest::bool::weighted(0.2),
    );
    (
        answer.boxed(),
        of_error,
        of_run,
        of_head,
        on_the_way,
        of_event,
    )
        .prop_map(|(reply, of_error, of_run, of_head, on_the_way, of_event)| {
            let (message, reason, retry_after, code, type_value) = of_error;
            let reply = tried(reply, message, |reply, text| reply.try_message(&text));
            let reply = tried(reply, reason, |reply, reason| {
                reply.try_reason(reason.as_str())
            });
            let reply = tried(reply, retry_after, |reply, seconds| {
                reply.try_retry_after(Duration::from_secs(seconds))
            });
            let reply = tried(reply, code, |reply, code| reply.try_ec2_error_code(&code));
            let mut reply = tried(reply, type_value, |reply, value| {
                reply.try_type_value(value.as_deref())
            });
            reply = tried(reply, of_run.0, |reply, version| {
                reply.try_executed_version(version)
            });
            for (line, is_raw) in of_run.1 {
                let form = if is_raw {
                    LineForm::Raw
                } else {
                    LineForm::Record
                };
                reply = tried(reply, Some(line), |reply, line| reply.try_log(&line, form));
            }
            for field in of_head.0 {
                reply = tried(reply, Some(field), |reply, (name, value)| {
                    reply.try_header(name, value)
                });
            }
            for name in of_head.1 {
                reply = tried(reply, Some(name), |reply, name| {
                    reply.try_without_header(name)
                });
            }
            reply = tried(reply, of_head.2, |reply, status| reply.try_status(status));
            let (in_queue, delivered_times, is_lost) = of_event;
            reply = tried(reply, in_queue.then_some(()), |reply, ()| {
                reply.try_in_queue()
            });
            reply = tried(reply, delivered_times, |reply, times| {
                reply.try_delivered_times(times)
            });
            reply = tried(reply, is_lost.then_some(()), |reply, ()| reply.try_lost());
            let (body, delay, body_delay, fault, timeout) = on_the_way;
            reply = tried(reply, body, |reply, body| reply.try_body(body));
            reply = tried(reply, delay, |reply, delay| reply.try_delay(delay));
            reply = tried(reply, body_delay, |reply, delay| {
                reply.try_body_delay(delay)
            });
            let reply = tried(reply, fault, |reply, fault| reply.try_fault(fault));
            // A timeout is refused if nothing can delay the reply.
            tried(reply, timeout, |reply, timeout| {
                let reply = reply.try_timeout(timeout)?;
                reply.mistake().map_or(Ok(reply), Err)
            })
        })
        .boxed()
}

//! Faults that cannot happen panic where they are written, or are reported by verification.

use std::time::Duration;

use fake_lambda::{Delay, FakeLambda, Fault, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{asking, lines};
use crate::panics::{caught, help_of, text_of};
use crate::raw::{self, Client};

fn success() -> Reply {
    Reply::json(json!({"paid": 42}))
}

const SECOND: Duration = Duration::from_secs(1);

#[rstest]
#[case::truncation_beyond_the_body(
    || success().fault(Fault::TruncateAfter(11)),
    "error: `TruncateAfter(11)` cannot fire: the body has 11 bytes\n  help: use a number below 11, or a longer body"
)]
#[case::reset_beyond_the_body(
    || success().fault(Fault::ResetAfter(99)),
    "error: `ResetAfter(99)` cannot fire: the body has 11 bytes\n  help: use a number below 11, or a longer body"
)]
#[case::stall_beyond_the_body(
    || Reply::http(502, "").fault(Fault::StallAfter(0)),
    "error: `StallAfter(0)` cannot fire: the body has 0 bytes\n  help: use a body of at least 1 byte"
)]
#[case::length_below_zero(
    || success().fault(Fault::LengthTooShort(12)),
    "error: `LengthTooShort(12)` cannot fire: the body has 11 bytes\n  help: use a number below 12, or a longer body"
)]
#[case::length_that_is_right(
    || success().fault(Fault::LengthTooLong(0)),
    "error: `LengthTooLong(0)` sends the correct length\n  help: use at least 1 byte"
)]
#[case::one_chunk(
    || Reply::json(json!(1)).fault(Fault::BadChunk),
    "error: `BadChunk` cannot fire: the body has 1 byte\n  help: use a body of at least 2 bytes"
)]
#[case::pieces_of_0_bytes(
    || success().fault(Fault::Dribble { bytes: 0, every: SECOND }),
    "error: `Dribble { bytes: 0, every: 1s }` sends pieces of 0 bytes\n  help: use at least 1 byte"
)]
#[case::head_in_pieces_of_0_bytes(
    || success().fault(Fault::SlowHead { bytes: 0, every: SECOND }),
    "error: `SlowHead { bytes: 0, every: 1s }` sends pieces of 0 bytes\n  help: use at least 1 byte"
)]
#[case::two_faults(
    || success().fault(Fault::Reset).fault(Fault::Hang),
    "error: the reply already has a fault: `Reset`\n  help: keep one fault per reply; use `.then(..)` for the next attempt"
)]
#[case::a_body_too_short_for_the_fault(
    || success().fault(Fault::TruncateAfter(5)).body("12345"),
    "error: `TruncateAfter(5)` cannot fire: the body has 5 bytes\n  help: use a number below 5, or a longer body"
)]
#[case::fault_on_a_fault(
    || Reply::from(Fault::Reset).fault(Fault::Hang),
    "error: `.fault(..)` needs a reply, but this step is a fault without one\n  help: use `Reply::json(..).fault(..)`"
)]
#[case::status_of_a_fault(
    || Reply::from(Fault::Reset).status(500),
    "error: `.status(..)` needs a reply, but this step is a fault without one\n  help: use `Reply::json(..).status(..)`"
)]
#[case::body_of_a_fault(
    || Reply::from(Fault::Reset).body(""),
    "error: `.body(..)` needs a reply, but this step is a fault without one\n  help: use `Reply::json(..).body(..)`"
)]
#[case::header_omitted_from_a_fault(
    || Reply::from(Fault::Reset).without_header("Date"),
    "error: `.without_header(..)` needs a reply, but this step is a fault without one\n  help: use `Reply::json(..).without_header(..)`"
)]
#[case::body_delay_of_a_fault(
    || Reply::from(Fault::Reset).body_delay(SECOND),
    "error: `.body_delay(..)` needs a reply, but this step is a fault without one\n  help: use `Reply::json(..).body_delay(..)`"
)]
#[case::body_delay_without_a_body(
    || Reply::http(502, "").body_delay(SECOND),
    "error: `body_delay` cannot delay an empty body\n  help: use `delay`, which comes before the first byte"
)]
#[case::delayed_body_that_is_then_removed(
    || success().body_delay(SECOND).body(""),
    "error: `body_delay` cannot delay an empty body\n  help: use `delay`, which comes before the first byte"
)]
#[case::range_backwards(
    || success().delay(2 * SECOND..SECOND),
    "error: the delay range 2s to 1s is reversed\n  help: put the shorter bound first"
)]
#[case::body_range_backwards(
    || success().body_delay(2 * SECOND..=SECOND),
    "error: the delay range 2s to 1s is reversed\n  help: put the shorter bound first"
)]
#[case::percentiles_backwards(
    || success().delay(Delay::log_normal(2 * SECOND, SECOND)),
    "error: `log_normal(2s, 1s)` is not a valid delay\n  help: use a median above zero, and a 99th percentile that is at least as long"
)]
#[case::median_of_zero(
    || success().delay(Delay::log_normal(Duration::ZERO, SECOND)),
    "error: `log_normal(0ns, 1s)` is not a valid delay\n  help: use a median above zero, and a 99th percentile that is at least as long"
)]
#[case::status_that_is_not_final(
    || success().status(100),
    "error: `100` is not the status of a final HTTP response with a body\n  help: use a status from 200 to 599, except 204 and 304"
)]
#[case::status_without_a_body(
    || success().status(304),
    "error: `304` is not the status of a final HTTP response with a body\n  help: use a status from 200 to 599, except 204 and 304"
)]
#[case::body_of_a_handler(
    || Reply::handle(async |_: Invocation| json!(1)).body("x"),
    "error: a handler creates its own body\n  help: set the body of the reply that the handler returns"
)]
#[case::invalid_header_name(|| success().without_header("a b"), "error: `a b` is not a valid header name\n  help: use letters, digits and `-`")]
#[case::header_that_no_reply_has(
    || success().without_header("x-amzn-Errortyp"),
    "error: no reply normally has a header `x-amzn-Errortyp`\n  help: use one of Connection, Content-Type, Date, Retry-After, X-Amz-Durable-Execution-Arn, X-Amz-Executed-Version, X-Amz-Function-Error, X-Amz-Log-Result, x-amzn-ErrorType, x-amzn-Remapped-Content-Length, \
     x-amzn-RequestId, X-Amzn-Trace-Id"
)]
#[case::without_length(
    || success().without_header("content-LENGTH"),
    "error: `content-LENGTH` follows from the body and cannot be changed\n  help: use `Fault::LengthTooLong`, `Fault::LengthTooShort` or `Fault::BadChunk` for wrong framing"
)]
fn an_invalid_reply_panics_in_the_callers_file(#[case] reply: fn() -> Reply, #[case] text: &str) {
    let panic = caught(reply);
    assert_eq!(panic.text, text);
    assert_eq!(panic.file, file!());
}

#[rstest]
#[case::head(Fault::ResetInHead)]
#[case::body(Fault::TruncateAfter(5))]
#[case::after_the_reply(Fault::CloseAfterReply)]
fn a_fault_that_damages_needs_a_reply(#[case] fault: Fault) {
    let text = format!(
        "error: `Fault::{fault:?}` needs a reply to damage\n  help: use `Reply::json(..).fault(Fault::{fault:?})`"
    );
    let lambda = FakeLambda::start();
    let mut line = 0;
    let panic = caught(|| {
        line = line!() + 1;
        lambda.on("f").reply(fault)
    });
    assert_eq!((&panic.text, panic.line), (&text, line));
    let script = lambda.on("f").reply(json!(1));
    let panic = caught(|| {
        line = line!() + 1;
        script.then(fault)
    });
    assert_eq!((&panic.text, panic.line), (&text, line));
    // A fault that a handler returns is not refused at a line of the test: verification reports it.
    lambda.on("g").handle(async move |_: Invocation| fault);
    assert_eq!(raw::invoke(&lambda, "g", &[], "{}").status(), 418);
    let report = lambda.try_verify().unwrap_err().to_string();
    let (error, help) = text
        .strip_prefix("error: ")
        .unwrap()
        .split_once('\n')
        .unwrap();
    let told = format!("the reply to call 1 is impossible: {error}\n{help}\n");
    assert!(report.contains(&told), "{report}");
}

#[test]
fn a_fault_that_could_not_fire_fails_verification() {
    // Faults that are not refused where they are written, because the bodies are not known there.
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let error = Reply::error(ServiceError::ServiceException);
        lambda
            .on("f")
            .reply(error.fault(Fault::TruncateAfter(1000)));
        let handler = Reply::handle(async |_: Invocation| json!(1));
        lambda
            .on("g")
            .named("the short one")
            .reply(handler.fault(Fault::StallAfter(1)));
        for function in ["f", "f", "g"] {
            raw::invoke(&lambda, function, &[], "{}");
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/faults/mistakes.rs:LINE#1) found 2 problems

    error: `TruncateAfter(1000)` could not fire at call 1, whose reply has 80 bytes; it was sent whole
      help: use a number below 80, or a longer reply
      rule: `f`, scripted at tests/it/own_server/faults/mistakes.rs:LINE#2

    error: `StallAfter(1)` could not fire at call 3, whose reply has 1 byte; it was sent whole
      help: use 0, or a longer reply
      rule: "the short one" (`g`), scripted at tests/it/own_server/faults/mistakes.rs:LINE#3

    journal
      1 to 2 (2 equal calls) f RequestResponse {}
        attempt 1 → 500 ServiceException
      3 g RequestResponse {}
        attempt 1 → 200 1
    "#);
}

#[rstest]
#[case::truncate_after(Fault::TruncateAfter(1))]
#[case::reset_after(Fault::ResetAfter(1))]
#[case::stall_after(Fault::StallAfter(1))]
#[case::dribble(Fault::Dribble { bytes: 1, every: SECOND })]
#[case::bad_chunk(Fault::BadChunk)]
#[case::length_too_long(Fault::LengthTooLong(7))]
#[case::length_too_short(Fault::LengthTooShort(7))]
fn a_reply_whose_fault_could_not_fire_is_sent_unchanged(#[case] fault: Fault) {
    let lambda = FakeLambda::start();
    let handler = async |_: Invocation| Reply::http(200, "").header("X-Whole", "yes");
    lambda.on("f").reply(Reply::handle(handler).fault(fault));
    lambda.on("g").reply(json!("next"));
    let mut client = asking(&lambda);
    let reply = client.read_reply();
    assert_eq!(reply.field("Content-Length"), Some("0"), "{reply}");
    assert_eq!(reply.field("X-Whole"), Some("yes"));
    client.send_invoke("g", &[], "{}");
    assert_eq!(client.read_reply().text(), "\"next\"");
    lambda.wait_until_idle().block();
    let text = "f RequestResponse {} attempt 1 → 200 (empty)";
    assert_eq!(lines(&lambda).lines().next(), Some(text));
    assert_eq!(lambda.calls()[0].attempts()[0].fault(), None);
    lambda.try_verify().unwrap_err();
}

#[test]
fn an_accepted_event_has_no_body_to_damage() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(success().fault(Fault::TruncateAfter(3)));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &["X-Amz-Invocation-Type: Event"], "{}");
    assert_eq!(client.read_reply().status(), 202);
    let report = lambda.try_verify().unwrap_err().to_string();
    let why = "`TruncateAfter(3)` could not fire at call 1, whose reply has 0 bytes";
    assert!(report.contains(why), "{report}");
}

#[test]
fn a_fault_inside_a_body_cannot_fire_for_an_event() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let damaged = Reply::json(json!(7)).fault(Fault::ResetAfter(0));
    lambda.on("f").reply(damaged);
    raw::invoke(&lambda, "f", &["X-Amz-Invocation-Type: Event"], "{}");
    insta::assert_snapshot!(
        help_of(|| lambda.verify()),
        @"use a fault that needs no body, such as `Fault::Reset`: the 202 of an Event has none"
    );
}

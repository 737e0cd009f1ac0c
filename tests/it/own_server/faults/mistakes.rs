//! What cannot happen is refused where it is written, or told at verification.

use std::time::Duration;

use fake_lambda::{Delay, FakeLambda, Fault, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{asking, lines};
use crate::panics::{caught, text_of};
use crate::raw::{self, Client};

fn success() -> Reply {
    Reply::json(json!({"paid": 42}))
}

const SECOND: Duration = Duration::from_secs(1);

#[rstest]
#[case::truncation_beyond_the_body(
    || success().fault(Fault::TruncateAfter(11)),
    "`TruncateAfter(11)` cannot happen to a body of 11 bytes: it takes at least 12"
)]
#[case::reset_beyond_the_body(
    || success().fault(Fault::ResetAfter(99)),
    "`ResetAfter(99)` cannot happen to a body of 11 bytes: it takes at least 100"
)]
#[case::stall_beyond_the_body(
    || Reply::http(502, "").fault(Fault::StallAfter(0)),
    "`StallAfter(0)` cannot happen to a body of 0 bytes: it takes at least 1"
)]
#[case::length_below_zero(
    || success().fault(Fault::LengthTooShort(12)),
    "`LengthTooShort(12)` cannot happen to a body of 11 bytes: it takes at least 12"
)]
#[case::length_that_is_right(
    || success().fault(Fault::LengthTooLong(0)),
    "`LengthTooLong(0)`: a length that is 0 bytes off is right"
)]
#[case::one_chunk(
    || Reply::json(json!(1)).fault(Fault::BadChunk),
    "`BadChunk` cannot happen to a body of 1 byte: it takes at least 2"
)]
#[case::pieces_of_nothing(
    || success().fault(Fault::Dribble { bytes: 0, every: SECOND }),
    "`Dribble { bytes: 0, every: 1s }`: a piece has at least 1 byte"
)]
#[case::head_in_pieces_of_nothing(
    || success().fault(Fault::SlowHead { bytes: 0, every: SECOND }),
    "`SlowHead { bytes: 0, every: 1s }`: a piece has at least 1 byte"
)]
#[case::two_faults(
    || success().fault(Fault::Reset).fault(Fault::Hang),
    "the reply has a fault already, `Reset`: one reply meets one"
)]
#[case::a_body_too_short_for_the_fault(
    || success().fault(Fault::TruncateAfter(5)).body("12345"),
    "`TruncateAfter(5)` cannot happen to a body of 5 bytes: it takes at least 6"
)]
#[case::fault_on_a_fault(
    || Reply::from(Fault::Reset).fault(Fault::Hang),
    "`fault` is about a reply, and this is a fault without one: `Reply::json(..).fault(..)`"
)]
#[case::status_of_a_fault(
    || Reply::from(Fault::Reset).status(500),
    "`status` is about a reply, and this is a fault without one: `Reply::json(..).status(..)`"
)]
#[case::body_of_a_fault(
    || Reply::from(Fault::Reset).body(""),
    "`body` is about a reply, and this is a fault without one: `Reply::json(..).body(..)`"
)]
#[case::header_left_out_of_a_fault(
    || Reply::from(Fault::Reset).without_header("Date"),
    "`without_header` is about a reply, and this is a fault without one: `Reply::json(..).without_header(..)`"
)]
#[case::late_body_of_a_fault(
    || Reply::from(Fault::Reset).body_delay(SECOND),
    "`body_delay` is about a reply, and this is a fault without one: `Reply::json(..).body_delay(..)`"
)]
#[case::late_body_of_no_body(
    || Reply::http(502, "").body_delay(SECOND),
    "the reply has no body that could come later: `delay` is before the first byte"
)]
#[case::range_backwards(
    || success().delay(2 * SECOND..SECOND),
    "no delay is from 2s to 1s: the shorter one comes first"
)]
#[case::body_range_backwards(
    || success().body_delay(2 * SECOND..=SECOND),
    "no delay is from 2s to 1s: the shorter one comes first"
)]
#[case::percentiles_backwards(
    || success().delay(Delay::log_normal(2 * SECOND, SECOND)),
    "no log-normal distribution has its median at 2s and its 99th percentile at 1s: the median is over zero and the other is at least as long"
)]
#[case::median_of_zero(
    || success().delay(Delay::log_normal(Duration::ZERO, SECOND)),
    "no log-normal distribution has its median at 0ns and its 99th percentile at 1s: the median is over zero and the other is at least as long"
)]
#[case::status_of_no_final_reply(
    || success().status(100),
    "`100` is no status of a final HTTP response with a body: `status` takes 200 to 599 without 204 and 304"
)]
#[case::status_without_a_body(
    || success().status(304),
    "`304` is no status of a final HTTP response with a body: `status` takes 200 to 599 without 204 and 304"
)]
#[case::body_of_a_handler(
    || Reply::handle(async |_: Invocation| json!(1)).body("x"),
    "a handler makes its own body: give the reply inside it one"
)]
#[case::no_name_of_a_header(|| success().without_header("a b"), "`a b` is no name of a header")]
#[case::header_that_no_reply_has(
    || success().without_header("x-amzn-Errortyp"),
    "no reply has a header `x-amzn-Errortyp` by rights; those that one may have are Connection, Content-Type, Date, Retry-After, \
     X-Amz-Executed-Version, X-Amz-Function-Error, X-Amz-Log-Result, x-amzn-ErrorType, x-amzn-Remapped-Content-Length, \
     x-amzn-RequestId, X-Amzn-Trace-Id"
)]
#[case::length_left_out(
    || success().without_header("content-LENGTH"),
    "`content-LENGTH` follows from the body and cannot be set"
)]
fn a_reply_that_cannot_be_is_refused_at_its_line(#[case] reply: fn() -> Reply, #[case] text: &str) {
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
        "`Fault::{fault:?}` needs a reply to damage: `Reply::json(..).fault(Fault::{fault:?})`"
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
    // Where no line is, in a handler, verification says it.
    lambda.on("g").handle(async move |_: Invocation| fault);
    assert_eq!(raw::invoke(&lambda, "g", &[], "{}").status(), 418);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains(&text), "{report}");
}

#[test]
fn a_fault_that_could_not_happen_fails_verification() {
    // Faults that nothing refuses where they are written: the bodies are not known there.
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
    the client last got 200 1
    fake-lambda, started at tests/it/own_server/faults/mistakes.rs:LINE#1, found 2 problems:

    ✗ a fault that could not happen, so the reply was sent whole: call 1, f RequestResponse {}
        `TruncateAfter(1000)` cannot happen to a body of 119 bytes: it takes at least 1001
        to change: give the fault a number within the body, or the reply a longer one
        scripted at tests/it/own_server/faults/mistakes.rs:LINE#2, on f

    ✗ a fault that could not happen, so the reply was sent whole: call 3, g RequestResponse {}
        `StallAfter(1)` cannot happen to a body of 1 byte: it takes at least 2
        to change: give the fault a number within the body, or the reply a longer one
        "the short one" scripted at tests/it/own_server/faults/mistakes.rs:LINE#3, on g

    journal
      1 f RequestResponse {}
        attempt 1 → 500 ServiceException
      2 f RequestResponse {}
        attempt 1 → 500 ServiceException
      3 g RequestResponse {}
        attempt 1 → 200 1
    seed 0
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
fn a_reply_whose_fault_could_not_happen_is_sent_whole(#[case] fault: Fault) {
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
    let text = "f RequestResponse {} attempt 1 → 200";
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
    let why = "`TruncateAfter(3)` cannot happen to a body of 0 bytes: it takes at least 4";
    assert!(report.contains(why), "{report}");
}

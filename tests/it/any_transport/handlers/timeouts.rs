//! A function that exceeds its timeout.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{Context, Fault, FunctionError, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::{Value, json};

use super::{EVENT, TAIL, pay};
use crate::panics::{caught, text_of};
use crate::raw::{self};
use crate::transport::FakeLambda;

/// A timeout that tests wait for.
pub(crate) const SHORT: Duration = Duration::from_millis(20);
/// A timeout that is never reached.
const LONG: Duration = Duration::from_secs(600);

pub(crate) fn hangs() -> Reply {
    Reply::handle(async |_: Invocation| pending::<Reply>().await)
}

/// Signals when it is dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A function that hangs, and whether it was dropped.
fn hangs_until_dropped() -> (Reply, Arc<AtomicBool>) {
    let dropped = Arc::new(AtomicBool::new(false));
    let flag = dropped.clone();
    let reply = Reply::handle_json(async move |_: Value, _: Context| {
        let _held = Dropped(flag.clone());
        pending::<Result<(), FunctionError>>().await
    });
    (reply, dropped)
}

#[rstest]
#[case::handler(hangs())]
#[case::typed_handler(hangs_until_dropped().0)]
#[case::delay(Reply::json(json!(1)).delay(LONG))]
#[case::equal_delay(Reply::json(json!(1)).delay(SHORT))]
#[case::function_error(Reply::from(FunctionError::out_of_memory()).delay(LONG))]
#[case::delay_of_a_handler(Reply::handle(async |_: Invocation| json!(1)).delay(LONG))]
#[case::delay_in_a_handler(Reply::handle(async |_: Invocation| Reply::json(json!(1)).delay(LONG)))]
#[case::handler_of_a_handler(Reply::handle(async |_: Invocation| hangs()))]
#[case::blocks(Reply::handle(async |_: Invocation| { thread::sleep(2 * SHORT); json!(1) }))] // longer than the timeout: time is the subject
fn a_late_reply_becomes_the_timeout_of_aws(#[case] reply: Reply) {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(reply.timeout(SHORT));
    let reply = pay(&lambda, "{}");
    let id = reply.field("x-amzn-RequestId").unwrap();
    let payload = format!(
        r#"{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {id} Error: Task timed out after 0.02 seconds"}}"#
    );
    assert_eq!(reply.text(), payload);
    lambda.on("pay").reply(FunctionError::timed_out(SHORT));
    let scripted = pay(&lambda, "{}").masked();
    let head = |reply: &str| reply.split("\r\n\r\n").next().unwrap().to_owned();
    assert_eq!(head(&reply.masked()), head(&scripted));
}

#[rstest]
#[case::handler(Reply::handle(async |_: Invocation| json!(1)))]
#[case::delay(Reply::json(json!(1)).delay(Duration::from_millis(1)))]
#[case::both(Reply::handle(async |_: Invocation| json!(1)).delay(Duration::from_millis(1)))]
fn a_reply_in_time_is_the_same_as_without_a_timeout(#[case] reply: Reply) {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(reply.timeout(LONG));
    assert_eq!(pay(&lambda, "{}").text(), "1");
}

#[test]
fn a_handlers_values_are_dropped_before_the_caller_gets_the_timeout() {
    let lambda = FakeLambda::start();
    let (reply, dropped) = hangs_until_dropped();
    lambda.on("pay").reply(reply.timeout(SHORT));
    pay(&lambda, "{}");
    assert!(dropped.load(Ordering::Acquire));
}

#[test]
fn the_function_of_an_event_is_also_dropped() {
    let lambda = FakeLambda::start();
    let (reply, dropped) = hangs_until_dropped();
    lambda.on("pay").reply(reply.timeout(SHORT));
    assert_eq!(raw::invoke(&lambda, "pay", &[EVENT], "{}").status(), 202);
    lambda.wait_until_idle().block();
    assert!(dropped.load(Ordering::Acquire));
}

#[test]
fn the_log_tail_of_a_timeout_has_the_lines_written_before() {
    let lambda = FakeLambda::start_with(|builder| builder.seed(0));
    let writes = Reply::handle_json(async |_: Value, context: Context| {
        context.log("charging");
        pending::<Result<(), FunctionError>>().await
    });
    lambda.on("pay").reply(writes.timeout(SHORT));
    let reply = raw::invoke(&lambda, "pay", &[TAIL], "{}");
    let tail = STANDARD
        .decode(reply.field("X-Amz-Log-Result").unwrap())
        .unwrap();
    let id = reply.field("x-amzn-RequestId").unwrap();
    let tail = String::from_utf8(tail).unwrap().replace(id, "<id>");
    let (log, report) = tail.split_at(tail.find("REPORT").unwrap());
    assert_eq!(
        log,
        "START RequestId: <id> Version: $LATEST\ncharging\nEND RequestId: <id>\n"
    );
    assert!(
        report.starts_with("REPORT RequestId: <id>\tDuration: 20.00 ms\t"),
        "{report}"
    );
    assert!(report.ends_with("\tStatus: timeout\n"), "{report}");
}

#[test]
fn a_delayed_reply_that_times_out_keeps_its_log_version_and_cold_start() {
    let lambda = FakeLambda::start_with(|builder| builder.seed(0));
    let reply = Reply::json(json!(1)).log("charging").executed_version("7");
    lambda.on("pay").reply(reply.delay(LONG).timeout(SHORT));
    let reply = raw::invoke(&lambda, "pay", &[TAIL], "{}");
    assert_eq!(reply.field("X-Amz-Executed-Version"), Some("7"));
    let tail = STANDARD
        .decode(reply.field("X-Amz-Log-Result").unwrap())
        .unwrap();
    let tail = String::from_utf8(tail).unwrap();
    for part in [
        "Version: 7\n",
        "\ncharging\n",
        "\tInit Duration: ",
        "Status: timeout",
    ] {
        assert!(tail.contains(part), "{part:?} is not in {tail}");
    }
}

#[test]
fn the_journal_shows_a_timeout_as_a_function_error() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(hangs().timeout(SHORT));
    pay(&lambda, "{}");
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 pay RequestResponse {}
      attempt 1 → 200 function error {"errorMessage":"RequestId: <request-id> Error: Task timed out after 0.02 seconds","errorType":"Sandbox.Timedout"}
    "#);
}

#[test]
fn a_panic_is_reported_however_late() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let late = Reply::handle(async |_: Invocation| -> Value {
            thread::sleep(2 * SHORT); // longer than the timeout: time is the subject
            panic!("at last")
        });
        lambda.on("pay").reply(late.timeout(SHORT));
        pay(&lambda, "{}");
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/any_transport/handlers/timeouts.rs:LINE#1) found 1 problem

    error: a handler panicked at call 1: pay RequestResponse {}
      help: fix the panic, or return an `Err` if the function is meant to fail
      handler: written at tests/it/any_transport/handlers/timeouts.rs:LINE#2; the client got 418 FakeLambdaPanicked
      panicked at tests/it/any_transport/handlers/timeouts.rs:LINE#3
        at last

    journal
      1 pay RequestResponse {}
        attempt 1 → 418 FakeLambdaPanicked
    ");
}

#[rstest]
#[case::zero(|| hangs().timeout(Duration::ZERO), "error: `0ns` is not a valid timeout of a function\n  help: use a duration above zero, up to 15 minutes")]
#[case::longer_than_any(|| hangs().timeout(Duration::from_secs(901)), "error: `901s` is not a valid timeout of a function\n  help: use a duration above zero, up to 15 minutes")]
#[case::service_error(|| Reply::error(ServiceError::ServiceException).timeout(SHORT), "error: a service error has no timeout\n  help: use `timeout` with a handler, a payload, a stream or a function error")]
#[case::http(|| Reply::http(502, "").timeout(SHORT), "error: a plain HTTP reply has no timeout\n  help: use `timeout` with a handler, a payload, a stream or a function error")]
#[case::fault(|| Reply::from(Fault::Hang).timeout(SHORT), "error: a fault without a reply has no timeout\n  help: use `timeout` with a handler, a payload, a stream or a function error")]
fn a_timeout_that_a_function_cannot_have_panics_at_its_line(
    #[case] mistake: fn() -> Reply,
    #[case] text: &str,
) {
    let caught = caught(mistake);
    assert_eq!(caught.text, text);
    assert!(caught.file.ends_with("timeouts.rs"), "{}", caught.file);
}

#[test]
fn a_timeout_that_can_never_be_reached_panics_where_it_is_scripted() {
    let lambda = FakeLambda::start();
    let reply = || Reply::json(json!(1)).timeout(SHORT);
    let line = line!() + 1;
    let refused = caught(|| lambda.on("pay").reply(reply()));
    assert_eq!(refused.line, line);
    assert_eq!(
        refused.text,
        "error: `timeout(20ms)` can never be reached: nothing makes this reply late\n  \
         help: reply with `FunctionError::timed_out(..)`, or add a `delay` or `hold`"
    );
    let script = lambda.on("pay").reply(json!(1));
    let line = line!() + 1;
    let refused = caught(|| script.then(reply()));
    assert_eq!(refused.line, line);
    lambda.assert_calls(0);
}

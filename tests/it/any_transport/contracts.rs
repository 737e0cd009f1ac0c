//! The type that a rule expects in its payloads.

use fake_lambda::FunctionError;
use fake_lambda::matchers::payload_partial;
use insta::assert_snapshot;
use serde::Deserialize;
use serde_json::json;

use super::events::EVENT;
use crate::raw;
use crate::text::without_lines;
use crate::transport::FakeLambda;

#[derive(Deserialize)]
#[allow(dead_code, reason = "only deserialized")]
struct Order {
    id: u64,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only deserialized")]
struct Line {
    cents: u64,
}

fn report(lambda: &FakeLambda) -> String {
    without_lines(lambda.try_verify().unwrap_err())
}

#[test]
fn a_payload_that_is_not_valid_is_a_finding_and_its_reply_does_not_change() {
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!({"paid": true}));
    script.expect_payload::<Order>();
    raw::invoke(&lambda, "pay", &[], r#"{"id":7,"lines":[{"cents":1}]}"#);
    lambda.verify();

    let wrong = r#"{"id":8,"lines":[{"cents":1},{"cents":"2"}]}"#;
    let reply = raw::invoke(&lambda, "pay", &[], wrong);
    assert_eq!(reply.body, br#"{"paid":true}"#);
    raw::invoke(&lambda, "pay", &[], wrong);
    raw::invoke(&lambda, "pay", &[], "");
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/any_transport/contracts.rs:LINE#1) found 2 problems

    error: the payloads of calls 2 and 3 are not valid `Order` values: lines[1].cents: invalid type: string "2", expected u64
      help: correct the payload that the client sends, or the type in `expect_payload`
      expected at tests/it/any_transport/contracts.rs:LINE#2
      got: pay RequestResponse {"id":8,"lines":[{"cents":1},{"cents":"2"}]}

    error: the payload of call 4 is not a valid `Order`: missing field `id`
      help: correct the payload that the client sends, or the type in `expect_payload`
      expected at tests/it/any_transport/contracts.rs:LINE#2
      got: pay RequestResponse (empty)

    journal
      1 pay RequestResponse {"id":7,"lines":[{"cents":1}]}
        attempt 1 → 200 {"paid":true}
      2 to 3 (2 equal calls) pay RequestResponse {"id":8,"lines":[{"cents":1},{"cents":"2"}]}
        attempt 1 → 200 {"paid":true}
      4 pay RequestResponse (empty)
        attempt 1 → 200 {"paid":true}
    "#);
    // Each is reported once.
    lambda.verify();
}

#[test]
fn only_payloads_that_the_rule_answers_are_compared() {
    let lambda = FakeLambda::start();
    let any = lambda.on("pay").reply(json!(null));
    any.expect_payload::<Order>();
    let refund = payload_partial(json!({"refund": true}));
    lambda.on("pay").when(refund).reply(json!(null));
    lambda.on("mail").reply(json!(null));
    raw::invoke(&lambda, "pay", &[], r#"{"refund":true}"#);
    raw::invoke(&lambda, "mail", &[], "1");
    lambda.verify();
}

#[test]
fn a_later_expectation_replaces_an_earlier_one() {
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!(null));
    script.expect_payload::<Order>().expect_payload::<u64>();
    raw::invoke(&lambda, "pay", &[], "7");
    lambda.verify();
}

#[test]
fn a_type_that_panics_is_a_finding_with_the_text_of_the_panic() {
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!(null));
    script.expect_payload::<Panicking>();
    raw::invoke(&lambda, "pay", &[], "7");
    raw::invoke(&lambda, "pay", &[], "7");
    assert_snapshot!(report(&lambda), @r"
    fake-lambda (started at tests/it/any_transport/contracts.rs:LINE#1) found 1 problem

    error: the payloads of calls 1 and 2 are not valid `Panicking` values: its `Deserialize` panicked
      help: fix the panic, or return an error instead of panicking
      expected at tests/it/any_transport/contracts.rs:LINE#2
      got: pay RequestResponse 7
      panicked at tests/it/any_transport/contracts.rs:LINE#3
        no order at line 7

    journal
      1 to 2 (2 equal calls) pay RequestResponse 7
        attempt 1 → 200 null
    ");
    lambda.verify();
}

struct Panicking;

impl<'de> Deserialize<'de> for Panicking {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        panic!("no order at line {}", u64::deserialize(from)?)
    }
}

#[test]
fn payloads_that_the_journal_has_dropped_are_a_finding() {
    let lambda = FakeLambda::start_with(|builder| builder.journal_calls(1));
    let script = lambda.on("pay").reply(json!(null));
    script.expect_payload::<Order>();
    let valid = r#"{"id":7,"lines":[]}"#;
    for payload in ["1", "2", valid] {
        raw::invoke(&lambda, "pay", &[], payload);
        lambda.wait_until_idle().block();
    }
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/any_transport/contracts.rs:LINE#1) found 1 problem

    error: cannot check 2 payloads for `Order`: the journal has dropped them
      help: raise its limit with `FakeLambda::builder().journal_calls(..)`
      expected at tests/it/any_transport/contracts.rs:LINE#2

    journal
      … 2 calls before
      3 pay RequestResponse {"id":7,"lines":[]}
        attempt 1 → 200 null
    the journal has dropped 2 calls (raise `FakeLambda::builder().journal_calls(..)`); counts without `matching(..)` are exact
    "#);
    // A payload that was checked before it was dropped is not reported.
    raw::invoke(&lambda, "pay", &[], valid);
    lambda.wait_until_idle().block();
    lambda.verify();
}

#[test]
fn an_event_that_the_rule_executes_but_did_not_accept_is_compared() {
    let lambda = FakeLambda::start();
    let failure = FunctionError::new("ValueError", "busy");
    lambda.on("pay").reply(json!(1)).expect_payload::<Order>();
    lambda.on("pay").reply(failure.clone()).times(1);
    lambda
        .on("note")
        .reply(failure)
        .then(json!(2))
        .expect_payload::<Order>();
    let config = lambda.event_invoke_config("pay");
    config.on_success("arn:aws:lambda:us-east-1:123456789012:function:note");
    raw::invoke(&lambda, "pay", &[EVENT], r#"{"id":"7"}"#);
    lambda.settle_events().block();
    assert_snapshot!(report(&lambda), @r#"
    fake-lambda (started at tests/it/any_transport/contracts.rs:LINE#1) found 2 problems

    error: the payload of call 1 is not a valid `Order`: id: invalid type: string "7", expected u64
      help: correct the payload that the client sends, or the type in `expect_payload`
      expected at tests/it/any_transport/contracts.rs:LINE#2
      got: pay Event {"id":"7"}

    error: the payload of the record of call 1 is not a valid `Order`: missing field `id`
      help: correct the type in `expect_payload`; the function gets the record of an event
      expected at tests/it/any_transport/contracts.rs:LINE#3
      got: note Event {"requestContext":{"approximateInvokeCount":2,"condition":"S… (363 bytes)

    journal
      1 pay Event {"id":"7"}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"busy","errorType":"ValueError"}
          execution 2 after 1m → 200 1
          Success, record to arn:aws:lambda:us-east-1:123456789012:function:note
          record to note
            execution 1 → 200 function error {"errorMessage":"busy","errorType":"ValueError"}
            execution 2 after 1m → 200 2
            Success
    "#);
    // Each is reported once.
    lambda.verify();
}

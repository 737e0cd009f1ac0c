//! Failure messages about faults, requests that are not Invoke requests, and a builder's start.

use fake_lambda::matchers::{attempt, payload_partial};
use fake_lambda::{FakeLambda, Fault, Gate, Invocation, Reply, ServiceError};
use insta::assert_snapshot;
use serde_json::json;

use crate::any_transport::verification::ask;
use crate::any_transport::verification::places::places_of;
use crate::panics::text_of;
use crate::raw::{self, Client};
use crate::text::Places;

#[test]
fn requests_that_are_not_supported() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let send = |line: &str| {
            let mut client = Client::connect(&lambda);
            client.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes());
            client.read_reply();
        };
        send("GET /2015-03-31/functions");
        send("POST /2014-11-13/functions/pay/invoke-async");
        raw::invoke(&lambda, "pay", &[], "{\"order\": ");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/verification.rs:LINE#1) found 3 problems

    error: journal entry 1 was not an Invoke request and got 403 AccessDeniedException: GET /2015-03-31/functions
      help: find the client that sends this; only `Invoke` and `InvokeWithResponseStream` are faked

    error: journal entry 2 used `InvokeAsync`, which is not faked, and got 501 FakeLambdaNotFaked: pay
      help: call `Invoke`, or keep this request out of the test

    error: call 3 is not a request that Lambda accepts, and got 400 InvalidRequestContentException: pay RequestResponse {"order": 
      help: send a payload that is valid JSON, or add `lambda.on("pay").reply(..)` if the test expects this refusal
      AWS says: Could not parse request body into json: Could not parse payload into json: Unexpected end-of-input within/between Object entries at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 11]

    journal
      1 GET /2015-03-31/functions
        → 403 AccessDeniedException (not an Invoke request)
      2 pay
        → 501 FakeLambdaNotFaked (InvokeAsync is not faked)
      3 pay RequestResponse {"order": 
        attempt 1 → 400 InvalidRequestContentException
    "#);
}

#[test]
fn each_condition_of_each_rule_is_named() {
    let text = places_of(|places| {
        places.next("fake", "start()");
        let lambda = FakeLambda::builder().start();
        places.next("older rule", "on(");
        let rule = lambda.on("pay");
        places.next("older condition", "attempt(");
        let rule = rule.when(attempt(2));
        places.next("closure", "when(");
        let rule = rule.when(|call: &Invocation| call.payload_len() > 100);
        rule.reply(json!(1));
        places.next("newer rule", "on(");
        let rule = lambda.on("pay");
        places.next("newer condition", "payload_partial(");
        let rule = rule.when(payload_partial(json!({"id": 7})));
        rule.reply(json!(2));
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r#"
    fake-lambda (started at <fake>) found 1 problem
      nearest rule: `pay` with 1 condition, scripted at <newer rule>
        ✗ payload_partial({"id":7}): `$.id` expected 7, got "7" (<newer condition>)
      another rule: `pay` with 2 conditions, scripted at <older rule>
        ✗ attempt(2): the client sent no `amz-sdk-request` header (<older condition>)
        ✗ closure returned false (<closure>)
    "#);
}

#[test]
fn a_rule_whose_fault_could_not_fire_is_named() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        lambda.on("mail").reply(json!(1));
        let error = Reply::error(ServiceError::ServiceException).fault(Fault::TruncateAfter(1000));
        places.next("rule", "on(");
        lambda.on("pay").reply(error);
        ask(&lambda, "pay");
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 1 problem
      rule: `pay`, scripted at <rule>
    ");
}

#[test]
fn a_rule_with_an_unreachable_fault_and_the_newer_one_are_distinguished() {
    let text = places_of(|places| {
        places.next("fake", "FakeLambda::start");
        let lambda = FakeLambda::start();
        lambda.alias("mail:live", "7");
        places.next("undeclared", "on(");
        lambda.on("mail:beta").reply(Fault::Reset);
        places.next("older", "on(");
        lambda.on("pay").reply(json!(1)).then(Fault::Reset);
        ask(&lambda, "pay");
        places.next("newer", "on(");
        lambda.on("pay").reply(json!(1));
    });
    assert_snapshot!(text, @r"
    fake-lambda (started at <fake>) found 2 problems
      rule: `mail:beta`, scripted at <undeclared>
      rule: `pay`, scripted at <older>
      newer rule: `pay`, scripted at <newer>
    ");
}

#[test]
fn printed_values_name_their_location() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let mut places = Places::default();
    places.next("rule", "on(");
    let rule = lambda.on("pay");
    places.next("condition", "attempt(");
    let condition = attempt(1);
    places.next("script", "on_any(");
    let script = lambda.on_any().reply(json!(1));
    places.next("constraint", "pending(");
    let constraint = lambda.pending("pay", 1);
    places.next("wait", "wait_for_calls(");
    let wait = lambda.wait_for_calls(1);
    places.next("gate", "Gate::new()");
    let gate = Gate::new();
    places.next("outage", "outage()");
    let outage = lambda.outage();
    let text = format!(
        "{rule:?}\n{condition:?}\n{script:?}\n{constraint:?}\n{wait:?}\n{gate:?}\n{outage:?}"
    );
    assert_snapshot!(places.lines(text), @r#"
    Rule { target: Some(Target { region: None, account: None, name: "pay", qualifier: None }), written_at: <rule>, .. }
    Condition { label: "attempt(1)", written_at: <condition>, .. }
    Script { rule: "any function, scripted at <script>", .. }
    Constraint { constraint: pending("pay", ..), written_at: <constraint>, .. }
    Wait { what: "for 1 call", made_at: <wait>, .. }
    Gate { made_at: <gate>, open: false, held: 0 }
    Outage { begun_at: <outage>, .. }
    "#);
}

/// In memory, a handler cannot run while the thread of its runtime drops the fake.
#[test]
fn a_panic_of_an_event_handler_is_reported_at_an_immediate_drop() {
    for _ in 0..20 {
        let dropped = crate::panics::caught(|| {
            let lambda = FakeLambda::start();
            lambda
                .on("f")
                .handle(async |_: Invocation| -> serde_json::Value { panic!("no such order") });
            raw::invoke(&lambda, "f", &["X-Amz-Invocation-Type: Event"], "{}");
        });
        assert!(
            dropped.text.contains("error: a handler panicked"),
            "{}",
            dropped.text
        );
    }
}

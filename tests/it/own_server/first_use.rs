//! Mistakes of a test's author who uses the crate for the first time: each message names the change
//! to make.

use std::time::Duration;

use aws_sdk_lambda::types::InvocationType;
use fake_lambda::matchers::attempt;
use fake_lambda::{
    Chaos, EventsRun, FakeLambda, FunctionError, Hit, Reply, Script, ServiceError, sdk_client,
};
use serde_json::json;

use super::advice::{invoke, post, red, red_async};
use crate::waits::SendInTime as _;

const SOON: Duration = Duration::from_millis(5);

/// Sends one Event with a plain HTTP client.
fn send_event(lambda: &FakeLambda) {
    post(lambda, "mail", &["X-Amz-Invocation-Type: Event"], "{}");
}

fn busy() -> FunctionError {
    FunctionError::new("Busy", "try again")
}

/// The script of a fake that does not outlive the function.
fn set_up_and_drop() -> Script {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1))
}

#[test]
fn an_assertion_about_a_fake_that_was_dropped_before_the_call() {
    let text = red(|| set_up_and_drop().assert_calls(1));
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 1 call answered by this rule, got none
      help: keep the `FakeLambda` in a variable until the end of the test; it was dropped before any request arrived
      rule: `pay`, scripted at tests/it/own_server/first_use.rs:LINE#1

    journal: empty, no request arrived
    ");
}

#[test]
fn an_expected_call_that_is_a_dry_run() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").reply(json!(1));
        post(&lambda, "pay", &["X-Amz-Invocation-Type: DryRun"], "{}");
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 1 call answered by this rule, got none
      help: send call 1 without the invocation type DryRun, or count it with `lambda.seen("pay")`; a DryRun gets 204 and consumes no step
      rule: `pay`, scripted at tests/it/own_server/first_use.rs:LINE#1
      got: call 1: pay DryRun {} → 204

    journal
      1 pay DryRun {}
        attempt 1 → 204
    "#);
}

#[test]
fn a_condition_on_a_retry_that_does_not_happen() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let conflict = ServiceError::ResourceConflictException;
        lambda.on("pay").when(attempt(1)).reply(conflict);
        let script = lambda.on("pay").when(attempt(2)).reply(json!(1));
        invoke(&client, "pay", "{}").await;
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#4
    error: expected 1 call answered by this rule, got none
      help: script an error that the client retries; it does not retry 409 ResourceConflictException
      rule: `pay` with 1 condition, scripted at tests/it/own_server/first_use.rs:LINE#2
        ✗ attempt(2): expected attempt 2, got 1 (tests/it/own_server/first_use.rs:LINE#3)
      got: call 1 was answered by `pay`, scripted at tests/it/own_server/first_use.rs:LINE#1: pay RequestResponse {} → 409 ResourceConflictException

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 409 ResourceConflictException
    ");
}

#[test]
fn a_hit_for_another_payload() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda.on("pay").reply(json!(1));
        let hit = Hit::new("pay", 1, ServiceError::ServiceException);
        lambda.chaos(Chaos::replay([hit.keyed_by_payload(r#"{"order":9}"#)]));
        invoke(&client, "pay", r#"{"order":7}"#).await;
        lambda.seen("pay").assert_attempts(2);
    });
    insta::assert_snapshot!(text, @r##"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 2 attempts to `pay`, got 1
      help: correct the target, the attempt or the payload of `Hit::new("pay", 1, ServiceError::ServiceException).keyed_by_payload(r#"{"order":9}"#)` in the chaos started at tests/it/own_server/first_use.rs:LINE#1, or expect 1 attempt; this hit did not happen

    journal
      1 pay RequestResponse {"order":7}
        attempt 1/3 → 200 1
    "##);
}

#[test]
fn a_wait_for_calls_that_counts_retries() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda.on("pay").reply(ServiceError::ServiceException);
        invoke(&client, "pay", "{}").await;
        lambda.seen("pay").wait_for_calls(3).within(SOON).await;
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: waited 5ms for 3 calls to `pay`, got 1
      help: use `wait_for_attempts(3)` to count retries, or make 2 more calls before the deadline
      a retry is not a separate call
      wait created at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 500 ServiceException
        attempt 2/3 → 500 ServiceException
        attempt 3/3 → 500 ServiceException
    ");
}

#[test]
fn a_wait_for_a_rule_whose_calls_a_more_specific_one_answers() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").reply(json!(1));
        lambda.on("pay:live").reply(json!(2));
        post(&lambda, "pay:live", &[], "{}");
        script.wait_for_calls(1).within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#3
    error: waited 5ms for 1 call answered by the rule for `pay`, got none
      help: wait for the more specific rule at tests/it/own_server/first_use.rs:LINE#1, or remove it
      got: call 1 was answered by the more specific rule
      wait created at tests/it/own_server/first_use.rs:LINE#2

    journal
      1 pay:live RequestResponse {}
        attempt 1 → 200 2
    ");
}

#[test]
fn a_wait_for_more_chunks_than_the_stream_has() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda.on("chat").reply(Reply::stream(["Hel", "lo"]));
        let call = client.invoke_with_response_stream().function_name("chat");
        let mut stream = call.send().await.unwrap().event_stream;
        while stream.recv().await.unwrap().is_some() {}
        lambda.wait_until_idle().await;
        lambda.seen("chat").wait_for_chunks(3).within(SOON).await;
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: waited 5ms for 3 chunks sent by `chat`, got 2
      help: script 1 more chunk, or wait for 2 chunks; every stream has ended
      wait created at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 chat RequestResponse streamed (empty)
        attempt 1/3 → 200 stream, 2 chunks: Hello
    ");
}

#[test]
fn more_executions_than_expected() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("mail").reply(busy());
        send_event(&lambda);
        lambda.settle_events().block();
        script.assert_executions(2);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 2 executions of this rule, got 3
      help: lower `maximum_retry_attempts(..)` in `event_invoke_config("mail")`, script fewer errors, or expect 3 executions
      rule: `mail`, scripted at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          execution 2 after 1m → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          execution 3 after 3m → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          RetriesExhausted
    "#);
}

#[test]
fn more_executions_than_expected_of_events_that_run_by_themselves() {
    let text = red(|| {
        let lambda = FakeLambda::builder().events_run(EventsRun::Auto).start();
        let script = lambda.on("mail").reply(busy()).then(json!(1));
        send_event(&lambda);
        lambda.advance(Duration::from_secs(30)).block();
        script.assert_executions(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 1 execution of this rule, got 2
      help: remove `events_run(EventsRun::Auto)`, with which each event runs until it ends, or expect 2 executions
      rule: `mail`, scripted at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          execution 2 after 1m → 200 1
          Success
    "#);
}

#[test]
fn executions_of_a_call_that_is_not_an_event() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("mail").reply(json!(1));
        post(&lambda, "mail", &[], "{}");
        script.assert_executions(1);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 1 execution of this rule, got none
      help: set the invocation type Event, or count with `assert_attempts(1)`; only events have executions
      rule: `mail`, scripted at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 mail RequestResponse {}
        attempt 1 → 200 1
    ");
}

#[test]
fn an_error_that_the_caller_of_an_event_got() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let throttled = ServiceError::TooManyRequestsException;
        let script = lambda.on("mail").reply(throttled).then(json!(1));
        let event = client.invoke().function_name("mail");
        let event = event.invocation_type(InvocationType::Event);
        event.send_in_time().await.unwrap();
        lambda.settle_events().await;
        script.assert_executions(2);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 2 executions of this rule, got 1
      help: add `.in_queue()` to the scripted error, which the caller of call 1 got in place of a 202, or expect 1 execution
      rule: `mail`, scripted at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 mail Event (empty)
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 202
          execution 1 → 200 1
          Success
    ");
}

#[test]
fn an_expected_dead_letter_of_an_event_that_succeeds() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("mail").reply(busy()).then(json!(1));
        let config = lambda.event_invoke_config("mail");
        config.dead_letter_queue("arn:aws:sqs:us-east-1:123456789012:dead");
        send_event(&lambda);
        lambda.settle_events().block();
        script.assert_dead_lettered(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: expected 1 dead-lettered event of this rule, got none
      help: script an error for every execution, or assert success: `assert_delivered(1)`
      rule: `mail`, scripted at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          execution 2 after 1m → 200 1
          Success
    "#);
}

#[test]
fn a_dead_letter_queue_of_another_qualifier() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("mail").reply(busy());
        let config = lambda.event_invoke_config("mail:live");
        config.dead_letter_queue("arn:aws:sqs:us-east-1:123456789012:dead");
        send_event(&lambda);
        lambda.settle_events().block();
        script.assert_dead_lettered(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/first_use.rs:LINE#3
    error: expected 1 dead-lettered event of this rule, got none
      help: call `mail:live`, or write `event_invoke_config("mail")` at tests/it/own_server/first_use.rs:LINE#2
      rule: `mail`, scripted at tests/it/own_server/first_use.rs:LINE#1

    journal
      1 mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          execution 2 after 1m → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          execution 3 after 3m → 200 function error {"errorMessage":"try again","errorType":"Busy"}
          RetriesExhausted
    "#);
}

#[test]
fn a_destination_without_a_rule() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("mail").reply(json!(1));
        let config = lambda.event_invoke_config("mail");
        config.on_success("arn:aws:lambda:us-east-1:123456789012:function:audit");
        send_event(&lambda);
        lambda.settle_events().block();
        lambda.seen("audit").assert_delivered(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/first_use.rs:LINE#1
    error: expected 1 delivered event of `audit`, got none
      help: script the function: `lambda.on("audit").reply(..)`

    journal
      1 mail Event {}
        attempt 1 → 202
          execution 1 → 200 1
          Success, record to arn:aws:lambda:us-east-1:123456789012:function:audit
          record to audit
            executions 1 to 80, from 0s to 5h 58m 31s → 404 ResourceNotFoundException (unscripted)
            EventAgeExceeded
    "#);
}

#[test]
#[cfg(feature = "in-memory")]
fn a_retry_of_an_event_in_real_time() {
    let text = red(|| {
        let builder = FakeLambda::builder().events_run(EventsRun::TokioClock);
        let lambda = builder.start();
        lambda.on("mail").reply(busy()).then(json!(1));
        send_event(&lambda);
        lambda.wait_until_idle().block();
        lambda.settle_events().within(SOON).block();
    });
    let text = text.split("\n\n").next().unwrap();
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/first_use.rs:LINE#2
    error: waited 5ms for every accepted event to end, but 1 accepted event has not ended
      help: remove `events_run(EventsRun::TokioClock)`, with which each retry takes real time unless tokio's clock is paused
      wait created at tests/it/own_server/first_use.rs:LINE#1
    ");
}

#[test]
fn a_key_that_no_payload_has() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1));
        for order in [7, 8] {
            post(&lambda, "pay", &[], &json!({"order": order}).to_string());
        }
        lambda.assert_no_duplicates_by(|invocation| invocation.payload_json()["order_id"].clone());
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/first_use.rs:LINE#1
    error: `pay` did the same work 2 times
      help: correct the key: it is `null` for each of these requests
      pay null: call 1, attempt 1; call 2, attempt 1

    journal
      1 pay RequestResponse {"order":7}
        attempt 1 → 200 1
      2 pay RequestResponse {"order":8}
        attempt 1 → 200 1
    "#);
}

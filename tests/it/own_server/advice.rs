//! Mistakes whose cause is not obvious: each message names the actual cause.

use std::time::Duration;

use aws_sdk_lambda::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use fake_lambda::matchers::{payload_is, payload_partial};
use fake_lambda::{
    Chaos, Context, FakeLambda, Fault, FunctionError, Gate, Reply, ServiceError, sdk_client,
};
use serde_json::json;

use crate::panics::{caught, help_of};
use crate::raw::{self, Client};
use crate::text::without_lines;
use crate::waits::SendInTime as _;

/// The number of lines within which a message must name a line of the test and the change to make.
const FIRST: usize = 6;

const SOON: Duration = Duration::from_millis(5);

/// The message that the test's author reads: its first lines name a line of the test and the change
/// to make.
#[track_caller]
pub(super) fn red(test: impl FnOnce()) -> String {
    let shown = without_lines(caught(test).shown());
    let first: Vec<&str> = shown.lines().take(FIRST).collect();
    let first = first.join("\n");
    let file = std::panic::Location::caller().file();
    assert!(first.contains(file), "no line of the test:\n{shown}");
    assert!(first.contains("  help: "), "no change to make:\n{shown}");
    shown
}

/// The message of a failing async test, checked as in [`red`].
#[track_caller]
pub(super) fn red_async(test: impl Future<Output = ()>) -> String {
    red(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(test);
    })
}

/// Makes one call with the SDK; returns `true` if it succeeds.
pub(super) async fn invoke(client: &aws_sdk_lambda::Client, function: &str, payload: &str) -> bool {
    let call = client.invoke().function_name(function);
    let payload = aws_sdk_lambda::primitives::Blob::new(payload);
    call.payload(payload).send_in_time().await.is_ok()
}

/// One call by a plain HTTP client, with these lines in its head.
pub(super) fn post(lambda: &FakeLambda, function: &str, fields: &[&str], payload: &str) {
    raw::invoke(lambda, function, fields, payload);
}

/// A fake that answers for every function.
fn willing() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!({"ok": true}));
    lambda
}

#[test]
fn a_rule_that_a_newer_one_shadows() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize")
            .when(payload_partial(json!({"sku": "a"})))
            .reply(json!(1))
            .expect_calls(1);
        lambda.on("resize").reply(json!(2));
        for sku in ["a", "b"] {
            post(&lambda, "resize", &[], &json!({"sku": sku}).to_string());
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `resize` expected 1 call, got none
      help: script this rule after the newer one at tests/it/own_server/advice.rs:LINE#3
      rule: `resize` when payload_partial({"sku":"a"}), scripted at tests/it/own_server/advice.rs:LINE#2
      got: call 1 was answered by the newer rule, which takes precedence: resize RequestResponse {"sku":"a"} → 200 2

    journal
      1 resize RequestResponse {"sku":"a"}
        attempt 1 → 200 2
      2 resize RequestResponse {"sku":"b"}
        attempt 1 → 200 2
    "#);
}

#[test]
fn a_call_that_reserved_concurrency_rejects() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1)).expect_calls(1);
        lambda.reserve_concurrency("resize", 0);
        post(&lambda, "resize", &[], "{}");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `resize` expected 1 call, got none
      help: raise `reserve_concurrency("resize", 0)`, or count rejected attempts with `.refused()` of this constraint
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#2
      got: call 1 was rejected with 429 TooManyRequestsException by the constraint set at tests/it/own_server/advice.rs:LINE#3 (reserved concurrency 0)

    journal
      1 resize RequestResponse {}
        attempt 1 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 0)
    "#);
}

#[test]
fn a_call_of_a_function_that_is_pending() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(json!(1));
        lambda.pending("resize", 1);
        post(&lambda, "resize", &[], "{}");
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#3
    error: expected 1 call answered by this rule, got none
      help: retry the call after 409 ResourceConflictException, because SDKs do not, or lower the number in `pending("resize", ..)`
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1
      got: call 1 was rejected with 409 ResourceConflictException by the constraint set at tests/it/own_server/advice.rs:LINE#2 (pending)

    journal
      1 resize RequestResponse {}
        attempt 1 → 409 ResourceConflictException (pending)
    "#);
}

#[test]
fn a_call_without_the_tenant_id_that_its_function_requires() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(json!(1));
        lambda.require_tenant_id("resize");
        post(&lambda, "resize", &[], "{}");
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#3
    error: expected 1 call answered by this rule, got none
      help: set the tenant id of the call, or remove `require_tenant_id("resize")`
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1
      got: call 1 was rejected with 400 InvalidParameterValueException by the constraint set at tests/it/own_server/advice.rs:LINE#2 (no tenant id)

    journal
      1 resize RequestResponse {}
        attempt 1 → 400 InvalidParameterValueException (no tenant id)
    "#);
}

#[test]
fn a_call_of_a_durable_function_without_a_qualifier() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(json!(1));
        lambda.durable("resize");
        post(&lambda, "resize", &[], "{}");
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#3
    error: expected 1 call answered by this rule, got none
      help: call a version or an alias, or remove `durable("resize")`
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1
      got: call 1 was rejected with 400 InvalidParameterValueException by the constraint set at tests/it/own_server/advice.rs:LINE#2 (durable, no qualifier)

    journal
      1 resize RequestResponse {}
        attempt 1 → 400 InvalidParameterValueException (durable, no qualifier)
    "#);
}

#[test]
fn a_call_that_chaos_hits() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(json!(1));
        lambda.chaos(Chaos::seeded(7).every_nth(1, ServiceError::ServiceException));
        post(&lambda, "resize", &[], "{}");
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#3
    error: expected 1 call answered by this rule, got none
      help: turn on the client's retries, or call `stop()` on the chaos before the call
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1
      got: call 1 was hit by the chaos started at tests/it/own_server/advice.rs:LINE#2: resize RequestResponse {} → 500 ServiceException (chaos: every_nth 1)

    journal
      1 resize RequestResponse {}
        attempt 1 → 500 ServiceException (chaos: every_nth 1)
    ");
}

#[test]
fn a_call_of_an_alias_that_was_not_declared() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.alias("resize:live", "7");
        let script = lambda.on("resize").reply(json!(1));
        post(&lambda, "resize:beta", &[], "{}");
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected 1 call answered by this rule, got none
      help: declare the qualifier: `lambda.alias("resize:beta", ..)`
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1
      got: call 1 named a qualifier that was not declared: resize:beta RequestResponse {} → 404 ResourceNotFoundException (qualifier not declared)

    journal
      1 resize:beta RequestResponse {}
        attempt 1 → 404 ResourceNotFoundException (qualifier not declared)
    "#);
}

#[test]
fn a_rule_that_was_scripted_after_the_call() {
    let text = red(|| {
        let lambda = FakeLambda::builder().allow_unscripted().start();
        post(&lambda, "resize", &[], "{}");
        let script = lambda.on("resize").reply(json!(1));
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected 1 call answered by this rule, got none
      help: script this rule before call 1
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1
      got: call 1: resize RequestResponse {} → 404 ResourceNotFoundException (unscripted)

    journal
      1 resize RequestResponse {}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    ");
}

#[test]
fn a_typo_in_an_event_invoke_config() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("send-mail")
            .reply(FunctionError::new("Bounced", "no such address"));
        lambda
            .event_invoke_config("send-mial")
            .dead_letter_queue("arn:aws:sqs:us-east-1:123456789012:lost");
        post(
            &lambda,
            "send-mail",
            &["X-Amz-Invocation-Type: Event"],
            "{}",
        );
        lambda.settle_events().block();
        lambda.assert_dead_lettered(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected 1 dead-lettered event, got none
      help: change `send-mial` to `send-mail` in `event_invoke_config("send-mial")`, set at tests/it/own_server/advice.rs:LINE#1

    journal
      1 send-mail Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          execution 2 after 1m → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          execution 3 after 3m → 200 function error {"errorMessage":"no such address","errorType":"Bounced"}
          RetriesExhausted
    "#);
}

#[test]
fn a_typo_in_other_settings() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("send-mail").reply(json!(1));
        lambda.alias("send-mial:live", "7");
        lambda.publish_version("sendmail:7");
        lambda.deny("send-mails");
        lambda.event_invoke_config("send-mai").queue_capacity(1);
        post(&lambda, "send-mail", &[], "{}");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 4 problems

    error: `alias("send-mial:live")` had no effect: no call or rule names `send-mial`
      help: change the name to `send-mail`, or remove this setting
      set at tests/it/own_server/advice.rs:LINE#2

    error: `publish_version("sendmail:7")` had no effect: no call or rule names `sendmail`
      help: change the name to `send-mail`, or remove this setting
      set at tests/it/own_server/advice.rs:LINE#3

    error: `deny("send-mails")` had no effect: no call or rule names `send-mails`
      help: change the name to `send-mail`, or remove this setting
      set at tests/it/own_server/advice.rs:LINE#4

    error: `event_invoke_config("send-mai")` had no effect: no call or rule names `send-mai`
      help: change the name to `send-mail`, or remove this setting
      set at tests/it/own_server/advice.rs:LINE#5

    journal
      1 send-mail RequestResponse {}
        attempt 1 → 200 1
    "#);
}

#[test]
fn settings_without_a_typo_are_not_reported() {
    let lambda = FakeLambda::start();
    lambda.on("order-1").reply(json!(1));
    lambda.alias("order-2:live", "7"); // differs only in a digit
    lambda.alias("payment:live", "7"); // similar to no other name
    lambda.on("resize").reply(json!(1));
    lambda.alias("resize:live", "7");
    lambda.alias("resizer:live", "7"); // both are set
    lambda.deny("resize:old");
    lambda.assert_calls(0);
    lambda.verify();
}

/// A fake with settings of which each test of a suite uses only some.
fn with_settings_of_a_shared_helper() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.deny("set-user");
    lambda.alias("create-order:live", "7");
    lambda
        .event_invoke_config("archive-orders")
        .queue_capacity(1);
    lambda.reserve_concurrency("resize", 2);
    lambda.pending("get-users", 1);
    lambda.pending("get-user", 1);
    lambda.updating("update-order", 1);
    lambda.chaos(Chaos::new().every_nth(9, Fault::Reset).on("refund"));
    lambda
}

#[test]
fn a_setting_for_a_function_that_the_test_does_not_use_is_not_reported() {
    let lambda = with_settings_of_a_shared_helper();
    lambda.verify(); // no call and no rule
    for function in ["get-user", "delete-order", "archive"] {
        lambda.on(function).reply(json!(1));
        post(&lambda, function, &[], "{}");
    }
    lambda.verify();
}

#[test]
fn a_setting_for_a_function_that_the_test_asks_about_is_not_reported() {
    let lambda = FakeLambda::start();
    lambda.on("send-mail").reply(json!(1));
    let denied = lambda.deny("send-mails");
    let reserved = lambda.reserve_concurrency("sendmail", 1);
    lambda.updating("sent-mail", 1);
    lambda.chaos(Chaos::new().every_nth(9, Fault::Reset).on("send-mai"));
    post(&lambda, "send-mail", &[], "{}");
    assert_eq!((denied.refused(), reserved.peak()), (0, 0));
    lambda.seen("sent-mail").assert_calls(0);
    assert!(lambda.seen("send-mai").calls().is_empty());
    lambda.verify();
}

#[test]
fn a_typo_in_a_constraint_or_chaos_is_reported_if_the_test_does_not_ask() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("send-mail").reply(json!(1));
        lambda.on("pay:live").reply(json!(1));
        lambda.reserve_concurrency("sendmail", 1);
        lambda.updating("pay:beta", 1); // another qualifier of a function with a rule
        lambda.chaos(Chaos::new().every_nth(9, Fault::Reset).on("send-mai"));
        post(&lambda, "send-mail", &[], "{}");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 3 problems

    error: the chaos started at tests/it/own_server/advice.rs:LINE#4 can never hit `send-mai`: no rule matches it
      help: did you mean `send-mail`? otherwise script `lambda.on("send-mai").reply(..)`

    error: the constraint `reserve_concurrency("sendmail", ..)` can never apply: no rule matches `sendmail`
      help: did you mean `send-mail`? otherwise script `lambda.on("sendmail").reply(..)`
      set at tests/it/own_server/advice.rs:LINE#2

    error: the constraint `updating("pay:beta", ..)` can never apply: no rule matches `pay:beta`
      help: correct the name, or script `lambda.on("pay:beta").reply(..)`
      set at tests/it/own_server/advice.rs:LINE#3

    journal
      1 send-mail RequestResponse {}
        attempt 1 → 200 1
    chaos hit nothing
    "#);
}

#[test]
fn a_gate_without_a_reply() {
    let text = red(|| {
        let lambda = willing();
        let gate = Gate::new();
        post(&lambda, "resize", &[], "{}");
        gate.reached(1).within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#3
    error: waited 5ms for 1 reply at a gate, got none
      help: hold a reply at this gate: `Reply::json(..).hold(&gate)`; no reply uses this gate
      gate created at tests/it/own_server/advice.rs:LINE#1
      wait created at tests/it/own_server/advice.rs:LINE#2
    ");
}

#[test]
fn a_gate_whose_function_is_not_called() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
        gate.reached(1).within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#3
    error: waited 5ms for 1 reply at a gate, got none
      help: call the function whose reply this gate holds, and check that the client uses `lambda.endpoint_url()` and runs while the test waits
      gate created at tests/it/own_server/advice.rs:LINE#1
      wait created at tests/it/own_server/advice.rs:LINE#2
    ");
}

#[test]
fn a_wait_for_calls_with_a_closed_gate() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        let script = lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
        let mut client = Client::connect(&lambda);
        client.send_invoke("resize", &[], "{}");
        gate.reached(1).block();
        script.wait_for_calls(1).within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#4
    error: waited 5ms for 1 call answered by the rule for `resize`, got none, but a closed gate holds call 1
      help: call `gate.open()` before this wait
      gate created at tests/it/own_server/advice.rs:LINE#1, used by `resize`, scripted at tests/it/own_server/advice.rs:LINE#2
      wait created at tests/it/own_server/advice.rs:LINE#3

    journal
      1 resize RequestResponse {}
        attempt 1 → held by a gate
    ");
}

#[test]
fn a_wait_for_idleness_with_a_closed_gate() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
        let mut client = Client::connect(&lambda);
        client.send_invoke("resize", &[], "{}");
        gate.reached(1).block();
        lambda.wait_until_idle().within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#4
    error: waited 5ms for the fake to become idle, but a closed gate holds call 1
      help: call `gate.open()` before this wait
      gate created at tests/it/own_server/advice.rs:LINE#1, used by `resize`, scripted at tests/it/own_server/advice.rs:LINE#2
      wait created at tests/it/own_server/advice.rs:LINE#3

    journal
      1 resize RequestResponse {}
        attempt 1 → held by a gate
    ");
}

#[test]
fn a_wait_whose_client_has_another_endpoint() {
    let text = red(|| {
        let lambda = willing();
        lambda.wait_for_calls(1).within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: waited 5ms for 1 call, got none
      help: check that the client uses `lambda.endpoint_url()`, and that it runs while the test waits
      wait created at tests/it/own_server/advice.rs:LINE#1

    journal: empty, no request arrived
    ");
}

#[test]
fn a_wait_for_a_dropped_fake() {
    let text = red(|| {
        let lambda = willing();
        let waiting = lambda.wait_for_calls(1);
        drop(lambda);
        waiting.block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: waited for 1 call, but the fake was dropped
      help: keep the `FakeLambda` alive until the wait ends
      wait created at tests/it/own_server/advice.rs:LINE#1

    journal: empty, no request arrived
    ");
}

#[test]
fn a_retry_quota_that_is_spent() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = few_tokens(&lambda);
        let script = lambda
            .on("resize")
            .reply(ServiceError::TooManyRequestsException);
        let _ = invoke(&client, "resize", "{}").await;
        script.assert_attempts(20);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected 20 attempts answered by this rule, got 11
      help: raise the client's retry quota (its `TokenBucket`) or the timeout of the whole call, script fewer errors, or expect 11 attempts; the client retried 429 TooManyRequestsException before, and stopped after attempt 11/20 of call 1
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1

    journal
      1 resize RequestResponse {}
        attempt 1/20 → 429 TooManyRequestsException
        attempt 2/20 → 429 TooManyRequestsException
        attempt 3/20 → 429 TooManyRequestsException
        attempt 4/20 → 429 TooManyRequestsException
        attempt 5/20 → 429 TooManyRequestsException
        attempt 6/20 → 429 TooManyRequestsException
        attempt 7/20 → 429 TooManyRequestsException
        attempt 8/20 → 429 TooManyRequestsException
        attempt 9/20 → 429 TooManyRequestsException
        attempt 10/20 → 429 TooManyRequestsException
        attempt 11/20 → 429 TooManyRequestsException
    ");
}

#[test]
fn a_retry_quota_that_another_call_spent() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = few_tokens(&lambda);
        lambda
            .on("resize")
            .reply(ServiceError::TooManyRequestsException);
        let script = lambda
            .on("rotate")
            .reply(ServiceError::TooManyRequestsException);
        let _ = invoke(&client, "resize", "{}").await;
        let _ = invoke(&client, "rotate", "{}").await;
        script.assert_attempts(20);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected 20 attempts answered by this rule, got 1
      help: raise the client's retry quota (its `TokenBucket`) or the timeout of the whole call, script fewer errors, or expect 1 attempt; the client retried 429 TooManyRequestsException before, and stopped after attempt 1/20 of call 2
      rule: `rotate`, scripted at tests/it/own_server/advice.rs:LINE#1

    journal
      1 resize RequestResponse {}
        attempt 1/20 → 429 TooManyRequestsException
        attempt 2/20 → 429 TooManyRequestsException
        attempt 3/20 → 429 TooManyRequestsException
        attempt 4/20 → 429 TooManyRequestsException
        attempt 5/20 → 429 TooManyRequestsException
        attempt 6/20 → 429 TooManyRequestsException
        attempt 7/20 → 429 TooManyRequestsException
        attempt 8/20 → 429 TooManyRequestsException
        attempt 9/20 → 429 TooManyRequestsException
        attempt 10/20 → 429 TooManyRequestsException
        attempt 11/20 → 429 TooManyRequestsException
      2 rotate RequestResponse {}
        attempt 1/20 → 429 TooManyRequestsException
    ");
}

/// A client that can retry 19 times, with a quota for ten retries.
fn few_tokens(lambda: &FakeLambda) -> aws_sdk_lambda::Client {
    sdk_client!(aws_sdk_lambda, lambda, |config| {
        let partition = RetryPartition::custom("few tokens")
            .token_bucket(TokenBucket::new(50))
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(20)
            .with_initial_backoff(Duration::from_micros(1));
        config.retry_partition(partition).retry_config(retries)
    })
}

#[test]
fn an_unscripted_dry_run() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("charge-card").reply(json!(1));
        post(&lambda, "resize", &["X-Amz-Invocation-Type: DryRun"], "{}");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize DryRun {}
      help: script it before the call: `lambda.on("resize").reply(..)`
      no rule matches `resize`; a DryRun gets 204 if a rule matches its function

    journal
      1 resize DryRun {}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn one_condition_that_many_calls_do_not_meet() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize")
            .when(payload_partial(json!({"id": 7})))
            .reply(json!(1));
        for id in 100..107 {
            post(&lambda, "resize", &[], &json!({"id": id}).to_string());
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: calls 1 to 5 and 2 more were not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"id":100}
      help: send `$.id` as 7, change the condition, or add a default rule before this one: `lambda.on("resize").reply(..)`
      nearest rule: `resize` with 1 condition, scripted at tests/it/own_server/advice.rs:LINE#2
        ✗ payload_partial({"id":7}): `$.id` expected 7, got 100, 101 and 5 more (tests/it/own_server/advice.rs:LINE#3)

    journal
      1 resize RequestResponse {"id":100}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      2 resize RequestResponse {"id":101}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      3 resize RequestResponse {"id":102}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      4 resize RequestResponse {"id":103}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      5 resize RequestResponse {"id":104}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      6 resize RequestResponse {"id":105}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      7 resize RequestResponse {"id":106}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_function_that_ran_twice_for_one_call() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let script = lambda
            .on("pay")
            .reply(Reply::json(json!({"paid": 42})).fault(fake_lambda::Fault::TruncateAfter(5)))
            .then(json!({"paid": 42}));
        let _ = invoke(&client, "pay", "{}").await;
        script.assert_attempts(1);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected 1 attempt answered by this rule, got 2
      help: make the call idempotent, or disable the retry: `pay` ran twice for call 1
      rule: `pay`, scripted at tests/it/own_server/advice.rs:LINE#1
      got: call 1 ran at attempt 1/3, lost its reply (closed after 5 bytes of the body), and ran again at attempt 2/3

    journal
      1 pay RequestResponse {}
        attempt 1/3 → closed after 5 bytes of the body (ran, lost 200 {"paid":42})
        attempt 2/3 → 200 {"paid":42} (ran twice: attempt 1/3 had run it)
    "#);
}

#[test]
fn an_only_call_with_calls_to_another_function() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "charge-card", &[], "{}");
        post(&lambda, "send-receipt", &[], "{}");
        lambda.only_call();
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#1
    error: expected 1 call, got 2
      help: remove the call to `send-receipt`, count one function only: `lambda.seen("charge-card").assert_calls(1)`, or expect 2 calls

    journal
      1 charge-card RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 send-receipt RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

/// The text with `111` in place of each longer run of this digit.
fn with_short_digits(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("1111") {
        text = text.replace("1111", "111");
    }
    text
}

#[test]
fn a_client_context_that_is_too_long() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1)).expect_calls(1);
        // Valid JSON in valid base64, 5,388 characters long.
        let context = format!("IjEx{}MSI=", "MTEx".repeat(1_345));
        assert_eq!(context.len(), 5_388);
        let context = format!("X-Amz-Client-Context: {context}");
        post(&lambda, "resize", &[&context], "{}");
    });
    let text = with_short_digits(&text);
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `resize` expected 1 call, got none
      help: shorten the client context
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#2
      got: call 1 is not a request that Lambda accepts: resize RequestResponse {} → 400 InvalidRequestContentException (the client context has 5388 bytes of base64, and the limit is 3583)

    journal
      1 resize RequestResponse {} (client context "111… (4040 bytes))
        attempt 1 → 400 InvalidRequestContentException (the client context has 5388 bytes of base64, and the limit is 3583)
    "#);
}

#[test]
fn a_client_context_that_is_too_long_for_a_function_without_a_rule() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let context = format!("X-Amz-Client-Context: {}", "MTEx".repeat(1_000));
        post(&lambda, "resize", &[&context], "{}");
    });
    let text = with_short_digits(&text);
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: call 1 is not a request that Lambda accepts, and got 400 InvalidRequestContentException: resize RequestResponse {}
      help: shorten the client context, or add `lambda.on("resize").reply(..)` if the test expects this refusal
      the client context has 4000 bytes of base64, and the limit is 3583

    journal
      1 resize RequestResponse {} (client context 111… (3000 bytes))
        attempt 1 → 400 InvalidRequestContentException (the client context has 4000 bytes of base64, and the limit is 3583)
    "#);
}

#[test]
fn a_call_before_the_previous_call_has_ended() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        let held = Reply::json(json!({"ok": true})).hold(&gate);
        let script = lambda.on("pay").reply(held).times(1);
        script.then(json!({"ok": true}));
        let mut first = Client::connect(&lambda);
        first.send_invoke("pay", &[], "{}");
        gate.reached(1).block();
        post(&lambda, "pay", &[], "{}");
        gate.open();
        first.read_reply();
        lambda.wait_until_idle().block();
        let checked = lambda.seen("pay").try_assert_call_gaps_at_least(SOON);
        checked.unwrap_or_else(|report| panic!("{}", first_lines(&report.to_string())));
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected at least 5ms between calls to `pay`, got call 2 before the end of call 1
      help: await each call before the next; for parallel tasks, check the calls of each task with `matching(..)`
      asked at tests/it/own_server/advice.rs:LINE#1
    ");
}

/// The report without its timeline, whose times are real.
fn first_lines(report: &str) -> &str {
    report.split("\n\n").next().unwrap()
}

/// Sends one Event with a plain HTTP client.
fn send_event(lambda: &FakeLambda) {
    post(lambda, "resize", &["X-Amz-Invocation-Type: Event"], "{}");
}

#[test]
fn an_expected_dead_letter_without_a_queue() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let failure = FunctionError::new("ValueError", "no such image");
        lambda.on("resize").reply(failure).expect_dead_lettered(1);
        send_event(&lambda);
        lambda.settle_events().block();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `resize` expected 1 dead-lettered event, got none
      help: set a queue with `event_invoke_config("resize").dead_letter_queue(..)`; `on_failure` receives records, not events
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#2

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such image","errorType":"ValueError"}
          execution 2 after 1m → 200 function error {"errorMessage":"no such image","errorType":"ValueError"}
          execution 3 after 3m → 200 function error {"errorMessage":"no such image","errorType":"ValueError"}
          RetriesExhausted
    "#);
}

#[test]
fn an_expected_delivery_without_an_event() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1)).expect_delivered(1);
        post(&lambda, "resize", &[], "{}");
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `resize` expected 1 delivered event, got none
      help: invoke the function with the invocation type Event
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 1
    ");
}

#[test]
fn executions_of_an_event_that_waits_for_its_retry() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let failure = FunctionError::new("ValueError", "no such image");
        lambda.on("resize").reply(failure);
        send_event(&lambda);
        lambda.advance(Duration::from_secs(30)).block();
        lambda.assert_executions(2);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#1
    error: expected 2 executions, got 1
      help: let the event end first: `lambda.settle_events().await`, or `lambda.advance(..).await` to run only some of the executions

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such image","errorType":"ValueError"}
          queued until 1m
    "#);
}

#[test]
fn a_wait_for_a_rule_that_a_newer_one_shadows() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(json!(1));
        lambda.on("resize").reply(json!(2));
        post(&lambda, "resize", &[], "{}");
        script.wait_for_calls(1).within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#3
    error: waited 5ms for 1 call answered by the rule for `resize`, got none
      help: script this rule after the one at tests/it/own_server/advice.rs:LINE#1, or wait for that one
      got: call 1 was answered by the newer rule
      wait created at tests/it/own_server/advice.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 2
    ");
}

#[test]
fn a_typo_in_an_order() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "resize", &[], "{}");
        post(&lambda, "upload", &[], "{}");
        lambda.assert_order(["resise", "upload"]);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#1
    error: expected `resise` as call 2, got `upload`
      help: did you mean `resize`? it was called
      expected: resise, upload
      got:      upload

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 upload RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn a_typo_at_the_end_of_an_order() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "resize", &[], "{}");
        post(&lambda, "upload", &[], "{}");
        lambda.assert_order(["resize", "uplaod"]);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/advice.rs:LINE#1
    error: expected `uplaod` at the end, got no further call to a listed function
      help: did you mean `upload`? it was called
      expected: resize, uplaod
      got:      resize

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 {"ok":true}
      2 upload RequestResponse {}
        attempt 1 → 200 {"ok":true}
    "#);
}

#[test]
fn an_endpoint_with_a_path() {
    let text = red_async(async {
        let lambda = willing();
        let endpoint = format!("{}/lambda", lambda.endpoint_url());
        let client = sdk_client!(aws_sdk_lambda, lambda, |config| config
            .endpoint_url(endpoint));
        invoke(&client, "resize", "{}").await;
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: journal entry 1 was not an Invoke request and got 403 AccessDeniedException: POST /lambda/2015-03-31/functions/resize/invocations
      help: remove `/lambda` from the client's endpoint, as `lambda.endpoint_url()` has no path

    journal
      1 POST /lambda/2015-03-31/functions/resize/invocations
        → 403 AccessDeniedException (not an Invoke request)
    ");
}

#[test]
fn a_client_that_speaks_tls() {
    let text = red(|| {
        let lambda = willing();
        for random in [b'\x01', b'\x02'] {
            let mut client = Client::connect(&lambda);
            client.send(&[b'\x16', b'\x03', b'\x01', random]);
            client.read_to_end();
        }
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: journal entries 1 and 2 were not valid HTTP and got 400 (the client speaks TLS; the fake's endpoint begins with `http://`): `\x16\x03\x01\x01`
      help: give the client `lambda.endpoint_url()`, which begins with `http://`

    journal
      1 `\x16\x03\x01\x01`
        → 400 (the client speaks TLS; the fake's endpoint begins with `http://`)
      2 `\x16\x03\x01\x02`
        → 400 (the client speaks TLS; the fake's endpoint begins with `http://`)
    ");
}

#[test]
fn a_condition_with_the_text_of_a_value() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let text = r#"{"id":7}"#;
        lambda.on("resize").when(payload_is(text)).reply(json!(1));
        post(&lambda, "resize", &[], text);
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"id":7}
      help: write a value in the condition, not its JSON text: for `$`, write `json!({"id":7})`
      nearest rule: `resize` with 1 condition, scripted at tests/it/own_server/advice.rs:LINE#2
        ✗ payload_is("{\"id\":7}"): `$` expected the JSON text "{\"id\":7}", got the value {"id":7} (tests/it/own_server/advice.rs:LINE#3)

    journal
      1 resize RequestResponse {"id":7}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_value_that_contains_the_words_of_a_reason() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize")
            .when(payload_partial(json!({"note": "a, got b"})))
            .reply(json!(1));
        for note in ["c", "d"] {
            post(&lambda, "resize", &[], &json!({"note": note}).to_string());
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: calls 1 and 2 were not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"note":"c"}
      help: send `$.note` as "a, got b", change the condition, or add a default rule before this one: `lambda.on("resize").reply(..)`
      nearest rule: `resize` with 1 condition, scripted at tests/it/own_server/advice.rs:LINE#2
        ✗ payload_partial({"note":"a, got b"}): `$.note` expected "a, got b", got "c" and "d" (tests/it/own_server/advice.rs:LINE#3)

    journal
      1 resize RequestResponse {"note":"c"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
      2 resize RequestResponse {"note":"d"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_member_whose_name_contains_the_words_of_a_reason() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize")
            .when(payload_is(json!({"a": {"` expected x, got y": 1}})))
            .reply(json!(1));
        post(&lambda, "resize", &[], r#"{"a":{}}"#);
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize RequestResponse {"a":{}}
      help: send `$.a["` expected x, got y"]` as 1, change the condition, or add a default rule before this one: `lambda.on("resize").reply(..)`
      nearest rule: `resize` with 1 condition, scripted at tests/it/own_server/advice.rs:LINE#2
        ✗ payload_is({"a":{"` expected x, got y":1}}): `$.a["` expected x, got y"]` expected 1, got nothing (tests/it/own_server/advice.rs:LINE#3)

    journal
      1 resize RequestResponse {"a":{}}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_payload_that_was_encoded_twice() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize")
            .when(payload_partial(json!({"id": 7})))
            .reply(json!(1));
        post(&lambda, "resize", &[], r#""{\"id\":7,\"size\":1}""#);
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: resize RequestResponse "{\"id\":7,\"size\":1}"
      help: send `$` as the value {"id":7}, change the condition, or add a default rule before this one: `lambda.on("resize").reply(..)`
      nearest rule: `resize` with 1 condition, scripted at tests/it/own_server/advice.rs:LINE#2
        ✗ payload_partial({"id":7}): `$` expected the value {"id":7}, got its JSON text "{\"id\":7,\"size\":1}" (tests/it/own_server/advice.rs:LINE#3)

    journal
      1 resize RequestResponse "{\"id\":7,\"size\":1}"
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_typed_handler_without_a_payload() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize")
            .handle_json(async |id: u64, _: Context| Ok::<_, String>(id));
        post(&lambda, "resize", &[], "");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/advice.rs:LINE#1) found 1 problem

    error: the payload of call 1 is not a valid `u64`: invalid type: map, expected u64
      help: send a payload; the function receives an empty payload as `{}`
      handler: written at tests/it/own_server/advice.rs:LINE#2; the client got a function error
      got: resize RequestResponse (empty)

    journal
      1 resize RequestResponse (empty)
        attempt 1 → 200 function error {"errorMessage":"failed to deserialize the incoming data into the function's payload type: invalid type: map, expected u64 at line 1 column 0\n","errorType":"&lambda_runtime::deserializer::DeserializeError"}
    "#);
}

#[test]
fn a_payload_that_was_not_sent() {
    let text = red(|| {
        let lambda = willing();
        post(&lambda, "resize", &[], "");
        lambda.only_call().first().payload_as::<u64>();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#1
    error: the payload of this invocation of `resize` is not a valid `u64`: invalid type: map, expected u64 at line 1 column 0
      help: send a payload; the function receives an empty payload as `{}`
    ");
}

#[test]
fn an_assertion_without_an_invoke_request() {
    let text = red(|| {
        let lambda = FakeLambda::builder().verify_on_drop(false).start();
        let script = lambda.on("resize").reply(json!(1));
        let mut client = Client::connect(&lambda);
        client.send(b"\x16\x03\x01\x05");
        client.read_to_end();
        script.assert_calls(1);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: expected 1 call answered by this rule, got none
      help: check that the client uses `lambda.endpoint_url()`: what arrived is not an Invoke request
      rule: `resize`, scripted at tests/it/own_server/advice.rs:LINE#1

    journal
      1 `\x16\x03\x01\x05`
        → 400 (the client speaks TLS; the fake's endpoint begins with `http://`)
    ");
}

#[test]
fn settle_events_with_a_closed_gate() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let gate = Gate::new();
        lambda.on("resize").reply(Reply::json(json!(1)).hold(&gate));
        send_event(&lambda);
        gate.reached(1).block();
        lambda.settle_events().within(SOON).block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/advice.rs:LINE#2
    error: waited 5ms for every accepted event to end, but 1 accepted event has not ended and is still running
      help: open the gate that holds its reply, shorten its delay, or extend the deadline with `.within(..)`
      wait created at tests/it/own_server/advice.rs:LINE#1

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 is running
    ");
}

/// `seen` also counts the calls with a qualifier.
#[test]
fn the_advice_to_count_one_function_counts_its_qualifiers() {
    let help = |functions: &'static [&str], calls: Count| {
        help_of(move || {
            let lambda = willing();
            for function in functions {
                post(&lambda, function, &[], "{}");
            }
            calls(&lambda);
        })
    };
    type Count = fn(&FakeLambda);
    let texts = [
        help(&["f", "f:live"], |lambda| lambda.assert_calls(1)),
        help(&["f", "g", "f:live"], |lambda| lambda.assert_calls(..=2)),
        help(&["f", "g"], |lambda| lambda.assert_calls(0)),
    ];
    insta::assert_snapshot!(texts.join("\n"), @r#"
    make fewer calls, count attempts, or expect 2 calls; without the header `amz-sdk-invocation-id` each retry counts as a call
    remove the call to `g`, count one function only: `lambda.seen("f").assert_calls(..=2)`, or expect 3 calls
    make fewer calls, count attempts, or expect 2 calls; without the header `amz-sdk-invocation-id` each retry counts as a call
    "#);
}

/// The first attempt that is counted decides, not one that chaos or an outage answered.
#[test]
fn too_many_attempts_are_blamed_on_what_the_client_retried() {
    let texts = [
        help_of(|| {
            let lambda = FakeLambda::start();
            let script = lambda.on("f").reply(ServiceError::ServiceException);
            lambda.chaos(Chaos::new().window(1, ServiceError::KmsDisabledException));
            retried(&lambda);
            script.assert_attempts(1);
        }),
        help_of(|| {
            let lambda = FakeLambda::start();
            lambda.on("f").reply(ServiceError::ServiceException);
            lambda.chaos(Chaos::new().window(1, ServiceError::KmsDisabledException));
            retried(&lambda);
            lambda.assert_attempts(1);
        }),
    ];
    insta::assert_snapshot!(texts.join("\n"), @"
    disable retries of 500 ServiceException in the client, script another error, or expect 2 attempts
    count calls, remove the chaos, which hit attempt 1/3 of call 1 (window 1), or expect 3 attempts
    ");
}

/// Sends three attempts of one call.
fn retried(lambda: &FakeLambda) {
    for attempt in 1..=3 {
        let attempt = format!("amz-sdk-request: attempt={attempt}; max=3");
        let mut client = Client::connect(lambda);
        client.send_invoke("f", &["amz-sdk-invocation-id: 7", &attempt], "{}");
        client.read_reply();
    }
}

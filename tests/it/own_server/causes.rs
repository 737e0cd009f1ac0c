//! Mistakes whose cause is on a different line from the symptom: each message names that line.

use fake_lambda::matchers::payload_is;
use fake_lambda::{Chaos, FakeLambda, FunctionError, Hit, Invocation, ServiceError, sdk_client};
use rstest::rstest;
use serde_json::json;

use std::time::Duration;

use super::advice::{invoke, post, red, red_async};
use crate::panics::{caught, help_of, text_of};
use crate::raw::Client;

const SOON: Duration = Duration::from_millis(5);

#[test]
fn chaos_with_a_rate_of_zero() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let script = lambda.on("pay").reply(json!(1));
        lambda.chaos(Chaos::seeded(7).rate(0.0, ServiceError::ServiceException));
        invoke(&client, "pay", "{}").await;
        script.assert_attempts(2);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/causes.rs:LINE#3
    error: expected 2 attempts answered by this rule, got 1
      help: raise the rate of the chaos started at tests/it/own_server/causes.rs:LINE#2, start it before the call, or expect 1 attempt; it hit no attempt (`rate 0`)
      rule: `pay`, scripted at tests/it/own_server/causes.rs:LINE#1

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 200 1
    ");
}

#[test]
fn chaos_that_counts_further_than_the_attempts_go() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda.chaos(Chaos::new().every_nth(5, ServiceError::ServiceException));
        lambda.on("pay").reply(json!(1));
        invoke(&client, "pay", "{}").await;
        lambda.seen("pay").assert_attempts(2);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/causes.rs:LINE#2
    error: expected 2 attempts to `pay`, got 1
      help: change the chaos started at tests/it/own_server/causes.rs:LINE#1, start it before the call, or expect 1 attempt; it hit no attempt (`every_nth 5`)

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 200 1
    ");
}

#[test]
fn a_replay_that_never_hits() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let rule = lambda.on("pay").reply(json!(1));
        rule.expect_attempts(2);
        lambda.chaos(Chaos::replay([Hit::new(
            "pay",
            7,
            ServiceError::ServiceException,
        )]));
        invoke(&client, "pay", "{}").await;
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/causes.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 2 attempts, got 1
      help: correct the target or the attempt of `Hit::new("pay", 7, ServiceError::ServiceException)` in the chaos started at tests/it/own_server/causes.rs:LINE#3, or expect 1 attempt; this hit did not happen
      rule: `pay`, scripted at tests/it/own_server/causes.rs:LINE#2

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 200 1
    chaos hit nothing
    "#);
}

#[test]
fn a_script_that_is_left_over_because_the_client_does_not_retry() {
    let text = red_async(async {
        let lambda = FakeLambda::builder().strict().start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let script = lambda
            .on("pay")
            .reply(ServiceError::ResourceConflictException);
        script.then(json!(1));
        invoke(&client, "pay", "{}").await;
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/causes.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the script of the rule for `pay` was not finished: step 2 of 2 answered 0 of 1 attempt
      help: script an error that the client retries, or shorten the script; it does not retry 409 ResourceConflictException
      rule: `pay`, scripted at tests/it/own_server/causes.rs:LINE#2

    note: call 1 ended with 409 ResourceConflictException: The operation cannot be performed at this time. The function is currently in the following state: Pending

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 409 ResourceConflictException
    ");
}

#[test]
fn a_rule_without_a_reply() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let _rule = lambda.on("pay");
        post(&lambda, "pay", &[], "{}");
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/causes.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {}
      help: add `.reply(..)` to the rule at tests/it/own_server/causes.rs:LINE#2, which has no reply yet

    journal
      1 pay RequestResponse {}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    ");
}

#[test]
fn a_rule_without_a_reply_and_an_exhausted_one() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let _rule = lambda.on("pay").when(payload_is(2));
        lambda.on("pay").reply(json!(1)).times(1);
        post(&lambda, "pay", &[], "1");
        post(&lambda, "pay", &[], "2");
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/causes.rs:LINE#1) found 1 problem

    error: call 2 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse 2
      help: add `.reply(..)` to the rule at tests/it/own_server/causes.rs:LINE#2, which has no reply yet
      rule: `pay`, scripted at tests/it/own_server/causes.rs:LINE#3
        ✗ exhausted: it answered 1 time

    journal
      1 pay RequestResponse 1
        attempt 1 → 200 1
      2 pay RequestResponse 2
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    ");
}

#[test]
fn a_rule_that_gets_its_reply_is_not_reported() {
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay").when(payload_is(1));
    rule.reply(json!(1));
    let _other = lambda.on("refund");
    post(&lambda, "pay", &[], "2");
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(!report.contains("has no reply"), "{report}");
}

#[test]
fn an_alias_of_a_version_that_is_not_published() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1));
        lambda.alias("pay:live", "7");
        lambda.publish_version("pay:6");
        lambda.alias("pay:beta", "6").additional_version("8", 0.5);
        post(&lambda, "pay:live", &[], "{}");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/causes.rs:LINE#1) found 2 problems

    error: the alias `pay:beta` names version 8, which the test does not publish
      help: publish it with `lambda.publish_version("pay:8")`, or change 8 to 6
      set at tests/it/own_server/causes.rs:LINE#3
      on AWS an alias can only name a published version or `$LATEST`

    error: the alias `pay:live` names version 7, which the test does not publish
      help: publish it with `lambda.publish_version("pay:7")`, or change 7 to 6
      set at tests/it/own_server/causes.rs:LINE#2
      on AWS an alias can only name a published version or `$LATEST`

    journal
      1 pay:live RequestResponse {}
        attempt 1 → 200 1 version 7
    seed 0
    "#);
}

#[test]
fn an_alias_alone_publishes_its_version() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1));
    lambda.alias("pay:live", "7").additional_version("8", 0.5);
    lambda.publish_version("refund:6"); // another function
    lambda.alias("refund:live", "6");
    lambda.alias("refund:beta", "$LATEST");
    post(&lambda, "pay:live", &[], "{}");
    lambda.verify();
}

#[test]
fn typos_in_a_scenario_file() {
    let text = red(|| {
        let file = tempfile("typos.json");
        let text = r#"{
  "rules": [{"on": "payment", "reply": {"json": 1}}],
  "constraints": [{"deny": "paymetn"}],
  "aliases": [{"alias": "pyament:live", "version": "7"}],
  "versions": ["paymen:8"],
  "events": [{"event_invoke_config": "paymet", "queue_capacity": 3}]
}"#;
        std::fs::write(&file, text).unwrap();
        let lambda = FakeLambda::start();
        lambda.load(&file);
        std::fs::remove_file(&file).unwrap();
        post(&lambda, "payment", &[], "{}");
    });
    let folder = tempfile("").display().to_string();
    let text = text.replace(&folder, "");
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/own_server/causes.rs:LINE#1) found 4 problems

    error: `publish_version("paymen:8")` had no effect: no call or rule names `paymen`
      help: change the name to `payment`, or remove this setting
      set at typos.json:5:16

    error: `alias("pyament:live")` had no effect: no call or rule names `pyament`
      help: change the name to `payment`, or remove this setting
      set at typos.json:4:15

    error: `event_invoke_config("paymet")` had no effect: no call or rule names `paymet`
      help: change the name to `payment`, or remove this setting
      set at typos.json:6:14

    error: `deny("paymetn")` had no effect: no call or rule names `paymetn`
      help: change the name to `payment`, or remove this setting
      set at typos.json:3:19

    journal
      1 payment RequestResponse {}
        attempt 1 → 200 1
    "#);
}

/// Each part of the file is valid, but not all of them together.
#[test]
fn a_scenario_whose_constraints_contradict_each_other() {
    let file = tempfile("contradiction.json");
    let constraints =
        r#"[{"account_concurrency": 10}, {"reserve_concurrency": "pay", "executions": 11}]"#;
    std::fs::write(&file, format!("{{\"constraints\": {constraints}}}")).unwrap();
    let panic = caught(|| FakeLambda::from_scenario(&file));
    assert_eq!(panic.file, file!());
    insta::assert_snapshot!(panic.text.replace(file.to_str().unwrap(), "contradiction.json"), @"
    error: 11 reserved executions exceed the account's 10
      help: reserve fewer, or raise `account_concurrency`
      written at contradiction.json:1:47; nothing of the scenario was loaded
    ");
}

/// A path in the system's folder for temporary files.
fn tempfile(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("fake-lambda-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

/// The change that a failed assertion gives for one request.
fn change_for(path: &str, fields: &[&str], payload: &str) -> String {
    let text = red(|| {
        let lambda = FakeLambda::builder().verify_on_drop(false).start();
        let script = lambda.on("pay").reply(json!(1));
        let mut client = Client::connect(&lambda);
        let fields = fields.iter().map(|field| format!("{field}\r\n"));
        let fields: String = fields.collect();
        let length = payload.len();
        client.send(format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: {length}\r\n\r\n{payload}").as_bytes());
        client.read_reply();
        script.assert_calls(1);
    });
    let help = text.lines().find(|line| line.starts_with("  help: "));
    let help = help.unwrap().trim_start_matches("  help: ");
    help.split("; ").next().unwrap().to_owned()
}

const PAY: &str = "/2015-03-31/functions/pay/invocations";

#[rstest]
#[case::reserved(PAY, &["X-Amzn-Vpc-Id: vpc-1"], "{}", "remove the reserved header from the request")]
#[case::name("/2015-03-31/functions/pay%20me/invocations", &[], "{}", "correct the function name in the call (a name with letters, digits, `-`, `_` and `.`, `name:qualifier`, or an ARN)")]
#[case::qualifier("/2015-03-31/functions/pay/invocations?Qualifier=not%20valid", &[], "{}", "correct the qualifier in the call (a version number, `$LATEST`, or an alias with letters, digits, `-` and `_`)")]
#[case::invocation_type(PAY, &["X-Amz-Invocation-Type: event"], "{}", "set the invocation type of the call to `RequestResponse`, `Event` or `DryRun`")]
#[case::log_type(PAY, &["X-Amz-Log-Type: All"], "{}", "set the log type of the call to `Tail` or `None`")]
#[case::tenant(PAY, &["X-Amz-Tenant-Id: a#b"], "{}", "correct the tenant id of the call (at most 256 letters, digits, spaces and `._:/=+-@`)")]
#[case::durable(PAY, &["X-Amz-Durable-Execution-Name: a b"], "{}", "correct the durable execution name of the call (at most 64 letters, digits, `-` and `_`)")]
#[case::two_qualifiers("/2015-03-31/functions/pay:live/invocations?Qualifier=beta", &[], "{}", "name the same qualifier in the function name and in `qualifier(..)`, or remove one of the two")]
#[case::region("/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Apay/invocations", &[], "{}", "set the client's region to that of the function's ARN, or change the region in the ARN")]
#[case::request_id(PAY, &["x-amzn-RequestId: 1"], "{}", "send a UUID in the header `x-amzn-RequestId`, or remove this header")]
#[case::context(PAY, &["X-Amz-Client-Context: {}"], "{}", "send a client context that is a JSON object in base64")]
#[case::payload(PAY, &[], "hello", "send a payload that is valid JSON")]
#[case::stream_type("/2021-11-15/functions/pay/response-streaming-invocations", &["X-Amz-Invocation-Type: Event"], "{}", "set the invocation type of the call to `RequestResponse` or `DryRun`, or use `invoke` for an `Event`")]
fn a_refused_part_has_its_own_change(
    #[case] path: &str,
    #[case] fields: &[&str],
    #[case] payload: &str,
    #[case] change: &str,
) {
    assert_eq!(change_for(path, fields, payload), change);
}

#[test]
fn a_payload_over_the_limit() {
    let payload = "1".repeat(fake_lambda::limits::REQUEST + 1);
    assert_eq!(change_for(PAY, &[], &payload), "send a shorter payload");
}

#[test]
fn a_constraint_of_another_qualifier() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda.on("pay").reply(json!(1));
        lambda.pending("pay:live", 2);
        invoke(&client, "pay", "{}").await;
        lambda.assert_attempts(3);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/causes.rs:LINE#2
    error: expected 3 attempts, got 1
      help: call `pay:live`, remove the qualifier from `pending("pay:live", ..)`, or expect 1 attempt; no attempt reached this constraint, set at tests/it/own_server/causes.rs:LINE#1

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 200 1
    "#);
}

#[test]
fn a_constraint_after_the_call() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let script = lambda.on("pay").reply(json!(1));
        invoke(&client, "pay", "{}").await;
        lambda.reserve_concurrency("pay", 0);
        script.assert_attempts(3);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/causes.rs:LINE#3
    error: expected 3 attempts answered by this rule, got 1
      help: set `reserve_concurrency("pay", 0)` before the call, or expect 1 attempt; no attempt reached this constraint, set at tests/it/own_server/causes.rs:LINE#2
      rule: `pay`, scripted at tests/it/own_server/causes.rs:LINE#1

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 200 1
    "#);
}

#[test]
fn a_wait_for_a_function_with_a_typo() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("payment").reply(json!(1));
        post(&lambda, "payment", &[], "{}");
        lambda
            .seen("paymnet")
            .wait_for_calls(1)
            .within(SOON)
            .block();
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/causes.rs:LINE#2
    error: waited 5ms for 1 call to `paymnet`, got none
      help: did you mean `payment`? it was called
      wait created at tests/it/own_server/causes.rs:LINE#1

    journal
      1 payment RequestResponse {}
        attempt 1 → 200 1
    ");
}

#[test]
fn a_wait_for_a_retry_that_the_client_does_not_make() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let script = lambda
            .on("pay")
            .reply(ServiceError::ResourceConflictException);
        invoke(&client, "pay", "{}").await;
        script.wait_for_attempts(2).within(SOON).await;
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/causes.rs:LINE#2
    error: waited 5ms for 2 attempts answered by the rule for `pay`, got 1
      help: script an error that the client retries; it does not retry 409 ResourceConflictException
      wait created at tests/it/own_server/causes.rs:LINE#1

    journal
      1 pay RequestResponse {}
        attempt 1/3 → 409 ResourceConflictException
    ");
}

#[test]
fn executions_that_the_configuration_of_the_function_prevents() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        let failure = FunctionError::new("ValueError", "no such order");
        lambda.on("pay").reply(failure);
        lambda.event_invoke_config("pay").maximum_retry_attempts(0);
        post(&lambda, "pay", &["X-Amz-Invocation-Type: Event"], "{}");
        lambda.settle_events().block();
        lambda.assert_executions(3);
    });
    insta::assert_snapshot!(text, @r#"
    panicked at tests/it/own_server/causes.rs:LINE#2
    error: expected 3 executions, got 1
      help: raise `maximum_retry_attempts(0)` in `event_invoke_config("pay")`, set at tests/it/own_server/causes.rs:LINE#1, or expect 1 execution

    journal
      1 pay Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"no such order","errorType":"ValueError"}
          RetriesExhausted
    "#);
}

#[test]
fn retries_that_the_configuration_of_the_function_limits_for_an_alias() {
    let lambda = FakeLambda::start();
    let failure = FunctionError::new("ValueError", "no such order");
    lambda.on("pay").reply(failure);
    lambda.event_invoke_config("pay").maximum_retry_attempts(1);
    let alias = lambda.event_invoke_config("pay:live");
    alias.maximum_event_age(Duration::from_secs(600));
    post(&lambda, "pay:live", &["X-Amz-Invocation-Type: Event"], "{}");
    lambda.settle_events().block();
    insta::assert_snapshot!(help_of(|| lambda.assert_executions(3)), @r#"raise `maximum_retry_attempts(1)` in `event_invoke_config("pay")`, set at tests/it/own_server/causes.rs:LINE#1, or expect 2 executions"#);
}

#[test]
fn executions_that_a_setting_prevents() {
    let event = ["X-Amz-Invocation-Type: Event"];
    let lambda = FakeLambda::start();
    let failure = FunctionError::new("ValueError", "no such order");
    lambda.on("pay").reply(failure);
    let config = lambda.event_invoke_config("pay");
    config.maximum_event_age(Duration::from_secs(120));
    post(&lambda, "pay", &event, "{}");
    lambda.settle_events().block();
    insta::assert_snapshot!(
        help_of(|| lambda.assert_executions(3)),
        @r#"raise `maximum_event_age(..)` in `event_invoke_config("pay")`, or expect 2 executions"#
    );
    lambda.on("mail").reply(json!(1));
    lambda.reserve_concurrency("mail", 0);
    post(&lambda, "mail", &event, "{}");
    insta::assert_snapshot!(
        help_of(|| lambda.seen("mail").assert_executions(1)),
        @r#"remove `reserve_concurrency("mail", 0)`, which ends each event"#
    );
}

#[test]
fn a_rule_that_was_exhausted_before_the_last_call() {
    let text = red(|| {
        let lambda = FakeLambda::builder().allow_unscripted().start();
        lambda.on("pay").reply(json!(1)).times(2).expect_calls(3);
        for _ in 0..3 {
            post(&lambda, "pay", &[], "{}");
        }
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/own_server/causes.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `pay` expected 3 calls, got 2
      help: add `.then(..)` to this script or raise the number in `.times(..)`, or expect 2 calls; it answered nothing more at call 3
      rule: `pay`, scripted at tests/it/own_server/causes.rs:LINE#2
      got: call 3: pay RequestResponse {} → 404 ResourceNotFoundException (unscripted)

    journal
      1 to 2 (2 equal calls) pay RequestResponse {}
        attempt 1 → 200 1
      3 pay RequestResponse {}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    ");
}

#[test]
fn a_rule_that_has_ended_before_another_rule_answered() {
    let help = |lambda: &FakeLambda| {
        post(lambda, "pay", &[], "{}");
        help_of(|| lambda.verify())
    };
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).times(1).expect_calls(2);
    lambda.on_any().reply(json!(2));
    post(&lambda, "pay", &[], "{}");
    insta::assert_snapshot!(help(&lambda), @"add `.then(..)` to this script or raise the number in `.times(..)`, count the calls of the rule at tests/it/own_server/causes.rs:LINE#3 instead, or expect 1 call");

    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).expect_calls(1).remove();
    lambda.on_any().reply(json!(2));
    insta::assert_snapshot!(help(&lambda), @"call `.remove()` on this rule later, or count the calls of the rule at tests/it/own_server/causes.rs:LINE#3 instead");

    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!(1)).expect_calls(2);
    post(&lambda, "pay", &[], "{}");
    script.remove();
    lambda.on("pay").reply(json!(2));
    insta::assert_snapshot!(help(&lambda), @"call `.remove()` on this rule later, count the calls of the rule at tests/it/own_server/causes.rs:LINE#3 instead, or expect 1 call");
}

#[test]
fn a_less_specific_rule_does_not_take_precedence() {
    let lambda = FakeLambda::start();
    let answer = lambda.on_any().reply(json!(1));
    post(&lambda, "pay", &[], "{}");
    let script = lambda.on("pay").reply(json!(2)).times(1);
    answer.remove();
    lambda.on_any().reply(json!(3));
    post(&lambda, "pay", &[], "{}");
    post(&lambda, "pay", &[], "{}");
    let text = text_of(|| script.assert_calls(2));
    assert!(!text.contains("precedence"), "{text}");
}

#[test]
fn the_constraint_that_rejected_a_call_is_named_if_a_newer_one_covers_it() {
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!(1));
    lambda.reserve_concurrency("pay", 0);
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:pay";
    lambda.reserve_concurrency(arn, 5);
    post(&lambda, "pay", &[], "{}");
    insta::assert_snapshot!(
        help_of(|| script.assert_calls(1)),
        @r#"raise `reserve_concurrency("pay", 0)`, or count rejected attempts with `.refused()` of this constraint"#
    );
}

#[test]
fn chaos_that_hits_each_attempt_of_a_call() {
    let help = help_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1)).expect_calls(1);
        lambda.chaos(Chaos::new().every_nth(1, ServiceError::ServiceException));
        for number in ["attempt=1; max=3", "attempt=2; max=3"] {
            let number = format!("amz-sdk-request: {number}");
            post(
                &lambda,
                "pay",
                &[&number, "amz-sdk-invocation-id: 1f2e"],
                "{}",
            );
        }
    });
    insta::assert_snapshot!(help, @"let the chaos spare an attempt of the call, or call `stop()` on the chaos before the call");
}

#[test]
fn a_rule_for_another_account_is_named_with_it() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda.on("999988887777:pay").reply(json!(1));
    post(&lambda, "pay", &[], "{}");
    let text = text_of(|| lambda.verify());
    assert!(
        text.contains("nearest rule: `pay` in account 999988887777, scripted at"),
        "{text}"
    );
}

#[test]
fn calls_that_the_journal_has_dropped_may_have_an_id() {
    let lambda = FakeLambda::builder().journal_calls(1).start();
    lambda.on("pay").reply(json!(1));
    lambda.on("mail").reply(json!(1));
    for function in ["pay", "pay", "mail"] {
        let id = format!("amz-sdk-invocation-id: {}", lambda.calls().len());
        post(&lambda, function, &[&id], "{}");
    }
    insta::assert_snapshot!(
        help_of(|| lambda.seen("pay").assert_calls(1)),
        @"make fewer calls, or expect 2 calls"
    );
}

#[test]
fn a_constraint_that_refused_another_function_is_not_idle() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1));
        lambda.deny("mail");
        post(&lambda, "mail", &[], "{}");
        post(&lambda, "pay", &[], "{}");
        lambda.assert_attempts(5);
    });
    insta::assert_snapshot!(text, @r"
    panicked at tests/it/own_server/causes.rs:LINE#1
    error: expected 5 attempts, got 2
      help: script more errors first, or expect 2 attempts; attempt 1 got 200, which ended call 2

    journal
      1 mail RequestResponse {}
        attempt 1 → 403 AccessDeniedException (denied)
      2 pay RequestResponse {}
        attempt 1 → 200 1
    ");
}

/// A closure is not called for a report, so it can be the reason.
#[test]
fn a_closure_that_was_perhaps_not_met() {
    let lambda = FakeLambda::builder()
        .allow_unscripted()
        .verify_on_drop(false)
        .start();
    let of_7 = |invocation: &Invocation| invocation.payload_json()["order"] == 7;
    lambda.on("pay").when(of_7).reply(json!(1)).expect_calls(2);
    post(&lambda, "pay", &[], r#"{"order":7}"#);
    post(&lambda, "pay", &[], r#"{"order":8}"#);
    insta::assert_snapshot!(
        help_of(|| lambda.verify()),
        @"correct the condition at tests/it/own_server/causes.rs:LINE#3 or the request of call 2, script this rule before call 2, or expect 1 call"
    );
    lambda.on("mail").reply(json!(0));
    lambda.on("mail").when(of_7).reply(json!(1)).expect_calls(1);
    post(&lambda, "mail", &[], r#"{"order":8}"#);
    insta::assert_snapshot!(
        help_of(|| lambda.verify()),
        @"correct the condition at tests/it/own_server/causes.rs:LINE#4 or the request of call 3, or count the calls of the rule at tests/it/own_server/causes.rs:LINE#2 instead"
    );
}

//! Failure messages about events, and the journal's entries about them.

use fake_lambda::matchers::log_type;
use fake_lambda::{FunctionError, Invocation, Reply, Runtime, ServiceError};
use serde_json::json;

use super::{QUEUE, boom, seconds, send};
use crate::panics::{help_of, text_of};
use crate::transport::FakeLambda;

fn eventful() -> FakeLambda {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let throttle = Reply::error(ServiceError::TooManyRequestsException)
        .reason("ReservedFunctionConcurrentInvocationLimitExceeded")
        .in_queue();
    lambda
        .on("resize")
        .reply(throttle)
        .times(4)
        .then(
            FunctionError::new("ValueError", "busy")
                .runtime(Runtime::Python)
                .stack([]),
        )
        .then(json!({"ok": true}));
    lambda
        .on("mail")
        .reply(Reply::from(boom()).delivered_times(2))
        .then(boom());
    lambda.on("lost").reply(Reply::json(json!(1)).lost());
    lambda
        .on("after")
        .reply(Reply::json(json!("noted")).executed_version("3"));
    lambda
        .event_invoke_config("resize")
        .on_success("arn:aws:lambda:us-east-1:123456789012:function:after");
    lambda
        .event_invoke_config("mail")
        .maximum_retry_attempts(0)
        .on_failure(QUEUE)
        .dead_letter_queue(QUEUE);
    send(&lambda, "resize", r#"{"id": 7}"#);
    send(&lambda, "mail", "");
    send(&lambda, "lost", "1");
    lambda.wait_until_idle().block();
    lambda
}

#[test]
fn a_try_assertion_returns_the_report_of_the_panic() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    let reports = [
        lambda.try_assert_delivered(1),
        script.try_assert_dead_lettered(1..),
        lambda.seen("f").try_assert_executions(2),
        lambda.try_assert_event_retry_delays([seconds(1)]),
    ];
    for report in reports {
        let text = report.unwrap_err().to_string();
        assert!(text.contains("help: let the event end first"), "{text}");
    }
    assert_eq!(lambda.try_assert_executions(1), Ok(()));
    assert_eq!(lambda.try_assert_event_retry_delays([]), Ok(()));
}

#[test]
fn the_journal_shows_the_delivery_of_each_event() {
    let lambda = eventful();
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 resize Event {"id":7}
      attempt 1 → 202
        execution 1 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded
        queued until 1s
    2 mail Event (empty)
      attempt 1 → 202
        execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
        RetriesExhausted, record to arn:aws:sqs:us-east-1:123456789012:q, dead letter to arn:aws:sqs:us-east-1:123456789012:q
        delivered again
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          RetriesExhausted, record to arn:aws:sqs:us-east-1:123456789012:q, dead letter to arn:aws:sqs:us-east-1:123456789012:q
    3 lost Event 1
      attempt 1 → 202
        lost
    "#);
    lambda.settle_events().block();
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 resize Event {"id":7}
      attempt 1 → 202
        executions 1 to 4, from 0s to 7s → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded
        execution 5 after 15s → 200 function error {"errorMessage":"busy","errorType":"ValueError","requestId":"<request-id>","stackTrace":[]}
        execution 6 after 1m 15s → 200 {"ok":true}
        Success, record to arn:aws:lambda:us-east-1:123456789012:function:after
        record to after
          execution 1 → 200 "noted" version 3
          Success
    2 mail Event (empty)
      attempt 1 → 202
        execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
        RetriesExhausted, record to arn:aws:sqs:us-east-1:123456789012:q, dead letter to arn:aws:sqs:us-east-1:123456789012:q
        delivered again
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          RetriesExhausted, record to arn:aws:sqs:us-east-1:123456789012:q, dead letter to arn:aws:sqs:us-east-1:123456789012:q
    3 lost Event 1
      attempt 1 → 202
        lost
    "#);
}

#[test]
fn the_help_about_a_function_is_not_about_the_events_of_another() {
    let lambda = FakeLambda::start();
    lambda.on("mail").reply(boom());
    lambda.event_invoke_config("mail").maximum_retry_attempts(0);
    let pay = lambda.on("pay").reply(json!(1));
    send(&lambda, "mail", "{}");
    lambda.settle_events().block();
    let no_event = "invoke the function with the invocation type Event";
    let seen = lambda.seen("pay");
    assert_eq!(help_of(|| seen.assert_delivered(1)), no_event);
    assert_eq!(help_of(|| seen.assert_dead_lettered(1)), no_event);
    assert_eq!(help_of(|| seen.assert_executions(1)), no_event);
    assert_eq!(help_of(|| pay.assert_delivered(1)), no_event);
}

#[test]
fn the_help_is_not_about_the_queued_events_of_another_function() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    lambda.on("mail").reply(boom());
    let pay = lambda.on("pay").reply(json!(1)).expect_delivered(1);
    send(&lambda, "mail", "{}");
    let no_event = "invoke the function with the invocation type Event";
    assert_eq!(help_of(|| pay.assert_delivered(1)), no_event);
    let seen = lambda.seen("pay");
    assert_eq!(help_of(|| seen.assert_executions(1)), no_event);
    assert_eq!(help_of(|| seen.assert_event_retry_delays([])), no_event);
    assert_eq!(help_of(|| lambda.verify()), no_event);
    // The record of the queued event is an event of the other function.
    let config = lambda.event_invoke_config("mail");
    config.on_failure("arn:aws:lambda:us-east-1:123456789012:function:pay");
    insta::assert_snapshot!(
        help_of(|| pay.assert_delivered(1)),
        @"let the event end first: `lambda.settle_events().await`"
    );
}

#[test]
fn the_help_is_not_about_another_queued_event_of_the_function() {
    let lambda = FakeLambda::start();
    lambda.on("mail").reply(boom()).times(2).then(json!(1));
    send(&lambda, "mail", "{}");
    lambda.settle_events().block();
    lambda.on("mail").reply(boom());
    send(&lambda, "mail", "{}");
    insta::assert_snapshot!(
        help_of(|| lambda.assert_event_retry_delays([seconds(60), seconds(120), seconds(1)])),
        @"change the script or `maximum_retry_attempts`, or expect [60s, 120s]"
    );
}

#[test]
fn more_events_than_expected_do_not_become_fewer_if_the_queued_ones_run() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let script = lambda.on("mail").reply(json!(1)).times(2).then(boom());
    script.expect_delivered(1);
    for _ in 0..3 {
        send(&lambda, "mail", "{}");
    }
    lambda.advance(seconds(60)).block();
    insta::assert_snapshot!(
        help_of(|| lambda.assert_delivered(1)),
        @"change the script, or expect 2 delivered events"
    );
    insta::assert_snapshot!(
        help_of(|| lambda.assert_executions(1)),
        @r#"lower `maximum_retry_attempts(..)` in `event_invoke_config("mail")`, script fewer errors, or expect 4 executions"#
    );
    insta::assert_snapshot!(
        help_of(|| lambda.assert_event_retry_delays([])),
        @"change the script or `maximum_retry_attempts`, or expect [60s]"
    );
    insta::assert_snapshot!(
        help_of(|| lambda.verify()),
        @"change the script, or expect 2 delivered events"
    );
}

#[test]
fn executions_that_are_not_calls_are_counted_in_another_way() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    lambda.on("mail").reply(json!(1));
    let config = lambda.event_invoke_config("mail");
    config.on_success("arn:aws:lambda:us-east-1:123456789012:function:note");
    let note = lambda.on("note").reply(json!(1)).expect_calls(1);
    send(&lambda, "mail", "{}");
    lambda.settle_events().block();
    let help = help_of(|| note.assert_calls(1));
    insta::assert_snapshot!(help, @"use `assert_executions(1)`; an execution of an event that another rule accepted, or of a record, is not a call");
    assert_eq!(help_of(|| lambda.verify()), help);
    assert_eq!(help_of(|| lambda.seen("note").assert_attempts(1)), help);
    note.assert_executions(1);
}

#[test]
fn the_help_names_what_rejects_each_execution() {
    let lambda = FakeLambda::start();
    lambda.on("mail").reply(json!(1));
    let none = lambda.reserve_concurrency("mail", 0);
    send(&lambda, "mail", "{}");
    lambda.settle_events().block();
    insta::assert_snapshot!(
        help_of(|| lambda.assert_delivered(1)),
        @r#"remove `reserve_concurrency("mail", 0)`, which ends each event"#
    );
    none.stop();
    lambda.on("pay").reply(json!(1));
    lambda.account_concurrency(0);
    lambda
        .event_invoke_config("pay")
        .maximum_event_age(seconds(60));
    send(&lambda, "pay", "{}");
    lambda.settle_events().block();
    insta::assert_snapshot!(
        help_of(|| lambda.seen("pay").assert_delivered(1)),
        @"remove the constraint that rejects each execution of `pay`"
    );
}

#[test]
fn events_that_were_dropped_cannot_be_checked() {
    let lambda = FakeLambda::start_with(|builder| builder.journal_calls(2));
    let script = lambda.on("mail").reply(boom()).times(1).then(json!(1));
    let other = lambda.on("resize").reply(json!(1));
    for _ in 0..3 {
        send(&lambda, "mail", "{}");
        lambda.settle_events().block();
    }
    // The delays of the first event were others.
    let delays = text_of(|| lambda.seen("mail").assert_event_retry_delays([]));
    insta::assert_snapshot!(delays, @"
    error: cannot check events of `mail`: the fake has dropped 1 ended event
      help: raise its limit with `FakeLambda::builder().journal_calls(..)`

    journal
      … 1 call before
      2 to 3 (2 equal calls) mail Event {}
        attempt 1 → 202
          execution 1 → 200 1
          Success
    the journal has dropped 1 call (raise `FakeLambda::builder().journal_calls(..)`); counts without `matching(..)` are exact
    ");
    let matching = text_of(|| script.matching(log_type("Tail")).assert_delivered(0));
    insta::assert_snapshot!(matching.split("\n\n").next().unwrap(), @"
    error: cannot check calls to `mail` matching log_type(Tail): the journal has dropped 1 call
      help: raise its limit with `FakeLambda::builder().journal_calls(..)`
    ");
    let only = text_of(|| drop(lambda.only_delivery()));
    insta::assert_snapshot!(only.split("\n\n").next().unwrap(), @"
    error: cannot check events: the fake has dropped 1 ended event
      help: raise its limit with `FakeLambda::builder().journal_calls(..)`
    ");
    lambda.seen("mail").assert_delivered(3);
    // A dropped event of another function does not matter.
    send(&lambda, "resize", "{}");
    lambda.settle_events().block();
    other.only_delivery();
    other.assert_event_retry_delays([]);
}

#[test]
fn the_message_of_a_dead_letter_serializes_without_the_request_id() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(FunctionError::exited(1));
    lambda
        .event_invoke_config("resize")
        .dead_letter_queue(QUEUE);
    send(&lambda, "resize", "{}");
    lambda.settle_events().block();
    let delivery = lambda.only_delivery();
    let message = delivery.dead_letter().unwrap().error_message().to_owned();
    assert!(message.contains(delivery.request_id()), "{message}");
    let data = serde_json::to_value(&delivery).unwrap();
    let message = message.replace(delivery.request_id(), "<request-id>");
    assert_eq!(data["error_message"], message);
}

#[test]
fn deliveries_serialize_without_ids() {
    let lambda = eventful();
    lambda.settle_events().block();
    insta::assert_json_snapshot!(lambda.deliveries(), @r#"
    [
      {
        "delivery": 1,
        "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST",
        "payload": {
          "id": 7
        },
        "executions": [
          {
            "after_seconds": 0,
            "status": 429,
            "error": "TooManyRequestsException",
            "reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
          },
          {
            "after_seconds": 1,
            "status": 429,
            "error": "TooManyRequestsException",
            "reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
          },
          {
            "after_seconds": 3,
            "status": 429,
            "error": "TooManyRequestsException",
            "reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
          },
          {
            "after_seconds": 7,
            "status": 429,
            "error": "TooManyRequestsException",
            "reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
          },
          {
            "after_seconds": 15,
            "status": 200,
            "function_error": true,
            "payload": {
              "errorMessage": "busy",
              "errorType": "ValueError",
              "requestId": "<request-id>",
              "stackTrace": []
            },
            "executed_version": "$LATEST"
          },
          {
            "after_seconds": 75,
            "status": 200,
            "payload": {
              "ok": true
            },
            "executed_version": "$LATEST"
          }
        ],
        "condition": "Success",
        "ended_after_seconds": 75,
        "record_to": "arn:aws:lambda:us-east-1:123456789012:function:after",
        "record": {
          "requestContext": {
            "approximateInvokeCount": 2,
            "condition": "Success",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST",
            "requestId": "<request-id>"
          },
          "requestPayload": {
            "id": 7
          },
          "responseContext": {
            "executedVersion": "$LATEST",
            "statusCode": 200
          },
          "responsePayload": {
            "ok": true
          },
          "timestamp": "2025-01-01T00:01:15.000Z",
          "version": "1.0"
        }
      },
      {
        "delivery": 2,
        "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:mail:$LATEST",
        "payload": {},
        "executions": [
          {
            "after_seconds": 0,
            "status": 200,
            "function_error": true,
            "payload": {
              "errorMessage": "boom",
              "errorType": "Error"
            },
            "executed_version": "$LATEST"
          }
        ],
        "condition": "RetriesExhausted",
        "ended_after_seconds": 0,
        "record_to": "arn:aws:sqs:us-east-1:123456789012:q",
        "record": {
          "requestContext": {
            "approximateInvokeCount": 1,
            "condition": "RetriesExhausted",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:mail:$LATEST",
            "requestId": "<request-id>"
          },
          "requestPayload": {},
          "responseContext": {
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
            "statusCode": 200
          },
          "responsePayload": {
            "errorMessage": "boom",
            "errorType": "Error"
          },
          "timestamp": "2025-01-01T00:00:00.000Z",
          "version": "1.0"
        },
        "dead_letter_to": "arn:aws:sqs:us-east-1:123456789012:q",
        "error_code": 200,
        "error_message": "boom"
      },
      {
        "delivery": 3,
        "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:mail:$LATEST",
        "duplicate": true,
        "payload": {},
        "executions": [
          {
            "after_seconds": 0,
            "status": 200,
            "function_error": true,
            "payload": {
              "errorMessage": "boom",
              "errorType": "Error"
            },
            "executed_version": "$LATEST"
          }
        ],
        "condition": "RetriesExhausted",
        "ended_after_seconds": 0,
        "record_to": "arn:aws:sqs:us-east-1:123456789012:q",
        "record": {
          "requestContext": {
            "approximateInvokeCount": 1,
            "condition": "RetriesExhausted",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:mail:$LATEST",
            "requestId": "<request-id>"
          },
          "requestPayload": {},
          "responseContext": {
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
            "statusCode": 200
          },
          "responsePayload": {
            "errorMessage": "boom",
            "errorType": "Error"
          },
          "timestamp": "2025-01-01T00:00:00.000Z",
          "version": "1.0"
        },
        "dead_letter_to": "arn:aws:sqs:us-east-1:123456789012:q",
        "error_code": 200,
        "error_message": "boom"
      },
      {
        "delivery": 4,
        "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:lost:$LATEST",
        "payload": 1,
        "executions": [],
        "lost": true
      },
      {
        "delivery": 5,
        "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:after:$LATEST",
        "record_of": 1,
        "payload": {
          "requestContext": {
            "approximateInvokeCount": 2,
            "condition": "Success",
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST",
            "requestId": "<request-id>"
          },
          "requestPayload": {
            "id": 7
          },
          "responseContext": {
            "executedVersion": "$LATEST",
            "statusCode": 200
          },
          "responsePayload": {
            "ok": true
          },
          "timestamp": "2025-01-01T00:01:15.000Z",
          "version": "1.0"
        },
        "executions": [
          {
            "after_seconds": 0,
            "status": 200,
            "payload": "noted",
            "executed_version": "3"
          }
        ],
        "condition": "Success",
        "ended_after_seconds": 0
      }
    ]
    "#);
}

#[test]
fn a_failed_assertion_about_events_shows_their_delivery() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(boom()).then(json!(1));
        send(&lambda, "resize", "{}");
        lambda.assert_delivered(1);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 delivered event, got none
      help: let the event end first: `lambda.settle_events().await`

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          queued until 1m
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(boom());
        send(&lambda, "resize", "{}");
        lambda.settle_events().block();
        script.assert_dead_lettered(1);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected 1 dead-lettered event of this rule, got none
      help: set a queue with `event_invoke_config("resize").dead_letter_queue(..)`; `on_failure` receives records, not events
      rule: `resize`, scripted at tests/it/any_transport/events/reports.rs:LINE#1

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          execution 2 after 1m → 200 function error {"errorMessage":"boom","errorType":"Error"}
          execution 3 after 3m → 200 function error {"errorMessage":"boom","errorType":"Error"}
          RetriesExhausted
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(boom());
        send(&lambda, "resize", "{}");
        lambda.settle_events().block();
        lambda
            .seen("resize")
            .assert_event_retry_delays([seconds(60)]);
    });
    insta::assert_snapshot!(text, @r#"
    error: expected each event of `resize` to have the retry delays [60s], got [60s, 120s]
      help: change the script or `maximum_retry_attempts`, or expect [60s, 120s]

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          execution 2 after 1m → 200 function error {"errorMessage":"boom","errorType":"Error"}
          execution 3 after 3m → 200 function error {"errorMessage":"boom","errorType":"Error"}
          RetriesExhausted
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1));
        lambda.assert_event_retry_delays([]);
    });
    insta::assert_snapshot!(text, @r"
    error: expected each event to have the retry delays [], got no event
      help: invoke the function with the invocation type Event

    journal: empty, no request arrived
    ");
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("resize")
            .reply(Reply::json(json!(1)).delivered_times(2));
        send(&lambda, "resize", "{}");
        lambda.wait_until_idle().block();
        lambda.only_delivery();
    });
    insta::assert_snapshot!(text, @r"
    error: expected 1 delivery, got 2
      help: change the script, or expect 2 deliveries

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 1
          Success
          delivered again
            execution 1 → 200 1
            Success
    ");
}

#[test]
fn a_drop_does_not_report_a_queued_event_without_an_expectation() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(boom());
    send(&lambda, "resize", "{}");
}

#[test]
fn a_drop_reports_unmet_expectations_of_events_and_failures() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("resize").reply(boom()).then(json!(1));
        script.expect_delivered(1).expect_dead_lettered(0);
        send(&lambda, "resize", "{}");
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/events/reports.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: the rule for `resize` expected 1 delivered event, got none
      help: let the event end first: `lambda.settle_events().await`
      rule: `resize`, scripted at tests/it/any_transport/events/reports.rs:LINE#2

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          queued until 1m
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(boom()).times(1);
        lambda
            .event_invoke_config("resize")
            .maximum_event_age(seconds(65));
        send(&lambda, "resize", "{}");
        lambda.settle_events().block();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/events/reports.rs:LINE#1) found 1 problem

    error: the script was exhausted at call 1, which got 404 ResourceNotFoundException in the queue: resize Event {}
      help: add `.then(..)` after `.times(1)`, raise that number, or make fewer attempts
      rule: `resize`, scripted at tests/it/any_transport/events/reports.rs:LINE#2
        ✗ exhausted: it answered 1 time

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          executions 2 to 4, from 1m to 1m 3s → 404 ResourceNotFoundException (unscripted)
          EventAgeExceeded
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(json!(1));
        let config = lambda.event_invoke_config("resize");
        config.on_success("arn:aws:lambda:us-east-1:123456789012:function:resized");
        lambda
            .event_invoke_config("resized")
            .maximum_event_age(seconds(60));
        send(&lambda, "resize", "{}");
        lambda.settle_events().block();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/events/reports.rs:LINE#1) found 1 problem

    error: the record of call 1 was not scripted and got 404 ResourceNotFoundException in the queue: resized Event {"requestContext":{"approximateInvokeCount":1,"condition":"S… (358 bytes)
      help: change `resized` to `resize` in the destination, or script both
      nearest rule: `resize`, scripted at tests/it/any_transport/events/reports.rs:LINE#2
        ✗ function: called `resized`, the rule matches `resize`

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 1
          Success, record to arn:aws:lambda:us-east-1:123456789012:function:resized
          record to resized
            executions 1 to 6, from 0s to 31s → 404 ResourceNotFoundException (unscripted)
            EventAgeExceeded
    "#);
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("resize").reply(boom());
        send(&lambda, "resize", "{}");
        lambda
            .on("resize")
            .when(|_: &Invocation| panic!("no such key"))
            .reply(json!(1));
        lambda.advance(seconds(60)).block();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/events/reports.rs:LINE#1) found 1 problem

    error: a condition panicked at call 1: resize Event {}
      help: fix the panic, or return `false` instead of panicking
      condition: written at tests/it/any_transport/events/reports.rs:LINE#2; the client had already received its 202
      panicked at tests/it/any_transport/events/reports.rs:LINE#3
        no such key

    journal
      1 resize Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
          execution 2 after 1m → 418 FakeLambdaPanicked
          queued until 1m 1s
    "#);
}

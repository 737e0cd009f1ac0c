//! The journal.

use std::future::pending;
use std::time::Duration;

use fake_lambda::{
    FakeLambda, FunctionError, Invocation, Journal, Reply, ServiceError, ThrottleReason,
};
use serde_json::{Value, json};

use crate::any_transport::scripts::{DRY_RUN, EVENT, ask, ask_as, is_waiting};
use crate::raw::{self, Client};
use crate::waits::until;

/// A journal with many kinds of calls and attempts.
fn eventful() -> Journal {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let throttled = Reply::error(ServiceError::TooManyRequestsException);
    let throttled =
        throttled.reason(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
    let fine = Reply::json(json!({"ok": true, "at": [1.50, null]})).executed_version("7");
    lambda.on("resize:live").reply(throttled).then(fine);
    for number in ["attempt=1; max=3", "ttl=20260101T000000Z; attempt=2; max=3"] {
        let number = format!("amz-sdk-request: {number}");
        let fields = [
            "amz-sdk-invocation-id: 1f2e",
            &number,
            "X-Amz-Date: 20260101T000000Z",
        ];
        raw::invoke(
            &lambda,
            "resize:live",
            &fields,
            r#"{"size": "xl", "id": 7}"#,
        );
    }
    lambda
        .on("pay")
        .reply(FunctionError::timed_out(Duration::from_secs(3)));
    ask(&lambda, "pay");
    lambda
        .on("mail")
        .handle(async |_: Invocation| json!("sent"));
    ask_as(&lambda, "mail", EVENT);
    ask_as(&lambda, "mail", DRY_RUN);
    raw::invoke(&lambda, "ghost", &[], "");
    raw::invoke(&lambda, "pay", &[], "{\"order\": ");
    lambda
        .on("edge")
        .reply(Reply::http(502, "<html>\nbad gateway\n</html>"));
    ask(&lambda, "edge");
    lambda
        .on("odd")
        .reply(Reply::unmodeled_error("BrandNewException", 418));
    ask(&lambda, "odd");
    lambda
        .on("slow")
        .handle(async |_: Invocation| pending::<Value>().await);
    let mut client = Client::connect(&lambda);
    client.send_invoke("slow", &[], "[1]");
    until(|| is_waiting(&lambda));
    drop(client);
    until(|| lambda.seen("slow").only_call().attempts()[0].is_abandoned());
    lambda.settle_events().block();
    let mut client = Client::connect(&lambda);
    client.send(b"GET /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.read_reply();
    client.send_invoke("slow", &[], "");
    until(|| is_waiting(&lambda));
    lambda.journal()
}

#[test]
fn the_journal_shows_every_call_and_each_of_its_attempts() {
    insta::assert_snapshot!(eventful(), @r#"
    1 resize:live RequestResponse {"id":7,"size":"xl"}
      attempt 1/3 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded
      attempt 2/3 → 200 {"at":[1.5,null],"ok":true} version 7
    2 pay RequestResponse {}
      attempt 1 → 200 function error {"errorMessage":"RequestId: <request-id> Error: Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}
    3 mail Event {}
      attempt 1 → 202
        execution 1 → 200 "sent"
        Success
    4 mail DryRun {}
      attempt 1 → 204
    5 ghost RequestResponse (empty)
      attempt 1 → 404 ResourceNotFoundException (unscripted)
    6 pay RequestResponse {"order": 
      attempt 1 → 400 InvalidRequestContentException
    7 edge RequestResponse {}
      attempt 1 → 502 <html>\nbad gateway\n</html>
    8 odd RequestResponse {}
      attempt 1 → 418 BrandNewException
    9 slow RequestResponse [1]
      attempt 1 → no answer (still running) (abandoned by the client)
    10 GET /2015-03-31/functions
      → 403 AccessDeniedException (not an Invoke request)
    11 slow RequestResponse (empty)
      attempt 1 → waiting
    "#);
}

#[test]
fn the_journal_serializes_with_the_same_content() {
    insta::assert_json_snapshot!(eventful(), @r#"
    [
      {
        "call": 1,
        "function": "resize",
        "qualifier": "live",
        "invocation_type": "RequestResponse",
        "payload": {
          "id": 7,
          "size": "xl"
        },
        "attempts": [
          {
            "attempt": 1,
            "max_attempts": 3,
            "status": 429,
            "error": "TooManyRequestsException",
            "reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
          },
          {
            "attempt": 2,
            "max_attempts": 3,
            "status": 200,
            "payload": {
              "at": [
                1.5,
                null
              ],
              "ok": true
            },
            "executed_version": "7"
          }
        ]
      },
      {
        "call": 2,
        "function": "pay",
        "invocation_type": "RequestResponse",
        "payload": {},
        "attempts": [
          {
            "status": 200,
            "function_error": true,
            "payload": {
              "errorMessage": "RequestId: <request-id> Error: Task timed out after 3.00 seconds",
              "errorType": "Sandbox.Timedout"
            },
            "executed_version": "$LATEST"
          }
        ]
      },
      {
        "call": 3,
        "function": "mail",
        "invocation_type": "Event",
        "payload": {},
        "attempts": [
          {
            "status": 202,
            "deliveries": [
              {
                "delivery": 1,
                "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:mail:$LATEST",
                "payload": {},
                "executions": [
                  {
                    "after_seconds": 0,
                    "status": 200,
                    "payload": "sent",
                    "executed_version": "$LATEST"
                  }
                ],
                "condition": "Success",
                "ended_after_seconds": 0
              }
            ]
          }
        ]
      },
      {
        "call": 4,
        "function": "mail",
        "invocation_type": "DryRun",
        "payload": {},
        "attempts": [
          {
            "status": 204
          }
        ]
      },
      {
        "call": 5,
        "function": "ghost",
        "invocation_type": "RequestResponse",
        "payload": "",
        "attempts": [
          {
            "status": 404,
            "error": "ResourceNotFoundException",
            "unscripted": true
          }
        ]
      },
      {
        "call": 6,
        "function": "pay",
        "invocation_type": "RequestResponse",
        "payload": "{\"order\": ",
        "attempts": [
          {
            "status": 400,
            "error": "InvalidRequestContentException"
          }
        ]
      },
      {
        "call": 7,
        "function": "edge",
        "invocation_type": "RequestResponse",
        "payload": {},
        "attempts": [
          {
            "status": 502,
            "payload": "<html>\\nbad gateway\\n</html>"
          }
        ]
      },
      {
        "call": 8,
        "function": "odd",
        "invocation_type": "RequestResponse",
        "payload": {},
        "attempts": [
          {
            "status": 418,
            "error": "BrandNewException"
          }
        ]
      },
      {
        "call": 9,
        "function": "slow",
        "invocation_type": "RequestResponse",
        "payload": [
          1
        ],
        "attempts": [
          {
            "running": true,
            "abandoned": true
          }
        ]
      },
      {
        "call": 10,
        "request": "GET /2015-03-31/functions",
        "attempts": [
          {
            "status": 403,
            "error": "AccessDeniedException"
          }
        ]
      },
      {
        "call": 11,
        "function": "slow",
        "invocation_type": "RequestResponse",
        "payload": "",
        "attempts": [
          {
            "waiting": true,
            "running": true
          }
        ]
      }
    ]
    "#);
}

#[test]
fn nothing_in_the_journal_changes_from_run_to_run() {
    let (one, other) = (eventful(), eventful());
    assert_eq!(one.to_string(), other.to_string());
    let json = |journal| serde_json::to_string(&journal).unwrap();
    assert_eq!(json(one), json(other));
}

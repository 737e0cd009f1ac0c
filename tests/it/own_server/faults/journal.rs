//! The journal's entry about each fault, as text and as data.

use std::time::Duration;

use fake_lambda::{FakeLambda, Fault, Reply, ServiceError};
use serde_json::json;

use super::Sort::{self, FunctionError, Success};
use super::lines;
use crate::raw::Client;

const PAUSE: Duration = Duration::from_millis(1);

/// The journal of one attempt for each reply, after the attempt has ended.
fn said_of(replies: impl IntoIterator<Item = (Reply, Option<Fault>)>) -> String {
    let lambda = FakeLambda::start();
    for (reply, fault) in replies {
        let script = lambda.on("f").reply(reply);
        let mut client = Client::connect(&lambda);
        client.send_invoke("f", &["Connection: close"], "{}");
        match fault {
            Some(Fault::Hang | Fault::StallAfter(_)) => drop(client),
            _ => drop(client.read_out()),
        }
        script.wait_for_attempts(1).block();
    }
    lines(&lambda).replace("f RequestResponse {} attempt 1 → ", "")
}

fn on(sort: Sort, faults: &[Fault]) -> String {
    let replies = faults
        .iter()
        .map(|fault| (sort.reply().fault(*fault), Some(*fault)));
    said_of(replies)
}

/// Every fault, in the order of the enum's variants.
const ALL: [Fault; 16] = [
    Fault::Reset,
    Fault::CloseBeforeReply,
    Fault::Hang,
    Fault::Garbage,
    Fault::ResetInHead,
    Fault::TruncateHead,
    Fault::SlowHead {
        bytes: 99,
        every: PAUSE,
    },
    Fault::TruncateAfter(5),
    Fault::ResetAfter(5),
    Fault::StallAfter(5),
    Fault::Dribble {
        bytes: 9,
        every: PAUSE,
    },
    Fault::BadChunk,
    Fault::LengthTooLong(7),
    Fault::LengthTooShort(2),
    Fault::CloseAfterReply,
    Fault::ResetOnReuse,
];

#[test]
fn the_journal_names_a_fault_without_a_reply() {
    let alone = [
        Fault::Reset,
        Fault::CloseBeforeReply,
        Fault::Hang,
        Fault::Garbage,
    ];
    insta::assert_snapshot!(said_of(alone.map(|fault| (fault.into(), Some(fault)))), @r"
    reset before any byte
    closed before any byte
    no byte, hanging (abandoned by the client)
    bytes that are not HTTP
    ");
}

#[test]
fn the_journal_shows_the_lost_reply_and_that_the_function_ran() {
    insta::assert_snapshot!(on(Success, &ALL), @r#"
    reset before any byte (ran, lost 200 {"paid":42})
    closed before any byte (ran, lost 200 {"paid":42})
    no byte, hanging (ran, lost 200 {"paid":42}) (abandoned by the client)
    bytes that are not HTTP (ran, lost 200 {"paid":42})
    reset inside the head (ran, lost 200 {"paid":42})
    closed inside the head (ran, lost 200 {"paid":42})
    200 {"paid":42}, head sent 99 bytes every 1ms
    closed after 5 bytes of the body (ran, lost 200 {"paid":42})
    reset after 5 bytes of the body (ran, lost 200 {"paid":42})
    stalled after 5 bytes of the body (ran, lost 200 {"paid":42}) (abandoned by the client)
    200 {"paid":42}, body sent 9 bytes every 1ms
    a chunk without a size (ran, lost 200 {"paid":42})
    content length 7 bytes too long (ran, lost 200 {"paid":42})
    content length 2 bytes too short (ran, lost 200 {"paid":42})
    200 {"paid":42}, closed after the reply
    200 {"paid":42}, reset on the next request
    "#);
}

#[test]
fn a_lost_service_error_did_not_run_the_function() {
    insta::assert_snapshot!(on(Sort::ServiceError, &[Fault::Reset, Fault::BadChunk, Fault::CloseAfterReply]), @r#"
    reset before any byte (lost 404 ResourceNotFoundException)
    a chunk without a size (lost 404 ResourceNotFoundException)
    404 ResourceNotFoundException, closed after the reply
    "#);
}

#[test]
fn a_lost_function_error_did_run_the_function() {
    insta::assert_snapshot!(on(FunctionError, &[Fault::Reset, Fault::TruncateAfter(5)]), @r#"
    reset before any byte (ran, lost 200 function error {"errorMessage":"no such order","errorType":"ValueError"})
    closed after 5 bytes of the body (ran, lost 200 function error {"errorMessage":"no such order","errorType":"ValueError"})
    "#);
}

#[test]
fn the_journal_shows_malformed_replies_as_sent() {
    let error = || Reply::error(ServiceError::TooManyRequestsException);
    let replies = [
        error().status(200),
        error().body("<html>slow down</html>"),
        Reply::json(json!(1)).status(500),
        Reply::json(json!(1))
            .body("[")
            .fault(Fault::TruncateAfter(0)),
    ];
    insta::assert_snapshot!(said_of(replies.map(|reply| (reply, None))), @r#"
    200 TooManyRequestsException
    429 TooManyRequestsException <html>slow down</html>
    500 1
    closed after 0 bytes of the body (ran, lost 200 [)
    "#);
}

#[test]
fn the_serialized_form_has_fault_run_and_reply() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Fault::Reset)
        .then(Success.reply().fault(Fault::ResetAfter(3)))
        .then(Sort::ServiceError.reply().fault(Fault::TruncateHead));
    for number in 1..=3 {
        let mut client = Client::connect(&lambda);
        let number = format!("amz-sdk-request: attempt={number}; max=3");
        client.send_invoke("f", &[&number, "amz-sdk-invocation-id: 1f2e"], "{}");
        client.read_out();
    }
    insta::assert_json_snapshot!(lambda.only_call().attempts(), @r#"
    [
      {
        "attempt": 1,
        "max_attempts": 3,
        "fault": "reset before any byte",
        "ran": false
      },
      {
        "attempt": 2,
        "max_attempts": 3,
        "fault": "reset after 3 bytes of the body",
        "ran": true,
        "status": 200,
        "payload": {
          "paid": 42
        },
        "executed_version": "$LATEST"
      },
      {
        "attempt": 3,
        "max_attempts": 3,
        "fault": "closed inside the head",
        "ran": false,
        "status": 404,
        "error": "ResourceNotFoundException"
      }
    ]
    "#);
}

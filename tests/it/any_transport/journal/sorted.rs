//! The journal of parallel clients.

use std::thread;

use fake_lambda::matchers::attempt;
use fake_lambda::{Invocation, Journal, ServiceError};
use serde_json::json;

use crate::raw::Client;
use crate::transport::FakeLambda;

/// The journal of three concurrent clients, each with calls of two attempts.
fn parallel() -> Journal {
    let lambda = FakeLambda::start();
    lambda.on("square").handle(async |invocation: Invocation| {
        let number = invocation.payload_json()["n"].as_u64().unwrap();
        json!({"of": number, "is": number * number})
    });
    lambda
        .on("square")
        .when(attempt(1))
        .reply(ServiceError::TooManyRequestsException);
    thread::scope(|scope| {
        for client in 0..3_u32 {
            let lambda = &lambda;
            scope.spawn(move || {
                let mut connection = Client::connect(lambda);
                for number in [client, client + 3] {
                    for attempt in 1..=2 {
                        let fields = [
                            format!("amz-sdk-invocation-id: {number}"),
                            format!("amz-sdk-request: attempt={attempt}; max=3"),
                        ];
                        let function = ["square", "square:live"][number as usize % 2];
                        let payload = json!({"n": number}).to_string();
                        connection.send_invoke(
                            function,
                            &fields.each_ref().map(String::as_str),
                            payload,
                        );
                        connection.read_reply();
                    }
                }
            });
        }
    });
    lambda.wait_until_idle().block();
    lambda.journal()
}

#[test]
fn a_sorted_journal_is_identical_in_a_hundred_runs() {
    let json = |journal: &Journal| serde_json::to_string(journal).unwrap();
    let first = parallel().sorted();
    let (text, data) = (first.to_string(), json(&first));
    for _ in 1..100 {
        let next = parallel().sorted();
        assert_eq!(next.to_string(), text);
        assert_eq!(json(&next), data);
    }
    insta::assert_snapshot!(text, @r#"
    1 square RequestResponse {"n":0}
      attempt 1/3 → 429 TooManyRequestsException
      attempt 2/3 → 200 {"is":0,"of":0}
    2 square RequestResponse {"n":2}
      attempt 1/3 → 429 TooManyRequestsException
      attempt 2/3 → 200 {"is":4,"of":2}
    3 square RequestResponse {"n":4}
      attempt 1/3 → 429 TooManyRequestsException
      attempt 2/3 → 200 {"is":16,"of":4}
    4 square:live RequestResponse {"n":1}
      attempt 1/3 → 429 TooManyRequestsException
      attempt 2/3 → 200 {"is":1,"of":1}
    5 square:live RequestResponse {"n":3}
      attempt 1/3 → 429 TooManyRequestsException
      attempt 2/3 → 200 {"is":9,"of":3}
    6 square:live RequestResponse {"n":5}
      attempt 1/3 → 429 TooManyRequestsException
      attempt 2/3 → 200 {"is":25,"of":5}
    "#);
}

#[test]
fn a_yaml_snapshot_needs_no_redactions() {
    let mut calls = parallel().sorted().calls();
    calls.truncate(1);
    insta::assert_yaml_snapshot!(calls, @r#"
    - call: 1
      function: square
      invocation_type: RequestResponse
      payload:
        n: 0
      attempts:
        - attempt: 1
          max_attempts: 3
          status: 429
          error: TooManyRequestsException
        - attempt: 2
          max_attempts: 3
          status: 200
          payload:
            is: 0
            of: 0
          executed_version: $LATEST
    "#);
}

#[test]
fn sorting_renumbers_the_calls_and_keeps_the_order_of_attempts() {
    let journal = parallel().sorted();
    let calls = journal.calls();
    let numbers: Vec<_> = calls.iter().map(|call| call.number()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    for call in calls {
        let attempts = call.attempts().iter();
        let attempts = attempts.map(|attempt| attempt.invocation().attempt());
        assert!(attempts.eq([Some(1), Some(2)]));
    }
}

//! Whole clients, with the default set of modes.

#[path = "../../../../examples/quickstart.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a program of its own")]
mod quickstart;

use std::collections::BTreeSet;

use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use fake_lambda::sweep::{Modes, Persistence, Verdict};
use fake_lambda::{FakeLambda, ServiceError, sdk_client, sweep};
use insta::assert_snapshot;
use serde_json::json;
use tokio::time::sleep;

use super::{bounded, careless, correct, invoked, seconds, two_functions, verdicts};

#[test]
fn a_correct_client_has_no_verdict_that_assert_rejects() {
    let report = sweep(two_functions, correct).run();
    report.assert();
    assert_snapshot!(report, @r#"
    221 cells: 24 repeats, 14 gives up, 22 wastes, 97 fails, 52 recovers, 12 tolerates
    golden run: Ok("paid 42"), price 1 attempt, pay 1 attempt
    price, once
      repeats    6 damaged replies: ok, `price` ran once too often, 2 attempts, within 1s
      gives up   5 temporary service errors, Hang, Garbage: 1 attempt, within 100s
      fails      9 permanent service errors, 4 function errors, StallAfter, LengthTooShort, 900s late: 1 attempt, within 100s
      recovers   4 damaged replies, 1s late, 30s late: 1 attempt, within 50s
      recovers   5 temporary service errors, 11 permanent service errors, Reset, CloseBeforeReply: 2 attempts, within 1s
    price, always
      repeats    6 damaged replies: failed, `price` ran 2 times too many, 3 attempts, within 2s
      wastes     11 permanent service errors: failed, 2 useless attempts, within 2s
      fails      5 temporary service errors, 9 permanent service errors, 4 function errors, Hang, Garbage, StallAfter, LengthTooShort, 900s late: 1 attempt, within 100s
      fails      5 temporary service errors, Reset, CloseBeforeReply: 3 attempts, within 2s
      tolerates  4 damaged replies, 1s late, 30s late: 1 attempt, within 50s
    price, other
      fails      throttle 5 times, throttle for 10s: 3 attempts, within 2s
      recovers   throttle once: 2 attempts, within 1s
      recovers   throttle 2 times: 3 attempts, within 2s
    pay, once
      repeats    6 damaged replies: ok, `pay` ran once too often, 2 attempts, within 1s
      gives up   5 temporary service errors, Hang, Garbage: 1 attempt, within 100s
      fails      9 permanent service errors, 4 function errors, StallAfter, LengthTooShort, 900s late: 1 attempt, within 100s
      recovers   4 damaged replies, 1s late, 30s late: 1 attempt, within 50s
      recovers   5 temporary service errors, 11 permanent service errors, Reset, CloseBeforeReply: 2 attempts, within 1s
    pay, always
      repeats    6 damaged replies: failed, `pay` ran 2 times too many, 3 attempts, within 2s
      wastes     11 permanent service errors: failed, 2 useless attempts, within 2s
      fails      5 temporary service errors, 9 permanent service errors, 4 function errors, Hang, Garbage, StallAfter, LengthTooShort, 900s late: 1 attempt, within 100s
      fails      5 temporary service errors, Reset, CloseBeforeReply: 3 attempts, within 2s
      tolerates  4 damaged replies, 1s late, 30s late: 1 attempt, within 50s
    pay, other
      fails      throttle 5 times, throttle for 10s: 3 attempts, within 2s
      recovers   throttle once: 2 attempts, within 1s
      recovers   throttle 2 times: 3 attempts, within 2s
    every function, other
      fails      outage for 5s: 0 attempts, within 2s
    not possible at pay, price: lost event, event delivered twice
    "#);
}

#[test]
fn a_client_with_every_mistake_has_every_verdict() {
    let report = sweep(two_functions, careless).run();
    let found: BTreeSet<Verdict> = verdicts(&report).into_iter().collect();
    assert_eq!(found, Verdict::ALL.into());
    assert_snapshot!(report, @r#"
    221 cells: 2 panics, 8 unbounded, 8 wrong, 24 repeats, 12 gives up, 22 wastes, 77 fails, 54 recovers, 14 tolerates
    golden run: Ok("paid 42"), price 1 attempt, pay 1 attempt
    price, once
      panics     LengthTooShort: panicked: called `Result::unwrap()` on an `Err` value: Error("EOF whil…, 1 attempt
      unbounded  Hang, StallAfter: 1 attempt
      wrong      4 function errors: Ok("paid 0"), 1 attempt
      repeats    6 damaged replies: ok, `price` ran once too often, 2 attempts, within 1s
      gives up   5 temporary service errors, Garbage: 1 attempt
      fails      9 permanent service errors: 1 attempt
      recovers   4 damaged replies, 3 late replies: 1 attempt, within 1000s
      recovers   5 temporary service errors, 11 permanent service errors, Reset, CloseBeforeReply: 2 attempts, within 1s
    price, always
      panics     LengthTooShort: panicked: called `Result::unwrap()` on an `Err` value: Error("EOF whil…, 1 attempt
      unbounded  Hang, StallAfter: 1 attempt
      wrong      4 function errors: Ok("paid 0"), 1 attempt
      repeats    6 damaged replies: failed, `price` ran 2 times too many, 3 attempts, within 2s
      wastes     11 permanent service errors: failed, 2 useless attempts, within 2s
      fails      5 temporary service errors, 9 permanent service errors, Garbage: 1 attempt
      fails      5 temporary service errors, Reset, CloseBeforeReply: 3 attempts, within 2s
      tolerates  4 damaged replies, 3 late replies: 1 attempt, within 1000s
    price, other
      fails      throttle 5 times, throttle for 10s: 3 attempts, within 2s
      recovers   throttle once: 2 attempts, within 1s
      recovers   throttle 2 times: 3 attempts, within 2s
    pay, once
      unbounded  Hang, StallAfter: 1 attempt
      repeats    6 damaged replies: ok, `pay` ran once too often, 2 attempts, within 1s
      gives up   5 temporary service errors, Garbage: 1 attempt
      fails      9 permanent service errors, 4 function errors, LengthTooShort: 1 attempt
      recovers   4 damaged replies, 3 late replies: 1 attempt, within 1000s
      recovers   5 temporary service errors, 11 permanent service errors, Reset, CloseBeforeReply: 2 attempts, within 1s
    pay, always
      unbounded  Hang, StallAfter: 1 attempt
      repeats    6 damaged replies: failed, `pay` ran 2 times too many, 3 attempts, within 2s
      wastes     11 permanent service errors: failed, 2 useless attempts, within 2s
      fails      5 temporary service errors, 9 permanent service errors, 4 function errors, Garbage, LengthTooShort: 1 attempt
      fails      5 temporary service errors, Reset, CloseBeforeReply: 3 attempts, within 2s
      tolerates  4 damaged replies, 3 late replies: 1 attempt, within 1000s
    pay, other
      fails      throttle 5 times, throttle for 10s: 3 attempts, within 2s
      recovers   throttle once: 2 attempts, within 1s
      recovers   throttle 2 times: 3 attempts, within 2s
    every function, other
      fails      outage for 5s: 0 attempts, within 2s
    not possible at pay, price: lost event, event delivered twice
    "#);
}

/// As boto users write it: the SDK does not retry, and a loop does.
#[test]
fn a_loop_of_the_application_is_judged_as_retries_of_the_sdk_are() {
    async fn looped(lambda: &FakeLambda) -> Result<String, String> {
        let client = bounded(lambda, 1);
        let mut wait = seconds(1);
        for _ in 0..4 {
            let output = client.invoke().function_name("price").send().await;
            match output {
                Ok(output) if output.function_error().is_none() => {
                    let payload = output.payload().map_or(&b""[..], Blob::as_ref);
                    return Ok(String::from_utf8_lossy(payload).into_owned());
                }
                Ok(_) => return Err("price failed".to_owned()),
                Err(error) => {
                    let code = error.code().unwrap_or_default().parse::<ServiceError>();
                    if !code.is_ok_and(ServiceError::is_temporary) {
                        return Err("price cannot be called".to_owned());
                    }
                }
            }
            sleep(wait).await;
            wait *= 2;
        }
        Err("price is not available".to_owned())
    }
    let setup = |lambda: &FakeLambda| {
        lambda.on("price").reply(json!({"amount": 42}));
    };
    let report = sweep(setup, looped)
        .modes(
            Modes::errors()
                .and(Modes::function_errors())
                .and(Modes::throttles()),
        )
        .run();
    // The client recovers if a temporary error occurs once. It does not retry a permanent error.
    report.assert_never([
        Verdict::Panics,
        Verdict::Unbounded,
        Verdict::Wrong,
        Verdict::Repeats,
        Verdict::GivesUp,
        Verdict::Wastes,
    ]);
    assert_snapshot!(report, @r#"
    72 cells: 60 fails, 12 recovers
    golden run: Ok("{\"amount\":42}"), price 1 attempt
    price, once
      fails      20 permanent service errors, 4 function errors: 1 attempt
      recovers   10 temporary service errors: 2 attempts, within 1s
    price, always
      fails      20 permanent service errors, 4 function errors: 1 attempt
      fails      10 temporary service errors: 4 attempts, within 20s
    price, other
      fails      throttle 5 times, throttle for 10s: 4 attempts, within 20s
      recovers   throttle once: 2 attempts, within 1s
      recovers   throttle 2 times: 3 attempts, within 5s
    "#);
}

#[test]
fn the_client_of_the_quickstart_waits_without_bound() {
    let setup = |lambda: &FakeLambda| {
        lambda.on("pay").reply(json!({"paid": true}));
    };
    let run = async |lambda: &FakeLambda| {
        let client = sdk_client!(aws_sdk_lambda, lambda);
        quickstart::pay(&client).await
    };
    let report = sweep(setup, run).run();
    let unbounded = report
        .cells()
        .iter()
        .filter(|cell| cell.verdict() == Verdict::Unbounded);
    let unbounded: BTreeSet<&str> = unbounded.map(|cell| cell.mode()).collect();
    assert_eq!(unbounded, ["Hang", "StallAfter"].into());
    report.assert_never([Verdict::Panics, Verdict::Wrong]);
}

/// A fallback is called only after a failure; its work is new and not repeated.
#[test]
fn a_client_with_a_fallback_tolerates_each_error() {
    let fallback = async |lambda: &FakeLambda| {
        let client = bounded(lambda, 1);
        match invoked(&client, "fast", json!(7)).await {
            Ok(answer) => Ok(answer),
            Err(_) => invoked(&client, "safe", json!(7)).await,
        }
    };
    let setup = |lambda: &FakeLambda| {
        lambda.on("fast").reply(json!("done"));
        lambda.on("safe").reply(json!("done"));
    };
    let report = sweep(setup, fallback)
        .modes(Modes::errors())
        .persistence([Persistence::Always])
        .run();
    let found: BTreeSet<Verdict> = verdicts(&report).into_iter().collect();
    assert_eq!(found, [Verdict::Tolerates].into());
    let calls = report.cells().iter().map(|cell| cell.calls_after_failure());
    assert_eq!(calls.max(), Some(1));
}

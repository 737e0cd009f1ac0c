//! The sets of modes, and modes of the user.

use fake_lambda::sweep::{Mode, Modes, Nature, Persistence, Verdict};
use fake_lambda::{FakeLambda, Fault, FunctionError, Reply, ServiceError, sweep};
use insta::assert_snapshot;
use serde_json::json;

use super::{bounded, correct, invoked, lines, seconds, two_functions, verdicts};

#[test]
fn each_set_has_its_modes() {
    let names =
        |modes: Modes| -> Vec<String> { modes.iter().map(|mode| mode.name().to_owned()).collect() };
    assert_eq!(names(Modes::errors()).len(), 30);
    assert_eq!(names(Modes::faults()).len(), 16);
    assert_eq!(
        names(Modes::function_errors()),
        [
            "function error",
            "timeout",
            "out of memory",
            "response too large"
        ]
    );
    assert_eq!(
        names(Modes::latencies()),
        ["1s late", "30s late", "900s late"]
    );
    let documented = names(Modes::documented());
    let all = names(Modes::all());
    assert_eq!(documented.len(), 30 + 4 + 16 + 3 + 1 + 1 + 2 + 6);
    assert_eq!(all.len(), documented.len() - 30 + ServiceError::ALL.len());
    assert!(documented.iter().all(|name| all.contains(name)));
}

/// The fake's own facts decide, not the name of a mode.
#[test]
fn the_nature_of_a_mode_follows_from_what_happened() {
    let modes = vec![
        ("busy", Reply::error(ServiceError::TooManyRequestsException)),
        ("no key", Reply::error(ServiceError::KmsDisabledException)),
        ("new", Reply::unmodeled_error("NewException", 503)),
        ("odd", Reply::unmodeled_error("OddException", 400)),
        ("thrown", Reply::from(FunctionError::new("E", "boom"))),
        ("reset", Reply::from(Fault::Reset)),
        ("lost", Reply::from(Fault::ResetInHead)),
    ];
    let report = sweep(two_functions, correct)
        .modes(modes)
        .persistence([Persistence::Always])
        .on(["price"])
        .run();
    let natures: Vec<Nature> = report.cells().iter().map(|cell| cell.nature()).collect();
    use Nature::{Ambiguous, Permanent, Temporary};
    let expected = [
        Temporary, Permanent, Temporary, Permanent, Permanent, Temporary, Ambiguous,
    ];
    assert_eq!(natures, expected, "{}", lines(&report));
}

#[test]
fn an_earlier_mode_of_the_same_name_is_replaced() {
    let busy = Mode::new("function error", FunctionError::new("Busy", "try again"))
        .nature(Nature::Temporary);
    let modes = Modes::function_errors().and(busy);
    assert_eq!(modes.iter().count(), 4);
    let report = sweep(two_functions, correct).modes(modes).on(["pay"]).run();
    let last = report.cells().iter().rev().take(2);
    let verdicts: Vec<Verdict> = last.map(|cell| cell.verdict()).collect();
    // Temporary and once: the client should have tried again.
    assert_eq!(verdicts, [Verdict::Fails, Verdict::GivesUp]);
}

/// A throttle of ten seconds is over for a client that waits long enough.
#[test]
fn a_throttle_of_ten_seconds_ends() {
    let patient = async |lambda: &FakeLambda| {
        let client = bounded(lambda, 1);
        let mut last = invoked(&client, "price", json!(null)).await;
        for _ in 0..5 {
            if last.is_ok() {
                break;
            }
            tokio::time::sleep(seconds(3)).await;
            last = invoked(&client, "price", json!(null)).await;
        }
        last
    };
    let setup = |lambda: &FakeLambda| {
        lambda.on("price").reply(json!({"amount": 42}));
    };
    let report = sweep(setup, patient)
        .modes(Modes::throttles().and(Modes::outages()))
        .run();
    assert_eq!(verdicts(&report), [Verdict::Recovers; 5]);
    let attempts: Vec<usize> = report.cells().iter().map(|cell| cell.attempts()).collect();
    // During the outage no attempt reaches the fake.
    assert_eq!(attempts, [2, 3, 6, 5, 1]);
    let elapsed: Vec<_> = report
        .cells()
        .iter()
        .map(|cell| cell.elapsed().as_secs())
        .collect();
    assert_eq!(elapsed, [3, 6, 15, 12, 6]);
}

#[test]
fn results_can_be_compared_by_the_user() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let numbered = async |lambda: &FakeLambda| {
        let paid = correct(lambda).await?;
        Ok::<_, String>((RUNS.fetch_add(1, Ordering::Relaxed), paid))
    };
    let throttle = ServiceError::TooManyRequestsException;
    let one = || {
        sweep(two_functions, numbered)
            .modes(throttle)
            .persistence([Persistence::Once])
    };
    assert_eq!(verdicts(&one().run()), [Verdict::Wrong; 2]);
    let same = one().same_if(|golden, got| golden.1 == got.1).run();
    assert_eq!(verdicts(&same), [Verdict::Recovers; 2]);
}

/// A mode that occurs once does not also hit the other version, to which the code falls back.
#[test]
fn attempts_at_all_qualifiers_of_a_function_are_counted_together() {
    let falls_back = async |lambda: &FakeLambda| {
        let client = bounded(lambda, 1);
        match invoked(&client, "price:blue", json!(null)).await {
            Ok(price) => Ok(price),
            Err(_) => invoked(&client, "price:green", json!(null)).await,
        }
    };
    let setup = |lambda: &FakeLambda| {
        lambda.on("price").reply(json!({"amount": 42}));
    };
    let report = sweep(setup, falls_back)
        .modes(ServiceError::TooManyRequestsException)
        .persistence([
            Persistence::Once,
            Persistence::Burst(2),
            Persistence::Always,
        ])
        .run();
    assert_eq!(
        verdicts(&report),
        [Verdict::Recovers, Verdict::Fails, Verdict::Fails]
    );
}

/// The function is called after the throttle of ten seconds.
#[test]
fn a_mode_that_occurs_with_another_persistence_is_left_out_with_its_own() {
    let late = async |lambda: &FakeLambda| {
        tokio::time::sleep(seconds(11)).await;
        correct(lambda).await
    };
    let report = sweep(two_functions, late)
        .modes(Modes::throttles().and(Modes::events()))
        .on(["pay"])
        .run();
    assert_snapshot!(report, @r#"
    3 cells: 1 fails, 2 recovers
    golden run: Ok("paid 42"), price 1 attempt, pay 1 attempt
    pay, other
      fails      throttle 5 times: 3 attempts, within 20s
      recovers   throttle once: 2 attempts, within 20s
      recovers   throttle 2 times: 3 attempts, within 20s
    not possible at pay: throttle for 10s, lost event, event delivered twice
    "#);
}

/// The code connects for the first time when the outage of five seconds is over.
#[test]
fn an_outage_that_refuses_no_connection_is_left_out() {
    let late = async |lambda: &FakeLambda| {
        tokio::time::sleep(seconds(6)).await;
        correct(lambda).await
    };
    let report = sweep(two_functions, late).modes(Modes::outages()).run();
    assert_snapshot!(report, @r#"
    0 cells
    golden run: Ok("paid 42"), price 1 attempt, pay 1 attempt
    not possible at every function: outage
    "#);
}

//! Constraints that cannot be.

use std::panic::Location;
use std::time::Duration;

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use crate::panics::caught;
use crate::text::without_lines;
use crate::transport::FakeLambda;

/// What panics, and the line on which it was written.
type Written = (u32, fn(&FakeLambda));

#[track_caller]
fn here(run: fn(&FakeLambda)) -> Written {
    (Location::caller().line(), run)
}

#[rstest]
#[case::no_function(
    here(|l| drop(l.reserve_concurrency("a b", 1))),
    "`a b` is no function: it is no name, `name:qualifier`, partial ARN or full ARN of a function (letters, digits, `-`, `_` and `.`; \
     a qualifier is a version, an alias, `$LATEST` or `$LATEST.PUBLISHED`)"
)]
#[case::reserved_for_a_qualifier(
    here(|l| drop(l.reserve_concurrency("f:live", 1))),
    "`reserve_concurrency(\"f:live\", ..)`: the limit is the whole function's, and `live` is one qualifier of it: write `f`"
)]
#[case::rate_of_a_qualifier(
    here(|l| drop(l.function_rate_limit("f:7", 1, 1))),
    "`function_rate_limit(\"f:7\", ..)`: the limit is the whole function's, and `7` is one qualifier of it: write `f`"
)]
#[case::negative_rate(
    here(|l| drop(l.rate_limit(-1, 1))),
    "`rate_limit`, -1 a second with a burst of 1: a rate is a number of attempts a second, from 0 on, and with 0 none follows the burst"
)]
#[case::no_number(
    here(|l| drop(l.rate_limit(f64::NAN, 1))),
    "`rate_limit`, NaN a second with a burst of 1: a rate is a number of attempts a second, from 0 on, and with 0 none follows the burst"
)]
#[case::no_burst(
    here(|l| drop(l.function_rate_limit("f", 1, 0))),
    "`function_rate_limit`, 1 a second with a burst of 0: a burst of 0 lets nothing through at any rate: it is at least 1"
)]
#[case::pending_never(
    here(|l| drop(l.pending("f", 0))),
    "`pending`: no attempt would ever meet it for 0 attempts"
)]
#[case::updating_for_no_time(
    here(|l| drop(l.updating("f", Duration::ZERO))),
    "`updating`: no attempt would ever meet it for 0ns"
)]
#[case::snapshot_of_latest(
    here(|l| drop(l.snap_start("f:$LATEST", 0, Duration::ZERO))),
    "`snap_start(\"f:$LATEST\", ..)`: only published versions have snapshots: name one, or an alias, as in `f:7`"
)]
#[case::snapshot_of_no_version(
    here(|l| drop(l.snap_start("f", 0, Duration::ZERO))),
    "`snap_start(\"f\", ..)`: only published versions have snapshots: name one, or an alias, as in `f:7`"
)]
#[case::less_than_no_attempt(
    here(|l| drop(l.snap_start("f:7", -1, Duration::ZERO))),
    "`snap_start`: no attempt would ever meet it for -1 attempts"
)]
#[case::delay_backwards(
    here(|l| drop(l.cold_starts("f", Duration::from_secs(2)..Duration::from_secs(1)))),
    "no delay is from 2s to 1s: the shorter one comes first"
)]
#[case::dropped_fake(
    here(|_| { let l = FakeLambda::start().handle(); l.pending("f", 1); }),
    "this constraint is for a fake that was dropped: keep `FakeLambda` alive as long as the test scripts it"
)]
fn a_mistake_panics_where_it_is_made(#[case] (line, run): Written, #[case] text: &str) {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let panic = caught(|| run(&lambda));
    assert_eq!(
        (&*panic.text, &*panic.file, panic.line),
        (text, file!(), line)
    );
}

#[test]
fn a_constraint_that_no_rule_lets_anything_meet_is_found() {
    let lambda = FakeLambda::start_with(|builder| builder.seed(0).verify_on_drop(false));
    lambda.on("resize").reply(json!(1));
    lambda.reserve_concurrency("resise", 0);
    lambda.pending("pay:7", 1);
    lambda.cold_starts("resize:7", Duration::ZERO);
    lambda.account_concurrency(0);
    let stopped = lambda.updating("ship", 1);
    stopped.stop();
    assert_snapshot!(without_lines(lambda.try_verify().unwrap_err()), @r#"
    no client got an answer from this fake
    fake-lambda, started at tests/it/any_transport/constraints/mistakes.rs:LINE#1, found 2 problems:

    ✗ a constraint that nothing can meet, `reserve_concurrency("resise", ..)`, written at tests/it/any_transport/constraints/mistakes.rs:LINE#2: no rule is for `resise`
        did you mean `resize`? it has a rule
        to change: correct the target of the constraint, or script `lambda.on("resise").reply(..)`

    ✗ a constraint that nothing can meet, `pending("pay:7", ..)`, written at tests/it/any_transport/constraints/mistakes.rs:LINE#3: no rule is for `pay:7`
        to change: correct the target of the constraint, or script `lambda.on("pay:7").reply(..)`

    the journal is empty: no request has come
    seed 0
    "#);
    assert!(lambda.try_verify().is_ok(), "each is told once");
    lambda.on_any().reply(json!(2));
    lambda.updating("ship", 1);
    assert!(lambda.try_verify().is_ok());
}

#[test]
fn a_constraint_shows_what_it_is_and_where() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let constraint = lambda.reserve_concurrency("f", 0);
    let shown = format!("{constraint:?}");
    let line = line!() - 2;
    assert_eq!(
        shown,
        format!(
            "Constraint {{ constraint: reserve_concurrency(\"f\", ..), written_at: {}:{line}:29, .. }}",
            file!()
        )
    );
}

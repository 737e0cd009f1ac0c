//! Invalid constraints.

use std::panic::Location;
use std::time::Duration;

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use crate::panics::caught;
use crate::text::without_lines;
use crate::transport::FakeLambda;

/// The line on which a function that panics is written, and the function.
type Written = (u32, fn(&FakeLambda));

#[track_caller]
fn here(run: fn(&FakeLambda)) -> Written {
    (Location::caller().line(), run)
}

#[rstest]
#[case::invalid_function_name(
    here(|l| drop(l.reserve_concurrency("a b", 1))),
    "error: `a b` is not a valid function name: spaces are not allowed\n  \
     help: use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`"
)]
#[case::reserved_for_a_qualifier(
    here(|l| drop(l.reserve_concurrency("f:live", 1))),
    "error: `reserve_concurrency` takes a function, not the qualifier `live`\n  help: use `reserve_concurrency(\"f\", ..)`"
)]
#[case::rate_of_a_qualifier(
    here(|l| drop(l.function_rate_limit("f:7", 1, 1))),
    "error: `function_rate_limit` takes a function, not the qualifier `7`\n  help: use `function_rate_limit(\"f\", ..)`"
)]
#[case::tenant_of_a_qualifier(
    here(|l| drop(l.require_tenant_id("f:live"))),
    "error: `require_tenant_id` takes a function, not the qualifier `live`\n  help: use `require_tenant_id(\"f\")`"
)]
#[case::durable_qualifier(
    here(|l| drop(l.durable("f:7"))),
    "error: `durable` takes a function, not the qualifier `7`\n  help: use `durable(\"f\")`"
)]
#[case::negative_rate(
    here(|l| drop(l.rate_limit(-1, 1))),
    "error: `rate_limit` got -1 attempts a second\n  help: use a number of at least 0; with 0, no attempt passes after the burst"
)]
#[case::not_a_number(
    here(|l| drop(l.rate_limit(f64::NAN, 1))),
    "error: `rate_limit` got NaN attempts a second\n  help: use a number of at least 0; with 0, no attempt passes after the burst"
)]
#[case::no_burst(
    here(|l| drop(l.function_rate_limit("f", 1, 0))),
    "error: `function_rate_limit` with a burst of 0 rejects every attempt\n  help: use a burst of at least 1"
)]
#[case::pending_never(
    here(|l| drop(l.pending("f", 0))),
    "error: `pending` for 0 attempts can never apply to an attempt\n  help: use at least 1 attempt, or a duration above zero"
)]
#[case::updating_for_no_time(
    here(|l| drop(l.updating("f", Duration::ZERO))),
    "error: `updating` for 0ns can never apply to an attempt\n  help: use at least 1 attempt, or a duration above zero"
)]
#[case::snapshot_of_latest(
    here(|l| drop(l.snap_start("f:$LATEST", 0, Duration::ZERO))),
    "error: `snap_start` takes a published version, got `f:$LATEST`\n  help: name a version or an alias, as in `snap_start(\"f:7\", ..)`"
)]
#[case::snapshot_of_no_version(
    here(|l| drop(l.snap_start("f", 0, Duration::ZERO))),
    "error: `snap_start` takes a published version, got `f`\n  help: name a version or an alias, as in `snap_start(\"f:7\", ..)`"
)]
#[case::negative_number_of_attempts(
    here(|l| drop(l.snap_start("f:7", -1, Duration::ZERO))),
    "error: `snap_start` got -1 attempts, a negative number\n  help: use at least 0 attempts, or a duration"
)]
#[case::delay_backwards(
    here(|l| drop(l.cold_starts("f", Duration::from_secs(2)..Duration::from_secs(1)))),
    "error: the delay range 2s to 1s is reversed\n  help: put the shorter bound first"
)]
#[case::dropped_fake(
    here(|_| { let l = FakeLambda::start().handle(); l.pending("f", 1); }),
    "error: cannot set a constraint: the fake was dropped\n  help: keep the `FakeLambda` in a variable until the end of the test; a `Handle` does not keep it alive"
)]
fn a_mistake_panics_at_its_line(#[case] (line, run): Written, #[case] text: &str) {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let panic = caught(|| run(&lambda));
    assert_eq!(
        (&*panic.text, &*panic.file, panic.line),
        (text, file!(), line)
    );
}

#[test]
fn a_constraint_without_a_rule_for_its_function_is_reported() {
    let lambda = FakeLambda::start_with(|builder| builder.seed(0).strict().verify_on_drop(false));
    lambda.on("resize").reply(json!(1)).expect_calls(0);
    lambda.reserve_concurrency("resise", 0);
    lambda.pending("pay:7", 1);
    lambda.cold_starts("resize:7", Duration::ZERO);
    lambda.account_concurrency(0);
    let stopped = lambda.updating("ship", 1);
    stopped.stop();
    assert_snapshot!(without_lines(lambda.try_verify().unwrap_err()), @r#"
    fake-lambda (started at tests/it/any_transport/constraints/mistakes.rs:LINE#1) found 2 problems

    error: the constraint `reserve_concurrency("resise", ..)` can never apply: no rule matches `resise`
      help: did you mean `resize`? otherwise script `lambda.on("resise").reply(..)`
      set at tests/it/any_transport/constraints/mistakes.rs:LINE#2

    error: the constraint `pending("pay:7", ..)` can never apply: no rule matches `pay:7`
      help: correct the name, or script `lambda.on("pay:7").reply(..)`
      set at tests/it/any_transport/constraints/mistakes.rs:LINE#3

    journal: empty, no request arrived
    "#);
    assert!(lambda.try_verify().is_ok(), "each is reported once");
    lambda.on_any().reply(json!(2)).expect_calls(0);
    lambda.updating("ship", 1);
    assert!(lambda.try_verify().is_ok());
}

#[test]
fn a_constraint_prints_its_setting_and_location() {
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
    lambda.assert_calls(0);
}

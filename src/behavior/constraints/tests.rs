use std::time::{Duration, Instant};

use super::{ConstraintError, ConstraintId, Constraints, Lasting, Rate, Refusal, Setting, Slot};
use crate::aws::start::Start;
use crate::aws::target::Target;
use crate::aws::words::ThrottleReason;
use crate::ground::location::Location;

const MS: Duration = Duration::from_millis(1);

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn set(constraints: &mut Constraints, function: Option<&str>, setting: Setting) -> ConstraintId {
    constraints
        .set(
            function.map(target),
            setting,
            Instant::now(),
            Location::here(),
        )
        .unwrap()
}

fn call(constraints: &mut Constraints, function: &str) -> Result<Slot, Refusal> {
    let admitted = constraints.admit(&target(function), false, Instant::now());
    admitted.map(|execution| execution.expect("a call is an execution"))
}

fn rate(burst: u32) -> Rate {
    Rate::of("rate_limit", 0.0, burst).unwrap()
}

#[test]
fn an_execution_holds_its_slot_until_it_is_released() {
    let mut constraints = Constraints::default();
    let id = set(&mut constraints, Some("f"), Setting::Reserved(2));
    let first = call(&mut constraints, "f").unwrap();
    call(&mut constraints, "f:live").unwrap();
    let refusal = Refusal::Reserved { executions: 2 };
    assert_eq!(call(&mut constraints, "f"), Err(refusal));
    assert!(call(&mut constraints, "g").is_ok(), "another function");
    constraints.release(first);
    constraints.release(first);
    assert!(call(&mut constraints, "f").is_ok());
    assert_eq!(
        call(&mut constraints, "f"),
        Err(refusal),
        "it left only once"
    );
    assert_eq!((constraints[id].peak(), constraints[id].refused()), (2, 2));
}

#[test]
fn a_reserved_concurrency_of_zero_rejects_all() {
    let mut constraints = Constraints::default();
    let id = set(&mut constraints, Some("f"), Setting::Reserved(0));
    assert!(call(&mut constraints, "f").is_err());
    assert!(constraints.admit_from_queue(&target("f")).is_err());
    assert_eq!(constraints[id].peak(), 0);
}

#[test]
fn functions_share_the_account_concurrency_that_is_not_reserved() {
    let mut constraints = Constraints::default();
    set(&mut constraints, Some("f"), Setting::Reserved(2));
    let account = set(&mut constraints, None, Setting::Account(3));
    let first = call(&mut constraints, "g").unwrap();
    let refusal = Refusal::Account {
        executions: 3,
        reserved: 2,
    };
    assert_eq!(call(&mut constraints, "h"), Err(refusal));
    assert!(call(&mut constraints, "f").is_ok() && call(&mut constraints, "f").is_ok());
    constraints.release(first);
    assert!(call(&mut constraints, "h").is_ok());
    assert_eq!(
        constraints[account].peak(),
        1,
        "reserved executions are not counted"
    );
    let more = constraints.set(
        Some(target("g")),
        Setting::Reserved(2),
        Instant::now(),
        Location::here(),
    );
    let error = ConstraintError::NotEnough {
        account: 3,
        reserved: 4,
    };
    assert_eq!(more, Err(error));
    let fewer = constraints.set(None, Setting::Account(1), Instant::now(), Location::here());
    assert!(fewer.is_err());
}

#[test]
fn a_limit_that_is_set_again_keeps_counting() {
    let mut constraints = Constraints::default();
    let id = set(&mut constraints, Some("f"), Setting::Reserved(5));
    let executions = [(); 3].map(|()| call(&mut constraints, "f").unwrap());
    assert_eq!(set(&mut constraints, Some("f"), Setting::Reserved(2)), id);
    assert!(call(&mut constraints, "f").is_err(), "three are running");
    executions
        .into_iter()
        .for_each(|execution| constraints.release(execution));
    assert!(call(&mut constraints, "f").is_ok());
    assert_eq!(
        constraints[id].peak(),
        3,
        "it counts the executions that were running when it was set again"
    );
}

#[test]
fn admitted_executions_are_released_from_a_stopped_limit() {
    let mut constraints = Constraints::default();
    let id = set(&mut constraints, Some("f"), Setting::Reserved(1));
    let execution = call(&mut constraints, "f").unwrap();
    constraints.stop(id);
    constraints.stop(id);
    assert!(constraints.is_empty() && constraints.has_executions());
    constraints.release(execution);
    assert!(!constraints.has_executions());
    assert!(call(&mut constraints, "f").is_ok() && call(&mut constraints, "f").is_ok());
}

#[test]
fn constraints_are_checked_in_their_documented_order() {
    let mut constraints = Constraints::default();
    let by_rate = set(&mut constraints, Some("f"), Setting::FunctionRate(rate(1)));
    set(&mut constraints, Some("f"), Setting::Reserved(0));
    set(
        &mut constraints,
        Some("f"),
        Setting::Pending(Lasting::from(1)),
    );
    let limit = rate(2);
    set(&mut constraints, None, Setting::CallerRate(limit));
    assert_eq!(call(&mut constraints, "f"), Err(Refusal::Pending));
    let refusal = Refusal::Reserved { executions: 0 };
    assert_eq!(call(&mut constraints, "f"), Err(refusal));
    assert_eq!(call(&mut constraints, "f"), Err(Refusal::CallerRate(limit)));
    assert_eq!(constraints[by_rate].refused(), 0, "it was never checked");
}

#[test]
fn an_attempt_rejected_by_concurrency_takes_no_token_of_the_rate() {
    let mut constraints = Constraints::default();
    set(&mut constraints, Some("f"), Setting::FunctionRate(rate(2)));
    set(&mut constraints, Some("f"), Setting::Reserved(1));
    let first = call(&mut constraints, "f").unwrap();
    assert!(call(&mut constraints, "f").is_err() && call(&mut constraints, "f").is_err());
    constraints.release(first);
    let second = call(&mut constraints, "f").unwrap();
    constraints.release(second);
    let refusal = call(&mut constraints, "f").unwrap_err();
    let reason = ThrottleReason::ReservedFunctionInvocationRateLimitExceeded;
    assert_eq!(refusal.reason(), Some(reason));
    assert!(
        constraints.admit_from_queue(&target("f")).is_ok(),
        "no rate applies to the queue"
    );
}

#[test]
fn only_the_caller_s_rate_and_the_states_apply_to_an_event() {
    let mut constraints = Constraints::default();
    set(&mut constraints, Some("f"), Setting::Reserved(0));
    set(&mut constraints, None, Setting::CallerRate(rate(3)));
    set(
        &mut constraints,
        Some("f"),
        Setting::Updating(Lasting::from(1)),
    );
    let mut event = || constraints.admit(&target("f"), true, Instant::now());
    assert_eq!(event(), Err(Refusal::Updating));
    assert_eq!([event(), event()], [Ok(None), Ok(None)]);
    assert!(matches!(event(), Err(Refusal::CallerRate(_))));
}

#[test]
fn each_environment_starts_once() {
    let mut constraints = Constraints::default();
    set(&mut constraints, Some("f"), Setting::ColdStarts(MS.into()));
    let run = |constraints: &mut Constraints| {
        let execution = call(constraints, "f").unwrap();
        let start = constraints.start(execution, &target("f"), "$LATEST", |delay| delay.drawn(0));
        assert_eq!(constraints.started(execution), start);
        (execution, start)
    };
    let cold = Some(Start::Cold(Some(MS)));
    let (first, start) = run(&mut constraints);
    assert_eq!(start, cold);
    let (second, start) = run(&mut constraints);
    assert_eq!(start, cold, "the first one is busy");
    constraints.release(first);
    assert_eq!(run(&mut constraints).1, Some(Start::Warm));
    constraints.release(second);
    assert_eq!(constraints.started(second), None);
}

#[test]
fn attempts_are_rejected_until_the_snapshot_is_ready_and_can_be_restored() {
    let mut constraints = Constraints::default();
    let restores = Setting::SnapStart {
        not_ready: Lasting::from(1),
        restore: MS.into(),
    };
    set(&mut constraints, Some("f"), Setting::ColdStarts(MS.into()));
    set(&mut constraints, Some("f:7"), restores);
    assert_eq!(
        call(&mut constraints, "f:7"),
        Err(Refusal::SnapshotNotReady)
    );
    let execution = call(&mut constraints, "f:7").unwrap();
    let start = constraints.start(execution, &target("f:7"), "7", |delay| delay.drawn(0));
    assert_eq!(start, Some(Start::Restored(MS)));
    assert_eq!(constraints.unmet().count(), 0);
    set(&mut constraints, Some("g"), Setting::Reserved(1));
    assert_eq!(constraints.unmet().count(), 1);
}

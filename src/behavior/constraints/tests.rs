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

fn set(causes: &mut Constraints, function: Option<&str>, setting: Setting) -> ConstraintId {
    causes
        .set(
            function.map(target),
            setting,
            Instant::now(),
            Location::here(),
        )
        .unwrap()
}

fn call(causes: &mut Constraints, function: &str) -> Result<Slot, Refusal> {
    let admitted = causes.admit(&target(function), false, Instant::now());
    admitted.map(|execution| execution.expect("a call is an execution"))
}

fn rate(burst: u32) -> Rate {
    Rate::new(0.0, burst).unwrap()
}

#[test]
fn an_execution_holds_its_place_until_it_leaves() {
    let mut causes = Constraints::default();
    let id = set(&mut causes, Some("f"), Setting::Reserved(2));
    let first = call(&mut causes, "f").unwrap();
    call(&mut causes, "f:live").unwrap();
    let refusal = Refusal::Reserved { executions: 2 };
    assert_eq!(call(&mut causes, "f"), Err(refusal));
    assert!(call(&mut causes, "g").is_ok(), "another function");
    causes.leave(first);
    causes.leave(first);
    assert!(call(&mut causes, "f").is_ok());
    assert_eq!(call(&mut causes, "f"), Err(refusal), "it left only once");
    assert_eq!((causes[id].peak(), causes[id].refused()), (2, 2));
}

#[test]
fn none_reserved_refuses_all() {
    let mut causes = Constraints::default();
    let id = set(&mut causes, Some("f"), Setting::Reserved(0));
    assert!(call(&mut causes, "f").is_err());
    assert!(causes.admit_from_queue(&target("f")).is_err());
    assert_eq!(causes[id].peak(), 0);
}

#[test]
fn an_account_shares_what_is_not_reserved() {
    let mut causes = Constraints::default();
    set(&mut causes, Some("f"), Setting::Reserved(2));
    let account = set(&mut causes, None, Setting::Account(3));
    let first = call(&mut causes, "g").unwrap();
    let refusal = Refusal::Account {
        executions: 3,
        reserved: 2,
    };
    assert_eq!(call(&mut causes, "h"), Err(refusal));
    assert!(call(&mut causes, "f").is_ok() && call(&mut causes, "f").is_ok());
    causes.leave(first);
    assert!(call(&mut causes, "h").is_ok());
    assert_eq!(
        causes[account].peak(),
        1,
        "what is reserved is not its to count"
    );
    let more = causes.set(
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
    let fewer = causes.set(None, Setting::Account(1), Instant::now(), Location::here());
    assert!(fewer.is_err());
}

#[test]
fn a_limit_set_again_goes_on_counting() {
    let mut causes = Constraints::default();
    let id = set(&mut causes, Some("f"), Setting::Reserved(5));
    let executions = [(); 3].map(|()| call(&mut causes, "f").unwrap());
    assert_eq!(set(&mut causes, Some("f"), Setting::Reserved(2)), id);
    assert!(call(&mut causes, "f").is_err(), "three are under way");
    executions
        .into_iter()
        .for_each(|execution| causes.leave(execution));
    assert!(call(&mut causes, "f").is_ok());
    assert_eq!(
        causes[id].peak(),
        3,
        "what was under way when it was set again"
    );
}

#[test]
fn what_was_let_through_leaves_a_limit_that_was_removed() {
    let mut causes = Constraints::default();
    let id = set(&mut causes, Some("f"), Setting::Reserved(1));
    let execution = call(&mut causes, "f").unwrap();
    causes.remove(id);
    causes.remove(id);
    assert!(causes.is_empty() && causes.has_executions());
    causes.leave(execution);
    assert!(!causes.has_executions());
    assert!(call(&mut causes, "f").is_ok() && call(&mut causes, "f").is_ok());
}

#[test]
fn causes_are_asked_from_the_outside_in() {
    let mut causes = Constraints::default();
    let by_rate = set(&mut causes, Some("f"), Setting::FunctionRate(rate(1)));
    let reserved = set(&mut causes, Some("f"), Setting::Reserved(0));
    set(&mut causes, Some("f"), Setting::Pending(Lasting::from(1)));
    set(&mut causes, None, Setting::CallerRate(rate(2)));
    let limit = Rate::new(0.0, 2).unwrap();
    assert_eq!(call(&mut causes, "f"), Err(Refusal::Pending));
    let refusal = Refusal::Reserved { executions: 0 };
    assert_eq!(call(&mut causes, "f"), Err(refusal));
    assert_eq!(call(&mut causes, "f"), Err(Refusal::CallerRate(limit)));
    assert_eq!(causes[by_rate].refused(), 0, "it was never asked");
    causes.remove(reserved);
}

#[test]
fn what_concurrency_refuses_takes_nothing_of_the_rate() {
    let mut causes = Constraints::default();
    set(&mut causes, Some("f"), Setting::FunctionRate(rate(2)));
    set(&mut causes, Some("f"), Setting::Reserved(1));
    let first = call(&mut causes, "f").unwrap();
    assert!(call(&mut causes, "f").is_err() && call(&mut causes, "f").is_err());
    causes.leave(first);
    let second = call(&mut causes, "f").unwrap();
    causes.leave(second);
    let refusal = call(&mut causes, "f").unwrap_err();
    let reason = ThrottleReason::ReservedFunctionInvocationRateLimitExceeded;
    assert_eq!(refusal.reason(), Some(reason));
    assert!(causes.admit_from_queue(&target("f")).is_ok(), "no rate");
}

#[test]
fn an_event_meets_the_caller_s_rate_and_the_state_alone() {
    let mut causes = Constraints::default();
    set(&mut causes, Some("f"), Setting::Reserved(0));
    set(&mut causes, None, Setting::CallerRate(rate(3)));
    set(&mut causes, Some("f"), Setting::Updating(Lasting::from(1)));
    let mut event = || causes.admit(&target("f"), true, Instant::now());
    assert_eq!(event(), Err(Refusal::Updating));
    assert_eq!([event(), event()], [Ok(None), Ok(None)]);
    assert!(matches!(event(), Err(Refusal::CallerRate(_))));
}

#[test]
fn each_environment_starts_once() {
    let mut causes = Constraints::default();
    set(&mut causes, Some("f"), Setting::ColdStarts(MS.into()));
    let run = |causes: &mut Constraints| {
        let execution = call(causes, "f").unwrap();
        let start = causes.start(execution, &target("f"), "$LATEST", |delay| delay.drawn(0));
        assert_eq!(causes.started(execution), start);
        (execution, start)
    };
    let cold = Some(Start::Cold(Some(MS)));
    let (first, start) = run(&mut causes);
    assert_eq!(start, cold);
    let (second, start) = run(&mut causes);
    assert_eq!(start, cold, "the first one is busy");
    causes.leave(first);
    assert_eq!(run(&mut causes).1, Some(Start::Warm));
    causes.leave(second);
    assert_eq!(causes.started(second), None);
}

#[test]
fn a_snapshot_is_refused_until_it_is_ready_and_then_restored() {
    let mut causes = Constraints::default();
    let restores = Setting::SnapStart {
        not_ready: Lasting::from(1),
        restore: MS.into(),
    };
    set(&mut causes, Some("f"), Setting::ColdStarts(MS.into()));
    set(&mut causes, Some("f:7"), restores);
    assert_eq!(call(&mut causes, "f:7"), Err(Refusal::SnapshotNotReady));
    let execution = call(&mut causes, "f:7").unwrap();
    let start = causes.start(execution, &target("f:7"), "7", |delay| delay.drawn(0));
    assert_eq!(start, Some(Start::Restored(MS)));
    assert_eq!(causes.unmet().count(), 0);
    set(&mut causes, Some("g"), Setting::Reserved(1));
    assert_eq!(causes.unmet().count(), 1);
}

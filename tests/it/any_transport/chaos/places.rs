//! Invalid chaos panics at its line.

use std::panic::Location;
use std::time::Duration;

use fake_lambda::{Chaos, Delay, Fault, Hit, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use crate::panics::caught;
use crate::transport::FakeLambda;

const ERROR: ServiceError = ServiceError::ServiceException;

const SECOND: Duration = Duration::from_secs(1);

/// The line on which a function that panics is written, and the function.
type Written = (u32, fn(&FakeLambda));

#[track_caller]
fn here(run: fn(&FakeLambda)) -> Written {
    (Location::caller().line(), run)
}

fn replay() -> Chaos {
    Chaos::replay([Hit::new("f", 1, ERROR)])
}

#[rstest]
#[case::rate_over_one(here(|_| drop(Chaos::new().rate(1.5, ERROR))), "`rate(1.5, ..)` is out of range")]
#[case::rate_below_zero(here(|_| drop(Chaos::new().rate(-0.1, ERROR))), "`rate(-0.1, ..)` is out of range")]
#[case::rate_not_a_number(here(|_| drop(Chaos::new().rate(f64::NAN, ERROR))), "`rate(NaN, ..)` is out of range")]
#[case::rates_together(here(|_| drop(Chaos::new().rate(0.6, ERROR).rate(0.5, ERROR))), "the rates of this chaos add up to 1.1")]
#[case::ramp_together(here(|_| drop(Chaos::new().rate(0.6, ERROR).ramp(0.0..=0.5, 9, ERROR))), "the rates of this chaos add up to 1.1")]
#[case::every_0(here(|_| drop(Chaos::new().every_nth(0, ERROR))), "`every_nth(0, ..)` never hits")]
#[case::burst_rate(here(|_| drop(Chaos::new().burst(2.0, 3, ERROR))), "`burst(2.0, ..)` is out of range")]
#[case::burst_of_0(here(|_| drop(Chaos::new().burst(0.1, 0, ERROR))), "`burst(_, 0, ..)` is out of range")]
#[case::burst_of_many(here(|_| drop(Chaos::new().burst(0.1, 1_001, ERROR))), "`burst(_, 1001, ..)` is out of range")]
#[case::window_before_the_first(here(|_| drop(Chaos::new().window(..1, ERROR))), "`window` contains no attempt: 0")]
#[case::window_backwards(here(|_| drop(Chaos::new().window(3..3, ERROR))), "`window` got an empty range: 3 to 2")]
#[case::ramp_rate(here(|_| drop(Chaos::new().ramp(0.0..=7.0, 3, ERROR))), "`ramp(0.0..=7.0, ..)` is out of range")]
#[case::ramp_of_one(here(|_| drop(Chaos::new().ramp(0.0..=1.0, 1, ERROR))), "`ramp(_, 1, ..)` is too short")]
#[case::payload(here(|_| drop(Chaos::new().rate(0.1, json!(1)))), "`rate` got a reply that succeeds")]
#[case::handler(here(|_| drop(Chaos::new().rate(0.1, Reply::handle(async |_: Invocation| json!(1))))), "`rate` got a handler")]
#[case::fault(here(|_| drop(Chaos::new().rate(0.1, Fault::SlowHead { bytes: 0, every: Duration::ZERO }))), "`SlowHead { bytes: 0, every: 0ns }` sends pieces of 0 bytes")]
#[case::on(here(|_| drop(Chaos::new().on("a b"))), "`a b` is not a valid function name: spaces are not allowed")]
#[case::on_a_replay(here(|_| drop(replay().on("f"))), "a replay cannot have `on`: it has its hits and nothing else")]
#[case::mode_of_a_replay(here(|_| drop(replay().rate(0.1, ERROR))), "a replay cannot have `rate`: it has its hits and nothing else")]
#[case::key_of_a_replay(here(|_| drop(replay().keyed_by_payload())), "a replay cannot have `keyed_by_payload`: it has its hits and nothing else")]
#[case::delay_backwards(here(|_| drop(Chaos::new().rate(0.1, Delay::from(SECOND..Duration::ZERO)))), "the delay range 1s to 0ns is reversed")]
#[case::delay_of_a_hit_backwards(here(|_| drop(Hit::new("f", 1, Delay::from(SECOND..Duration::ZERO)))), "the delay range 1s to 0ns is reversed")]
#[case::replay_a_payload_twice(here(|_| drop(Chaos::replay([Hit::new("f", 1, ERROR).keyed_by_payload("[1, 2]"), Hit::new("f", 1, Fault::Reset).keyed_by_payload("[1,2]")]))), "`Hit::new(\"f\", 1, Fault::Reset).keyed_by_payload(r\"[1,2]\")` and `Hit::new(\"f\", 1, ServiceError::ServiceException).keyed_by_payload(r\"[1,2]\")` are for the same attempt")]
#[case::spared_of_a_replay(here(|_| drop(replay().succeed_first(1))), "a replay cannot have `succeed_first`: it has its hits and nothing else")]
#[case::replay_a_name_and_its_arn(here(|l| drop(l.chaos(Chaos::replay([Hit::new("f", 1, ERROR), Hit::new("us-east-1:123456789012:function:f", 1, Fault::Reset)])))), "`Hit::new(\"arn:aws:lambda:us-east-1:123456789012:function:f\", 1, Fault::Reset)` and `Hit::new(\"f\", 1, ServiceError::ServiceException)` are for the same attempt")]
#[case::replay_twice(here(|_| drop(Chaos::replay([Hit::new("f", 1, ERROR), Hit::new("f", 1, Fault::Reset)]))), "`Hit::new(\"f\", 1, Fault::Reset)` and `Hit::new(\"f\", 1, ServiceError::ServiceException)` are for the same attempt")]
#[case::hit_of_attempt_0(here(|_| drop(Hit::new("f", 0, ERROR))), "`Hit::new(\"f\", 0, ..)` can never hit")]
#[case::hit_with_an_invalid_name(here(|_| drop(Hit::new("a b", 1, ERROR))), "`a b` is not a valid function name: spaces are not allowed")]
#[case::hit_with_a_payload(here(|_| drop(Hit::new("f", 1, json!(1)))), "`Hit::new` got a reply that succeeds")]
#[case::no_mode(here(|l| drop(l.chaos(Chaos::new().on("f")))), "this chaos never hits")]
#[case::dropped_fake(here(|_| { let l = FakeLambda::start().handle(); l.chaos(Chaos::new().every_nth(1, ERROR)); }), "cannot start chaos: the fake was dropped")]
#[case::shrink(here(|_| { let mut s = Chaos::shrink([Hit::new("f", 1, ERROR)]); let _ = s.next_run(); s.failed(false); }), "the test does not fail with the whole list (1 hit)")]
#[case::shrink_without_a_run(here(|_| Chaos::shrink([]).failed(true)), "`failed` was called without a run")]
#[case::shrink_without_a_result(here(|_| { let mut s = Chaos::shrink([]); let _ = s.next_run(); let _ = s.next_run(); }), "`next_run` was called again before the last run ended")]
fn a_mistake_panics_at_its_line_with_its_message(#[case] (line, run): Written, #[case] says: &str) {
    let lambda = FakeLambda::start();
    let panic = caught(|| run(&lambda));
    assert_eq!(
        (&*panic.file, panic.line),
        (file!(), line),
        "{}",
        panic.text
    );
    assert!(panic.text.contains(says), "{}", panic.text);
}

#[test]
fn rates_whose_sum_is_one_except_for_rounding_are_accepted() {
    let third = || Chaos::new().rate(0.1, ERROR).rate(0.2, ERROR);
    let _ = third().rate(0.7, ERROR);
}

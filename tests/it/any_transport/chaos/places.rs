//! Chaos that cannot be meant so panics at its line.

use std::panic::Location;
use std::time::Duration;

use fake_lambda::{Chaos, Fault, Hit, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use crate::panics::caught;
use crate::transport::FakeLambda;

const ERROR: ServiceError = ServiceError::ServiceException;

/// What panics, and the line on which it was written.
type Written = (u32, fn(&FakeLambda));

#[track_caller]
fn here(run: fn(&FakeLambda)) -> Written {
    (Location::caller().line(), run)
}

fn replay() -> Chaos {
    Chaos::replay([Hit::new("f", 1, ERROR)])
}

#[rstest]
#[case::rate_over_one(here(|_| drop(Chaos::new().rate(1.5, ERROR))), "`rate`: `1.5` is no rate")]
#[case::rate_below_zero(here(|_| drop(Chaos::new().rate(-0.1, ERROR))), "`rate`: `-0.1` is no rate")]
#[case::no_rate_at_all(here(|_| drop(Chaos::new().rate(f64::NAN, ERROR))), "`rate`: `NaN` is no rate")]
#[case::rates_together(here(|_| drop(Chaos::new().rate(0.6, ERROR).rate(0.5, ERROR))), "the rates of this chaos are 1.1 together")]
#[case::ramp_together(here(|_| drop(Chaos::new().rate(0.6, ERROR).ramp(0.0..=0.5, 9, ERROR))), "the rates of this chaos are 1.1 together")]
#[case::every_none(here(|_| drop(Chaos::new().every_nth(0, ERROR))), "`every_nth(0, ..)` hits nothing")]
#[case::burst_rate(here(|_| drop(Chaos::new().burst(2.0, 3, ERROR))), "`burst`: `2` is no rate")]
#[case::burst_of_none(here(|_| drop(Chaos::new().burst(0.1, 0, ERROR))), "a burst has 1 to 1000 attempts")]
#[case::burst_of_many(here(|_| drop(Chaos::new().burst(0.1, 1_001, ERROR))), "a burst has 1 to 1000 attempts")]
#[case::window_before_the_first(here(|_| drop(Chaos::new().window(..1, ERROR))), "no attempt is in a window of exactly 0")]
#[case::ramp_rate(here(|_| drop(Chaos::new().ramp(0.0..=7.0, 3, ERROR))), "`ramp`: `7` is no rate")]
#[case::ramp_of_one(here(|_| drop(Chaos::new().ramp(0.0..=1.0, 1, ERROR))), "a ramp takes at least 2 attempts")]
#[case::payload(here(|_| drop(Chaos::new().rate(0.1, json!(1)))), "`rate`: a payload that arrives belongs into a script")]
#[case::handler(here(|_| drop(Chaos::new().rate(0.1, Reply::handle(async |_: Invocation| json!(1))))), "`rate`: a handler belongs into a script")]
#[case::fault(here(|_| drop(Chaos::new().rate(0.1, Fault::SlowHead { bytes: 0, every: Duration::ZERO }))), "a piece has at least 1 byte")]
#[case::on(here(|_| drop(Chaos::new().on("a b"))), "`a b` is no function")]
#[case::on_a_replay(here(|_| drop(replay().on("f"))), "`on`: a replay is its hits and nothing else")]
#[case::mode_of_a_replay(here(|_| drop(replay().rate(0.1, ERROR))), "`rate`: a replay is its hits and nothing else")]
#[case::spared_of_a_replay(here(|_| drop(replay().succeed_first(1))), "`succeed_first`: a replay is its hits and nothing else")]
#[case::replay_twice(here(|_| drop(Chaos::replay([Hit::new("f", 1, ERROR), Hit::new("f", 1, Fault::Reset)]))), "are for one attempt")]
#[case::hit_of_none(here(|_| drop(Hit::new("f", 0, ERROR))), "attempts are counted from 1")]
#[case::hit_of_no_function(here(|_| drop(Hit::new("a b", 1, ERROR))), "`a b` is no function")]
#[case::hit_with_a_payload(here(|_| drop(Hit::new("f", 1, json!(1)))), "`Hit::new`: a payload that arrives")]
#[case::no_mode(here(|l| drop(l.chaos(Chaos::new().on("f")))), "this chaos hits nothing")]
#[case::dropped_fake(here(|_| { let l = FakeLambda::start().handle(); l.chaos(Chaos::new().every_nth(1, ERROR)); }), "this chaos is for a fake that was dropped")]
#[case::shrink(here(|_| { let mut s = Chaos::shrink([Hit::new("f", 1, ERROR)]); let _ = s.next_run(); s.failed(false); }), "the test does not fail with all 1 hits")]
#[case::shrink_without_a_run(here(|_| Chaos::shrink([]).failed(true)), "no run is under way")]
#[case::shrink_untold(here(|_| { let mut s = Chaos::shrink([]); let _ = s.next_run(); let _ = s.next_run(); }), "say how the last run ended")]
fn a_mistake_panics_at_its_line_and_says_which(#[case] (line, run): Written, #[case] says: &str) {
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
fn rates_that_are_one_together_but_for_rounding_are_taken() {
    let third = || Chaos::new().rate(0.1, ERROR).rate(0.2, ERROR);
    let _ = third().rate(0.7, ERROR);
}

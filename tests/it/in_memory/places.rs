//! The line at which a fake refuses what needs a port, or what needs memory.

use std::time::Duration;

use fake_lambda::sweep::{Persistence, Report, Verdict};
use fake_lambda::{EventsRun, FakeLambda, Fault, Reply, sweep};
use rstest::rstest;

use super::seconds;
use super::sweep::{careless, correct, two_functions};
use crate::any_transport::verification::places::{Written, here};

#[rstest]
#[case::port(here(|l| assert_eq!(l.port(), 0)))]
#[case::env(here(|l| drop(l.env())))]
#[case::connect(here(|_| drop(FakeLambda::start().connect())))]
#[case::http_client(here(|_| drop(FakeLambda::start().http_client())))]
#[case::advance(here(|_| drop(FakeLambda::builder().events_run(EventsRun::TokioClock).in_memory().advance(seconds(1)))))]
fn what_a_fake_cannot_do_panics_at_the_line_of_the_test(#[case] written: Written) {
    written.panics_there(&FakeLambda::in_memory());
}

/// A client that panics if the reply is damaged.
fn careless_report() -> Report {
    sweep(two_functions, careless)
        .modes(Fault::LengthTooShort(1))
        .run()
}

#[rstest]
#[case::modes(here(|_| drop(sweep(two_functions, correct).modes(Vec::<(String, Reply)>::new()))))]
#[case::persistence(here(|_| drop(sweep(two_functions, correct).persistence([]))))]
#[case::no_burst(here(|_| drop(sweep(two_functions, correct).persistence([Persistence::Burst(0)]))))]
#[case::patience(here(|_| drop(sweep(two_functions, correct).patience(Duration::ZERO))))]
#[case::expect(here(|_| drop(sweep(two_functions, correct).expect("pay", Fault::Reset, []))))]
#[case::run(here(|_| drop(sweep(|_| {}, correct).run())))]
#[case::run_without_the_function(here(|_| drop(sweep(two_functions, correct).on(["mail"]).run())))]
#[case::assert(here(|_| careless_report().assert()))]
#[case::assert_never(here(|_| careless_report().assert_never(Verdict::Panics)))]
fn a_mistake_in_a_sweep_panics_at_the_line_of_the_test(#[case] written: Written) {
    written.panics_there(&FakeLambda::builder().verify_on_drop(false).in_memory());
}

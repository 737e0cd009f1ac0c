//! The line at which a test panics: for features that its fake does not have, and for mistakes in a
//! sweep.

use fake_lambda::sweep::{Modes, Persistence, Report, Sweep, Verdict};
use fake_lambda::{EventsRun, FakeLambda, Fault, sweep};
use rstest::rstest;
use serde_json::json;

use super::seconds;
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

type Run = for<'a> fn(&'a FakeLambda) -> std::future::Ready<Result<(), String>>;

/// A sweep of code that does nothing.
fn idle() -> Sweep<fn(&FakeLambda), Run, (), String> {
    sweep(|_| {}, |_| std::future::ready(Ok(())))
}

/// The report of a client without a timeout.
fn unbounded() -> Report {
    let setup = |lambda: &FakeLambda| {
        lambda.on("f").reply(json!(1));
    };
    let ask = async |lambda: &FakeLambda| super::ask(lambda).await.map(drop);
    sweep(setup, ask).modes(Fault::Hang).run()
}

#[rstest]
#[case::modes(here(|_| drop(idle().modes(Modes::default()))))]
#[case::persistence(here(|_| drop(idle().persistence([Persistence::Burst(0)]))))]
#[case::patience(here(|_| drop(idle().patience(seconds(0)))))]
#[case::expect(here(|_| drop(idle().expect("f", Fault::Reset, []))))]
#[case::run(here(|_| drop(idle().run())))]
#[case::assert(here(|_| unbounded().assert()))]
#[case::assert_never(here(|_| unbounded().assert_never(Verdict::Unbounded)))]
fn a_mistake_in_a_sweep_panics_at_the_line_of_the_test(#[case] written: Written) {
    written.panics_there(&FakeLambda::in_memory());
}

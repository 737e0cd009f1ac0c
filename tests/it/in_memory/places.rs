//! The line at which a fake refuses what needs a port, or what needs memory.

use fake_lambda::{EventsRun, FakeLambda};
use rstest::rstest;

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

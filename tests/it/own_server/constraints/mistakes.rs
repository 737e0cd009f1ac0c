//! Reserving more concurrency than there is.

use std::panic::Location;

use fake_lambda::{FakeLambda, Handle};
use rstest::rstest;

use crate::panics::caught;

/// The line on which a mistake is written, and the mistake itself.
type Written = (u32, fn(&Handle));

#[track_caller]
fn here(run: fn(&Handle)) -> Written {
    (Location::caller().line(), run)
}

#[rstest]
#[case::more_reserved_than_there_is(
    here(|l| { l.account_concurrency(10); l.reserve_concurrency("f", 6); l.reserve_concurrency("g", 5); }),
    "error: 11 reserved executions exceed the account's 10\n  help: reserve fewer, or raise `account_concurrency`"
)]
#[case::account_with_less_than_is_reserved(
    here(|l| { l.reserve_concurrency("f", 6); l.account_concurrency(5); }),
    "error: 6 reserved executions exceed the account's 5\n  help: reserve fewer, or raise `account_concurrency`"
)]
fn a_mistake_panics_at_its_line(#[case] (line, run): Written, #[case] text: &str) {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let panic = caught(|| run(&lambda));
    assert_eq!(
        (&*panic.text, &*panic.file, panic.line),
        (text, file!(), line)
    );
}

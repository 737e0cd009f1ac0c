//! Concurrency of which more is reserved than there is.

use std::panic::Location;

use fake_lambda::{FakeLambda, Handle};
use rstest::rstest;

use crate::panics::caught;

/// What panics, and the line on which it was written.
type Written = (u32, fn(&Handle));

#[track_caller]
fn here(run: fn(&Handle)) -> Written {
    (Location::caller().line(), run)
}

#[rstest]
#[case::more_reserved_than_there_is(
    here(|l| { l.account_concurrency(10); l.reserve_concurrency("f", 6); l.reserve_concurrency("g", 5); }),
    "11 executions would be reserved of the 10 that the account has: reserve less, or give `account_concurrency` more"
)]
#[case::account_with_less_than_is_reserved(
    here(|l| { l.reserve_concurrency("f", 6); l.account_concurrency(5); }),
    "6 executions would be reserved of the 5 that the account has: reserve less, or give `account_concurrency` more"
)]
fn a_mistake_panics_where_it_is_made(#[case] (line, run): Written, #[case] text: &str) {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let panic = caught(|| run(&lambda));
    assert_eq!(
        (&*panic.text, &*panic.file, panic.line),
        (text, file!(), line)
    );
}

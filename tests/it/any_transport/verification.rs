//! The messages of failed tests, complete, and the line at which each panics.

mod assertions;
mod closures;
mod expectations;
mod matching;
pub(crate) mod places;
mod runs;
mod unscripted;

use fake_lambda::Handle;

use crate::raw;
use crate::transport::FakeLambda;

/// Set for a test of this file that runs as the child process of another.
const CHILD: &str = "FAKE_LAMBDA_TEST_CHILD";

pub(crate) fn ask(lambda: &Handle, function: &str) -> u16 {
    raw::invoke(lambda, function, &[], r#"{"id":"7"}"#).status()
}

/// What an SDK sends for one call: up to three attempts, until one gets a status below 429.
pub(crate) fn call(lambda: &Handle, function: &str) {
    for number in 1..=3 {
        let number = format!("amz-sdk-request: attempt={number}; max=3");
        let fields = [&*number, "amz-sdk-invocation-id: 1f2e"];
        if raw::invoke(lambda, function, &fields, r#"{"id":7}"#).status() < 429 {
            break;
        }
    }
}

#[test]
fn child_panics_with_a_finding() {
    if std::env::var_os(CHILD).is_some() {
        let lambda = FakeLambda::start();
        assert_eq!(ask(&lambda, "resize"), 200, "the test's own panic");
    }
}

//! `FAKE_LAMBDA_SEED`: every draw of a run without touching the test.

use fake_lambda::{Builder, FakeLambda};
use rstest::rstest;
use serde_json::json;

use crate::alone::{next_line, role, run, this_test};
use crate::answered;

#[rstest]
#[case::word("lucky")]
#[case::negative("-1")]
#[case::too_large("18446744073709551616")]
#[case::empty("")]
fn a_seed_that_is_no_number_panics_at_the_start_and_is_named(#[case] seed: &str) {
    let ended = run(
        "seed::starts_with_the_seed_of_the_environment",
        "starts",
        |child| {
            child.env("FAKE_LAMBDA_SEED", seed);
        },
    );
    ended.panicked_at_the_marked_line();
    let text =
        format!("FAKE_LAMBDA_SEED is {seed:?}, which is no number from 0 to 18446744073709551615");
    assert!(ended.stderr.contains(&text), "{ended}");
}

/// What the test above runs with one seed after another; alone it starts with none.
#[test]
fn starts_with_the_seed_of_the_environment() {
    next_line!();
    let _lambda = FakeLambda::start();
}

#[test]
fn the_seed_of_the_environment_is_that_of_the_builder_which_goes_before_it() {
    if role().is_none() {
        return run(this_test!(), "seeded", |child| {
            child.env("FAKE_LAMBDA_SEED", "42");
        })
        .succeeded();
    }
    let of_environment = request_id(FakeLambda::builder());
    assert_eq!(of_environment, request_id(FakeLambda::builder().seed(42)));
    assert_ne!(of_environment, request_id(FakeLambda::builder().seed(0)));
}

fn request_id(builder: Builder) -> String {
    let lambda = builder.start();
    lambda.on("f").reply(json!(1));
    answered(&lambda, "1");
    lambda.only_call().first().request_id().to_owned()
}

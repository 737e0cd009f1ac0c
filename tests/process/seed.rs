//! `FAKE_LAMBDA_SEED` and `FAKE_LAMBDA_PRINT_LIMIT` change a run without changing the test.

use fake_lambda::{Builder, FakeLambda};
use rstest::rstest;
use serde_json::json;

use crate::alone::{next_line, role, run, this_test};
use crate::answered;

#[rstest]
#[case::word("FAKE_LAMBDA_SEED", "lucky")]
#[case::negative("FAKE_LAMBDA_SEED", "-1")]
#[case::too_large("FAKE_LAMBDA_SEED", "18446744073709551616")]
#[case::empty("FAKE_LAMBDA_SEED", "")]
#[case::print_limit("FAKE_LAMBDA_PRINT_LIMIT", "1 KiB")]
fn an_invalid_number_in_the_environment_panics_at_the_start(
    #[case] variable: &str,
    #[case] text: &str,
) {
    let ended = run(
        "seed::starts_with_the_seed_of_the_environment",
        "starts",
        |child| {
            child.env(variable, text);
        },
    );
    ended.panicked_at_the_marked_line();
    let text = format!("`{variable}` is not a number: {text:?}");
    assert!(ended.stderr.contains(&text), "{ended}");
}

/// The test above runs this with one invalid number after another; by itself, this test has none.
#[test]
fn starts_with_the_seed_of_the_environment() {
    next_line!();
    let _lambda = FakeLambda::start();
}

#[test]
fn the_builders_seed_overrides_that_of_the_environment() {
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

#[test]
fn the_print_limit_of_the_environment_applies_unless_the_builder_sets_one() {
    if role().is_none() {
        return run(this_test!(), "printing", |child| {
            child.env("FAKE_LAMBDA_PRINT_LIMIT", "3");
        })
        .succeeded();
    }
    let printed = |builder: Builder| {
        let lambda = builder.start();
        lambda.on("f").reply(json!("four"));
        answered(&lambda, "\"four\"");
        lambda.journal().to_string()
    };
    let cut = printed(FakeLambda::builder());
    assert!(cut.contains(r#"200 "fo… (6 bytes)"#), "{cut}");
    let whole = printed(FakeLambda::builder().print_limit(6));
    assert!(whole.ends_with(r#"200 "four""#), "{whole}");
}

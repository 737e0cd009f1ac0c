//! A refused request fails its test, unless the test expects it.

use fake_lambda::Credentials;
use rstest::rstest;
use serde_json::json;

use super::reports::finding;
use super::{KEY, SECRET, Signed, refusing, send, strict};
use crate::panics::{caught, text_of};
use crate::transport::FakeLambda;

fn wrong() -> String {
    let signed = Signed {
        secret: "another",
        ..Signed::default()
    };
    signed.fields()
}

#[test]
fn a_refused_request_fails_the_test_although_a_rule_is_for_the_function() {
    let lambda = strict();
    lambda.on("resize").reply(json!(1));
    for _ in 0..2 {
        assert_eq!(send(&lambda, "resize", "").status(), 403);
    }
    let report = lambda.try_verify().unwrap_err().to_string();
    insta::assert_snapshot!(finding(&report), @"
    error: calls 1 and 2 are not requests that Lambda accepts, and got 403 MissingAuthenticationTokenException: resize RequestResponse {}
      help: sign the request with the credentials passed to `require_signature`, and do not change it after signing, or add `.expect_refusals(2)` after `.require_signature(..)` if the test expects this
      the request has no `Authorization`
      AWS says: Missing Authentication Token
    ");
}

#[test]
fn a_refusal_is_reported_where_unscripted_requests_are_allowed_and_a_rule_is_for_the_function() {
    let lambda = FakeLambda::start_with(|builder| {
        let builder = builder.require_signature(Credentials::new(KEY, SECRET));
        builder.allow_unscripted()
    });
    assert_eq!(send(&lambda, "rotate", "").status(), 403);
    lambda.verify();
    lambda.on("resize").reply(json!(1));
    assert_eq!(send(&lambda, "resize", "").status(), 403);
    lambda.try_verify().unwrap_err();
}

#[test]
fn other_refusals_are_not_counted_as_wrong_signatures() {
    let lambda = refusing(0);
    lambda.on("resize").reply(json!(1));
    assert_eq!(send(&lambda, "no!", "").status(), 400);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("found 1 problem\n"), "{report}");
}

#[rstest]
#[case::too_few(refusing(2), 1)]
#[case::too_many(refusing(1), 2)]
#[case::none(refusing(1), 0)]
fn another_number_of_refusals_is_reported_once(#[case] lambda: FakeLambda, #[case] sent: usize) {
    for _ in 0..sent {
        send(&lambda, "resize", &wrong());
    }
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("found 1 problem\n"), "{report}");
    assert!(report.contains("refusal"), "{report}");
    assert!(report.contains("signature.rs:"), "{report}");
    lambda.verify();
}

#[test]
fn a_negative_number_of_expected_refusals_panics_at_its_line() {
    let builder = || fake_lambda::FakeLambda::builder();
    let caught = caught(|| builder().expect_refusals(-1));
    assert!(caught.file.ends_with("refusals.rs"), "{}", caught.file);
    insta::assert_snapshot!(caught.text, @r"
    error: `expect_refusals` got a negative number: -1
      help: use a number of at least 0
    ");
}

#[test]
fn refusals_that_the_test_expects_and_that_do_not_come() {
    let text = text_of(|| {
        let lambda = refusing(1);
        lambda.on("resize").reply(json!(1));
        send(&lambda, "resize", &Signed::default().fields());
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/any_transport/signature.rs:LINE#1) found 1 problem
    note: if the test returned `Err` early, this panic hides that error; to see it, start the fake with `FakeLambda::builder().verify_on_drop(false)` and call `verify()` at the end

    error: expected 1 refusal for a wrong signature, got none
      help: send the request with the wrong signature, or correct `expect_refusals(..)`
      expected at tests/it/any_transport/signature.rs:LINE#2

    journal
      1 resize RequestResponse {}
        attempt 1 → 200 1
    ");
}

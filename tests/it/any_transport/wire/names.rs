//! The forms of a function's name, and the message about a function that does not exist.

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use super::invoke;
use crate::transport::FakeLambda;

#[test]
fn an_unscripted_function_answers_404_and_names_latest() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    assert_snapshot!(invoke(&lambda, "f", "", b"{}").stable(), @r#"
    HTTP/1.1 404 Not Found
    Date: <date>
    Content-Type: application/json
    Content-Length: 104
    Connection: keep-alive
    x-amzn-RequestId: <request-id>
    x-amzn-ErrorType: ResourceNotFoundException

    {"Message":"Function not found: arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST","Type":"User"}
    "#);
}

#[rstest]
#[case::alias("f:live", "function:f:live")]
#[case::version_in_the_query("f?Qualifier=7", "function:f:7")]
#[case::latest_by_name("f:%24LATEST", "function:f:$LATEST")]
#[case::lower_case_latest("f?Qualifier=%24latest", "function:f:$latest")]
#[case::none("f", "function:f:$LATEST")]
#[case::name_of_65_characters(
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg",
    "function:aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg:$LATEST"
)]
#[case::arn_that_ends_early(
    "arn:aws:lambda:us-east-1:123456789012:function",
    "function:function:$LATEST"
)]
fn an_unscripted_target_is_named_as_it_was_requested(#[case] label: &str, #[case] named: &str) {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    let reply = invoke(&lambda, label, "", b"{}");
    let body = format!(
        r#"{{"Message":"Function not found: arn:aws:lambda:us-east-1:123456789012:{named}","Type":"User"}}"#
    );
    assert_eq!((reply.status(), reply.text()), (404, &*body));
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("ResourceNotFoundException")
    );
}

#[test]
fn an_unscripted_qualifier_is_not_found_although_another_is_scripted() {
    let lambda = FakeLambda::start();
    lambda.on("f:live").reply(json!(1));
    let reply = invoke(&lambda, "f:beta", "", b"{}");
    assert_eq!(reply.status(), 404);
    assert!(reply.text().contains("function:f:beta\""), "{reply}");
    lambda
        .try_verify()
        .expect_err("a 404 of the fake's own is reported");
}

#[rstest]
#[case::colons_as_they_are("arn:aws:lambda:us-east-1:123456789012:function:f:live")]
#[case::colons_encoded("arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af%3Alive")]
#[case::digits_in_lower_case("f%3alive")]
#[case::both_equal("f:live?Qualifier=live")]
#[case::other_keys_in_the_query("f?a=b&Qualifier=live&c")]
fn every_spelling_of_a_path_finds_the_alias(#[case] label: &str) {
    let lambda = FakeLambda::start();
    lambda.on("f:live").reply(json!("live"));
    assert_eq!(invoke(&lambda, label, "", b"{}").text(), "\"live\"");
}

use rstest::rstest;

use super::{Target, TargetError, is_qualifier};

#[rstest]
#[case::bare_name("orders", None, None, "orders", None)]
#[case::dots_and_dashes("a-b_c.d", None, None, "a-b_c.d", None)]
#[case::alias("orders:live", None, None, "orders", Some("live"))]
#[case::version("orders:7", None, None, "orders", Some("7"))]
#[case::latest("orders:$LATEST", None, None, "orders", Some("$LATEST"))]
#[case::latest_published(
    "orders:$LATEST.PUBLISHED",
    None,
    None,
    "orders",
    Some("$LATEST.PUBLISHED")
)]
#[case::partial_arn(
    "123456789012:function:orders",
    None,
    Some("123456789012"),
    "orders",
    None
)]
#[case::partial_arn_with_alias(
    "123456789012:function:orders:live",
    None,
    Some("123456789012"),
    "orders",
    Some("live")
)]
#[case::function_prefix("function:orders", None, None, "orders", None)]
#[case::region_first(
    "us-east-1:123456789012:function:orders",
    Some("us-east-1"),
    Some("123456789012"),
    "orders",
    None
)]
#[case::full_arn(
    "arn:aws:lambda:eu-west-3:123456789012:function:orders",
    Some("eu-west-3"),
    Some("123456789012"),
    "orders",
    None
)]
#[case::full_arn_with_version(
    "arn:aws:lambda:eu-west-3:123456789012:function:orders:7",
    Some("eu-west-3"),
    Some("123456789012"),
    "orders",
    Some("7")
)]
#[case::gov(
    "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f",
    Some("us-gov-west-1"),
    Some("123456789012"),
    "f",
    None
)]
#[case::iso(
    "us-isob-east-1:123456789012:function:f",
    Some("us-isob-east-1"),
    Some("123456789012"),
    "f",
    None
)]
#[case::european_sovereign(
    "eusc-de-east-1:123456789012:function:f",
    Some("eusc-de-east-1"),
    Some("123456789012"),
    "f",
    None
)]
#[case::arn_that_ends_early(
    "arn:aws:lambda:us-east-1:123456789012:function",
    Some("us-east-1"),
    Some("123456789012"),
    "function",
    None
)]
#[case::the_word_function_as_a_name("function:$LATEST", None, None, "function", Some("$LATEST"))]
#[case::a_region_as_a_name("us-east-1:$LATEST", None, None, "us-east-1", Some("$LATEST"))]
#[case::an_account_as_a_name("123456789012:$LATEST", None, None, "123456789012", Some("$LATEST"))]
fn a_target_splits_into_its_parts(
    #[case] text: &str,
    #[case] region: Option<&str>,
    #[case] account: Option<&str>,
    #[case] name: &str,
    #[case] qualifier: Option<&str>,
) {
    let target: Target = text.parse().unwrap();
    assert_eq!(
        (
            target.region.as_deref(),
            target.account.as_deref(),
            &*target.name,
            target.qualifier.as_deref()
        ),
        (region, account, name, qualifier)
    );
}

#[rstest]
#[case::exclamation_mark("my-function!")]
#[case::star("*")]
#[case::account_of_letters("invalid-account:function:my-function")]
#[case::bad_region("arn:aws:lambda:invalid-region:123456789012:function:f")]
#[case::other_service("arn:aws:ec2:us-east-1:123456789012:instance:i-1")]
#[case::misspelled_latest("orders:$LATES")]
#[case::two_qualifiers("arn:aws:lambda:us-east-1:123456789012:function:f:1:2")]
#[case::something_after_latest("function:f:$LATEST:extra")]
#[case::empty_qualifier("orders:")]
#[case::account_with_a_sign("123400000000@:function:f")]
fn a_name_that_breaks_the_pattern_is_not_a_target(#[case] text: &str) {
    assert_eq!(text.parse::<Target>(), Err(TargetError::Pattern));
}

#[rstest]
#[case::misspelled_latest(
    "f:$LATES",
    "`$LATES` is not a version, an alias, `$LATEST` or `$LATEST.PUBLISHED`"
)]
#[case::two_qualifiers("f:1:$LATEST", "it has too many parts")]
#[case::an_empty_name(":live", "the name is empty")]
#[case::an_empty_name_of_latest(":$LATEST", "the name is empty")]
#[case::an_empty_qualifier("f:", "the qualifier is empty")]
#[case::a_dollar_in_a_name("a$b", "`$` is allowed only in `$LATEST`, after a colon")]
#[case::a_dollar_in_a_qualified_name("a$b:live", "`$` is allowed only in `$LATEST`, after a colon")]
#[case::a_partial_arn_with_a_short_account(
    "us-east-1:12345:function:f",
    "`us-east-1:12345` is not a region, an account id of twelve digits, or both"
)]
#[case::a_dollar_in_the_name_of_a_partial_arn(
    "us-east-1:123456789012:function:a$b",
    "`$` is allowed only in `$LATEST`, after a colon"
)]
#[case::a_dollar_in_a_qualified_name_of_a_partial_arn(
    "us-east-1:function:a$b:live",
    "`$` is allowed only in `$LATEST`, after a colon"
)]
#[case::an_empty_name_in_a_partial_arn("us-east-1:function::live", "the name is empty")]
#[case::nothing_after_the_place_of_a_partial_arn("us-east-1:function:", "the name is empty")]
#[case::a_partial_arn_with_two_qualifiers(
    "us-east-1:123456789012:function:f:1:2",
    "it has too many parts"
)]
#[case::an_arn_of_another_service("arn:aws:s3:::b", "this is not the ARN of a function")]
fn the_wrong_part_of_a_name_is_reported(#[case] text: &str, #[case] part: &str) {
    let error = text.parse::<Target>().unwrap_err();
    let message = error.message(text).to_string();
    let headline = format!("error: `{text}` is not a valid function name: {part}\n");
    assert!(message.starts_with(&headline), "{message}");
}

#[test]
fn a_name_of_257_bytes_is_too_long() {
    assert!("a".repeat(256).parse::<Target>().is_ok());
    assert_eq!(
        "a".repeat(257).parse::<Target>(),
        Err(TargetError::TooLong(257))
    );
}

#[rstest]
#[case::any_qualifier("f", "f:live", true)]
#[case::latest_is_the_unqualified("f:$LATEST", "f", true)]
#[case::latest_by_name("f:$LATEST", "f:$LATEST", true)]
#[case::latest_is_not_an_alias("f:$LATEST", "f:live", false)]
#[case::alias_is_not_unqualified("f:live", "f", false)]
#[case::other_name("f", "g", false)]
#[case::without_region("f", "us-east-1:123456789012:function:f", true)]
#[case::other_region(
    "eu-west-1:123456789012:function:f",
    "us-east-1:123456789012:function:f",
    false
)]
#[case::other_account("123456789012:function:f", "210987654321:function:f", false)]
fn a_rule_covers_requests_that_it_does_not_exclude(
    #[case] rule: &str,
    #[case] request: &str,
    #[case] covers: bool,
) {
    let (rule, request): (Target, Target) = (rule.parse().unwrap(), request.parse().unwrap());
    assert_eq!(rule.covers(&request), covers);
}

#[rstest]
#[case::alias("live", true)]
#[case::latest_in_lower_case("$latest", true)]
#[case::published("$LATEST.PUBLISHED", true)]
#[case::dot("a.b", false)]
#[case::exclamation_mark("live!", false)]
#[case::empty("", false)]
fn a_qualifier_is_valid_if_the_query_accepts_it(#[case] text: &str, #[case] good: bool) {
    assert_eq!(is_qualifier(text), good);
}

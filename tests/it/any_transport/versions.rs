//! Versions and aliases: the value of `X-Amz-Executed-Version`, and which qualifiers exist.

use fake_lambda::{Invocation, Reply};
use rstest::rstest;
use serde_json::json;

use crate::raw;
use crate::transport::FakeLambda;

/// A function with versions 1 and 7 and an alias of 7. Its handler returns its ARN and its version.
fn declared() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.publish_version("resize:1");
    lambda.publish_version("resize:7");
    lambda.alias("resize:live", "7");
    lambda.on("resize").handle(async |invocation: Invocation| {
        json!([invocation.function_arn(), invocation.function_version()])
    });
    lambda
}

#[rstest]
#[case::unqualified("resize", "$LATEST", "function:resize")]
#[case::latest("resize:$LATEST", "$LATEST", "function:resize:$LATEST")]
#[case::version("resize:1", "1", "function:resize:1")]
#[case::alias("resize:live", "7", "function:resize:live")]
fn the_executed_version_is_that_of_the_qualifier(
    #[case] asked: &str,
    #[case] version: &str,
    #[case] arn: &str,
) {
    let lambda = declared();
    let reply = raw::invoke(&lambda, asked, &[], "{}");
    assert_eq!(reply.field("X-Amz-Executed-Version"), Some(version));
    let body = format!(r#"["arn:aws:lambda:us-east-1:123456789012:{arn}","{version}"]"#);
    assert_eq!(String::from_utf8(reply.body).unwrap(), body);
}

#[rstest]
#[case::alias("resize:beta")]
#[case::version("resize:8")]
fn an_undeclared_qualifier_is_a_404_with_its_arn(#[case] asked: &str) {
    let lambda = declared();
    let reply = raw::invoke(&lambda, asked, &[], "{}");
    assert_eq!(reply.status(), 404);
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{asked}");
    let body = format!(r#"{{"Message":"Function not found: {arn}","Type":"User"}}"#);
    assert_eq!(String::from_utf8(reply.body).unwrap(), body);
    // A rule covers the function, so the test expects this answer: nothing to report.
    lambda.verify();
}

#[test]
fn without_a_declaration_every_qualifier_exists() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    assert_eq!(
        raw::invoke(&lambda, "resize:beta", &[], "{}").field("X-Amz-Executed-Version"),
        Some("$LATEST")
    );
    assert_eq!(
        raw::invoke(&lambda, "resize:8", &[], "{}").field("X-Amz-Executed-Version"),
        Some("8")
    );
}

#[test]
fn the_version_of_the_reply_takes_precedence() {
    let lambda = declared();
    lambda
        .on("resize:live")
        .reply(Reply::json(json!(1)).executed_version("3"));
    assert_eq!(
        raw::invoke(&lambda, "resize:live", &[], "{}").field("X-Amz-Executed-Version"),
        Some("3")
    );
}

#[test]
fn the_seed_decides_how_an_alias_splits_its_calls() {
    let versions = |seed: u64| -> Vec<String> {
        let lambda = FakeLambda::start_with(|builder| builder.seed(seed));
        lambda
            .alias("resize:live", "1")
            .additional_version("2", 0.5);
        lambda.on("resize").reply(json!(1));
        let version = || {
            raw::invoke(&lambda, "resize:live", &[], "{}")
                .field("X-Amz-Executed-Version")
                .unwrap()
                .to_owned()
        };
        (0..64).map(|_| version()).collect()
    };
    let first = versions(7);
    assert_eq!(first, versions(7), "the same seed routes the same calls");
    assert_ne!(first, versions(8), "another seed routes others");
    let second = first.iter().filter(|version| *version == "2").count();
    assert!(
        (16..=48).contains(&second),
        "{second} of 64 went to version 2"
    );
}

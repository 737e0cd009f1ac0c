//! Requests that are refused, with AWS's texts.

use std::time::{Duration, SystemTime};

use aws_sigv4::http_request::SignableBody;
use fake_lambda::Credentials;
use rstest::rstest;
use serde_json::json;

use super::{BAD_SIGNATURE, KEY, SECRET, Signed, assert_reason, assert_refused, refusing, send};
use crate::transport::FakeLambda;

#[test]
fn an_unsigned_request_is_refused() {
    let lambda = refusing(1);
    lambda.on("resize").reply(json!(1));
    let reply = send(&lambda, "resize", "");
    let body = r#"{"message":"Missing Authentication Token"}"#;
    assert_refused(&reply, "MissingAuthenticationTokenException", body);
    assert_reason(&lambda, "the request has no `Authorization`");
}

#[test]
fn an_incomplete_authorization_is_refused() {
    let lambda = refusing(1);
    lambda.on("resize").reply(json!(1));
    let reply = send(&lambda, "resize", "Authorization: Bearer abc\r\n");
    let body = r#"{"message":"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."}"#;
    assert_refused(&reply, "IncompleteSignatureException", body);
}

#[rstest]
#[case::unknown_key("AKIAOTHER", None)]
#[case::an_unexpected_token(KEY, Some("token"))]
fn undeclared_credentials_are_refused(#[case] key: &str, #[case] token: Option<&str>) {
    let lambda = refusing(1);
    lambda.on("resize").reply(json!(1));
    let signed = Signed {
        key,
        token,
        ..Signed::default()
    };
    let reply = send(&lambda, "resize", &signed.fields());
    let body = r#"{"message":"The security token included in the request is invalid."}"#;
    assert_refused(&reply, "UnrecognizedClientException", body);
}

#[test]
fn expired_credentials_are_refused() {
    let lambda = FakeLambda::start_with(|builder| {
        let expired = Credentials::new(KEY, SECRET).session_token("t").expired();
        builder.require_signature(expired).expect_refusals(1)
    });
    lambda.on("resize").reply(json!(1));
    let signed = Signed {
        token: Some("t"),
        ..Signed::default()
    };
    let reply = send(&lambda, "resize", &signed.fields());
    let body = r#"{"message":"The security token included in the request is expired"}"#;
    assert_refused(&reply, "ExpiredTokenException", body);
}

#[test]
fn a_wrong_clock_is_refused() {
    let lambda = refusing(2);
    lambda.on("resize").reply(json!(1));
    let text = |time: SystemTime| {
        let fields = Signed {
            time,
            ..Signed::default()
        };
        let reply = send(&lambda, "resize", &fields.fields());
        assert_eq!(
            reply.field("x-amzn-ErrorType"),
            Some("InvalidSignatureException")
        );
        reply.text().to_owned()
    };
    let off = Duration::from_secs(400);
    let (late, early) = (text(SystemTime::now() - off), text(SystemTime::now() + off));
    assert!(
        late.starts_with(r#"{"message":"Signature expired: 20"#)
            && late.ends_with(r#"Z - 5 min.)"}"#),
        "{late}"
    );
    assert!(
        early.starts_with(r#"{"message":"Signature not yet current: 20"#)
            && early.ends_with(r#"Z + 5 min.)"}"#),
        "{early}"
    );
}

#[rstest]
#[case::secret(|signed: &mut Signed<'_>| signed.secret = "another")]
#[case::body(|signed: &mut Signed<'_>| signed.body = SignableBody::Bytes(b"{ }"))]
#[case::path(|signed: &mut Signed<'_>| signed.label = "pay")]
#[case::query(|signed: &mut Signed<'_>| signed.label = "resize?Qualifier=live")]
#[case::header(|signed: &mut Signed<'_>| signed.host = "elsewhere")]
fn a_request_that_differs_from_the_signed_one_is_refused(#[case] change: fn(&mut Signed<'_>)) {
    let lambda = refusing(1);
    lambda.on("resize").reply(json!(1));
    let mut signed = Signed::default();
    change(&mut signed);
    let reply = send(&lambda, "resize", &signed.fields());
    assert_eq!(reply.body.len(), 192);
    assert_refused(&reply, "InvalidSignatureException", BAD_SIGNATURE);
    let reason = "the secret differs, or the request was changed after it was signed";
    assert_reason(&lambda, reason);
}

#[test]
fn an_invalid_name_is_refused_before_the_signature() {
    let lambda = refusing(1);
    lambda.on("resize").reply(json!(1));
    let reply = send(&lambda, "no!", "");
    assert_eq!(reply.status(), 400);
    let contradicts = send(&lambda, "resize:7?Qualifier=8", "");
    assert_eq!(
        contradicts.status(),
        403,
        "a contradicting qualifier is refused after the signature check"
    );
    lambda.try_verify().unwrap_err();
}

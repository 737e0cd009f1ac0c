//! Requests that pass.

use aws_sdk_lambda::config;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use aws_sigv4::http_request::PayloadChecksumKind;
use fake_lambda::{Credentials, sdk_client};
use rstest::rstest;
use serde_json::json;

use super::{ARN, KEY, Signed, send, strict};
use crate::transport::FakeLambda;
use crate::waits::SendInTime;

#[rstest]
#[case::name("resize", None)]
#[case::alias("resize:live", None)]
#[case::latest("resize:$LATEST", None)]
#[case::qualifier("resize", Some("$LATEST"))]
#[case::arn("arn:aws:lambda:us-east-1:123456789012:function:resize", None)]
#[case::arn_with_alias("arn:aws:lambda:us-east-1:123456789012:function:resize:live", None)]
#[case::arn_and_qualifier("arn:aws:lambda:us-east-1:123456789012:function:resize", Some("live"))]
#[tokio::test]
async fn a_request_signed_by_the_sdk_passes(
    #[case] function: &str,
    #[case] qualifier: Option<&str>,
) {
    let lambda =
        FakeLambda::start_with(|builder| builder.require_signature(Credentials::default()));
    lambda.on("resize").reply(json!({"ok": true}));
    let call = sdk_client!(aws_sdk_lambda, lambda)
        .invoke()
        .function_name(function)
        .set_qualifier(qualifier.map(str::to_owned))
        .client_context("e30=")
        .payload(Blob::new(r#"{"a":  "ü"}"#));
    call.send_in_time().await.unwrap();
}

#[tokio::test]
async fn a_session_token_must_be_the_declared_one() {
    let lambda = FakeLambda::start_with(|builder| {
        builder
            .require_signature(Credentials::new("ASIA1", "s1").session_token("t1"))
            .require_signature(
                Credentials::new("ASIA2", "s2")
                    .session_token("t2")
                    .expired(),
            )
            .expect_refusals(3)
    });
    lambda.on("resize").reply(json!(1));
    let code = async |key: &str, secret: &str, token: Option<&str>| {
        let token = token.map(str::to_owned);
        let credentials = config::Credentials::new(key, secret, token, None, "test");
        let client = sdk_client!(aws_sdk_lambda, lambda, |config| config
            .credentials_provider(credentials));
        let sent = client.invoke().function_name("resize").send_in_time().await;
        sent.err().map(|error| error.code().unwrap().to_owned())
    };
    let unrecognized = Some("UnrecognizedClientException".to_owned());
    assert_eq!(code("ASIA1", "s1", Some("t1")).await, None);
    assert_eq!(code("ASIA1", "s1", Some("t2")).await, unrecognized);
    assert_eq!(code("ASIA1", "s1", None).await, unrecognized);
    assert_eq!(
        code("ASIA2", "s2", Some("t2")).await,
        Some("ExpiredTokenException".to_owned())
    );
}

#[test]
fn by_default_every_request_is_accepted_signed_or_not() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    assert_eq!(send(&lambda, "resize", "").status(), 200);
    let fields = Signed {
        secret: "another",
        ..Signed::default()
    };
    assert_eq!(send(&lambda, "resize", &fields.fields()).status(), 200);
    let calls = lambda.journal().calls();
    let keys: Vec<_> = calls
        .iter()
        .map(|call| call.first().access_key_id())
        .collect();
    assert_eq!(keys, [None, Some(KEY)]);
}

#[rstest]
#[case::with_the_hash_in_a_header(PayloadChecksumKind::XAmzSha256)]
#[case::without_it(PayloadChecksumKind::NoHeader)]
fn a_valid_signature_passes(#[case] kind: PayloadChecksumKind) {
    let lambda = strict();
    lambda.on("resize").reply(json!(1));
    let label = format!("{ARN}?Qualifier=%24LATEST");
    let mut signed = Signed {
        label: &label,
        ..Signed::default()
    };
    signed.settings.payload_checksum_kind = kind;
    assert_eq!(send(&lambda, &label, &signed.fields()).status(), 200);
}

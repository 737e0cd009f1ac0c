//! The texts of the journal and of verification about a wrong signature.

use aws_sigv4::http_request::{PercentEncodingMode, SignableBody};
use fake_lambda::Credentials;
use rstest::rstest;
use serde_json::json;

use super::{
    ARN, BAD_SIGNATURE, KEY, SECRET, Signed, assert_reason, assert_refused, refusing, send, strict,
};
use crate::raw::Client;
use crate::transport::FakeLambda;

#[rstest]
#[case::query(
    "resize?Qualifier=7",
    |signed: &mut Signed<'_>| signed.label = "resize",
    "the query was not signed"
)]
#[case::empty_payload(
    "resize",
    |signed: &mut Signed<'_>| signed.body = SignableBody::Bytes(b""),
    "the payload was signed as if it were empty"
)]
#[case::unsigned_payload(
    "resize",
    |signed: &mut Signed<'_>| signed.body = SignableBody::UnsignedPayload,
    "the payload was signed as `UNSIGNED-PAYLOAD`, which Lambda does not accept"
)]
#[case::region(
    "resize",
    |signed: &mut Signed<'_>| signed.region = "us-west-2",
    "the credential scope has the region `us-west-2`, not `us-east-1`"
)]
#[case::host_of_the_service(
    "resize",
    |signed: &mut Signed<'_>| signed.host = "lambda.us-east-1.amazonaws.com",
    "the signed host is `lambda.us-east-1.amazonaws.com`, but the request was sent to `lambda`"
)]
#[case::host_of_an_emulator(
    "resize",
    |signed: &mut Signed<'_>| signed.host = "localhost:4566",
    "the signed host is `localhost:4566`, but the request was sent to `lambda`"
)]
#[case::another_port(
    "resize",
    |signed: &mut Signed<'_>| signed.host = "lambda:443",
    "the signed host is `lambda:443`, but the request was sent to `lambda`"
)]
fn the_journal_names_the_mistake_in_the_signature(
    #[case] label: &str,
    #[case] change: fn(&mut Signed<'_>),
    #[case] reason: &str,
) {
    let lambda = refusing(1);
    lambda.on("resize").reply(json!(1));
    let mut signed = Signed::default();
    change(&mut signed);
    let fields = signed.fields();
    send(&lambda, label, &fields);
    assert_reason(&lambda, reason);
}

#[rstest]
#[case::without_its_port("127.0.0.1:4000", "127.0.0.1", "")]
#[case::another_name("127.0.0.1:4000", "localhost:4000", "")]
#[case::an_ipv6_address("[::1]:4000", "localhost:4000", "")]
#[case::through_a_proxy("10.0.0.7:4000", "api.test", "X-Forwarded-Host: api.test\r\n")]
fn the_journal_tells_which_host_was_signed(
    #[case] called: &str,
    #[case] host: &str,
    #[case] more: &str,
) {
    let lambda = refusing(1);
    lambda.on("resize").reply(json!(1));
    let signed = Signed {
        host,
        ..Signed::default()
    };
    let fields = signed.fields();
    let mut client = Client::connect(&lambda);
    client.send(
        format!(
            "POST /2015-03-31/functions/resize/invocations HTTP/1.1\r\nHost: {called}\r\n\
             {fields}{more}Content-Length: 2\r\n\r\n{{}}"
        )
        .as_bytes(),
    );
    assert_eq!(client.read_reply().status(), 403);
    assert_reason(
        &lambda,
        &format!("the signed host is `{host}`, but the request was sent to `{called}`"),
    );
}

#[test]
fn verification_names_a_signed_host_that_is_not_the_one_called() {
    let lambda = strict();
    lambda.on("resize").reply(json!(1));
    let signed = Signed {
        host: "lambda.us-east-1.amazonaws.com",
        ..Signed::default()
    };
    send(&lambda, "resize", &signed.fields());
    let report = lambda.try_verify().unwrap_err().to_string();
    insta::assert_snapshot!(finding(&report), @"
    error: call 1 is not a request that Lambda accepts, and got 403 InvalidSignatureException: resize RequestResponse {}
      help: sign the request with the credentials passed to `require_signature`, and do not change it after signing, or add `.expect_refusals(1)` after `.require_signature(..)` if the test expects this
      the signed host is `lambda.us-east-1.amazonaws.com`, but the request was sent to `lambda`
      AWS says: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    ");
}

#[test]
fn verification_reports_a_path_that_was_encoded_once() {
    let lambda = strict();
    let mut signed = Signed {
        label: ARN,
        ..Signed::default()
    };
    signed.settings.percent_encoding_mode = PercentEncodingMode::Single;
    let reply = send(&lambda, ARN, &signed.fields());
    assert_refused(&reply, "InvalidSignatureException", BAD_SIGNATURE);
    let report = lambda.try_verify().unwrap_err().to_string();
    insta::assert_snapshot!(finding(&report), @"
    error: call 1 is not a request that Lambda accepts, and got 403 InvalidSignatureException: resize RequestResponse {}
      help: sign the request with the credentials passed to `require_signature`, and do not change it after signing, or add `.expect_refusals(1)` after `.require_signature(..)` if the test expects this
      the path was signed without the second encoding: sign `/2015-03-31/functions/arn%253Aaws%253Alambda%253Aus-east-1%253A123456789012%253Afunction%253Aresize/invocations`
      AWS says: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    ");
}

#[test]
fn verification_shows_the_canonical_request_but_no_secret() {
    let lambda = FakeLambda::start_with(|builder| {
        builder.require_signature(Credentials::new(KEY, SECRET).session_token("hidden-token"))
    });
    let signed = Signed {
        label: "pay",
        token: Some("hidden-token"),
        ..Signed::default()
    };
    let fields = signed.fields();
    send(&lambda, "resize", &fields);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(
        !report.contains(SECRET) && !report.contains("hidden-token"),
        "{report}"
    );
    let date = fields.split_once("x-amz-date: ").unwrap().1;
    insta::assert_snapshot!(finding(&report).replace(&date[..16], "<date>"), @"
    error: call 1 is not a request that Lambda accepts, and got 403 InvalidSignatureException: resize RequestResponse {}
      help: sign the request with the credentials passed to `require_signature`, and do not change it after signing, or add `.expect_refusals(1)` after `.require_signature(..)` if the test expects this
      the secret differs, or the request was changed after it was signed
      the service signs this canonical request:
        | POST
        | /2015-03-31/functions/resize/invocations
        |
        | host:lambda
        | x-amz-date:<date>
        | x-amz-security-token:<session token>
        |
        | host;x-amz-date;x-amz-security-token
        | 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
      AWS says: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
    ");
}

/// The one finding of a report.
pub(super) fn finding(report: &str) -> &str {
    let start = report.find("error: ").unwrap();
    let end = report[start..].find("\n\n").unwrap();
    &report[start..start + end]
}

//! Compares our signatures with those that AWS publishes: its SigV4 test suite, as the AWS SDKs
//! carry it. The other tests are about the canonical form, refusals and the signing key.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_lambda::config::Credentials as Sdk;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::BytesMut;
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};
use rstest::rstest;

use super::authorization::{Authorization, CredentialScope};
use super::canonical::{Canonical, signing_key};
use super::keys::Keys;
use super::{Credentials, stamp};
use crate::aws::service_error::ServiceError;
use crate::ground::head::Head;
use crate::ground::same_cases::same_cases;

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const DATE: &str = "20150830T123600Z";

fn head_of(lines: &str) -> Head {
    let text = format!("{}\r\n\r\n", lines.trim_end().replace('\n', "\r\n"));
    Head::take(&mut BytesMut::from(text.as_bytes()))
        .unwrap()
        .unwrap()
}

/// A request of the suite with its header, as it reaches a server.
fn signed(request: &str, scope: &str, signed_headers: &str, signature: &str) -> Head {
    let credential = format!("Credential={KEY}/{scope}/aws4_request");
    head_of(&format!(
        "{request}\nX-Amz-Date:{DATE}\nAuthorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders={signed_headers}, \
         Signature={signature}"
    ))
}

#[rstest]
#[case::get_vanilla(
    "GET / HTTP/1.1",
    "host;x-amz-date",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
)]
#[case::post_vanilla(
    "POST / HTTP/1.1",
    "host;x-amz-date",
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
)]
#[case::get_vanilla_query_order_key_case(
    "GET /?Param2=value2&Param1=value1 HTTP/1.1",
    "host;x-amz-date",
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
)]
#[case::get_vanilla_query_order_encoded(
    "GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1 HTTP/1.1",
    "host;x-amz-date",
    "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"
)]
#[case::get_header_value_trim(
    "GET / HTTP/1.1\nMy-Header1: value1\nMy-Header2: \"a   b   c\"",
    "host;my-header1;my-header2;x-amz-date",
    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
)]
#[case::get_header_key_duplicate(
    "GET / HTTP/1.1\nMy-Header1:value2\nMy-Header1:value2\nMy-Header1:value1",
    "host;my-header1;x-amz-date",
    "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
)]
#[case::post_header_value_case(
    "POST / HTTP/1.1\nMy-Header1:VALUE1",
    "host;my-header1;x-amz-date",
    "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"
)]
#[case::get_slashes_normalized(
    "GET //example// HTTP/1.1",
    "host;x-amz-date",
    "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"
)]
#[case::get_relative_normalized(
    "GET /example/.. HTTP/1.1",
    "host;x-amz-date",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
)]
#[case::get_slash_pointless_dot_normalized(
    "GET /./example HTTP/1.1",
    "host;x-amz-date",
    "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"
)]
fn our_signature_equals_the_published_one(
    #[case] request: &str,
    #[case] signed_headers: &str,
    #[case] signature: &str,
) {
    let request = format!("{request}\nHost:example.amazonaws.com");
    let scope = "20150830/us-east-1/service";
    assert_signature(
        &signed(&request, scope, signed_headers, signature),
        b"",
        signature,
    );
}

#[test]
fn our_signature_of_a_body_equals_the_published_one() {
    let hash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
    let request = format!(
        "POST / HTTP/1.1\nContent-Type:application/x-www-form-urlencoded\nHost:example.amazonaws.com\nContent-Length:13\n\
         X-Amz-Content-Sha256:{hash}"
    );
    let names = "content-length;content-type;host;x-amz-content-sha256;x-amz-date";
    let signature = "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b";
    let head = signed(&request, "20150830/us-east-1/service", names, signature);
    assert_signature(&head, b"Param1=value1", signature);
}

#[track_caller]
fn assert_signature(head: &Head, payload: &[u8], signature: &str) {
    let value = head.field("authorization").unwrap();
    let authorization = Authorization::read(value, head).unwrap();
    let canonical = Canonical::of(head, &authorization.signed_headers, payload);
    let key = signing_key(SECRET, &authorization.scope);
    let ours = canonical.signature(&key, &authorization.scope, authorization.signed_at);
    let text = String::from_utf8(canonical.text()).unwrap();
    assert_eq!(ours, signature, "{text}");
}

#[rstest]
// From the suite's `double-url-encode`.
#[case::arn(
    "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A892717189312%3Afunction%3Amy-rusty-fun/invocations",
    "/2015-03-31/functions/arn%253Aaws%253Alambda%253Aus-west-2%253A892717189312%253Afunction%253Amy-rusty-fun/invocations",
    ""
)]
#[case::without_encoding("/f:live/$LATEST", "/f%3Alive/%24LATEST", "")]
#[case::through_a_proxy("http://localhost:1/f%3Alive", "/f%253Alive", "")]
#[case::query_is_encoded_once("/f?Qualifier=%24LATEST", "/f", "Qualifier=%24LATEST")]
#[case::query_without_encoding("/f?Qualifier=$LATEST", "/f", "Qualifier=%24LATEST")]
#[case::query_of_a_name("/f?b&a=%&a=%2f&", "/f", "a=%25&a=%2F&b=")]
#[case::query_with_a_plus_sign("/f?a=b+c&d=%2B", "/f", "a=b%20c&d=%2B")]
#[case::parent_of_a_folder("/f/g/..", "/f/", "")]
#[case::parent_of_the_root("/f/..", "/", "")]
fn a_path_is_encoded_again_but_a_query_is_not(
    #[case] target: &str,
    #[case] path: &str,
    #[case] query: &str,
) {
    let head = head_of(&format!("POST {target} HTTP/1.1\nHost: h"));
    let canonical = Canonical::of(&head, &[], b"");
    assert_eq!((&*canonical.path, &*canonical.query), (path, query));
}

fn keys() -> Keys {
    let mut keys = Keys::default();
    keys.add(Credentials::new(KEY, SECRET));
    keys
}

fn at(text: &str) -> SystemTime {
    stamp::parsed(text).unwrap()
}

#[rstest]
#[case::now(0, None)]
#[case::late(300, None)]
#[case::too_late(
    301,
    Some(
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
    )
)]
#[case::early(-300, None)]
#[case::too_early(
    -301,
    Some("Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)")
)]
fn a_clock_can_be_five_minutes_off(#[case] seconds: i64, #[case] text: Option<&str>) {
    let request = "POST / HTTP/1.1\nHost: h";
    let head = signed(request, "20150830/us-east-1/lambda", "host;x-amz-date", "0");
    let off = Duration::from_secs(seconds.unsigned_abs());
    let now = match seconds {
        0.. => at(DATE) + off,
        _ => at(DATE) - off,
    };
    let (error, message, _) = keys().check(&head, b"", "us-east-1", now).unwrap_err();
    assert_eq!(error, ServiceError::InvalidSignatureException);
    // The signature is not valid, so with the right clock the refusal is about the signature.
    assert_eq!(message, text.unwrap_or(error.default_message()));
}

#[rstest]
#[case::region(
    "20150830/us-west-2/lambda/aws4_request",
    "Credential should be scoped to a valid region, not 'us-west-2'.",
    "the region `us-west-2`, not `us-east-1`"
)]
#[case::service(
    "20150830/us-east-1/s3/aws4_request",
    "Credential should be scoped to correct service: 'lambda'.",
    "the service `s3`, not `lambda`"
)]
#[case::date(
    "20150831/us-east-1/lambda/aws4_request",
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != '20150830', \
     from '20150830T123600Z'.",
    "the date `20150831`, not `20150830`"
)]
#[case::terminator(
    "20150830/us-east-1/lambda/aws3_request",
    "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'.",
    "the terminator `aws3_request`, not `aws4_request`"
)]
#[case::two(
    "20150830/us-west-2/s3/aws4_request",
    "Credential should be scoped to a valid region, not 'us-west-2'. Credential should be scoped to correct service: 'lambda'.",
    "the region `us-west-2`, not `us-east-1`, and the service `s3`, not `lambda`"
)]
fn a_scope_of_another_endpoint_is_refused(
    #[case] scope: &str,
    #[case] text: &str,
    #[case] differs: &str,
) {
    let head = head_of(&format!(
        "POST / HTTP/1.1\nHost: h\nX-Amz-Date:{DATE}\nAuthorization: AWS4-HMAC-SHA256 \
         Credential={KEY}/{scope}, SignedHeaders=host;x-amz-date, Signature=0"
    ));
    let refusal = keys().check(&head, b"", "us-east-1", at(DATE)).unwrap_err();
    assert_eq!(
        refusal,
        (
            ServiceError::InvalidSignatureException,
            text.to_owned(),
            format!("the credential scope has {differs}")
        )
    );
}

#[test]
fn a_reason_names_the_scope_and_the_unsigned_host() {
    let scope = "20150830/us-west-2/lambda";
    let head = signed("POST / HTTP/1.1\nHost: h", scope, "x-amz-date", "0");
    let (_, _, why) = keys().check(&head, b"", "us-east-1", at(DATE)).unwrap_err();
    assert_eq!(
        why,
        "the credential scope has the region `us-west-2`, not `us-east-1`, and `host` is not in SignedHeaders"
    );
}

#[test]
fn the_parts_of_a_header_can_have_any_order() {
    let head = |value: &str| {
        head_of(&format!(
            "POST / HTTP/1.1\nX-Amz-Date: {DATE}\nAuthorization: {value}"
        ))
    };
    let read = |value: &str| Authorization::read(value.as_bytes(), &head(value)).unwrap();
    let usual = read("AWS4-HMAC-SHA256 Credential=K/1/r/s/t, SignedHeaders=a;host, Signature=f");
    assert_eq!(
        read("AWS4-HMAC-SHA256 Signature=f,SignedHeaders=a;host,Credential=K/1/r/s/t"),
        usual
    );
}

#[rstest]
#[case::another_scheme(
    "Bearer abc",
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
     Authorization header requires 'SignedHeaders' parameter."
)]
#[case::one_part(
    "AWS4-HMAC-SHA256 Credential=K/1/r/s/t, SignedHeaders=host",
    "Authorization header requires 'Signature' parameter."
)]
#[case::short_credential(
    "AWS4-HMAC-SHA256 Credential=K/r/s, SignedHeaders=host, Signature=f",
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'K/r/s'"
)]
fn the_refusal_of_an_incomplete_header_names_the_missing_part(
    #[case] value: &str,
    #[case] text: &str,
) {
    let head = head_of(&format!("POST / HTTP/1.1\nX-Amz-Date: {DATE}"));
    let misread = Authorization::read(value.as_bytes(), &head).unwrap_err();
    assert_eq!(misread.text, text);
}

#[rstest]
#[case::none(
    "",
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
)]
#[case::another_form(
    "X-Amz-Date: 2015-08-30",
    "Date must be in ISO-8601 'basic format'. Got '2015-08-30'. See http://en.wikipedia.org/wiki/ISO_8601"
)]
fn a_date_is_required_in_the_right_format(#[case] field: &str, #[case] text: &str) {
    let value = b"AWS4-HMAC-SHA256 Credential=K/1/r/s/t, SignedHeaders=host, Signature=f";
    let head = head_of(&format!("POST / HTTP/1.1\n{field}"));
    assert_eq!(Authorization::read(value, &head).unwrap_err().text, text);
    let dated = head_of("POST / HTTP/1.1\nDate: Sun, 30 Aug 2015 12:36:00 GMT");
    assert_eq!(
        Authorization::read(value, &dated).unwrap().signed_at,
        at(DATE)
    );
}

/// A request whose header the SDK's signer has made.
fn signed_by_sdk(method: &str, target: &str, fields: &[(&str, &str)], body: &[u8]) -> Head {
    let identity = Sdk::new(KEY, SECRET, None, None, "test").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("lambda")
        .time(at(DATE))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let url = format!("http://h{target}");
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new(method, url, fields.iter().copied(), body).unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let fields = fields.iter().copied().chain(instructions.headers());
    let fields: String = fields
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    head_of(&format!("{method} {target} HTTP/1.1\nHost: h\n{fields}"))
}

/// The head with one text in place of another.
#[track_caller]
fn changed(head: &Head, from: &str, to: &str) -> Head {
    let text = text_of(head);
    assert!(text.contains(from), "{text}");
    head_of(&text.replacen(from, to, 1))
}

fn text_of(head: &Head) -> String {
    let fields = head.fields().map(|(name, value)| {
        let value = String::from_utf8_lossy(value);
        format!("{name}: {value}\n")
    });
    let fields: String = fields.collect();
    format!("{} {} HTTP/1.1\n{fields}", head.method(), head.target())
}

#[track_caller]
fn why_refused(head: &Head) -> (ServiceError, String, String) {
    keys()
        .check(head, b"{}", "us-east-1", at(DATE))
        .expect_err("it is refused")
}

const BAD_LIST: &str =
    "`SignedHeaders` is not a list of different names in lower case, in ascending order";

#[rstest]
#[case::upper_case("=host;x-amz-date", "=Host;x-amz-date", BAD_LIST)]
#[case::an_empty_name("=host;x-amz-date", "=host;;x-amz-date", BAD_LIST)]
#[case::an_empty_name_at_the_end("=host;x-amz-date", "=host;x-amz-date;", BAD_LIST)]
#[case::another_order("=host;x-amz-date", "=x-amz-date;host", BAD_LIST)]
#[case::a_name_twice("=host;x-amz-date", "=host;host;x-amz-date", BAD_LIST)]
#[case::an_absent_field(
    "=host;x-amz-date",
    "=host;x-absent;x-amz-date",
    "`x-absent` is in SignedHeaders and not in the request"
)]
#[case::an_added_field(
    "\nx-amz-date",
    "\nX-Amz-Added: a\nx-amz-date",
    "`x-amz-added` is in the request and not in SignedHeaders"
)]
fn a_change_of_the_signed_fields_is_refused(
    #[case] from: &str,
    #[case] to: &str,
    #[case] why: &str,
) {
    let head = signed_by_sdk("POST", "/f", &[], b"{}");
    keys().check(&head, b"{}", "us-east-1", at(DATE)).unwrap();
    let (error, text, reason) = why_refused(&changed(&head, from, to));
    assert_eq!(error, ServiceError::InvalidSignatureException);
    assert_eq!(text, error.default_message());
    assert_eq!(reason, why);
}

#[test]
fn an_unsigned_host_is_named_as_the_reason() {
    let head = signed_by_sdk("POST", "/f", &[], b"{}");
    let (_, text, reason) = why_refused(&changed(&head, "=host;x-amz-date", "=x-amz-date"));
    assert_eq!(
        text,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    );
    assert_eq!(reason, "`host` is not in SignedHeaders");
}

/// The requests of `fixtures/aws/signatures.json`: each case, and the change that makes it.
const MALFORMED: [(&str, &str, &str); 11] = [
    ("a_parameter_twice", "Signature=", "Signature=a, Signature="),
    (
        "an_unknown_parameter",
        "Signature=",
        "Version=1, Signature=",
    ),
    ("an_empty_parameter", "Signature=", ", Signature="),
    ("two_fields", "", ""),
    ("a_signed_name_in_upper_case", "=host;", "=Host;"),
    ("an_empty_signed_name", "=host;", "=host;;"),
    (
        "signed_names_in_another_order",
        "=host;x-amz-date",
        "=x-amz-date;host",
    ),
    ("a_signed_name_twice", "=host;", "=host;host;"),
    ("a_signed_field_that_is_absent", "=host;", "=host;x-absent;"),
    (
        "an_amz_field_that_is_not_signed",
        "\nx-amz-date",
        "\nX-Amz-Added: a\nx-amz-date",
    ),
    (
        "another_session_token",
        "\nx-amz-date",
        "\nX-Amz-Security-Token: t\nx-amz-date",
    ),
];

#[test]
fn the_answers_to_malformed_signatures_are_those_of_the_fixture() {
    let facts = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/aws/signatures.json");
    let facts = std::fs::read_to_string(facts).unwrap();
    let facts: serde_json::Value = serde_json::from_str(&facts).unwrap();
    let facts = facts["answers"].as_array().unwrap();
    let cases: Vec<_> = facts.iter().map(|fact| fact["case"].as_str()).collect();
    assert_eq!(cases, MALFORMED.map(|(case, ..)| Some(case)));
    for (fact, (case, from, to)) in facts.iter().zip(MALFORMED) {
        let head = signed_by_sdk("POST", "/f", &[], b"{}");
        let value = String::from_utf8_lossy(head.field("authorization").unwrap()).into_owned();
        let head = match case {
            "two_fields" => head_of(&format!("{}Authorization: {value}", text_of(&head))),
            _ => changed(&head, from, to),
        };
        let (error, text, _) = why_refused(&head);
        assert_eq!(fact["error"], error.code(), "{case}");
        let known = match fact["text"].as_str() {
            Some(text) => text.replace("<authorization>", &value),
            None => error.default_message().to_owned(),
        };
        assert_eq!(text, known, "{case}");
        let is_observed = fact["evidence"] == "Observed";
        assert_eq!(is_observed, fact["year"].is_u64(), "{case}");
        assert!(is_observed || fact["evidence"] == "Inferred", "{case}");
    }
}

/// A signature that includes an empty field is valid only if the request has this field.
#[test]
fn an_absent_signed_field_is_not_an_empty_one() {
    let head = signed_by_sdk("POST", "/f", &[("x-empty", "")], b"{}");
    keys().check(&head, b"{}", "us-east-1", at(DATE)).unwrap();
    let (error, _, reason) = why_refused(&changed(&head, "x-empty: \n", ""));
    assert_eq!(error, ServiceError::InvalidSignatureException);
    assert_eq!(
        reason,
        "`x-empty` is in SignedHeaders and not in the request"
    );
}

#[rstest]
#[case::a_parameter_twice(
    "Signature=",
    "Signature=a, Signature=",
    "`Authorization` has two parameters `Signature`"
)]
#[case::an_unknown_parameter(
    "Signature=",
    "Version=1, Signature=",
    "`Authorization` has the unknown parameter `Version`"
)]
#[case::an_empty_parameter("Signature=", ", Signature=", "`Authorization` has an empty parameter")]
fn an_ambiguous_authorization_is_refused(#[case] from: &str, #[case] to: &str, #[case] why: &str) {
    let head = signed_by_sdk("POST", "/f", &[], b"{}");
    let (error, text, reason) = why_refused(&changed(&head, from, to));
    assert_eq!(error, ServiceError::IncompleteSignatureException);
    assert_eq!(text, error.default_message());
    assert_eq!(reason, why);
}

#[test]
fn two_authorizations_are_refused_with_the_text_of_joined_values() {
    let head = signed_by_sdk("POST", "/f", &[], b"{}");
    let value = String::from_utf8_lossy(head.field("authorization").unwrap()).into_owned();
    let text = text_of(&head);
    let (error, message, why) = why_refused(&head_of(&format!("{text}Authorization: {value}")));
    assert_eq!(error, ServiceError::IncompleteSignatureException);
    assert_eq!(
        message,
        format!(
            "'AWS4-HMAC-SHA256' not a valid key=value pair (missing equal-sign) in Authorization header: '{value}, {value}'."
        )
    );
    assert_eq!(why, "the request has several `Authorization` fields");
}

#[test]
fn the_signing_key_is_reused_until_the_secret_or_the_scope_changes() {
    let keys = keys();
    let scope = |date: &str| CredentialScope {
        date: date.to_owned(),
        region: "us-east-1".to_owned(),
        service: "lambda".to_owned(),
        terminator: "aws4_request".to_owned(),
    };
    let first = keys.signing_key(SECRET, &scope("20150830"));
    let again = keys.clone().signing_key(SECRET, &scope("20150830"));
    assert!(Arc::ptr_eq(&first, &again));
    assert_ne!(first, keys.signing_key(SECRET, &scope("20150831")));
    assert_ne!(first, keys.signing_key("another", &scope("20150830")));
    assert_eq!(first, keys.signing_key(SECRET, &scope("20150830")));
    assert!(!format!("{keys:?}").contains(SECRET));
}

proptest! {
    #![proptest_config(same_cases(256))]

    #[test]
    fn every_request_of_the_signer_is_accepted_and_every_change_refused(
        path in "(/[a-zA-Z0-9$:._~%+-]{0,3}|/\\.|/\\.\\.|/){0,5}/[a-z]{0,2}",
        query in "([a-c]{0,2}(=([a-c+$:]|%2[0-9A-F]){0,3})?&?){0,4}",
        value in "[a-z]([ a-z]{0,6}[a-z])?",
        body in "[a-z]{0,8}",
        place in any::<prop::sample::Index>(),
    ) {
        let target = match query.is_empty() {
            true => path,
            false => format!("{path}?{query}"),
        };
        let fields = [("x-amz-value", &*value), ("x-other", "o")];
        let head = signed_by_sdk("POST", &target, &fields, body.as_bytes());
        let check = |head: &Head, body: &str| keys().check(head, body.as_bytes(), "us-east-1", at(DATE));
        prop_assert_eq!(check(&head, &body), Ok(()));
        let text = text_of(&head);
        let other_body = format!("{body}!");
        prop_assert!(check(&head, &other_body).is_err());
        // One changed byte of a value or of the target. A segment before `/..` is not signed.
        let is_signed = |index: usize| {
            let is_in_target = index < text.find('\n').unwrap();
            is_in_a_value(&text, index) && !(is_in_target && target.contains("/.."))
        };
        let signed: Vec<(usize, char)> = text
            .char_indices()
            .filter(|(index, byte)| byte.is_ascii_lowercase() && is_signed(*index))
            .collect();
        let (index, byte) = *place.get(&signed);
        let other = if byte == 'q' { "r" } else { "q" };
        let mut changed = text.clone();
        changed.replace_range(index..=index, other);
        prop_assert!(check(&head_of(&changed), &body).is_err(), "{changed}");
    }
}

/// Returns `true` for a place in the target, or after the first colon of a field.
fn is_in_a_value(text: &str, index: usize) -> bool {
    let start = text[..index].rfind('\n').map_or(0, |end| end + 1);
    let line = &text[start..];
    let line = &line[..line.find('\n').unwrap_or(line.len())];
    match start {
        0 => line[..index].contains('/') && !line[..index].contains(" HTTP"),
        _ => text[start..index].contains(':'),
    }
}

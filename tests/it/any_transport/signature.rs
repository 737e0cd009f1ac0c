//! `require_signature`: requests that the SDK signs pass, and each mistake is refused with AWS's
//! text. The wrong signatures come from the SDK's signer too, so the fake never checks itself.

mod mistakes;
mod passes;
mod refusals;
mod reports;

use std::time::SystemTime;

use aws_sdk_lambda::config;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use fake_lambda::Credentials;

use crate::raw::{Client, Reply};
use crate::transport::FakeLambda;

const KEY: &str = "AKIAEXAMPLE";
const SECRET: &str = "not-to-be-shown";
const ARN: &str = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Aresize";
const BAD_SIGNATURE: &str = r#"{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}"#;

/// A request as a client signs it; the default is valid.
struct Signed<'a> {
    label: &'a str,
    body: SignableBody<'a>,
    key: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
    region: &'a str,
    host: &'a str,
    time: SystemTime,
    settings: SigningSettings,
}

impl Default for Signed<'_> {
    fn default() -> Self {
        Self {
            label: "resize",
            body: SignableBody::Bytes(b"{}"),
            key: KEY,
            secret: SECRET,
            token: None,
            region: "us-east-1",
            host: "lambda",
            time: SystemTime::now(),
            settings: SigningSettings::default(),
        }
    }
}

impl Signed<'_> {
    /// The lines that the signer adds to the head.
    fn fields(self) -> String {
        let token = self.token.map(str::to_owned);
        let identity = config::Credentials::new(self.key, self.secret, token, None, "test").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("lambda")
            .time(self.time)
            .settings(self.settings)
            .build()
            .unwrap()
            .into();
        let (label, query) = self.label.split_once('?').unwrap_or((self.label, ""));
        let url = format!(
            "http://{}/2015-03-31/functions/{label}/invocations?{query}",
            self.host
        );
        let fields = std::iter::empty();
        let request = SignableRequest::new("POST", url, fields, self.body).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        instructions
            .headers()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect()
    }
}

fn strict() -> FakeLambda {
    FakeLambda::start_with(|builder| builder.require_signature(Credentials::new(KEY, SECRET)))
}

/// Like `strict`, for a test that expects this many refusals.
fn refusing(refusals: u32) -> FakeLambda {
    FakeLambda::start_with(|builder| {
        let credentials = Credentials::new(KEY, SECRET);
        builder
            .require_signature(credentials)
            .expect_refusals(refusals)
    })
}

fn send(lambda: &FakeLambda, label: &str, fields: &str) -> Reply {
    Client::connect(lambda).invoke(label, fields, b"{}")
}

#[track_caller]
fn assert_refused(reply: &Reply, code: &str, body: &str) {
    assert_eq!(
        (
            reply.status(),
            reply.field("x-amzn-ErrorType"),
            reply.text()
        ),
        (403, Some(code), body)
    );
}

/// Checks the reason that the journal's last line shows after the code.
#[track_caller]
fn assert_reason(lambda: &FakeLambda, reason: &str) {
    let journal = lambda.journal().to_string();
    let line = journal.lines().last().unwrap();
    assert!(line.ends_with(&format!(" ({reason})")), "{line}");
}

//! One recorded case: its request, and what a reply must have to match the record.

use std::sync::LazyLock;

use fake_lambda::{Builder, Handle, ServiceError};

use super::json::Json;
use super::witness::assert_sdk_reads;
use crate::raw::{Client, Reply};
use crate::transport::FakeLambda;

/// The account in the records.
const ACCOUNT: &str = "111111111111";

pub(super) static ALL: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let facts = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/aws/observed.json"
    ));
    Json::parse(facts)
        .items()
        .iter()
        .cloned()
        .map(Case)
        .collect()
});

/// The recorder's placeholders for values that differ between accounts, and the values here.
const MEANINGS: &[(&str, &str)] = &[
    ("arn:...:", "arn:aws:lambda:us-east-1:111111111111:"),
    ("<partition>", "aws"),
    ("<region>", "us-east-1"),
    ("{region}", "us-east-1"),
    ("{account_id}", ACCOUNT),
    ("<acct>", ACCOUNT),
    ("<account>", ACCOUNT),
    ("<role>", "role"),
    ("<session>", "session"),
    ("<other-region>", "us-west-2"),
    ("<wrong-region>", "us-west-2"),
    ("<existing fn>", "function-name"),
    ("<fn>", "function-name"),
    ("<function-name:1>", "function-name"),
    ("<lambda_function_name>", "function-name"),
    ("<resource:1>", "function-name"),
    ("<resource:2>", "function-name"),
    ("<input-fn-name>", "function-name"),
    ("<event-bus-name>", "bus"),
];

/// The recorder's placeholders for a request id.
const REQUEST_IDS: &[&str] = &[
    "<request-id>",
    "<request-id:1>",
    "<request_id>",
    "<timeout_error_msg>",
    "<uuid>",
    "<uuid:1>",
    "<uuid:2>",
    "<uuid:3>",
    "<uuid:4>",
];

/// Defines a test named after each case, which passes the case to the function before the colon.
macro_rules! recorded {
    ($($show:ident: $($name:ident)+;)+) => {
        /// The cases that have a test here.
        pub(crate) const SHOWN: &[&str] = &[$($(stringify!($name),)+)+];

        $($(
            #[test]
            fn $name() {
                $show($crate::any_transport::conformance::case::Case::named(stringify!($name)));
            }
        )+)+
    };
}
pub(crate) use recorded;

#[derive(Debug)]
pub(crate) struct Case(Json);

/// The name of the test for the case with this name.
pub(super) fn test_name(case: &str) -> String {
    case.to_lowercase()
        .replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
}

/// Sets the recorder's account, and allows unscripted requests: some tests are about functions that
/// do not exist.
pub(crate) fn in_the_recorders_account(builder: Builder) -> Builder {
    builder.account(ACCOUNT).allow_unscripted()
}

pub(super) fn start() -> FakeLambda {
    FakeLambda::start_with(in_the_recorders_account)
}

/// A fake that answers as in that year.
pub(super) fn start_in(year: u16) -> FakeLambda {
    FakeLambda::start_with(|builder| in_the_recorders_account(builder).era(year))
}

/// A recorded text with the placeholders replaced; the request id is `id`.
pub(super) fn filled(text: &str, id: &str) -> String {
    let mut filled = text.to_owned();
    for (mark, meaning) in MEANINGS {
        filled = filled.replace(mark, meaning);
    }
    for mark in REQUEST_IDS {
        filled = filled.replace(mark, id);
    }
    for length in [65, 129, 170] {
        let letters = "a".repeat(length);
        for mark in [
            format!("<a:len({length})>"),
            format!(" + a*{length}"),
            format!("a * {length}"),
        ] {
            filled = filled.replace(&mark, &letters);
        }
    }
    filled
}

impl Case {
    pub(crate) fn named(test: &str) -> &'static Self {
        ALL.iter()
            .find(|case| test_name(case.name()) == test)
            .unwrap_or_else(|| panic!("fixtures/aws/observed.json has no case `{test}`"))
    }

    pub(super) fn name(&self) -> &str {
        self.text("case")
    }

    /// The year of the record, from dates such as `2018-07-17` and `17-07-2018`.
    pub(super) fn year(&self) -> u16 {
        let mut parts = self.text("date").split('-');
        let year = parts.find(|part| part.len() == 4);
        year.and_then(|year| year.parse().ok()).unwrap()
    }

    /// Text of the record, unchanged.
    #[track_caller]
    pub(crate) fn text(&self, path: &str) -> &str {
        self.at(path)
            .text()
            .unwrap_or_else(|| panic!("{path} is not a string"))
    }

    #[track_caller]
    pub(crate) fn at(&self, path: &str) -> &Json {
        self.0
            .at(path)
            .unwrap_or_else(|| panic!("the case has no {path}"))
    }

    pub(super) fn observed(&self, path: &str) -> Option<&Json> {
        self.at("observed").at(path)
    }

    /// Sends the case's request, described by its members, with this body.
    pub(super) fn invoke(&self, lambda: &Handle, body: impl AsRef<[u8]>) -> Reply {
        let asked = |name: &str| {
            let text = self.at("request").at(name)?.text()?;
            Some(filled(text, ""))
        };
        let name = asked("FunctionName").unwrap_or_else(|| "function-name".into());
        let mut label = encoded(&name);
        if let Some(qualifier) = asked("Qualifier") {
            label += &format!("?Qualifier={}", encoded(&qualifier));
        }
        let mut fields = String::new();
        for (member, field) in [
            ("InvocationType", "X-Amz-Invocation-Type"),
            ("LogType", "X-Amz-Log-Type"),
        ] {
            if let Some(word) = asked(member) {
                fields += &format!("{field}: {word}\r\n");
            }
        }
        Client::connect(lambda).invoke(&label, &fields, body.as_ref())
    }

    /// Compares the recorded answer except its body: its status and its headers. The SDK is the
    /// second witness.
    #[track_caller]
    pub(super) fn assert_head(&self, reply: &Reply) {
        assert_sdk_reads(reply);
        let observed = |path: &str| self.observed(path);
        let id = reply
            .field("x-amzn-RequestId")
            .expect("every reply has a request id");
        let text = |path: &str| Some(filled(observed(path)?.text()?, id));

        let statuses = [
            "StatusCode",
            "HTTPStatusCode",
            "ResponseMetadata.HTTPStatusCode",
        ];
        for status in statuses.iter().filter_map(|path| observed(path)?.number()) {
            assert_eq!(u64::from(reply.status()), status, "{reply}");
        }
        // A recorded reply with a status lists all header members that were present, and no others.
        if observed("StatusCode").is_some() {
            for (member, field) in [
                ("ExecutedVersion", "X-Amz-Executed-Version"),
                ("FunctionError", "X-Amz-Function-Error"),
            ] {
                assert_eq!(reply.field(field), text(member).as_deref(), "{reply}");
            }
            let has_log = observed("LogResult").is_some();
            assert_eq!(
                reply.field("X-Amz-Log-Result").is_some(),
                has_log,
                "{reply}"
            );
            assert_eq!(reply.field("x-amzn-ErrorType"), None, "{reply}");
        }
        let code = self.code();
        if code.is_some() {
            assert_eq!(reply.field("x-amzn-ErrorType"), code, "{reply}");
            assert_eq!(
                reply.field("X-Amz-Function-Error"),
                None,
                "the function did not run: {reply}"
            );
        }
    }

    /// The code of the recorded error, if the answer is an error.
    fn code(&self) -> Option<&str> {
        let mut paths = ["Error.Code", "Code", "code"].iter();
        paths.find_map(|path| self.observed(path)?.text())
    }

    /// Compares everything that the record has of the answer: its status, its headers, its body.
    #[track_caller]
    pub(super) fn assert_answer(&self, reply: &Reply) {
        self.assert_head(reply);
        let observed = |path: &str| self.observed(path);
        let id = reply
            .field("x-amzn-RequestId")
            .expect("every reply has a request id");
        let fill = |json: &Json| json.map(&|text| filled(text, id));
        let text = |path: &str| Some(filled(observed(path)?.text()?, id));

        match observed("Payload") {
            Some(Json::Scalar(value)) if value.is_string() => {
                assert_eq!(Some(reply.text()), text("Payload").as_deref());
            }
            Some(payload) => assert_eq!(
                Json::parse(&reply.body).value(),
                fill(payload).value(),
                "{reply}"
            ),
            None => {}
        }
        if let Some(body) = text("body") {
            assert_eq!(reply.text(), body);
        }

        let Some(code) = self.code() else {
            return;
        };
        let body = if observed("Error").is_some() {
            // The SDK returns the members of the body in addition to its own two.
            let members = self.at("observed").members().iter();
            let of_the_body =
                members.filter(|(name, _)| !["Error", "ResponseMetadata"].contains(&&**name));
            fill(&Json::Object(of_the_body.cloned().collect()))
        } else if let Some(errors) = observed("Errors") {
            let count = observed("Count").and_then(Json::number).unwrap();
            let errors: Vec<_> = errors.items().iter().filter_map(Json::text).collect();
            let message = format!(
                "{count} validation error detected: {}",
                filled(&errors.join("; "), id)
            );
            Json::Object(vec![("message".into(), Json::Scalar(message.into()))])
        } else {
            let message = text("Message").or_else(|| text("message"));
            body_of(code, &message.expect("a code comes with a message"))
        };
        assert_eq!(reply.text(), body.to_string());
    }
}

/// The body of an error of which only code and message were recorded.
fn body_of(code: &str, message: &str) -> Json {
    let error = ServiceError::ALL.iter().find(|error| error.code() == code);
    let error = error.unwrap_or_else(|| panic!("there is no {code}"));
    let mut members = vec![(error.message_member(), Json::Scalar(message.into()))];
    members.extend(
        error
            .type_value()
            .map(|value| ("Type", Json::Scalar(value.into()))),
    );
    // In ASCII order, as in every body that was recorded byte for byte.
    members.sort_unstable_by_key(|(name, _)| *name);
    Json::Object(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// The text as the SDKs encode it in a label or a query value.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

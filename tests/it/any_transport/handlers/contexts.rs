//! The context of a run.

use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{Context, FunctionError, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::TAIL;
use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn a_context_identifies_its_run() {
    let lambda = FakeLambda::start_with(|builder| builder.region("eu-west-1"));
    lambda.alias("pay:live", "7");
    lambda
        .on("pay")
        .handle_json(async |_: Value, context: Context| {
            Ok::<_, FunctionError>(json!([
                context.request_id(),
                context.invoked_function_arn(),
                context.function_name(),
                context.function_version(),
                context.invocation().header("x-own"),
            ]))
        });
    let reply = raw::invoke(&lambda, "pay:live", &["x-own: 1"], "{}");
    let id = reply.field("x-amzn-RequestId").unwrap();
    let said: Value = serde_json::from_str(reply.text()).unwrap();
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:pay:live";
    assert_eq!(said, json!([id, arn, "pay", "7", "1"]));
}

#[derive(Deserialize)]
struct Caller {
    device: String,
}

#[test]
fn a_context_has_the_client_context_as_a_type() {
    let lambda = FakeLambda::start();
    lambda.on("pay").handle_json(
        async |_: Value, context: Context| -> Result<_, FunctionError> {
            let caller: Option<Caller> = context.client_context()?;
            Ok(caller.map(|caller| caller.device))
        },
    );
    let said = |sent: Option<Value>| {
        let field = sent.map(|sent| {
            let encoded = STANDARD.encode(sent.to_string());
            format!("X-Amz-Client-Context: {encoded}")
        });
        let fields: Vec<_> = field.iter().map(String::as_str).collect();
        raw::invoke(&lambda, "pay", &fields, "{}").text().to_owned()
    };
    assert_eq!(said(None), "null");
    assert_eq!(said(Some(json!({"device": "phone"}))), r#""phone""#);
    // The name of a number's type in serde_json's messages depends on its features.
    let wrong = said(Some(json!({"device": 7})));
    let start = r#"{"errorType":"&serde_json::error::Error","errorMessage":"invalid type: "#;
    assert!(wrong.starts_with(start), "{wrong}");
}

#[test]
fn a_context_writes_to_the_log_of_its_run() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .handle_json(async |_: Value, context: Context| {
            context.log("first\nsecond");
            Ok::<_, FunctionError>(())
        });
    let reply = raw::invoke(&lambda, "pay", &[TAIL], "{}");
    let tail = STANDARD
        .decode(reply.field("X-Amz-Log-Result").unwrap())
        .unwrap();
    let tail = String::from_utf8(tail).unwrap();
    assert_eq!(tail.lines().nth(1), Some("first"));
    assert_eq!(tail.lines().nth(2), Some("second"));
}

/// The remaining time that the context of a run has, and the time from the call to its deadline.
fn told(timeout: Option<Duration>) -> (Duration, Duration) {
    let lambda = FakeLambda::start();
    let (tells, told) = mpsc::channel();
    let function = Reply::handle_json(async move |_: Value, context: Context| {
        tells
            .send((context.remaining_time(), context.deadline()))
            .unwrap();
        Ok::<_, FunctionError>(())
    });
    lambda.on("pay").reply(match timeout {
        Some(timeout) => function.timeout(timeout),
        None => function,
    });
    let before = SystemTime::now();
    raw::invoke(&lambda, "pay", &[], "{}");
    let (remaining, deadline) = told.recv().unwrap();
    (remaining, deadline.duration_since(before).unwrap())
}

#[test]
fn a_deadline_is_that_of_the_timeout() {
    let minute = Duration::from_secs(60);
    let (remaining, deadline) = told(Some(minute));
    assert!(
        remaining <= minute && remaining > minute / 2,
        "{remaining:?}"
    );
    assert!(deadline >= minute && deadline < 2 * minute, "{deadline:?}");
}

#[test]
fn without_a_timeout_the_deadline_is_the_longest_possible() {
    let longest = Duration::from_secs(900);
    let (remaining, deadline) = told(None);
    assert!(
        remaining <= longest && remaining > longest / 2,
        "{remaining:?}"
    );
    assert!(
        deadline >= longest && deadline < 2 * longest,
        "{deadline:?}"
    );
}

#[test]
fn a_context_can_be_sent_to_tasks_and_does_not_print_the_payload() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .handle_json(async |_: Value, context: Context| {
            let text = tokio::spawn(async move { format!("{context:?}") });
            Ok::<_, FunctionError>(text.await.unwrap())
        });
    let text = raw::invoke(&lambda, "pay", &[], r#"{"card":"4111"}"#);
    assert!(
        text.text()
            .starts_with("\"Context { invocation: Invocation {"),
        "{text}"
    );
    assert!(!text.text().contains("4111"));
}

//! Handlers of `lambda_runtime` and `lambda_http`, unchanged, as callees of a client.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use fake_lambda::{FakeLambda, lambda_handler};
use insta::assert_snapshot;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The head and the body of the reply to an invocation.
fn invoke(lambda: &FakeLambda, function: &str, fields: &str, payload: &str) -> (String, String) {
    let mut client = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
    let request = format!(
        "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         {fields}Content-Length: {}\r\n\r\n{payload}",
        payload.len()
    );
    client.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    client.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// The payload of a function error.
#[track_caller]
fn failed(lambda: &FakeLambda, function: &str, payload: &str) -> String {
    let (head, body) = invoke(lambda, function, "", payload);
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(
        head.contains("X-Amz-Function-Error: Unhandled"),
        "{head}\n\n{body}"
    );
    body
}

#[derive(Deserialize)]
struct Order {
    id: u64,
}

#[derive(Serialize)]
struct Paid {
    paid: u64,
    by: String,
}

async fn pay(event: LambdaEvent<Order>) -> Result<Paid, lambda_runtime::Error> {
    match event.payload.id {
        13 => Err("unlucky".into()),
        99 => panic!("boom {}", event.payload.id),
        id => Ok(Paid {
            paid: id,
            by: event.context.invoked_function_arn,
        }),
    }
}

fn with_pay() -> FakeLambda {
    let lambda = FakeLambda::start();
    let handler = lambda_handler!(lambda_runtime, service_fn(pay));
    lambda.on("pay").handle_json(handler);
    lambda
}

#[test]
fn the_fields_of_a_result_are_sent_in_their_order() {
    let lambda = with_pay();
    let (head, body) = invoke(&lambda, "pay:live", "", r#"{"id":7}"#);
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let by = "arn:aws:lambda:us-east-1:123456789012:function:pay:live";
    assert_eq!(body, format!(r#"{{"paid":7,"by":"{by}"}}"#));
}

#[test]
fn an_error_has_the_type_of_the_real_runtime() {
    let lambda = with_pay();
    assert_snapshot!(failed(&lambda, "pay", r#"{"id":13}"#), @r#"{"errorType":"&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>","errorMessage":"unlucky"}"#);
}

#[test]
fn an_event_that_does_not_deserialize_is_an_error_and_a_finding() {
    let lambda = with_pay();
    assert_snapshot!(failed(&lambda, "pay", r#"{"id":"x"}"#), @r#"{"errorType":"&lambda_runtime::deserializer::DeserializeError","errorMessage":"failed to deserialize the incoming data into the function's payload type: [id] id: invalid type: string \"x\", expected u64 at line 1 column 9\n"}"#);
    lambda.try_verify().unwrap_err();
}

#[test]
fn a_panic_is_an_error_and_a_finding() {
    let lambda = with_pay();
    assert_snapshot!(failed(&lambda, "pay", r#"{"id":99}"#), @r#"{"errorType":"&alloc::boxed::Box<dyn core::any::Any + core::marker::Send>","errorMessage":"Lambda panicked: boom 99"}"#);
    let report = lambda.try_verify().unwrap_err().to_string();
    for part in [
        "error: a handler panicked at call 1: pay RequestResponse {\"id\":99}\n",
        "; the client got a function error\n",
        "    boom 99\n",
    ] {
        assert!(report.contains(part), "{report}");
    }
}

struct CardDeclined;

impl From<CardDeclined> for Diagnostic {
    fn from(_: CardDeclined) -> Self {
        Self {
            error_type: "CardDeclined".into(),
            error_message: "no funds".into(),
        }
    }
}

#[test]
fn an_error_of_your_own_has_its_diagnostic() {
    async fn decline(_: LambdaEvent<Value>) -> Result<(), CardDeclined> {
        Err(CardDeclined)
    }
    let lambda = FakeLambda::start();
    let handler = lambda_handler!(lambda_runtime, service_fn(decline));
    lambda.on("decline").handle_json(handler);
    assert_snapshot!(failed(&lambda, "decline", "1"), @r#"{"errorType":"CardDeclined","errorMessage":"no funds"}"#);
}

#[test]
fn the_context_is_that_of_the_invocation() {
    async fn context(event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
        let context = event.context;
        let now = std::time::SystemTime::now();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        let left = u128::from(context.deadline) - now.as_millis();
        Ok(json!({
            "arn": context.invoked_function_arn,
            "client": context.client_context.map(|client| client.custom),
            "config": [context.env_config.function_name, context.env_config.version,
                context.env_config.memory.to_string(), context.env_config.log_group],
            "has_log_stream": context.env_config.log_stream.contains("[7]"),
            "has_id": context.request_id.len() == 36,
            "minutes_left": left.div_ceil(60_000),
            "tenant": context.tenant_id,
            "trace": context.xray_trace_id,
        }))
    }
    let lambda = FakeLambda::start();
    let handler = lambda_handler!(lambda_runtime, service_fn(context));
    lambda.on("who").handle_json(handler);
    let fields = "X-Amz-Tenant-Id: blue\r\nX-Amzn-Trace-Id: Root=1\r\n\
                  X-Amz-Client-Context: eyJjbGllbnQiOnsiaW5zdGFsbGF0aW9uX2lkIjoiIiwiYXBwX3RpdGxlIjoiIiwiYXBwX3ZlcnNpb25fbmFtZSI6IiIsImFwcF92ZXJzaW9uX2NvZGUiOiIiLCJhcHBfcGFja2FnZV9uYW1lIjoiIn0sImN1c3RvbSI6eyJhIjoiYiJ9LCJlbnYiOnt9fQ==\r\n";
    let (_, body) = invoke(&lambda, "who:7", fields, "1");
    assert_snapshot!(body, @r#"{"arn":"arn:aws:lambda:us-east-1:123456789012:function:who:7","client":{"a":"b"},"config":["who","7","128","/aws/lambda/who"],"has_id":true,"has_log_stream":true,"minutes_left":15,"tenant":"blue","trace":"Root=1"}"#);
}

#[test]
fn a_client_context_that_the_runtime_cannot_read_ends_its_process_and_is_a_finding() {
    let lambda = with_pay();
    // {"custom":{"tenant":7}}
    let field = "X-Amz-Client-Context: eyJjdXN0b20iOnsidGVuYW50Ijo3fX0=\r\n";
    let (head, body) = invoke(&lambda, "pay", field, r#"{"id":7}"#);
    assert!(head.contains("X-Amz-Function-Error: Unhandled"), "{head}");
    let id = &lambda.only_call().first().request_id().to_owned();
    assert_snapshot!(body.replace(id, "<id>"), @r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited with error: exit status 1"}"#);
    let report = lambda.try_verify().unwrap_err().to_string();
    let error = "error: the client context of call 1 is not a valid `ClientContext`: \
                 invalid type: integer `7`, expected a string\n";
    assert!(report.contains(error), "{report}");
}

#[test]
fn an_http_handler_gets_an_event_of_a_gateway() {
    use lambda_http::{Adapter, Body, Error, Request, RequestExt as _, Response};

    async fn web(request: Request) -> Result<Response<Body>, Error> {
        let query = request.query_string_parameters();
        let who = query.first("who").unwrap_or("unknown").to_owned();
        let response = Response::builder().status(201).header("x-a", "b");
        Ok(response.body(Body::from(format!("hi {who}")))?)
    }
    let lambda = FakeLambda::start();
    let handler = lambda_handler!(
        lambda_http::lambda_runtime,
        Adapter::from(lambda_http::service_fn(web))
    );
    lambda.on("web").handle_json(handler);
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "who=me",
        "queryStringParameters": {"who": "me"}, "headers": {}, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "p",
            "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "1.1.1.1", "userAgent": "x"},
            "requestId": "id", "routeKey": "$default", "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1583348638390_u64,
        },
    });
    let (_, body) = invoke(&lambda, "web", "", &event.to_string());
    assert_snapshot!(body, @r#"{"statusCode":201,"headers":{"x-a":"b"},"multiValueHeaders":{},"body":"hi me","isBase64Encoded":false,"cookies":[]}"#);
}

/// A test module can turn off the prelude.
mod without_prelude {
    #![no_implicit_prelude]

    use ::fake_lambda::{FakeLambda, lambda_handler};
    use ::lambda_runtime;

    pub(super) fn script(lambda: &FakeLambda) {
        let handler = lambda_handler!(lambda_runtime, lambda_runtime::service_fn(super::pay));
        lambda.on("pay").handle_json(handler);
    }
}

#[test]
fn a_handler_is_wrapped_without_the_prelude() {
    let lambda = FakeLambda::start();
    without_prelude::script(&lambda);
    let (_, body) = invoke(&lambda, "pay", "", r#"{"id":7}"#);
    assert!(body.starts_with(r#"{"paid":7,"#), "{body}");
}

//! Functions that ran or were queued, and dry runs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{FunctionError, Invocation};
use serde_json::{Value, json};

use super::case::{Case, recorded, start};
use super::json::Json;
use crate::raw;

recorded! {
    echoes: sync_no_invocation_type_no_payload_echo sync_requestresponse_explicit;
    is_queued: async_event_202 event_function_returns_none;
    is_queued_though_the_function_fails: event_function_error_202;
    runs_nothing: dryrun_204;
    returns_nothing: sync_function_returns_none_python sync_function_returns_undefined_node;
    returns_its_request_id: request_id_in_context_equals_response_request_id;
    sees_the_client_context: client_context_delivered;
    gets_an_empty_object: empty_payload_becomes_empty_object;
    takes_any_value: any_json_value_is_a_valid_payload;
}

fn echoes(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .handle(async |inv: Invocation| inv.payload_json());
    case.assert_answer(&case.invoke(&lambda, "{}"));
    case.assert_answer(&case.invoke(&lambda, ""));
}

fn is_queued(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(null));
    let reply = case.invoke(&lambda, "{}");
    case.assert_answer(&reply);
    assert_eq!(reply.field("Content-Type"), None);
}

fn is_queued_though_the_function_fails(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(FunctionError::new("Exception", "boom"));
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

fn runs_nothing(case: &Case) {
    let lambda = start();
    let script = lambda
        .on("function-name")
        .handle(async |_: Invocation| json!(1));
    case.assert_answer(&case.invoke(&lambda, "{}"));
    script.assert_attempts(0);
}

fn returns_nothing(case: &Case) {
    let lambda = start();
    lambda.on("function-name").reply(json!(null));
    let reply = case.invoke(&lambda, "{}");
    case.assert_answer(&reply);
    assert_eq!(reply.body, b"null");
}

fn returns_its_request_id(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .handle(async |inv: Invocation| json!(inv.request_id()));
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

fn sees_the_client_context(case: &Case) {
    let sent = case.text("request.ClientContext");
    let sent = sent
        .strip_prefix("base64(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap();
    let lambda = start();
    // The fake cannot know the function's state, so the handler returns it here.
    lambda.on("function-name").handle(async |inv: Invocation| {
        let name = inv.function_name();
        json!({"context": {
            "callbackWaitsForEmptyEventLoop": true,
            "functionVersion": inv.function_version(),
            "functionName": name,
            "memoryLimitInMB": "128",
            "logGroupName": format!("/aws/lambda/{name}"),
            "logStreamName": "<log-stream-name:1>",
            "clientContext": inv.client_context(),
            "invokedFunctionArn": inv.function_arn(),
            "awsRequestId": inv.request_id(),
        }})
    });
    let field = format!("X-Amz-Client-Context: {}", STANDARD.encode(sent));
    let reply = raw::invoke(&lambda, "function-name", &[&field], "{}");
    case.assert_answer(&reply);
}

fn gets_an_empty_object(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .handle(async |inv: Invocation| inv.payload_json());
    let reply = case.invoke(&lambda, "");
    assert_eq!(
        Some(u64::from(reply.status())),
        case.at("observed.StatusCode").number()
    );
    assert_eq!(reply.text(), case.at("observed.echo Payload").to_string());
}

fn takes_any_value(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .handle(async |inv: Invocation| inv.payload_json());
    for payload in case.at("request.Payload").items() {
        // The recorder shortened its object.
        let payload = payload.text().unwrap().replace("...", "\"world\"");
        let reply = case.invoke(&lambda, &payload);
        assert_eq!(reply.status(), 200, "{reply}");
        assert_eq!(reply.field("X-Amz-Function-Error"), None);
        let sent: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(Json::parse(&reply.body).value(), sent);
    }
}

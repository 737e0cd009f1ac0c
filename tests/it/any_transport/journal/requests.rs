//! All parts of a request: if two requests differ in any part, they are printed and serialized
//! differently.

use aws_sdk_lambda::config::Region;
use aws_sdk_lambda::types::LogType;
use fake_lambda::{Reply, sdk_client};
use rstest::rstest;
use serde_json::{Value, json};

use crate::raw;
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

/// `{"custom":{"tenant":"a"}}`.
const CONTEXT: &str = "X-Amz-Client-Context: eyJjdXN0b20iOnsidGVuYW50IjoiYSJ9fQ==";

const SIGNED: &str = "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0";

/// The text and the data of one request's journal, and the `Debug` of its invocation.
fn shown(function: &str, fields: &[&str]) -> (String, Value, String) {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    raw::invoke(&lambda, function, fields, "{}");
    let journal = lambda.journal();
    let data = serde_json::to_value(&journal).unwrap();
    let debug = format!("{:?}", lambda.only_call().first());
    (journal.to_string(), data[0].clone(), debug)
}

#[rstest]
#[case::another_region("f", &[SIGNED], "region eu-west-1", json!({"region": "eu-west-1"}))]
#[case::another_account("999988887777:f", &[], "account 999988887777", json!({"account": "999988887777"}))]
#[case::the_log_tail("f", &["X-Amz-Log-Type: Tail"], "log type Tail", json!({"log_type": "Tail"}))]
#[case::a_client_context("f", &[CONTEXT], r#"client context {"custom":{"tenant":"a"}}"#, json!({"client_context": {"custom": {"tenant": "a"}}}))]
#[case::not_base64("f", &["X-Amz-Client-Context: {}"], "client context not in base64 {}", json!({"client_context_not_in_base64": "{}"}))]
#[case::a_tenant("f", &["X-Amz-Tenant-Id: a b"], r#"tenant id "a b""#, json!({"tenant_id": "a b"}))]
#[case::a_durable_execution("f", &["X-Amz-Durable-Execution-Name: order-7"], r#"durable execution name "order-7""#, json!({"durable_execution_name": "order-7"}))]
fn what_is_not_the_default_is_shown(
    #[case] function: &str,
    #[case] fields: &[&str],
    #[case] text: &str,
    #[case] data: Value,
) {
    let plain = shown("f", &[]);
    let other = shown(function, fields);
    let (first, rest) = other.0.split_once('\n').unwrap();
    assert_eq!(first, format!("1 f RequestResponse {{}} ({text})"));
    assert!(rest.starts_with("  attempt 1 → "), "{rest}");
    let (name, value) = data.as_object().unwrap().iter().next().unwrap();
    assert_eq!(&other.1[name], value, "{}", other.1);
    assert_eq!(plain.1.get(name), None);
    assert_ne!(plain.2, other.2);
}

#[rstest]
#[case::signed_for_the_region_of_the_fake(&["Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"])]
#[case::no_log_type(&["X-Amz-Log-Type: None"])]
#[case::an_empty_client_context(&["X-Amz-Client-Context: "])]
fn a_default_that_is_sent_is_not_shown(#[case] fields: &[&str]) {
    assert_eq!(shown("f", fields), shown("f", &[]));
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
    assert_eq!(shown(arn, &[]).0, shown("f", &[]).0);
}

#[tokio::test]
async fn all_that_a_client_of_the_sdk_sends_is_shown() {
    let lambda = FakeLambda::start_with(|builder| builder.account("999988887777"));
    lambda.on("pay").reply(Reply::json(json!(1)));
    let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
        config.region(Region::new("eu-west-1"))
    });
    let call = client.invoke().function_name("123456789012:pay:live");
    let call = call
        .client_context("eyJjdXN0b20iOnsidGVuYW50IjoiYSJ9fQ==")
        .log_type(LogType::Tail)
        .tenant_id("blue")
        .durable_execution_name("order-7");
    call.send_in_time().await.unwrap();
    client
        .invoke()
        .function_name("pay:live")
        .send_in_time()
        .await
        .unwrap();
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 pay:live RequestResponse (empty) (region eu-west-1, account 123456789012, log type Tail, client context {"custom":{"tenant":"a"}}, tenant id "blue", durable execution name "order-7")
      attempt 1/3 → 200 1
    2 pay:live RequestResponse (empty) (region eu-west-1)
      attempt 1/3 → 200 1
    "#);
    insta::assert_json_snapshot!(lambda.journal().calls()[0], @r#"
    {
      "call": 1,
      "function": "pay",
      "qualifier": "live",
      "region": "eu-west-1",
      "account": "123456789012",
      "invocation_type": "RequestResponse",
      "log_type": "Tail",
      "client_context": {
        "custom": {
          "tenant": "a"
        }
      },
      "tenant_id": "blue",
      "durable_execution_name": "order-7",
      "payload": "",
      "attempts": [
        {
          "attempt": 1,
          "max_attempts": 3,
          "status": 200,
          "payload": 1,
          "executed_version": "$LATEST"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(format!("{:?}", lambda.calls()[0].first()), @r#"Invocation { target: "pay:live", invocation_type: RequestResponse, region: "eu-west-1", account: "123456789012", log_type: Tail, client_context: "{\"custom\":{\"tenant\":\"a\"}}", tenant_id: "blue", durable_execution_name: "order-7", attempt: Some(1), payload_len: 0, .. }"#);
    let timeline = lambda.timeline().to_string();
    assert!(timeline.contains(r#"tenant id "blue""#), "{timeline}");
}

#[test]
fn calls_in_a_report_are_merged_only_if_their_whole_requests_are_equal() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    for tenant in ["blue", "blue", "red"] {
        raw::invoke(&lambda, "f", &[&format!("X-Amz-Tenant-Id: {tenant}")], "{}");
    }
    let report = lambda.try_assert_calls(1).unwrap_err().to_string();
    let (_, journal) = report.split_once("\n\n").unwrap();
    insta::assert_snapshot!(journal, @r#"
    journal
      1 to 2 (2 equal calls) f RequestResponse {} (tenant id "blue")
        attempt 1 → 200 1
      3 f RequestResponse {} (tenant id "red")
        attempt 1 → 200 1
    "#);
}

#[test]
fn an_empty_body_is_printed_as_empty() {
    let lambda = FakeLambda::start();
    lambda.on("empty").reply(Reply::json(json!(1)).body(""));
    lambda.on("http").reply(Reply::http(503, ""));
    lambda.on("kept").reply(json!("kept"));
    lambda
        .on("computed")
        .handle(async |_: fake_lambda::Invocation| json!("computed"));
    for function in ["empty", "http", "kept", "computed"] {
        raw::invoke(&lambda, function, &[], "");
        lambda.wait_until_idle().block();
    }
    raw::invoke(&lambda, "empty", &["X-Amz-Invocation-Type: Event"], "");
    lambda.settle_events().block();
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 empty RequestResponse (empty)
      attempt 1 → 200 (empty)
    2 http RequestResponse (empty)
      attempt 1 → 503 (empty)
    3 kept RequestResponse (empty)
      attempt 1 → 200 "kept"
    4 computed RequestResponse (empty)
      attempt 1 → 200 "computed"
    5 empty Event (empty)
      attempt 1 → 202
        execution 1 → 200 (empty)
        Success
    "#);
    let data = serde_json::to_value(lambda.journal()).unwrap();
    assert_eq!(data[0]["attempts"][0]["payload"], "");
    insta::assert_snapshot!(lambda.only_delivery(), @r"
    delivery 1 of empty {}
      execution 1 → 200 (empty)
      Success
    ");
}

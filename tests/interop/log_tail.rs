//! The end of the function's log, for callers that request it.

use fake_lambda::{FakeLambda, FunctionError, Reply};
use rstest::rstest;
use serde_json::json;

use crate::sdk::Sdk;

#[rstest]
#[case::boto3(Sdk::Boto3)]
#[case::java_script(Sdk::JavaScript)]
#[ignore = "needs the SDKs: tests/interop/run"]
fn the_log_tail_is_sent_to_synchronous_callers_that_request_it(#[case] sdk: Sdk) {
    let lambda = FakeLambda::builder().seed(0).start();
    lambda
        .on("pay")
        .reply(Reply::json(json!({})).log("charging card 42"))
        .then(
            Reply::from(FunctionError::new("ValueError", "no such card"))
                .log("[ERROR] no such card"),
        )
        .then(Reply::json(json!({})).log("not requested"));
    lambda
        .on("chatty")
        .reply(Reply::json(json!({})).log("x".repeat(5000)));
    let answers = sdk.answers(
        &lambda,
        &[
            json!({"FunctionName": "pay", "LogType": "Tail"}),
            json!({"FunctionName": "pay", "LogType": "Tail"}),
            json!({"FunctionName": "pay", "LogType": "None"}),
            json!({"FunctionName": "pay"}),
            json!({"FunctionName": "pay", "LogType": "Tail", "InvocationType": "Event"}),
            json!({"FunctionName": "chatty", "LogType": "Tail"}),
        ],
    );
    let tails: Vec<_> = answers
        .iter()
        .map(|answer| answer["log_result"].as_str())
        .collect();
    assert_eq!(
        tails[..5],
        [
            Some(
                "START RequestId: <request-id> Version: $LATEST\ncharging card 42\nEND RequestId: <request-id>\n\
                 REPORT RequestId: <request-id>\tDuration: 11.20 ms\tBilled Duration: 318 ms\tMemory Size: 128 MB\t\
                 Max Memory Used: 37 MB\tInit Duration: 306.33 ms\t\n"
            ),
            Some(
                "START RequestId: <request-id> Version: $LATEST\n[ERROR] no such card\nEND RequestId: <request-id>\n\
                 REPORT RequestId: <request-id>\tDuration: 21.93 ms\tBilled Duration: 22 ms\tMemory Size: 128 MB\t\
                 Max Memory Used: 69 MB\t\n"
            ),
            None,
            None,
            None,
        ]
    );
    // The last 4,096 bytes; an id is 24 bytes longer than its placeholder here.
    let chatty = tails[5].expect("a tail");
    assert!(chatty.starts_with("xxx"), "{chatty}");
    assert_eq!(
        chatty.len() + 24 * chatty.matches("<request-id>").count(),
        4096
    );
}

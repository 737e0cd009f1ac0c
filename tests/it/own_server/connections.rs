//! Which connection carried an attempt.

use fake_lambda::{FakeLambda, sdk_client};
use serde_json::json;

use crate::raw::Client;
use crate::waits::SendInTime as _;

fn connections(lambda: &FakeLambda) -> Vec<Option<u64>> {
    let calls = lambda.calls();
    let attempts = calls.iter().flat_map(|call| call.attempts());
    attempts.map(|attempt| attempt.connection()).collect()
}

#[test]
fn connections_are_counted_from_1_in_the_order_in_which_they_are_accepted() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut first = Client::connect(&lambda);
    first.invoke("f", "", b"{}");
    let mut second = Client::connect(&lambda);
    second.invoke("f", "", b"{}");
    first.invoke("f", "", b"{}");
    second.invoke("f", "", b"{}");
    assert_eq!(connections(&lambda), [1, 2, 1, 2].map(Some));
    let journal = lambda.journal();
    assert!(!journal.to_string().contains("connection"), "{journal}");
}

#[test]
fn the_numbers_of_connections_continue_after_an_outage() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    Client::connect(&lambda).invoke("f", "", b"{}");
    lambda.outage().stop();
    Client::connect(&lambda).invoke("f", "", b"{}");
    assert_eq!(connections(&lambda), [1, 2].map(Some));
}

#[tokio::test]
async fn the_numbers_show_which_client_reuses_its_connection() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    for _ in 0..2 {
        let call = client.invoke().function_name("f");
        call.send_in_time().await.unwrap();
    }
    let other = sdk_client!(aws_sdk_lambda, lambda);
    let call = other.invoke().function_name("f");
    call.send_in_time().await.unwrap();
    assert_eq!(connections(&lambda), [1, 1, 2].map(Some));
}

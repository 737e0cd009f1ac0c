//! Concurrent handlers.

use std::sync::Arc;

use fake_lambda::{FakeLambda, Invocation};
use serde_json::json;
use tokio::sync::Barrier;

use crate::raw::Client;

#[test]
fn handlers_of_one_fake_run_at_the_same_time() {
    let lambda = FakeLambda::start();
    let both = Arc::new(Barrier::new(2));
    lambda.on("f").handle(async move |_: Invocation| {
        both.wait().await;
        json!("met")
    });
    let mut clients = [Client::connect(&lambda), Client::connect(&lambda)];
    for client in &mut clients {
        client.send_invoke("f", &[], "{}");
    }
    for client in &mut clients {
        assert_eq!(client.read_reply().body, b"\"met\"");
    }
}

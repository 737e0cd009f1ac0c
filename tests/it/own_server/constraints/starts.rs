//! Environments of concurrent executions and of handlers.

use std::time::Instant;

use fake_lambda::{FakeLambda, Gate, Invocation, Reply};
use serde_json::json;

use crate::any_transport::constraints::starts::{INIT, TAIL, decoded, tail};
use crate::raw::{self, Client};

#[test]
fn each_concurrent_execution_has_its_own_environment() {
    let lambda = FakeLambda::builder().seed(0).start();
    let gate = Gate::new();
    let reply = Reply::json(json!(1)).hold(&gate);
    lambda.on("f").reply(reply).times(2).then(json!(2));
    lambda.cold_starts("f", INIT);
    let mut clients = [(); 2].map(|()| {
        let mut client = Client::connect(&lambda);
        client.send_invoke("f", &[TAIL], "{}");
        client
    });
    gate.reached(2).block();
    gate.open();
    for client in &mut clients {
        assert!(decoded(&client.read_reply()).contains("\tInit Duration: 20.00 ms\t"));
    }
    assert!(!tail(&lambda, "f").contains("Init Duration"));
    assert!(tail(&lambda, "f:7").contains("Init Duration"), "a version");
}

#[test]
fn a_handler_starts_after_the_init() {
    let lambda = FakeLambda::builder().seed(0).start();
    lambda.cold_starts("f", INIT);
    let begun = Instant::now();
    lambda.on("f").handle(async move |_: Invocation| {
        let after_init = begun.elapsed() >= INIT;
        json!(after_init)
    });
    let reply = raw::invoke(&lambda, "f", &[TAIL], "{}");
    assert_eq!(reply.text(), "true");
    assert!(decoded(&reply).contains("\tInit Duration: 20.00 ms\t"));
    assert!(!tail(&lambda, "f").contains("Init Duration"));
}

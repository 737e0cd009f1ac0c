//! The log tail of concurrent handlers, and of runs whose client disconnected.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{FakeLambda, Invocation};
use serde_json::json;
use tokio::sync::Notify;

use crate::any_transport::log_tail::{TAIL, lines, tail};
use crate::raw;

#[test]
fn concurrent_handlers_write_to_their_own_logs() {
    let lambda = FakeLambda::builder().seed(0).start();
    let both = std::sync::Arc::new((Notify::new(), std::sync::atomic::AtomicUsize::new(0)));
    lambda
        .on("pay")
        .handle(async move |invocation: Invocation| {
            let (gate, arrived) = &*both;
            let card = invocation.payload_json()["card"].to_string();
            invocation.log(format!("charging {card}"));
            if arrived.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
                gate.notified().await;
            } else {
                gate.notify_one();
            }
            invocation.log(format!("charged {card}"));
            json!({})
        });
    let mut clients = [1, 2].map(|card| {
        let mut client = raw::Client::connect(&lambda);
        client.send_invoke("pay", &[TAIL], format!("{{\"card\":{card}}}"));
        client
    });
    let mut tails = clients.iter_mut().map(|client| {
        let reply = client.read_reply();
        String::from_utf8(
            STANDARD
                .decode(reply.field("X-Amz-Log-Result").unwrap())
                .unwrap(),
        )
        .unwrap()
    });
    assert_eq!(lines(&tails.next().unwrap()), ["charging 1", "charged 1"]);
    assert_eq!(lines(&tails.next().unwrap()), ["charging 2", "charged 2"]);
}

#[test]
fn a_run_whose_client_disconnected_also_warms_the_environment() {
    let lambda = FakeLambda::builder().seed(0).start();
    let gate = std::sync::Arc::new(Notify::new());
    let opened = gate.clone();
    lambda
        .on("pay")
        .handle(async move |_: Invocation| {
            gate.notified().await;
            json!({})
        })
        .times(1)
        .then(json!({}));
    lambda.on("open").handle(async move |_: Invocation| {
        opened.notify_one();
        json!({})
    });
    let mut client = raw::Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    client.close_sending_half();
    assert!(client.read_to_end().is_empty(), "the client left first");
    raw::invoke(&lambda, "open", &[], "{}");
    // One thread processes what is ready in order: the handler has ended when this is answered.
    raw::invoke(&lambda, "open", &[], "{}");
    assert!(!tail(&lambda, "pay").contains("Init Duration"));
}

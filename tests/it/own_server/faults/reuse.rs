//! Connections around faults: kept alive, abandoned, pipelined, closed early.

use fake_lambda::{FakeLambda, Fault, Gate, Invocation, Reply, sdk_client};
use rstest::rstest;
use serde_json::{Value, json};

use super::rows::rows;
use super::{HOUR, Sort, asking, lines};
use crate::raw::{Client, End};
use crate::waits::{DEADLINE, SendInTime as _};

#[test]
fn a_connection_that_is_reused_after_its_server_closed_it_is_reset() {
    let lambda = FakeLambda::start();
    let last = Reply::json(json!(1)).fault(Fault::ResetOnReuse);
    let script = lambda.on("f").reply(last).then(json!(2));
    let mut client = asking(&lambda);
    let reply = client.read_reply();
    assert_eq!(reply.field("Connection"), Some("keep-alive"));
    assert_eq!(reply.text(), "1");
    assert!(client.is_silent());
    client.send_invoke("f", &[], "{}");
    assert_eq!(client.read_out(), (Vec::new(), End::Reset));
    assert_eq!(asking(&lambda).read_reply().text(), "2");
    script.assert_attempts(2);
    lambda.assert_attempts(3);
    insta::assert_snapshot!(lines(&lambda), @r#"
    f RequestResponse {} attempt 1 → 200 1, reset on the next request
    f RequestResponse {} attempt 1 → reset before any byte
    f RequestResponse {} attempt 1 → 200 2
    "#);
}

#[test]
fn a_connection_that_is_not_reused_ends_without_a_reset() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).fault(Fault::ResetOnReuse));
    let mut client = asking(&lambda);
    assert_eq!(client.read_reply().text(), "1");
    client.close_sending_half();
    assert_eq!(client.read_out(), (Vec::new(), End::Closed));
    lambda.assert_attempts(1);
}

#[test]
fn reset_on_reuse_closes_a_connection_that_the_client_asked_to_close() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).fault(Fault::ResetOnReuse));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &["Connection: close"], "{}");
    assert_eq!(client.read_reply().text(), "1");
    assert_eq!(client.read_out(), (Vec::new(), End::Closed));
    // Also after a stream.
    let mut client = Client::connect(&lambda);
    client.send_streamed("f", &["Connection: close"]);
    let reply = client.read_reply();
    assert_eq!(reply.field("Connection"), Some("close"));
    assert_eq!(client.read_out(), (Vec::new(), End::Closed));
}

#[rstest]
#[case::slow_head(Fault::SlowHead { bytes: 99, every: std::time::Duration::from_millis(1) })]
#[case::dribble(Fault::Dribble { bytes: 3, every: std::time::Duration::from_millis(1) })]
fn pipelined_requests_are_answered_after_a_slow_reply(#[case] fault: Fault) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Sort::Success.reply().fault(fault));
    lambda.on("g").reply(json!("g"));
    let mut client = asking(&lambda);
    client.send_invoke("g", &[], "{}");
    client.send_invoke("g", &[], "{}");
    assert_eq!(client.read_reply().text(), r#"{"paid":42}"#);
    assert_eq!(client.read_reply().text(), "\"g\"");
    assert_eq!(client.read_reply().text(), "\"g\"");
}

#[rstest]
#[case::reset(Fault::Reset, End::Reset)]
#[case::garbage(Fault::Garbage, End::Closed)]
#[case::truncate_head(Fault::TruncateHead, End::Closed)]
#[case::reset_after(Fault::ResetAfter(3), End::Reset)]
#[case::truncate_after(Fault::TruncateAfter(3), End::Closed)]
#[case::close_after_reply(Fault::CloseAfterReply, End::Closed)]
fn pipelined_requests_are_ignored_after_the_last_reply(#[case] fault: Fault, #[case] end: End) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Sort::Success.reply().fault(fault));
    let next = lambda.on("g").reply(json!("g"));
    let mut client = Client::connect(&lambda);
    let request = |function: &str| {
        format!(
            "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: l\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    };
    // In one packet, so that both have arrived when the first is answered.
    client.send((request("f") + &request("g")).as_bytes());
    assert_eq!(client.read_out().1, end);
    next.assert_attempts(0);
    assert_eq!(lambda.calls().len(), 1);
}

#[rstest]
#[case::hang(Fault::Hang)]
#[case::stall_after(Fault::StallAfter(3))]
#[case::slow_head(Fault::SlowHead { bytes: 9, every: HOUR })]
#[case::dribble(Fault::Dribble { bytes: 9, every: HOUR })]
fn a_client_that_disconnects_during_a_fault_abandons_its_attempt(
    #[case] fault: Fault,
    #[values("closes", "closes its half", "resets")] leaving: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Sort::Success.reply().fault(fault));
    let mut client = asking(&lambda);
    match leaving {
        "closes" => drop(client),
        "closes its half" => client.close_sending_half(),
        _ => client.reset(),
    }
    lambda.wait_for_attempts(1).block();
    let call = lambda.only_call();
    assert!(call.attempts()[0].is_abandoned(), "{call}");
    assert_eq!(call.attempts()[0].fault(), Some(fault));
    lambda.verify();
}

#[test]
fn a_held_client_that_pipelines_is_answered_in_order() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    lambda
        .on("g")
        .handle(async |invocation: Invocation| invocation.payload_json());
    let mut client = asking(&lambda);
    for number in 2..=4 {
        client.send_invoke("g", &[], number.to_string());
    }
    gate.reached(1).block();
    gate.open();
    let replies: [Value; 4] =
        std::array::from_fn(|_| serde_json::from_slice(&client.read_reply().body).unwrap());
    assert_eq!(replies, [1, 2, 3, 4].map(Value::from));
}

/// The SDK retries if a pooled connection is reset while it sends a request.
#[tokio::test]
async fn the_sdk_retries_on_a_connection_that_was_closed() {
    let lambda = FakeLambda::start();
    let last = Reply::json(json!(1)).fault(Fault::ResetOnReuse);
    let script = lambda.on("f").reply(last).then(json!(2));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    for expected in ["1", "2"] {
        let output = client.invoke().function_name("f").send_in_time().await;
        assert_eq!(
            output.unwrap().payload().unwrap().as_ref(),
            expected.as_bytes()
        );
    }
    script.assert_attempts(2);
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/3 → 200 1, reset on the next request
    2 f RequestResponse (empty)
      attempt 1/3 → reset before any byte
      attempt 2/3 → 200 2
    "#);
}

#[tokio::test]
async fn the_next_call_of_the_same_client_works_after_every_fault() {
    for row in rows().into_iter().filter(|row| !row.hangs()) {
        let lambda = FakeLambda::start();
        row.script(&lambda, "f");
        let next = lambda.on("next").reply(json!("next"));
        let client = sdk_client!(aws_sdk_lambda, lambda);
        // There are two rounds, so that the second uses a connection that the first left open.
        for calls in 1..=2 {
            let _ = client.invoke().function_name("f").send_in_time().await;
            let output = client.invoke().function_name("next").send_in_time().await;
            let output =
                output.unwrap_or_else(|error| panic!("{} {}: {error:?}", row.what, row.to));
            assert_eq!(output.payload().unwrap().as_ref(), b"\"next\"");
            next.assert_attempts(calls);
        }
    }
}

/// A client that times out closes the connection and opens another one.
#[tokio::test]
async fn the_next_call_after_a_timeout_of_the_client_works() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Fault::Hang);
    lambda.on("next").reply(json!("next"));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = tokio::spawn(client.invoke().function_name("f").send());
    // The call is aborted only after the fake has received its request, however long that takes.
    let asked = async {
        while lambda.seen("f").calls().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, asked).await.expect("a call");
    call.abort();
    let output = client.invoke().function_name("next").send_in_time().await;
    assert_eq!(output.unwrap().payload().unwrap().as_ref(), b"\"next\"");
    lambda.wait_until_idle().await;
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/3 → no byte, hanging (abandoned by the client)
    2 next RequestResponse (empty)
      attempt 1/3 → 200 "next"
    "#);
}

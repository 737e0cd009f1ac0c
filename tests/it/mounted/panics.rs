//! A panic of the test's own code on the thread of the server.

use std::pin::pin;

use serde_json::json;

use super::{invoke, mounted};
use crate::own_server::panics::{poll_to_panic, report_of};

#[tokio::test]
async fn a_panic_on_the_servers_thread_ends_its_attempt_and_is_reported() {
    let (_server, lambda) = mounted().await;
    lambda.on("f").reply(json!(1));
    let mut waiting = pin!(lambda.wait_for_calls(1));
    poll_to_panic(waiting.as_mut());
    let reply = invoke(&lambda, "f");
    assert_eq!(
        (reply.status(), reply.field("x-amzn-errortype")),
        (418, Some("FakeLambdaPanicked"))
    );
    lambda.wait_until_idle().await;
    assert_eq!(invoke(&lambda, "f").text(), "1");
    let report = report_of(&lambda);
    let error = report.lines().nth(2);
    let expected = "error: the fake panicked while it answered call 1: f RequestResponse (empty)";
    assert_eq!(error, Some(expected), "{report}");
}

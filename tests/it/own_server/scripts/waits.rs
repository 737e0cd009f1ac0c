//! Waits on several threads, and waits for functions whose client disconnected.

use std::future::pending;
use std::time::Duration;

use fake_lambda::{FakeLambda, Gate, Invocation, Reply, sdk_client};
use serde_json::{Value, json};

use crate::any_transport::scripts::is_waiting;
use crate::any_transport::scripts::waits::sees_what_another_task_calls;
use crate::panics::caught;
use crate::raw::Client;
use crate::text::Places;
use crate::waits::until;

/// A fake in memory serves a current-thread runtime only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_is_awaited_on_several_threads() {
    sees_what_another_task_calls(&FakeLambda::start()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_may_block_one_thread_of_several() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = tokio::spawn(client.invoke().function_name("f").send());
    lambda.wait_for_calls(1).block();
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_canceled_call_is_abandoned_once_the_fake_is_idle() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = tokio::spawn(client.invoke().function_name("f").send());
    let is_there = async {
        while !is_waiting(&lambda) {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), is_there).await;
    in_time.expect("the request arrives");
    call.abort();
    lambda.wait_for_attempts(1).await;
    gate.open();
    lambda.wait_until_idle().await;
    assert!(lambda.only_call().attempts()[0].is_abandoned());
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/3 → no answer (ran, lost 200 1) (abandoned by the client)
    "#);
}

#[test]
fn a_missed_wait_names_a_call_whose_function_never_ends() {
    let mut places = Places::default();
    places.next("gate", "Gate::new");
    let gate = Gate::new();
    let lambda = FakeLambda::start();
    places.next("handler", "handle(");
    lambda
        .on("stuck")
        .handle(async |_: Invocation| pending::<Value>().await);
    lambda.on("held").reply(Reply::json(json!(1)).hold(&gate));
    let hour = Duration::from_secs(3600);
    places.next("late", "on(");
    lambda.on("late").reply(Reply::json(json!(1)).delay(hour));
    for function in ["stuck", "held", "late"] {
        let mut client = Client::connect(&lambda);
        client.send_invoke(function, &[], "{}");
        until(|| !lambda.seen(function).calls().is_empty());
    }
    gate.reached(1).block();
    lambda.wait_for_attempts(3).block();
    places.next("wait", "wait_until_idle");
    let wait = lambda.wait_until_idle().within(Duration::from_millis(5));
    let told = caught(|| wait.block()).exact;
    let told = places.named(told.split("\n\n").next().unwrap());
    insta::assert_snapshot!(told, @"
    error: waited 5ms for the fake to become idle, but the function of call 1 still runs
      help: make the handler return, or limit it with `.timeout(..)`
      call 1 is in the handler written at <handler>: stuck RequestResponse {}
      call 2 is held by the gate created at <gate>: held RequestResponse {}
      call 3 is delayed by 3600s, as scripted at <late>: late RequestResponse {}
      wait created at <wait>
    ");
}

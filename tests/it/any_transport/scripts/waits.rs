//! Waits.

use std::future::pending;
use std::thread;
use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use fake_lambda::{Gate, Handle, Invocation, ServiceError, sdk_client};
use serde_json::{Value, json};

use super::{EVENT, ask, ask_as, is_waiting};
use crate::panics::caught;
use crate::raw::Client;
use crate::transport::FakeLambda;
use crate::waits::until;

pub(crate) async fn sees_what_another_task_calls(lambda: &Handle) {
    let script = lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .then(json!(1));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = tokio::spawn(
        client
            .invoke()
            .function_name("f")
            .payload(Blob::new("{}"))
            .send(),
    );
    script.wait_for_attempts(2).await;
    script.wait_for_calls(1).await;
    lambda
        .seen("f")
        .wait_for_calls(1)
        .within(Duration::MAX)
        .await;
    lambda.seen("f").wait_for_attempts(2).await;
    lambda.wait_for_attempts(2).await;
    lambda.wait_for_calls(1).await;
    lambda.wait_until_idle().await;
    call.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_wait_can_be_awaited_on_a_current_thread_runtime() {
    sees_what_another_task_calls(&FakeLambda::start()).await;
}

/// Like the number of an assertion.
#[test]
fn the_number_of_a_wait_or_a_limit_can_be_a_length() {
    let lambda = FakeLambda::start();
    let (targets, unused) = (["f", "f"], Gate::new());
    let script = lambda
        .on("f")
        .reply(json!(1))
        .times(targets.len())
        .then(json!(2));
    assert_eq!(targets.map(|target| ask(&lambda, target)), ["1", "1"]);
    lambda.wait_for_calls(targets.len()).block();
    script.wait_for_attempts(targets.len()).block();
    unused.reached([(); 0].len()).block();
    lambda.assert_calls(targets.len());
}

#[test]
fn a_wait_can_block_without_a_runtime() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!(1));
    let handle = lambda.handle();
    let caller = thread::spawn(move || ask(&handle, "f"));
    script.wait_for_calls(1).block();
    lambda.seen("f:$LATEST").wait_for_attempts(1).block();
    assert_eq!(caller.join().unwrap(), "1");
}

#[test]
fn a_missed_deadline_names_the_wait_and_what_arrived() {
    let short = Duration::from_millis(5);
    let lambda = FakeLambda::start();
    let script = lambda.on("f").named("the worker").reply(json!(1));
    ask(&lambda, "f");
    // The attempt is finished in the journal a moment after the client has its reply.
    script.wait_for_attempts(1).block();
    let panic = caught(|| script.wait_for_attempts(2).within(short).block());
    insta::assert_snapshot!(panic.text, @r#"
    error: waited 5ms for 2 attempts answered by the rule "the worker", got 1
      help: make 1 more attempt before the deadline, or extend the deadline with `.within(..)`
      wait created at tests/it/any_transport/scripts/waits.rs:LINE#1

    journal
      1 f RequestResponse {}
        attempt 1 → 200 1
    "#);
}

#[test]
fn a_missed_deadline_for_an_idle_fake_names_what_is_running() {
    let short = Duration::from_millis(5);
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |_: Invocation| pending::<Value>().await);
    ask_as(&lambda, "f", EVENT);
    // The client can have its reply a moment before the journal's entry about it is final.
    lambda.wait_for_attempts(1).block();
    let panic = caught(|| lambda.wait_until_idle().within(short).block());
    insta::assert_snapshot!(panic.text, @r"
    error: waited 5ms for the fake to become idle, but a handler still runs for an accepted event
      help: make the handler return, or limit it with `.timeout(..)`
      handler written at tests/it/any_transport/scripts/waits.rs:LINE#1
      wait created at tests/it/any_transport/scripts/waits.rs:LINE#2

    journal
      1 f Event {}
        attempt 1 → 202
          execution 1 is running
    ");
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |_: Invocation| pending::<Value>().await);
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    until(|| is_waiting(&lambda));
    let panic = caught(|| lambda.wait_until_idle().within(short).block());
    insta::assert_snapshot!(panic.text, @r"
    error: waited 5ms for the fake to become idle, but a handler still runs for call 1
      help: make the handler return, or limit it with `.timeout(..)`
      handler written at tests/it/any_transport/scripts/waits.rs:LINE#1
      wait created at tests/it/any_transport/scripts/waits.rs:LINE#2

    journal
      1 f RequestResponse {}
        attempt 1 → waiting
    ");
}

#[test]
fn a_missed_deadline_panics_at_the_line_that_awaits() {
    let lambda = FakeLambda::start();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let wait = lambda.wait_for_calls(1).within(Duration::from_millis(5));
    let mut line = 0;
    let panic = caught(|| {
        runtime.block_on(async {
            line = line!() + 1;
            wait.await;
        });
    });
    assert_eq!((panic.file.as_str(), panic.line), (file!(), line));
}

#[tokio::test]
async fn a_wait_that_would_block_its_runtime_panics_before_it_waits() {
    let lambda = FakeLambda::start();
    let panic = caught(|| lambda.wait_for_calls(1).block());
    insta::assert_snapshot!(panic.text, @r"
    error: `.block()` inside a current-thread runtime stops the client from running
      help: `.await` this wait instead
    ");
}

#[tokio::test]
async fn a_wait_blocks_where_the_runtime_allows_it() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let handle = lambda.handle();
    let wait = tokio::task::spawn_blocking(move || handle.wait_for_calls(1).block());
    let client = sdk_client!(aws_sdk_lambda, lambda);
    client.invoke().function_name("f").send().await.unwrap();
    wait.await.unwrap();
}

#[test]
fn a_wait_for_a_dropped_fake_ends_immediately() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let script = lambda.on("f").reply(json!(1));
    drop(lambda);
    let hour = Duration::from_secs(3600);
    let late = caught(|| script.wait_for_calls(1).within(hour).block());
    assert!(
        late.text.contains(", but the fake was dropped\n")
            || late.text.contains("and the fake was dropped"),
        "{}",
        late.text
    );
}

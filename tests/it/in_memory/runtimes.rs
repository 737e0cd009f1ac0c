//! Which runtimes serve a fake in memory, and what outlives what.

use std::future::pending;
use std::io::ErrorKind;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_lambda::Client;
use fake_lambda::{FakeLambda, Invocation, Reply, sdk_client};
use insta::assert_snapshot;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::runtime::{self, Runtime};
use tokio::task::LocalSet;

use super::{ask, error, seconds};

fn runtime() -> Runtime {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A paused runtime, as in `#[tokio::test(start_paused = true)]`.
fn paused() -> Runtime {
    runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

async fn send(client: &Client) -> super::Answer {
    client.invoke().function_name("f").send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runtime_that_cannot_pause_is_refused() {
    let lambda = FakeLambda::builder().verify_on_drop(false).in_memory();
    lambda.on("f").reply(json!(1));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    assert_snapshot!(error(send(&client).await), @r#"dispatch failure: user error: a fake in memory needs a current-thread runtime; help: remove `flavor = "multi_thread"`, or start it with `FakeLambda::start()`"#);
    let refused = lambda.connect().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert_snapshot!(refused, @r#"a fake in memory needs a current-thread runtime; help: remove `flavor = "multi_thread"`, or start it with `FakeLambda::start()`"#);
    assert_snapshot!(crate::text::without_lines(lambda.try_verify().unwrap_err()), @r#"
    fake-lambda (started at tests/it/in_memory/runtimes.rs:LINE#1) found 1 problem

    error: a client of this fake in memory ran on a multi-thread runtime and could not connect
      help: remove `flavor = "multi_thread"` from the test, or start this fake with `FakeLambda::start()`
      tokio can pause the clock of a current-thread runtime only

    journal: empty, no request arrived
    "#);
    // A `LocalSet` does not change that.
    let local = LocalSet::new();
    local
        .run_until(async { send(&client).await.unwrap_err() })
        .await;
}

#[test]
fn a_thread_without_a_runtime_is_refused() {
    let lambda = FakeLambda::in_memory();
    let refused = lambda.connect().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert_snapshot!(refused, @"a fake in memory needs a tokio runtime; help: use the client inside `#[tokio::test]`, or start the fake with `FakeLambda::start()`");
    lambda.verify();
}

#[tokio::test(start_paused = true)]
async fn a_local_set_serves() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").handle(async |_: Invocation| {
        tokio::time::sleep(seconds(60)).await;
        json!(1)
    });
    let local = LocalSet::new();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    local
        .run_until(async { send(&client).await.unwrap() })
        .await;
    let inside = local
        .run_until(async { tokio::task::spawn_local(async move { send(&client).await }).await });
    inside.await.unwrap().unwrap();
}

/// A handler's future need not be `Send`.
#[tokio::test(start_paused = true)]
async fn a_handler_may_hold_a_value_that_is_not_send() {
    let lambda = FakeLambda::in_memory();
    let inner = lambda.handle();
    lambda.on("g").handle(async |_: Invocation| {
        tokio::time::sleep(seconds(1)).await;
        json!(2)
    });
    lambda.on("f").handle(async move |_: Invocation| {
        let local = Rc::new(1);
        let client = sdk_client!(aws_sdk_lambda, inner);
        client.invoke().function_name("g").send().await.unwrap();
        json!(*local)
    });
    ask(&lambda).await.unwrap();
    lambda.assert_calls(2);
}

#[test]
fn a_client_serves_one_runtime_after_another() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").handle(async |_: Invocation| json!(1));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    for runtime in [runtime(), paused(), runtime()] {
        runtime.block_on(async {
            send(&client).await.unwrap();
            send(&client).await.unwrap();
        });
    }
    // The client also serves a second runtime while the first one still exists.
    let (one, two) = (paused(), paused());
    for runtime in [&one, &two, &one] {
        runtime.block_on(send(&client)).unwrap();
    }
    lambda.assert_calls(9);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_outlives_its_fake_gets_an_error_that_says_so() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(json!(1));
    let (client, handle) = (sdk_client!(aws_sdk_lambda, lambda), lambda.handle());
    let mut open = lambda.connect().unwrap();
    send(&client).await.unwrap();
    drop(lambda);
    assert_eq!(open.read(&mut [0; 8]).await.unwrap(), 0);
    assert_snapshot!(error(send(&client).await), @"dispatch failure: user error: the fake in memory was dropped; help: keep the `FakeLambda` in a variable until the end of the test");
    let refused = handle.connect().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_snapshot!(refused, @"the fake in memory was dropped; help: keep the `FakeLambda` in a variable until the end of the test");
    let late = sdk_client!(aws_sdk_lambda, handle);
    assert_snapshot!(error(send(&late).await), @"dispatch failure: user error: the fake in memory was dropped; help: keep the `FakeLambda` in a variable until the end of the test");
}

struct Notes(Arc<AtomicBool>);

impl Drop for Notes {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_handler_that_is_pending_ends_with_its_runtime() {
    let was_dropped = Arc::new(AtomicBool::new(false));
    let runtime = paused();
    runtime.block_on(async {
        let lambda = FakeLambda::in_memory();
        let note = was_dropped.clone();
        lambda.on("f").handle(async move |_: Invocation| {
            let _notes = Notes(note.clone());
            pending::<Reply>().await
        });
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let call = tokio::spawn(async move { send(&client).await });
        while lambda
            .calls()
            .iter()
            .all(|call| !call.attempts()[0].is_running())
        {
            tokio::task::yield_now().await;
        }
        drop(lambda);
        assert_snapshot!(error(call.await.unwrap()), @"dispatch failure: user error: the fake in memory was dropped; help: keep the `FakeLambda` in a variable until the end of the test");
    });
    assert!(!was_dropped.load(Ordering::Relaxed));
    drop(runtime);
    assert!(was_dropped.load(Ordering::Relaxed));
}

#[test]
fn a_runtime_that_ends_closes_its_connections() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).delay(seconds(60)));
    let runtime = runtime();
    let mut connection = runtime.block_on(async { lambda.connect().unwrap() });
    drop(runtime);
    let read = paused().block_on(async { connection.read(&mut [0; 8]).await });
    assert_eq!(read.unwrap(), 0);
}

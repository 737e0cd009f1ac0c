//! Starting, sharing and ending a fake.

#[path = "../../process/alone.rs"]
#[allow(dead_code, reason = "the other binary uses all of it")]
mod alone;
mod environment;
mod kept;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use fake_lambda::{FakeLambda, Handle, Invocation, sdk_client};
use rstest::{fixture, rstest};
use serde_json::{Value, json};

use crate::raw::{self, Client};

/// The deadline of a wait. It is generous: the awaited events take milliseconds.
const SOON: Duration = Duration::from_secs(10);

/// The answer to one call on its own connection.
fn call(lambda: &Handle, function: &str) -> String {
    String::from_utf8(raw::invoke(lambda, function, &[], "{}").body).unwrap()
}

/// Scripts, calls and counts, without a runtime.
#[track_caller]
fn works(lambda: &FakeLambda) {
    let script = lambda.on("works").reply(json!({"ok": true}));
    assert_eq!(call(lambda, "works"), r#"{"ok":true}"#);
    script.assert_calls(1);
    lambda.seen("works").assert_attempts(1);
}

async fn works_with_the_sdk(lambda: &FakeLambda) {
    let script = lambda.on("sdk").reply(json!({"ok": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let reply = client.invoke().function_name("sdk").send().await.unwrap();
    assert_eq!(reply.payload().unwrap().as_ref(), br#"{"ok":true}"#);
    script.wait_for_calls(1).await;
    lambda.wait_until_idle().await;
}

#[test]
fn a_fake_works_in_a_plain_test() {
    let lambda = FakeLambda::start();
    works(&lambda);
    lambda.wait_until_idle().block();
}

#[tokio::test]
async fn a_fake_works_on_a_current_thread_runtime() {
    let lambda = FakeLambda::start();
    works(&lambda);
    works_with_the_sdk(&lambda).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fake_works_on_a_multi_thread_runtime() {
    let lambda = FakeLambda::start();
    works(&lambda);
    lambda.wait_until_idle().block();
    tokio::spawn(async move { works_with_the_sdk(&lambda).await })
        .await
        .unwrap();
}

#[test]
fn a_fake_works_inside_a_thread() {
    let inside = thread::spawn(|| {
        let lambda = FakeLambda::start();
        works(&lambda);
        lambda.wait_until_idle().block();
    });
    inside.join().unwrap();
}

#[test]
fn a_fake_is_shared_between_threads_by_reference() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| call(&lambda, "f"));
        }
    });
    lambda.assert_calls(4);
}

#[fixture]
fn scripted() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.on("default").reply(json!(1));
    lambda
}

#[rstest]
fn a_fake_works_in_a_fixture(scripted: FakeLambda) {
    works(&scripted);
    assert_eq!(call(&scripted, "default"), "1");
}

#[rstest]
#[tokio::test]
async fn a_fake_works_in_a_fixture_of_an_async_test(scripted: FakeLambda) {
    works_with_the_sdk(&scripted).await;
}

#[rstest]
#[case::named(Some("checkout"), "fake-lambda of checkout")]
#[case::unnamed(None, "fake-lambda")]
fn the_thread_of_a_fake_is_named_after_the_one_that_starts_it(
    #[case] name: Option<&str>,
    #[case] expected: &str,
) {
    let start = || {
        let lambda = FakeLambda::start();
        lambda
            .on("name")
            .handle(async |_: Invocation| json!(thread::current().name()));
        call(&lambda, "name")
    };
    let seen = thread::scope(|scope| {
        let builder = thread::Builder::new();
        let builder = match name {
            Some(name) => builder.name(name.to_owned()),
            None => builder,
        };
        builder.spawn_scoped(scope, start).unwrap().join().unwrap()
    });
    assert_eq!(seen, json!(expected).to_string());
}

#[test]
fn after_the_drop_the_port_refuses() {
    let lambda = FakeLambda::start();
    works(&lambda);
    let port = lambda.port();
    drop(lambda);
    assert!(raw::is_closed(port, "works"));
}

#[test]
fn the_drop_closes_a_connection_between_two_requests() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    client.read_reply();
    drop(lambda);
    assert_eq!(client.read_to_end(), b"");
}

#[rstest]
#[case::before_its_first_byte("")]
#[case::inside_a_head("POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHo")]
fn the_drop_closes_a_connection_without_a_request(#[case] sent: &str) {
    let lambda = FakeLambda::start();
    let mut client = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
    client.set_read_timeout(Some(SOON)).unwrap();
    client.write_all(sent.as_bytes()).unwrap();
    drop(lambda);
    // Bytes that the fake has not read turn the end into a reset.
    match client.read(&mut [0]) {
        Ok(read) => assert_eq!(read, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[test]
fn the_drop_releases_a_client_whose_handler_never_finishes() {
    let lambda = FakeLambda::start();
    let (begins, begun) = mpsc::channel();
    lambda.on("never").handle(async move |_: Invocation| {
        begins.send(()).unwrap();
        std::future::pending::<Value>().await
    });
    let mut client = Client::connect(&lambda);
    client.send_invoke("never", &[], "{}");
    begun.recv_timeout(SOON).unwrap();
    drop(lambda);
    assert_eq!(client.read_to_end(), b"");
}

#[test]
fn a_handler_that_blocks_does_not_stall_another_fake() {
    let (blocked, other) = (FakeLambda::start(), FakeLambda::start());
    let (begins, begun) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    blocked.on("f").handle(async move |_: Invocation| {
        begins.send(()).unwrap();
        let _ = released.lock().unwrap().recv();
        json!("released")
    });
    let mut client = Client::connect(&blocked);
    client.send_invoke("f", &[], "{}");
    begun.recv_timeout(SOON).unwrap();
    works(&other);
    assert_eq!(
        blocked.calls()[0].attempts()[0].status(),
        None,
        "the handler did not block"
    );
    release.send(()).unwrap();
    assert_eq!(client.read_reply().body, br#""released""#);
}

//! Connections in memory behave as those over a socket.

use std::io::ErrorKind;

use fake_lambda::{FakeLambda, Fault, Reply, ServiceError, sdk_client};
use insta::assert_snapshot;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{ask, client, error, no_timeouts, seconds};
use crate::panics::caught;

const REQUEST: &[u8] =
    b"POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: lambda\r\nContent-Length: 2\r\n\r\n{}";

/// The bytes read until the connection ends, and how it ends.
async fn read_out(connection: &mut fake_lambda::MemoryConnection) -> (String, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = connection.read_to_end(&mut bytes).await;
    (
        String::from_utf8(bytes).unwrap(),
        end.err().map(|error| error.kind()),
    )
}

/// The lines of a reply without the date and the time in the trace id.
fn without_times(reply: &str) -> Vec<String> {
    let lines = reply.lines().filter(|line| !line.starts_with("Date: "));
    let timeless = |line: &str| match line.split_once("Root=1-") {
        Some((name, id)) => format!("{name}{}", &id[8..]),
        None => line.to_owned(),
    };
    lines.map(timeless).collect()
}

#[tokio::test(start_paused = true)]
async fn the_bytes_of_a_reply_are_those_of_a_socket() {
    let script = |lambda: &FakeLambda| {
        lambda.on("f").reply(json!({"ok": true}));
    };
    let (memory, socket) = (FakeLambda::in_memory(), FakeLambda::start());
    script(&memory);
    script(&socket);
    let mut connection = memory.connect().unwrap();
    connection.write_all(REQUEST).await.unwrap();
    connection.shutdown().await.unwrap();
    let (in_memory, end) = read_out(&mut connection).await;
    assert_eq!(end, None);
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", socket.port()))
        .await
        .unwrap();
    stream.write_all(REQUEST).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut on_socket = String::new();
    stream.read_to_string(&mut on_socket).await.unwrap();
    assert_eq!(without_times(&in_memory), without_times(&on_socket));
    assert!(in_memory.starts_with("HTTP/1.1 200 OK\r\n"), "{in_memory}");
}

/// The payload is larger than the buffer of a pipe, in both directions.
#[tokio::test(start_paused = true)]
async fn a_large_payload_comes_back() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .handle(async |invocation: fake_lambda::Invocation| invocation.payload_json());
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let payload = format!("\"{}\"", "x".repeat(5_000_000));
    let call = client
        .invoke()
        .function_name("f")
        .payload(payload.clone().into_bytes().into());
    let output = call.send().await.unwrap();
    assert!(output.payload().unwrap().as_ref() == payload.as_bytes());
}

#[tokio::test(start_paused = true)]
async fn a_reset_loses_no_byte_that_was_sent_before() {
    let lambda = FakeLambda::in_memory();
    lambda
        .on("f")
        .reply(Reply::json(json!({"paid": 42})).fault(Fault::ResetAfter(5)));
    let mut connection = lambda.connect().unwrap();
    connection.write_all(REQUEST).await.unwrap();
    let (read, end) = read_out(&mut connection).await;
    assert!(read.ends_with("\r\n\r\n{\"pai"), "{read}");
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
    let written = connection.write_all(REQUEST).await.unwrap_err();
    assert_eq!(written.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test(start_paused = true)]
async fn an_outage_resets_refuses_and_ends() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(json!(1));
    lambda
        .on("slow")
        .reply(Reply::json(json!(1)).delay(seconds(60)));
    let mut idle = lambda.connect().unwrap();
    let once = client(&lambda, no_timeouts(), 1);
    let cut = tokio::spawn(once.invoke().function_name("slow").send());
    tokio::time::sleep(seconds(1)).await;
    let outage = lambda.outage();
    assert_eq!(
        read_out(&mut idle).await,
        (String::new(), Some(ErrorKind::ConnectionReset))
    );
    assert_snapshot!(error(cut.await.unwrap()), @"dispatch failure: io error: client error (SendRequest): connection error: Connection reset by peer (os error 104)");
    let refused = lambda.connect().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_snapshot!(refused, @"connection refused by `lambda.outage()`");
    assert_snapshot!(error(ask(&lambda).await), @"dispatch failure: io error: client error (Connect): connection refused by `lambda.outage()`");
    // The SDK retries after a refusal, as it does on a socket.
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let begun = tokio::time::Instant::now();
    client.invoke().function_name("f").send().await.unwrap_err();
    assert!(begun.elapsed() > seconds(0));
    outage.stop();
    ask(&lambda).await.unwrap();
    assert_snapshot!(lambda.journal(), @r#"
    1 slow RequestResponse (empty)
      attempt 1/1 → no answer (still running) (cut by an outage)
    2 f RequestResponse (empty)
      attempt 1/1 → 200 1
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_the_decision() {
    let lambda = FakeLambda::in_memory();
    lambda.on("f").reply(json!(1));
    let paused = lambda.pause();
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let call = tokio::spawn(client.invoke().function_name("f").send());
    tokio::time::sleep(seconds(60)).await;
    lambda.assert_calls(1);
    paused.stop();
    let begun = tokio::time::Instant::now();
    call.await.unwrap().unwrap();
    assert_eq!(begun.elapsed(), seconds(0));
}

/// Two of these methods need a port, and two need a fake without one.
#[test]
fn what_only_another_transport_has_is_refused() {
    let memory = FakeLambda::in_memory();
    assert_snapshot!(caught(|| memory.port()).text, @r#"
    error: `port` cannot be used on a fake in memory: it has no port
      help: start this fake with `FakeLambda::start()`
      only clients of this process reach a fake in memory, through `sdk_client!`, `http_client()` or `connect()`
    "#);
    assert_snapshot!(caught(|| memory.env()).text, @r#"
    error: `env` cannot be used on a fake in memory: it has no port
      help: start this fake with `FakeLambda::start()`
      only clients of this process reach a fake in memory, through `sdk_client!`, `http_client()` or `connect()`
    "#);
    let socket = FakeLambda::start();
    assert_snapshot!(caught(|| socket.connect()).text, @r#"
    error: `connect` cannot be used on a fake with a port
      help: start this fake with `FakeLambda::in_memory()`
      clients reach this fake at `endpoint_url()`
    "#);
    assert_snapshot!(caught(|| socket.http_client()).text, @r#"
    error: `http_client` cannot be used on a fake with a port
      help: start this fake with `FakeLambda::in_memory()`
      clients reach this fake at `endpoint_url()`
    "#);
}

#[tokio::test(start_paused = true)]
async fn two_fakes_have_two_urls_and_their_own_clients() {
    let (one, two) = (FakeLambda::in_memory(), FakeLambda::in_memory());
    assert_ne!(one.endpoint_url(), two.endpoint_url());
    one.on("f").reply(json!(1));
    two.on("f").reply(ServiceError::KmsDisabledException);
    ask(&one).await.unwrap();
    ask(&two).await.unwrap_err();
    one.assert_calls(1);
    two.assert_calls(1);
}

/// `sdk_client!` accepts any type with the methods `endpoint_url` and `region`.
#[tokio::test(start_paused = true)]
async fn a_type_of_the_tests_own_reaches_the_fake() {
    struct Own(FakeLambda);
    impl Own {
        fn endpoint_url(&self) -> String {
            self.0.endpoint_url()
        }
        fn region(&self) -> &str {
            self.0.region()
        }
    }
    let own = Own(FakeLambda::in_memory());
    own.0.on("f").reply(json!(1));
    let client = sdk_client!(aws_sdk_lambda, own);
    client.invoke().function_name("f").send().await.unwrap();
}

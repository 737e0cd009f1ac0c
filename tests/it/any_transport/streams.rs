//! InvokeWithResponseStream, in tests that read each reply as a whole.

use aws_sdk_lambda::types;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_lambda::{
    Boundaries, ChunkSender, Chunks, Context, FunctionError, Invocation, LogFormat, Operation,
    Reply, Runtime, ServiceError, sdk_client,
};
use insta::assert_snapshot;
use serde_json::json;

use crate::raw::Client;
use crate::streams::{chunk, complete, event, frame, messages, seen};
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

/// The reply to a raw call of `f`.
fn streamed(lambda: &FakeLambda, fields: &[&str]) -> crate::raw::Reply {
    let mut client = Client::connect(lambda);
    client.send_streamed("f", fields);
    client.read_reply()
}

#[test]
fn a_payload_is_one_chunk() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!({"ok": true}));
    let reply = streamed(&lambda, &[]);
    assert_eq!(reply.status(), 200);
    let content_type = reply.field("Content-Type");
    assert_eq!(content_type, Some("application/vnd.amazon.eventstream"));
    assert_eq!(reply.field("X-Amz-Executed-Version"), Some("$LATEST"));
    assert_eq!(
        reply.body,
        [chunk(r#"{"ok":true}"#), complete("{}")].concat()
    );
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: {"ok":true}
    "#);
}

#[tokio::test]
async fn the_sdk_gets_a_payload_in_one_chunk() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!({"ok": true}));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    assert_snapshot!(seen(&client).await, @r#"
    chunk {\"ok\":true}
    complete
    end
    "#);
    let call = lambda.only_call();
    assert_eq!(
        call.first().operation(),
        Operation::InvokeWithResponseStream
    );
    assert_eq!(call.attempts()[0].chunks(), [r#"{"ok":true}"#]);
}

#[tokio::test]
async fn a_function_error_is_the_error_of_an_empty_stream() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(FunctionError::new("ValueError", "no such order"));
    let reply = streamed(&lambda, &[]);
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.field("X-Amz-Function-Error"), None);
    let end = r#"{"ErrorCode":"Unhandled","ErrorDetails":"{\"errorType\":\"ValueError\",\"errorMessage\":\"no such order\"}"}"#;
    assert_eq!(reply.body, complete(end));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    assert_snapshot!(seen(&client).await, @r#"
    complete Unhandled {"errorType":"ValueError","errorMessage":"no such order"}
    end
    "#);
    assert!(
        lambda
            .calls()
            .iter()
            .all(|call| call.attempts()[0].is_function_error())
    );
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 0 chunks, then function error Unhandled {"errorMessage":"no such order","errorType":"ValueError"}
    2 f RequestResponse streamed (empty)
      attempt 1/3 → 200 stream, 0 chunks, then function error Unhandled {"errorMessage":"no such order","errorType":"ValueError"}
    "#);
}

/// The errors come before the stream, and the SDK retries them as those of Invoke.
#[tokio::test]
async fn an_error_of_the_service_is_the_same_as_for_invoke() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(ServiceError::ServiceException)
        .then(json!(1));
    lambda.on("g").reply(ServiceError::TooManyRequestsException);
    let mut client = Client::connect(&lambda);
    client.send_streamed("g", &[]);
    let streamed = client.read_reply().masked();
    client.send_invoke("g", &[], "");
    assert_eq!(client.read_reply().masked(), streamed);
    let client = sdk_client!(aws_sdk_lambda, lambda);
    assert_snapshot!(seen(&client).await, @r#"
    chunk 1
    complete
    end
    "#);
    assert_snapshot!(lambda.seen("f").calls()[0], @r#"
    3 f RequestResponse streamed (empty)
      attempt 1/3 → 500 ServiceException
      attempt 2/3 → 200 stream, 1 chunk: 1
    "#);
}

#[test]
fn a_dry_run_has_no_stream() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(Reply::stream(["Hel", "lo"]));
    let reply = streamed(&lambda, &["X-Amz-Invocation-Type: DryRun"]);
    assert_eq!((reply.status(), reply.text()), (204, ""));
    assert_eq!(reply.field("Content-Type"), None);
    assert_eq!(reply.field("Transfer-Encoding"), None);
    script.assert_attempts(0);
}

#[test]
fn an_event_is_refused() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(Reply::stream(["Hel", "lo"]));
    let reply = streamed(&lambda, &["X-Amz-Invocation-Type: Event"]);
    assert_eq!(reply.status(), 400);
    assert_eq!(reply.field("x-amzn-ErrorType"), Some("ValidationException"));
    assert_eq!(
        reply.text(),
        r#"{"message":"1 validation error detected: Value 'Event' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [RequestResponse, DryRun]"}"#
    );
    script.assert_attempts(0);
}

/// The operation has no such member, so the service does not look at it.
#[test]
fn the_name_of_a_durable_execution_is_not_checked() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let fields = ["X-Amz-Durable-Execution-Name: not a name!"];
    assert_eq!(streamed(&lambda, &fields).status(), 200);
}

#[test]
fn an_unscripted_stream_gets_the_usual_404() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    let reply = streamed(&lambda, &[]);
    assert_eq!(reply.status(), 404);
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("ResourceNotFoundException")
    );
    lambda.assert_calls(1);
}

#[test]
fn the_log_is_in_the_last_event() {
    let lambda = FakeLambda::start_with(|builder| builder.log_format(LogFormat::Text));
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).log("charging card 42"))
        .then(
            Reply::stream(
                Chunks::new()
                    .send("Hel")
                    .fail(FunctionError::new("E", "boom")),
            )
            .log("once more"),
        );
    let tail = ["X-Amz-Log-Type: Tail"];
    let log = |reply: &crate::raw::Reply| {
        assert_eq!(reply.field("X-Amz-Log-Result"), None);
        let messages = messages(&reply.body);
        let end = messages
            .last()
            .unwrap()
            .strip_prefix("InvokeComplete: ")
            .unwrap();
        let end: serde_json::Value = serde_json::from_str(end).unwrap();
        let log = STANDARD.decode(end["LogResult"].as_str().unwrap()).unwrap();
        String::from_utf8(log).unwrap()
    };
    let first = log(&streamed(&lambda, &tail));
    assert!(first.contains("charging card 42\nEND RequestId"), "{first}");
    let second = log(&streamed(&lambda, &tail));
    assert!(second.contains("once more\n"), "{second}");
}

#[test]
fn chunks_are_sent_one_by_one() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Reply::stream(["Hel", "lo"]));
    lambda
        .on("bytes")
        .reply(Reply::stream(vec![vec![0_u8, 255], vec![]]));
    let frames = [chunk("Hel"), chunk("lo"), complete("{}")].concat();
    assert_eq!(streamed(&lambda, &[]).body, frames);
    let mut client = Client::connect(&lambda);
    client.send_streamed("bytes", &[]);
    let frames = [chunk([0, 255]), chunk(""), complete("{}")].concat();
    assert_eq!(client.read_reply().body, frames);
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 2 chunks: Hello
    2 bytes RequestResponse streamed (empty)
      attempt 1 → 200 stream, 2 chunks: <2 bytes: 00 ff>
    "#);
    let data = serde_json::to_value(lambda.journal()).unwrap();
    assert_eq!(data[0]["operation"], "InvokeWithResponseStream");
    assert_eq!(data[0]["attempts"][0]["chunks"], json!(["Hel", "lo"]));
    assert_eq!(
        data[1]["attempts"][0]["chunks"],
        json!([{"base64": "AP8="}, ""])
    );
    assert_eq!(data[0]["attempts"][0].get("payload"), None);
    let calls = lambda.calls();
    assert_eq!(calls[0].attempts()[0].reply_payload().unwrap(), "Hello");
}

#[test]
fn a_stream_can_fail_at_its_end() {
    let cases = [
        (
            FunctionError::new("ValueError", "no more").runtime(Runtime::Python),
            r#"{"ErrorCode":"Unhandled","ErrorDetails":"{\"errorMessage\": \"no more\", \"errorType\": \"ValueError\", \"requestId\": \"<id>\", \"stackTrace\": [\"  File \\\"/var/task/app.py\\\", line 2, in handler\\n    raise ValueError(\\\"no more\\\")\\n\"]}"}"#,
        ),
        (
            FunctionError::exited(1),
            r#"{"ErrorCode":"Runtime.TruncatedResponse"}"#,
        ),
        (
            FunctionError::out_of_memory(),
            r#"{"ErrorCode":"Runtime.TruncatedResponse"}"#,
        ),
        (
            FunctionError::timed_out(std::time::Duration::from_secs(3)),
            r#"{"ErrorCode":"Sandbox.Timeout","ErrorDetails":"RequestId: <id> Error: Task timed out after 3.00 seconds"}"#,
        ),
    ];
    for (error, end) in cases {
        let lambda = FakeLambda::start();
        lambda
            .on("f")
            .reply(Reply::stream(Chunks::new().send("Hel").fail(error.clone())));
        let reply = streamed(&lambda, &[]);
        let id = reply.field("x-amzn-RequestId").unwrap();
        let seen = messages(&reply.body).join("\n").replace(id, "<id>");
        assert_eq!(seen, format!("PayloadChunk: Hel\nInvokeComplete: {end}"));
        let call = lambda.only_call();
        assert!(call.attempts()[0].is_function_error() && call.attempts()[0].has_run());
        let whole = {
            let mut client = Client::connect(&lambda);
            client.send_invoke("f", &[], "");
            client.read_reply()
        };
        assert_eq!(whole.field("X-Amz-Function-Error"), Some("Unhandled"));
        assert!(!whole.text().contains("Hel"), "{}", whole.text());
    }
}

#[test]
fn the_journal_shows_the_error_at_the_end() {
    let lambda = FakeLambda::start();
    let boom = FunctionError::new("ValueError", "no more");
    lambda
        .on("f")
        .reply(Reply::stream(Chunks::new().send("Hel").fail(boom)))
        .then(Reply::stream(
            Chunks::new().send("Hel").fail(FunctionError::exited(1)),
        ))
        .then(Reply::stream(Chunks::new().send("Hel").no_end()));
    (0..3).for_each(|_| drop(streamed(&lambda, &[])));
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel, then function error Unhandled {"errorMessage":"no more","errorType":"ValueError"}
    2 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel, then function error Runtime.TruncatedResponse
    3 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel, without `InvokeComplete`
    "#);
    let data = serde_json::to_value(lambda.journal()).unwrap();
    assert_snapshot!(data[0]["attempts"][0], @r#"{"chunks":["Hel"],"executed_version":"$LATEST","function_error":true,"status":200,"stream_error":{"code":"Unhandled","details":{"errorMessage":"no more","errorType":"ValueError"}}}"#);
    assert_snapshot!(data[2]["attempts"][0], @r#"{"chunks":["Hel"],"executed_version":"$LATEST","status":200,"without_end":true}"#);
}

/// The chunk is the one that `lambda_runtime` 1.5 sends.
#[tokio::test]
async fn the_rust_runtime_sends_an_error_as_a_chunk() {
    let lambda = FakeLambda::start();
    let error = FunctionError::new("E", "no more").runtime(Runtime::Rust);
    lambda
        .on("f")
        .reply(Reply::stream(Chunks::new().send("Hel").fail(error)));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    assert_snapshot!(seen(&client).await, @r#"
    chunk Hel
    chunk Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: bm8gbW9yZQ==\r\n
    complete
    end
    "#);
}

#[test]
fn messages_that_aws_does_not_send_can_be_sent() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Reply::stream(
        Chunks::new()
            .event("Heartbeat", json!({"n": 1}))
            .exception(ServiceError::TooManyRequestsException)
            .error_message("Overload", "too much")
            .send("Hel"),
    ));
    let exception = [
        (":exception-type", "TooManyRequestsException"),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    let error = [
        (":error-code", "Overload"),
        (":error-message", "too much"),
        (":message-type", "error"),
    ];
    let frames = [
        event("Heartbeat", r#"{"n":1}"#),
        frame(&exception, r#"{"message":"Rate Exceeded."}"#),
        frame(&error, ""),
        chunk("Hel"),
        complete("{}"),
    ];
    assert_eq!(streamed(&lambda, &[]).body, frames.concat());
}

#[test]
fn the_journal_shows_messages_that_aws_does_not_send() {
    let lambda = FakeLambda::start();
    let hel = || Chunks::new().send("Hel");
    lambda
        .on("f")
        .reply(Reply::stream(hel()))
        .then(Reply::stream(
            hel().exception(ServiceError::ServiceException),
        ))
        .then(Reply::stream(hel().error_message("Overload\n", "too much")))
        .then(Reply::stream(
            hel().event("Heartbeat", json!({"n": 1})).send("lo"),
        ))
        .then(Reply::stream(
            hel().event("Odd", json!({})).fail(FunctionError::exited(1)),
        ));
    (0..5).for_each(|_| drop(streamed(&lambda, &[])));
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel
    2 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel, then exception ServiceException
    3 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel, then error message Overload\n too much
    4 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 2 chunks: Hello, event Heartbeat {"n":1} before chunk 2
    5 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel, then event Odd {}, then function error Runtime.TruncatedResponse
    "#);
    let data = serde_json::to_value(lambda.journal()).unwrap();
    let odd = |call: usize| &data[call]["attempts"][0]["odd_frames"];
    assert_eq!(*odd(0), json!(null));
    assert_snapshot!(odd(1), @r#"[{"chunks_before":1,"frame":"exception","type":"ServiceException"}]"#);
    assert_snapshot!(odd(2), @r#"[{"chunks_before":1,"code":"Overload\n","frame":"error","text":"too much"}]"#);
    assert_snapshot!(odd(3), @r#"[{"chunks_before":1,"frame":"event","payload":{"n":1},"type":"Heartbeat"}]"#);
}

#[test]
fn the_prelude_of_http_is_a_chunk() {
    let lambda = FakeLambda::start();
    let page = || {
        Chunks::new()
            .http(200, [("content-type", "text/html"), ("x", "a\"b")])
            .send("<html>")
    };
    lambda.on("f").reply(Reply::stream(page()));
    let prelude = "{\"statusCode\":200,\"headers\":{\"content-type\":\"text/html\",\"x\":\"a\\\"b\"},\"cookies\":[]}\0\0\0\0\0\0\0\0";
    let frames = [chunk(prelude), chunk("<html>"), complete("{}")];
    assert_eq!(streamed(&lambda, &[]).body, frames.concat());
    let mut client = Client::connect(&lambda);
    assert_eq!(
        client.invoke("f", "", b"").text(),
        format!("{prelude}<html>")
    );
}

#[test]
fn boundaries_are_merged_or_cut() {
    let lambda = FakeLambda::start_with(|builder| builder.boundaries(Boundaries::Merged));
    let chunks = || Chunks::from(["Hel", "lo", "!"]);
    lambda
        .on("f")
        .reply(Reply::stream(chunks()))
        .then(Reply::stream(chunks().boundaries(Boundaries::AsSent)))
        .then(Reply::stream(chunks().boundaries(Boundaries::Every(4))))
        .then(Reply::stream(
            Chunks::new()
                .send("Hel")
                .event("E", json!(1))
                .send("lo")
                .send("!"),
        ));
    let each = || messages(&streamed(&lambda, &[]).body).join(", ");
    assert_eq!(each(), "PayloadChunk: Hello!, InvokeComplete: {}");
    assert_eq!(
        each(),
        "PayloadChunk: Hel, PayloadChunk: lo, PayloadChunk: !, InvokeComplete: {}"
    );
    assert_eq!(
        each(),
        "PayloadChunk: Hell, PayloadChunk: o!, InvokeComplete: {}"
    );
    assert_eq!(
        each(),
        "PayloadChunk: Hel, E: 1, PayloadChunk: lo!, InvokeComplete: {}"
    );
    // The journal has the chunks of the script.
    for call in lambda.calls() {
        assert_eq!(call.attempts()[0].chunks(), ["Hel", "lo", "!"]);
    }
}

#[test]
fn random_boundaries_follow_from_the_seed() {
    let with_seed = |seed: u64| {
        let lambda =
            FakeLambda::start_with(|builder| builder.seed(seed).boundaries(Boundaries::Random));
        lambda
            .on("f")
            .reply(Reply::stream(["Hello ", "wide ", "world"]));
        let each = (0..8).map(|_| {
            let messages = messages(&streamed(&lambda, &[]).body);
            let text = messages
                .iter()
                .filter_map(|one| one.strip_prefix("PayloadChunk: "));
            assert_eq!(text.collect::<String>(), "Hello wide world");
            messages.join(", ")
        });
        each.collect::<Vec<_>>()
    };
    let (first, second) = (with_seed(7), with_seed(8));
    assert_eq!(with_seed(7), first);
    assert_ne!(first, second);
    let counts: std::collections::BTreeSet<_> =
        first.iter().map(|one| one.matches(", ").count()).collect();
    assert!(counts.len() > 2, "{first:?}");
}

#[tokio::test]
async fn a_caller_of_invoke_gets_the_chunks_as_one_payload() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Reply::stream(["{\"a\":", "1}"]));
    let client = sdk_client!(aws_sdk_lambda, lambda);
    let whole = client
        .invoke()
        .function_name("f")
        .send_in_time()
        .await
        .unwrap();
    assert_eq!(whole.payload().unwrap().as_ref(), br#"{"a":1}"#);
    assert_eq!(whole.function_error(), None);
    let event = client
        .invoke()
        .function_name("f")
        .invocation_type(types::InvocationType::Event);
    assert_eq!(event.send_in_time().await.unwrap().status_code(), 202);
    lambda.wait_until_idle().await;
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1/3 → 200 {"a":1}
    2 f Event (empty)
      attempt 1/3 → 202
        execution 1 → 200 {"a":1}
        Success
    "#);
}

#[test]
fn a_stream_over_6_mib_is_too_large_only_for_a_caller_of_invoke() {
    let lambda = FakeLambda::start();
    let mib = || "x".repeat(1 << 20);
    let chunks: Vec<_> = (0..7).map(|_| mib()).collect();
    lambda.on("f").reply(Reply::stream(chunks));
    let mut client = Client::connect(&lambda);
    let whole = client.invoke("f", "", b"");
    assert_eq!(whole.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert!(whole.text().contains("Function.ResponseSizeTooLarge"));
    let body = streamed(&lambda, &[]).body;
    assert_eq!(
        body.len(),
        [chunk(mib()).repeat(7), complete("{}")].concat().len()
    );
}

#[test]
fn a_handler_sends_chunks() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle_stream(async |invocation: Invocation, out: ChunkSender| {
            out.send(invocation.operation().to_string()).await;
            out.send("!").await;
            Ok::<_, FunctionError>(())
        })
        .then(Reply::handle_stream(
            async |_: Invocation, out: ChunkSender| {
                out.send("Hel").await;
                Err::<(), _>("boom")
            },
        ));
    let mut client = Client::connect(&lambda);
    assert_eq!(client.invoke("f", "", b"").text(), "Invoke!");
    let reply = streamed(&lambda, &[]);
    let end = r#"{"ErrorCode":"Unhandled","ErrorDetails":"{\"errorType\":\"&&str\",\"errorMessage\":\"boom\"}"}"#;
    assert_eq!(reply.body, [chunk("Hel"), complete(end)].concat());
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse (empty)
      attempt 1 → 200 Invoke!
    2 f RequestResponse streamed (empty)
      attempt 1 → 200 stream, 1 chunk: Hel, then function error Unhandled {"errorMessage":"boom","errorType":"&&str"}
    "#);
}

#[test]
fn a_typed_handler_is_streamed_as_one_chunk() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle_json(async |_: serde_json::Value, _: Context| Ok::<_, FunctionError>(7));
    assert_eq!(
        streamed(&lambda, &[]).body,
        [chunk("7"), complete("{}")].concat()
    );
}

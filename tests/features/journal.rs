//! One journal in every form, and the values of a test: identical with any set of `serde_json`
//! features.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use fake_lambda::matchers::{payload_is, payload_partial};
use fake_lambda::{FakeLambda, FunctionError, Handle, Invocation, Reply};
use insta::{assert_json_snapshot, assert_snapshot, assert_yaml_snapshot};
use serde::Serialize;
use serde_json::json;

/// Members out of order, and numbers that a float cannot represent exactly.
const PAYLOAD: &str =
    r#"{"size":"xl","id":12345678901234567890123,"nested":{"z":1.50,"a":[-0,0.10]}}"#;

/// The body of the reply.
fn invoke(lambda: &Handle, function: &str, payload: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let length = payload.len();
    let head = format!(
        "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nhost: localhost\r\n\
         connection: close\r\n"
    );
    write!(stream, "{head}content-length: {length}\r\n\r\n{payload}").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 "), "{reply}");
    let (_, body) = reply.split_once("\r\n\r\n").unwrap();
    body.to_owned()
}

#[test]
fn a_journal_does_not_depend_on_the_features_of_serde_json() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda
        .on("resize")
        .reply(json!({"width": 640, "height": 480.5, "big": 18446744073709551615_u64}));
    lambda.on("echo").handle(async |invocation: Invocation| {
        let sent = invocation.payload_json();
        json!({"z": 0, "echo": sent["nested"]["z"]})
    });
    lambda.on("fail").reply(FunctionError::payload(
        json!({"errorType": "ValueError", "errorMessage": "no", "code": 1.5}),
    ));
    // Numbers match by value, not by their digits.
    lambda
        .on("picky")
        .when(payload_is(json!({"z": 1.5, "a": [2, 0.1]})))
        .when(payload_partial(json!({"z": 1.5})))
        .reply(json!("matched"));
    invoke(&lambda, "resize", PAYLOAD);
    invoke(&lambda, "echo", r#"{"nested":{"z":1.5}}"#);
    invoke(&lambda, "fail", "[1e400]"); // more than any float
    invoke(&lambda, "picky", r#"{"z":1.50,"a":[2.0,0.10]}"#);

    let journal = lambda.journal();
    assert_snapshot!("journal", journal);
    assert_json_snapshot!("journal_as_json", journal);
    assert_yaml_snapshot!("journal_as_yaml", journal);
    assert_snapshot!(
        "journal_by_serde_json",
        serde_json::to_string_pretty(&journal).unwrap()
    );
}

/// A value whose fields are not in the order of their names.
#[derive(Serialize)]
struct Order {
    size: &'static str,
    price: f32,
    count: u64,
}

#[test]
fn a_value_does_not_depend_on_the_features_of_serde_json() {
    let order = Order {
        size: "xl",
        price: 0.1,
        count: u64::MAX,
    };
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .when(payload_is(&order))
        .when(payload_partial(json!({"size": "xl", "price": 0.1})))
        .reply(Reply::json(&order));
    // As a client with the same type writes it.
    let payload = serde_json::to_string(&order).unwrap();
    let expected = r#"{"count":18446744073709551615,"price":0.1,"size":"xl"}"#;
    assert_eq!(invoke(&lambda, "f", &payload), expected);
    lambda
        .on("f")
        .reply(json!({"b": [2.5, 1], "a": {"d": 1, "c": 2}}));
    assert_eq!(
        invoke(&lambda, "f", ""),
        r#"{"a":{"c":2,"d":1},"b":[2.5,1]}"#
    );
}

//! Options of a handler apply to its replies, and a handler can use its own fake.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use fake_lambda::{FakeLambda, Fault, FunctionError, Gate, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use super::{Sort, asking, lines};
use crate::raw::End;

#[test]
fn options_of_a_handler_apply_to_its_replies() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let reply = Reply::handle(async |_: Invocation| json!({"paid": 42}))
        .hold(&gate)
        .delay(Duration::from_millis(1))
        .fault(Fault::TruncateAfter(4));
    lambda.on("f").reply(reply);
    let mut client = asking(&lambda);
    gate.reached(1).block();
    assert!(client.is_silent());
    gate.open();
    let (bytes, end) = client.read_out();
    assert!(
        bytes.ends_with(b"\r\n\r\n{\"pa"),
        "{}",
        bytes.escape_ascii()
    );
    assert_eq!(end, End::Closed);
    lambda.wait_until_idle().block();
    insta::assert_snapshot!(lines(&lambda), @r#"f RequestResponse {} attempt 1 → closed after 4 bytes of the body (ran, lost 200 {"paid":42})"#);
}

#[rstest]
#[case::success(Sort::Success)]
#[case::service_error(Sort::ServiceError)]
#[case::function_error(Sort::FunctionError)]
fn the_fault_of_a_handler_applies_to_every_reply(#[case] sort: Sort) {
    let lambda = FakeLambda::start();
    let handler = Reply::handle(async move |_: Invocation| sort.reply());
    lambda.on("f").reply(handler.fault(Fault::ResetInHead));
    let (head, _) = sort.whole();
    let (bytes, end) = asking(&lambda).read_out();
    assert_eq!((bytes.len(), end), (head.len() / 2, End::Reset));
}

#[test]
fn options_of_a_reply_override_options_of_its_handler() {
    let lambda = FakeLambda::start();
    let (inner, outer) = (Gate::new(), Gate::new());
    let own = inner.clone();
    let handler = async move |_: Invocation| {
        Sort::Success
            .reply()
            .hold(&own)
            .status(201)
            .fault(Fault::TruncateAfter(1))
    };
    let reply = Reply::handle(handler)
        .hold(&outer)
        .status(202)
        .fault(Fault::TruncateAfter(2));
    lambda.on("f").reply(reply);
    let mut client = asking(&lambda);
    inner.reached(1).block();
    inner.open();
    let text = String::from_utf8(client.read_out().0).unwrap();
    assert!(text.starts_with("HTTP/1.1 201 "), "{text}");
    assert!(text.ends_with("\r\n\r\n{"), "{text}");
}

#[test]
fn a_nested_handler_has_the_options_of_both() {
    let lambda = FakeLambda::start();
    let innermost = || Reply::handle(async |_: Invocation| json!({"paid": 42})).status(201);
    let reply = Reply::handle(async move |_: Invocation| innermost());
    lambda.on("f").reply(reply.fault(Fault::TruncateAfter(1)));
    let text = String::from_utf8(asking(&lambda).read_out().0).unwrap();
    assert!(text.starts_with("HTTP/1.1 201 "), "{text}");
    assert!(text.ends_with("\r\n\r\n{"), "{text}");
}

#[test]
fn a_handler_can_reply_with_a_fault() {
    let lambda = FakeLambda::start();
    let handler = async |invocation: Invocation| -> Reply {
        match invocation.payload_json()["order"].as_u64() {
            Some(_) => json!(1).into(),
            None => Fault::Reset.into(),
        }
    };
    let reply = Reply::handle(handler).fault(Fault::TruncateAfter(0));
    lambda.on("f").reply(reply);
    assert_eq!(asking(&lambda).read_out(), (Vec::new(), End::Reset));
    let text = "f RequestResponse {} attempt 1 → reset before any byte";
    assert_eq!(lines(&lambda), text);
}

/// For an Event no client waits for the function, and the fault applies to the 202.
#[test]
fn the_202_of_an_event_can_be_lost() {
    let lambda = FakeLambda::start();
    let (sender, ran) = mpsc::channel();
    let handler = async move |_: Invocation| {
        sender.send(()).unwrap();
        Ok::<_, FunctionError>(json!(1))
    };
    lambda
        .on("f")
        .reply(Reply::handle(handler).fault(Fault::Reset))
        .then(Sort::Success.reply().fault(Fault::Reset))
        .then(Fault::Reset)
        .then(Reply::error(ServiceError::ServiceException).fault(Fault::TruncateAfter(0)));
    for end in [End::Reset, End::Reset, End::Reset, End::Closed] {
        let mut client = crate::raw::Client::connect(&lambda);
        client.send_invoke("f", &["X-Amz-Invocation-Type: Event"], "{}");
        assert_eq!(client.read_out().1, end);
    }
    ran.recv_timeout(Duration::from_secs(10)).unwrap();
    lambda.wait_until_idle().block();
    insta::assert_snapshot!(lines(&lambda), @r#"
    f Event {} attempt 1 → reset before any byte (lost 202)   execution 1 → 200 1   Success
    f Event {} attempt 1 → reset before any byte (lost 202)   execution 1 → 200 {"paid":42}   Success
    f Event {} attempt 1 → reset before any byte
    f Event {} attempt 1 → closed after 0 bytes of the body (lost 500 ServiceException)
    "#);
}

#[test]
fn a_blocking_handler_stalls_only_its_own_fake() {
    let (blocked, other) = (FakeLambda::start(), FakeLambda::start());
    let (release, released) = mpsc::channel::<()>();
    let (begins, begun) = mpsc::channel();
    let released = Arc::new(Mutex::new(released));
    blocked.on("f").handle(async move |_: Invocation| {
        begins.send(()).unwrap();
        released.lock().unwrap().recv().unwrap();
        json!("released")
    });
    other.on("f").reply(json!("other"));
    let mut first = asking(&blocked);
    begun.recv_timeout(Duration::from_secs(10)).unwrap();
    let mut second = asking(&blocked);
    for _ in 0..3 {
        assert_eq!(asking(&other).read_reply().text(), "\"other\"");
    }
    assert!(first.is_silent() && second.is_silent());
    release.send(()).unwrap();
    release.send(()).unwrap();
    assert_eq!(first.read_reply().text(), "\"released\"");
    assert_eq!(second.read_reply().text(), "\"released\"");
}

/// A `std::thread::sleep` in a handler would block the thread; a wait with `.await` does not.
#[test]
fn a_waiting_handler_stalls_no_other_request() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    let waited_for = gate.clone();
    lambda.on("slow").handle(async move |_: Invocation| {
        waited_for.reached(1).await;
        json!("slow")
    });
    lambda.on("f").reply(json!("fast"));
    lambda
        .on("last")
        .reply(Reply::json(json!("last")).hold(&gate));
    let handle = lambda.handle();
    let slow = thread::spawn(move || {
        let mut client = crate::raw::Client::connect(&handle);
        client.send_invoke("slow", &[], "{}");
        client.read_reply().text().to_owned()
    });
    assert_eq!(asking(&lambda).read_reply().text(), "\"fast\"");
    let mut last = crate::raw::Client::connect(&lambda);
    last.send_invoke("last", &[], "{}");
    assert_eq!(slow.join().unwrap(), "\"slow\"");
    gate.open();
    assert_eq!(last.read_reply().text(), "\"last\"");
}

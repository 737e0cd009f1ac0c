//! Ownership.

use std::net::TcpStream;

use fake_lambda::{
    ActiveChaos, Alias, Attempt, Builder, Call, Chaos, Constraint, Context, Delay, FakeLambda,
    Fault, FunctionError, Gate, Handle, Hit, Invocation, Journal, Outage, Paused, Reply, Report,
    Rule, Script, Seen, ServiceError, Shrink, Wait, matchers::Condition,
};
use serde_json::json;

use crate::any_transport::scripts::ask;
use crate::panics::caught;

#[test]
fn the_public_types_can_be_sent_and_shared() {
    fn sent<T: Send + Sync + 'static>() {}
    fn cloned<T: Clone + Send + Sync + 'static>() {}
    sent::<FakeLambda>();
    sent::<Paused>();
    sent::<Rule>();
    sent::<Wait>();
    sent::<ActiveChaos>();
    sent::<Outage>();
    sent::<Condition>();
    sent::<Shrink>();
    cloned::<Alias>();
    cloned::<Attempt>();
    cloned::<Builder>();
    cloned::<Call>();
    cloned::<Constraint>();
    cloned::<Chaos>();
    cloned::<Context>();
    cloned::<Delay>();
    cloned::<Fault>();
    cloned::<FunctionError>();
    cloned::<Gate>();
    cloned::<Hit>();
    cloned::<ServiceError>();
    cloned::<Handle>();
    cloned::<Invocation>();
    cloned::<Journal>();
    cloned::<Reply>();
    cloned::<Report>();
    cloned::<Script>();
    cloned::<Seen>();
}

#[test]
fn a_fake_used_by_its_own_handler_is_dropped_verified_and_its_port_refuses() {
    let lambda = FakeLambda::start();
    let (handle, port) = (lambda.handle(), lambda.port());
    let script = lambda.on("f").handle(async move |_: Invocation| {
        handle.on("g").reply(json!(1));
        json!(handle.endpoint_url())
    });
    script.expect_calls(2);
    ask(&lambda, "f");
    let handle = lambda.handle();
    let report = caught(move || drop(lambda));
    assert!(
        report.text.contains("expected 2 calls, got 1"),
        "{}",
        report.text
    );
    TcpStream::connect(("127.0.0.1", port)).unwrap_err();
    assert_eq!(handle.journal().calls().len(), 1);
}

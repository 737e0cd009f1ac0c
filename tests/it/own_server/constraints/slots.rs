//! A slot is taken with the decision, and is free again for the first attempt that is decided after
//! the last byte was sent. If the client disconnects, it is free when the function has ended.

use std::sync::Arc;
use std::time::Duration;

use fake_lambda::{Constraint, FakeLambda, Fault, Gate, Invocation, Reply, ServiceError};
use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;
use tokio::sync::Notify;

use crate::any_transport::constraints::{THROTTLED, said};
use crate::raw::{self, Client};
use crate::waits::until;

const NOTHING: Duration = Duration::ZERO;

#[rstest]
#[case::plain(Reply::json(json!({"ok": true})))]
#[case::in_two_writes(Reply::json(json!("x".repeat(100_000))))]
#[case::without_a_body(Reply::http(200, ""))]
#[case::an_error(ServiceError::ServiceException.into())]
#[case::a_handler(Reply::handle(async |_: Invocation| json!(1)))]
#[case::dribbled(Reply::json(json!("1234567")).fault(Fault::Dribble { bytes: 2, every: NOTHING }))]
#[case::slow_head(Reply::json(json!(1)).fault(Fault::SlowHead { bytes: 50, every: NOTHING }))]
#[case::without_a_body_and_slow_head(Reply::http(200, "").fault(Fault::SlowHead { bytes: 50, every: NOTHING }))]
#[case::followed_by_a_close(Reply::json(json!(1)).fault(Fault::CloseAfterReply))]
#[case::reset_on_reuse(Reply::json(json!(1)).fault(Fault::ResetOnReuse))]
#[case::longer_than_said(Reply::json(json!("1234567")).fault(Fault::LengthTooShort(4)))]
#[case::delayed(Reply::json(json!(1)).delay(Duration::from_micros(1)).body_delay(Duration::from_micros(1)))]
fn the_next_attempt_of_a_client_finds_the_slot_free(#[case] reply: Reply) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(reply);
    let limit = lambda.reserve_concurrency("f", 1);
    // Each call has its own connection, so that only the slot determines the order.
    for _ in 0..200 {
        raw::invoke(&lambda, "f", &[], "{}");
    }
    assert_eq!((limit.peak(), limit.refused()), (1, 0));
}

#[test]
fn a_held_reply_keeps_its_slot_when_its_client_disconnects() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("f").reply(Reply::json(json!(1)).hold(&gate));
    let limit = lambda.reserve_concurrency("f", 1);
    let mut first = Client::connect(&lambda);
    first.send_invoke("f", &[], r#""first""#);
    gate.reached(1).block();
    assert_eq!(said(&lambda, "f"), THROTTLED);
    first.reset();
    until(|| lambda.calls()[0].attempts()[0].is_abandoned());
    assert_eq!(said(&lambda, "f"), THROTTLED, "the function continues");
    gate.open_one();
    lambda.wait_until_idle().block();
    let mut second = Client::connect(&lambda);
    second.send_invoke("f", &[], r#""second""#);
    gate.reached(2).block();
    gate.open();
    assert_eq!(second.read_reply().status(), 200);
    assert_eq!((limit.peak(), limit.refused()), (1, 2));
    assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse "first"
      attempt 1 → no answer (ran, lost 200 1) (abandoned by the client)
    2 f RequestResponse {}
      attempt 1 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 1)
    3 f RequestResponse {}
      attempt 1 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 1)
    4 f RequestResponse "second"
      attempt 1 → 200 1
    "#);
}

#[rstest]
#[case::hung(Fault::Hang.into())]
#[case::stalled(Reply::json(json!("1234567")).fault(Fault::StallAfter(3)))]
#[case::stalled_before_its_last_byte(Reply::json(json!("1234567")).fault(Fault::StallAfter(8)))]
#[case::late_body(Reply::json(json!(1)).body_delay(Duration::from_secs(3600)))]
fn a_reply_that_never_ends_keeps_its_slot(#[case] reply: Reply) {
    let lambda = FakeLambda::start();
    let (limit, first) = slot_in_use(&lambda, reply);
    assert_eq!(said(&lambda, "f"), THROTTLED);
    first.reset();
    lambda.wait_until_idle().block();
    assert_eq!(said(&lambda, "f"), "200");
    assert_eq!(limit.peak(), 1);
}

#[rstest]
#[case::never_ready(Reply::handle(async |_: Invocation| std::future::pending::<Reply>().await))]
#[case::late(Reply::json(json!(1)).delay(Duration::from_secs(3600)))]
fn a_function_keeps_its_slot_when_its_client_disconnects(#[case] reply: Reply) {
    let lambda = FakeLambda::start();
    let (_limit, first) = slot_in_use(&lambda, reply);
    first.reset();
    until(|| lambda.calls()[0].attempts()[0].is_abandoned());
    assert_eq!(said(&lambda, "f"), THROTTLED);
}

/// Reserves one slot for `f`, whose first reply is this one, and sends the call that takes it.
fn slot_in_use(lambda: &FakeLambda, reply: Reply) -> (Constraint, Client) {
    lambda.on("f").reply(reply).then(json!(1));
    let limit = lambda.reserve_concurrency("f", 1);
    let mut first = Client::connect(lambda);
    first.send_invoke("f", &[], "{}");
    until(|| limit.peak() == 1);
    (limit, first)
}

#[test]
fn a_handler_without_a_client_frees_its_slot_when_it_ends() {
    let lambda = FakeLambda::start();
    let waits = Arc::new(Notify::new());
    let handler = {
        let waits = waits.clone();
        async move |_: Invocation| {
            waits.notified().await;
            json!(1)
        }
    };
    lambda.on("f").handle(handler).times(1).then(json!(2));
    let limit = lambda.reserve_concurrency("f", 1);
    let mut first = Client::connect(&lambda);
    first.send_invoke("f", &[], "{}");
    until(|| limit.peak() == 1);
    first.reset();
    until(|| lambda.calls()[0].attempts()[0].is_abandoned());
    assert_eq!(said(&lambda, "f"), THROTTLED);
    waits.notify_one();
    lambda.wait_until_idle().block();
    assert_eq!(said(&lambda, "f"), "200");
}

#[test]
fn an_outage_frees_the_slots_of_the_attempts_it_cuts() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Fault::Hang).then(json!(1));
    let limit = lambda.reserve_concurrency("f", 1);
    let mut first = Client::connect(&lambda);
    first.send_invoke("f", &[], "{}");
    until(|| limit.peak() == 1);
    drop(lambda.outage());
    lambda.wait_until_idle().block();
    assert_eq!(said(&lambda, "f"), "200");
}

#[test]
fn reserved_concurrency_does_not_count_for_the_account() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on_any().reply(Reply::json(json!(1)).hold(&gate));
    let reserved = lambda.reserve_concurrency("f", 2);
    let account = lambda.account_concurrency(3);
    let mut clients: Vec<_> = ["f", "f:live", "g"]
        .into_iter()
        .map(|function| {
            let mut client = Client::connect(&lambda);
            client.send_invoke(function, &[], "{}");
            client
        })
        .collect();
    gate.reached(3).block();
    for function in ["f", "g", "h"] {
        assert_eq!(said(&lambda, function), THROTTLED);
    }
    gate.open();
    for client in &mut clients {
        assert_eq!(client.read_reply().status(), 200);
    }
    assert_eq!((reserved.peak(), reserved.refused()), (2, 1));
    assert_eq!((account.peak(), account.refused()), (1, 2));
    assert_eq!(said(&lambda, "h"), "200");
}

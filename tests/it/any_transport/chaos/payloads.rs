//! Chaos for callers that work in parallel: the effect on a payload, whenever it arrives.

use std::collections::BTreeMap;
use std::thread;

use aws_sdk_lambda::primitives::Blob;
use fake_lambda::{Chaos, FunctionError, Handle, Hit, ServiceError, sdk_client};
use serde_json::json;

use super::codes;
use crate::raw;
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

/// The number of callers that work in parallel, and of orders that each pays for.
const CALLERS: u64 = 4;
const ORDERS: u64 = 3;

fn chaos() -> Chaos {
    Chaos::seeded(7)
        .rate(0.3, ServiceError::ServiceException)
        .rate(0.2, FunctionError::new("ValueError", "no such order"))
        .on("pay")
}

fn payload(order: u64) -> String {
    format!(r#"{{"order":{order}}}"#)
}

/// Sends one call as an SDK does, retries included. Returns the status of each attempt, and whether
/// its function failed.
fn pay(lambda: &Handle, order: u64) -> Vec<(u16, bool)> {
    let mut seen = Vec::new();
    for attempt in 1..=3 {
        let id = format!("amz-sdk-invocation-id: {order}");
        let number = format!("amz-sdk-request: attempt={attempt}; max=3");
        let reply = raw::invoke(lambda, "pay", &[&id, &number], payload(order));
        seen.push((reply.status(), reply.text().contains("ValueError")));
        if reply.status() == 200 {
            break;
        }
    }
    seen
}

/// Returns the results of each order in one run, whose number shuffles the orders.
fn run(chaos: Chaos, number: u64) -> BTreeMap<u64, Vec<(u16, bool)>> {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    lambda.chaos(chaos);
    let all = CALLERS * ORDERS;
    let mut orders: Vec<u64> = (0..all).collect();
    orders.sort_by_key(|order| (order * 7 + number * 5) % (all + 1));
    let (lambda, orders) = (&*lambda, &orders);
    thread::scope(|scope| {
        let callers: Vec<_> = orders
            .chunks(ORDERS as usize)
            .map(|own| {
                let pay = |order: &u64| (*order, pay(lambda, *order));
                scope.spawn(move || own.iter().map(pay).collect::<Vec<_>>())
            })
            .collect();
        let seen = callers
            .into_iter()
            .flat_map(|caller| caller.join().unwrap());
        seen.collect()
    })
}

#[test]
fn parallel_calls_keyed_by_payload_have_the_same_results_in_every_order() {
    let first = run(chaos().keyed_by_payload(), 0);
    let met: Vec<_> = first.values().flatten().collect();
    let failed = |(status, failed): &(u16, bool)| *status == 500 || *failed;
    assert!(met.iter().any(|one| failed(one)), "{first:#?}");
    for number in 1..200 {
        assert_eq!(
            run(chaos().keyed_by_payload(), number),
            first,
            "run {number}"
        );
    }
}

/// Why the key is there: the number of an attempt at its target is the order in which it arrived.
#[test]
fn without_the_key_another_order_is_hit_differently() {
    let first = run(chaos(), 0);
    assert!((1..20).any(|number| run(chaos(), number) != first));
}

#[test]
fn equal_payloads_share_a_result_and_attempts_are_counted_within_their_call() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let error = ServiceError::ServiceException;
    let chaos = lambda.chaos(Chaos::new().window(2, error).keyed_by_payload());
    let ask = |fields: &[&str], payload: &str| raw::invoke(&lambda, "f", fields, payload).status();
    let retry = |id: &'static str, payload: &str| {
        let id = format!("amz-sdk-invocation-id: {id}");
        let first = ask(&[&id, "amz-sdk-request: attempt=1; max=3"], payload);
        let second = ask(&[&id, "amz-sdk-request: attempt=2; max=3"], payload);
        (first, second)
    };
    assert_eq!(retry("a", r#"{"a": 1, "b": 2}"#), (200, 500));
    // The same members in another order are the same payload.
    assert_eq!(retry("b", r#"{"b":2,"a":1}"#), (200, 500));
    // Without an id each request is a call of its own, and a first attempt.
    assert_eq!((ask(&[], "[]"), ask(&[], "[]")), (200, 200));
    // Without a number the attempts of a call are counted.
    let id = "amz-sdk-invocation-id: c";
    assert_eq!((ask(&[id], "7"), ask(&[id], "7")), (200, 500));
    assert_eq!(
        codes(&chaos),
        [
            r##"Hit::new("f", 2, ServiceError::ServiceException).keyed_by_payload(r"7")"##,
            r##"Hit::new("f", 2, ServiceError::ServiceException).keyed_by_payload(r#"{"a":1,"b":2}"#)"##,
        ]
    );
}

#[test]
fn a_replay_of_keyed_hits_does_the_same_in_another_order() {
    let run = |chaos: Chaos, orders: &[u64]| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!({"paid": true}));
        let chaos = lambda.chaos(chaos);
        let seen = orders.iter().map(|order| (*order, pay(&lambda, *order)));
        let seen: BTreeMap<_, _> = seen.collect();
        (seen, chaos.hits())
    };
    let (drawn, hits) = run(chaos().keyed_by_payload(), &[1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(hits.len() > 3, "{hits:#?}");
    assert!(hits.iter().all(|hit| hit.payload().is_some()), "{hits:#?}");
    let replay = Chaos::replay(hits.clone());
    let (again, replayed) = run(replay, &[8, 3, 5, 1, 7, 2, 6, 4]);
    assert_eq!(again, drawn);
    assert_eq!(replayed, hits);
}

#[test]
fn a_failing_list_of_keyed_hits_shrinks() {
    let error = ServiceError::ServiceException;
    let hit = |order, attempt| Hit::new("pay", attempt, error).keyed_by_payload(payload(order));
    let hits = [hit(1, 1), hit(2, 1), hit(2, 2), hit(2, 3), hit(3, 2)];
    let mut shrink = Chaos::shrink(hits.clone());
    while let Some(chaos) = shrink.next_run() {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!({"paid": true}));
        lambda.chaos(chaos);
        // An order is lost when the last of its three attempts fails.
        let is_lost = |order| pay(&lambda, order).len() == 3 && lost(&lambda, order);
        shrink.failed([3, 1, 2].into_iter().any(is_lost));
    }
    assert_eq!(shrink.hits(), &hits[1..4]);
}

/// Whether no attempt of an order went well.
fn lost(lambda: &Handle, order: u64) -> bool {
    let calls = lambda.calls();
    let call = calls
        .iter()
        .find(|call| call.first().payload_json() == json!({"order": order}));
    let mut attempts = call.unwrap().attempts().iter();
    attempts.all(|attempt| attempt.status() != Some(200))
}

#[tokio::test]
async fn the_sdk_gets_the_same_results_whichever_call_comes_first() {
    let run = async |orders: [u64; 6]| {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!({"paid": true}));
        let chaos = lambda.chaos(chaos().keyed_by_payload());
        let client = sdk_client!(aws_sdk_lambda, lambda);
        let calls = orders.map(|order| {
            let call = client.invoke().function_name("pay");
            let call = call.payload(Blob::new(payload(order))).send_in_time();
            async move { (order, call.await.map(|output| output.function_error)) }
        });
        let mut tasks = tokio::task::JoinSet::new();
        calls.into_iter().for_each(|call| drop(tasks.spawn(call)));
        let seen = tasks.join_all().await;
        let seen = seen
            .into_iter()
            .map(|(order, answer)| (order, answer.map_err(|error| error.to_string())));
        (seen.collect::<BTreeMap<_, _>>(), chaos.hits())
    };
    let first = run([1, 2, 3, 4, 5, 6]).await;
    assert!(!first.1.is_empty());
    assert_eq!(run([6, 5, 4, 3, 2, 1]).await, first);
}

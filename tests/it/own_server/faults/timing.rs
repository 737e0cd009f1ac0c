//! Delays: how they are drawn, and what the client sees in the meantime.

use std::time::{Duration, Instant};

use fake_lambda::{Delay, FakeLambda, Invocation, Reply, ServiceError};
use serde_json::json;

use super::{HOUR, asking, lines};
use crate::raw::Client;
use crate::waits::until;

const MS: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Clients that have called `function` one after the other, none of which is answered.
fn waiting(lambda: &FakeLambda, function: &str, count: usize) -> Vec<Client> {
    let waiting = |number| {
        let mut client = Client::connect(lambda);
        client.send_invoke(function, &[], "{}");
        let is_there = || lambda.seen(function).calls().len() > number;
        let deadline = Instant::now() + MINUTE;
        while !is_there() {
            assert!(Instant::now() < deadline, "it never arrived");
            std::thread::yield_now();
        }
        client
    };
    (0..count).map(waiting).collect()
}

/// The delays that the journal shows for the first three attempts at `function`.
fn drawn(lambda: &FakeLambda, function: &str, delay: impl Into<Delay>) -> Vec<String> {
    lambda
        .on(function)
        .reply(Reply::json(json!(1)).delay(delay));
    let _clients = waiting(lambda, function, 3);
    let calls = lambda.seen(function).calls();
    calls
        .iter()
        .map(|call| call.attempts()[0].to_string())
        .collect()
}

fn with_seed(seed: u64) -> FakeLambda {
    FakeLambda::builder().seed(seed).start()
}

#[test]
fn a_delayed_reply_does_not_arrive_early() {
    let lambda = FakeLambda::start();
    let delay = 20 * MS;
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).delay(delay))
        .then(Reply::handle(async |_: Invocation| json!(2)).delay(delay));
    let begun = Instant::now();
    let mut client = asking(&lambda);
    assert_eq!(client.read_reply().text(), "1");
    assert!(begun.elapsed() >= delay);
    client.send_invoke("f", &[], "{}");
    assert_eq!(client.read_reply().text(), "2");
    assert!(begun.elapsed() >= 2 * delay);
}

#[test]
fn a_delayed_reply_whose_client_disconnects_is_abandoned() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Reply::json(json!(1)).delay(HOUR));
    let clients = waiting(&lambda, "f", 1);
    assert!(clients[0].is_silent());
    assert_eq!(
        lines(&lambda),
        "f RequestResponse {} attempt 1 → delayed for 3600s"
    );
    drop(clients);
    lambda.wait_for_attempts(1).block();
    assert_eq!(
        lines(&lambda),
        "f RequestResponse {} attempt 1 → no answer (still running) (abandoned by the client)"
    );
}

#[test]
fn a_delay_continues_without_the_client() {
    let lambda = FakeLambda::start();
    let delay = Duration::from_millis(50); // time is the subject
    lambda.on("f").reply(Reply::json(json!(1)).delay(delay));
    drop(waiting(&lambda, "f", 1));
    lambda.wait_until_idle().block();
    assert!(lambda.only_call().attempts()[0].has_run());
    assert_eq!(
        lines(&lambda),
        "f RequestResponse {} attempt 1 → no answer (ran, lost 200 1) (abandoned by the client)"
    );
}

#[test]
fn a_delayed_error_runs_no_function() {
    let lambda = FakeLambda::start();
    let late = Reply::error(ServiceError::ServiceException).delay(HOUR);
    lambda.on("f").reply(late);
    drop(waiting(&lambda, "f", 1));
    lambda.wait_until_idle().block();
    assert_eq!(lambda.only_call().executions(), 0);
    assert_eq!(
        lines(&lambda),
        "f RequestResponse {} attempt 1 → no answer (abandoned by the client)"
    );
}

#[test]
fn the_caller_of_an_event_is_not_kept_waiting() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(Reply::json(json!(1)).delay(HOUR));
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &["X-Amz-Invocation-Type: Event"], "{}");
    assert_eq!(client.read_reply().status(), 202);
}

#[test]
fn random_delays_are_the_same_in_every_run() {
    let range = || drawn(&with_seed(7), "f", HOUR..2 * HOUR);
    let log_normal = || drawn(&with_seed(7), "f", Delay::log_normal(HOUR, 9 * HOUR));
    assert_eq!(range(), range());
    insta::assert_snapshot!([range(), log_normal()].concat().join("\n"), @r#"
    delayed for 7193.671610889s
    delayed for 7174.225709833s
    delayed for 6277.316460067s
    delayed for 37891.571771s
    delayed for 27558.697823s
    delayed for 976.176169s
    "#);
}

#[test]
fn random_delays_depend_on_attempt_target_and_seed() {
    let lambda = with_seed(7);
    let mut all = drawn(&lambda, "f", HOUR..2 * HOUR);
    all.extend(drawn(&lambda, "g", HOUR..2 * HOUR));
    all.extend(drawn(&with_seed(8), "f", HOUR..2 * HOUR));
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "{all:?}");
}

/// Calls to another function in between change nothing.
#[test]
fn random_delays_count_only_the_attempts_at_their_target() {
    let alone = drawn(&with_seed(7), "f", HOUR..2 * HOUR);
    let lambda = with_seed(7);
    lambda
        .on("f")
        .reply(Reply::json(json!(1)).delay(HOUR..2 * HOUR));
    lambda.on("g").reply(json!(1));
    let mut clients = Vec::new();
    for number in 0..3 {
        let mut other = Client::connect(&lambda);
        other.send_invoke("g", &[], "{}");
        other.read_reply();
        let mut client = asking(&lambda);
        clients.push(Client::connect(&lambda));
        until(|| lambda.seen("f").calls().len() > number);
        assert!(client.is_silent());
        std::mem::swap(&mut client, clients.last_mut().unwrap());
    }
    let calls = lambda.seen("f").calls();
    let mixed: Vec<_> = calls
        .iter()
        .map(|call| call.attempts()[0].to_string())
        .collect();
    assert_eq!(mixed, alone);
}

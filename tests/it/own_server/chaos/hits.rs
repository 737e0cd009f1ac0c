//! The effect of a hit that breaks or holds a reply.

use std::time::Duration;

use fake_lambda::{
    Chaos, Delay, FakeLambda, Fault, FunctionError, Gate, Invocation, Reply, ServiceError,
};
use serde_json::json;

use crate::any_transport::chaos::{ask, ask_as, codes};
use crate::raw;
use crate::waits::until;

/// A fake that answers `f` with the numbers from 1 to 9, one after the other.
fn counting() -> FakeLambda {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!(1));
    for number in 2..=9 {
        script.then(json!(number));
    }
    lambda
}

#[test]
fn a_hit_consumes_no_step_and_is_not_counted_by_its_rule() {
    let lambda = counting();
    let chaos = lambda.chaos(
        Chaos::new()
            .every_nth(3, ServiceError::ServiceException)
            .window(4, Fault::Reset),
    );
    let got: Vec<String> = (0..6).map(|_| ask(&lambda, "f")).collect();
    assert_eq!(
        [&got[0], &got[1], &got[3], &got[4]],
        ["200 1", "200 2", "reset after 0 bytes", "200 3"]
    );
    assert!(got[2].starts_with("500 {"), "{got:?}");
    assert_eq!(got[5], got[2]);
    assert_eq!(
        codes(&chaos),
        [
            r#"Hit::new("f", 3, ServiceError::ServiceException)"#,
            r#"Hit::new("f", 4, Fault::Reset)"#,
            r#"Hit::new("f", 6, ServiceError::ServiceException)"#
        ]
    );
    lambda.seen("f").assert_attempts(6);
}

#[test]
fn a_damaging_fault_consumes_the_step_of_its_reply() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(json!("first")).then(json!("second"));
    lambda.chaos(Chaos::new().window(1, Fault::TruncateAfter(3)));
    assert_eq!(ask(&lambda, "f"), r#"200 "fi"#);
    assert_eq!(ask(&lambda, "f"), r#"200 "second""#);
    script.assert_attempts(2);
    let calls = lambda.calls();
    let attempt = &calls[0].attempts()[0];
    assert_eq!(attempt.fault(), Some(Fault::TruncateAfter(3)));
    assert!(
        attempt.has_run(),
        "the cut reply is from a function that ran"
    );
    assert_eq!(attempt.hit().unwrap().attempt(), 1);
}

#[test]
fn a_damaging_fault_applies_to_the_reply_of_a_handler() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |i: Invocation| json!({"echo": i.payload_json()}));
    lambda.chaos(Chaos::new().every_nth(1, Fault::ResetInHead));
    assert!(ask(&lambda, "f").starts_with("reset after "));
    assert!(lambda.only_call().attempts()[0].has_run());
}

#[test]
fn a_reply_that_a_fault_cannot_damage_is_sent_unchanged_and_not_hit() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!("ok"));
    lambda.on("g").handle(async |_: Invocation| json!("ok"));
    lambda
        .on("h")
        .reply(Reply::json(json!("ok")).fault(Fault::TruncateAfter(1)));
    lambda.on("i").reply(Fault::Reset);
    let of_its_own = async |_: Invocation| Reply::json(json!("ok")).fault(Fault::TruncateAfter(2));
    lambda.on("j").handle(of_its_own);
    let chaos = lambda.chaos(Chaos::new().every_nth(1, Fault::TruncateAfter(99)));
    assert_eq!(ask(&lambda, "f"), r#"200 "ok""#);
    assert_eq!(ask(&lambda, "g"), r#"200 "ok""#);
    assert_eq!(ask(&lambda, "h"), r#"200 ""#);
    assert_eq!(ask(&lambda, "i"), "reset after 0 bytes");
    assert_eq!(ask(&lambda, "j"), r#"200 "o"#);
    assert_eq!(codes(&chaos), [""; 0]);
    assert!(
        lambda
            .calls()
            .iter()
            .all(|call| call.attempts()[0].hit().is_none())
    );
    lambda.verify();
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse {}
      attempt 1 → 200 "ok" (chaos: every_nth 1; could not happen: closed after 99 bytes of the body)
    2 g RequestResponse {}
      attempt 1 → 200 "ok" (chaos: every_nth 1; could not happen: closed after 99 bytes of the body)
    3 h RequestResponse {}
      attempt 1 → closed after 1 byte of the body (ran, lost 200 "ok")
    4 i RequestResponse {}
      attempt 1 → reset before any byte
    5 j RequestResponse {}
      attempt 1 → closed after 2 bytes of the body (ran, lost 200 "ok") (chaos: every_nth 1; could not happen: closed after 99 bytes of the body)
    "#);
}

#[test]
fn a_hit_is_decided_before_the_condition_is_evaluated() {
    let lambda = FakeLambda::start();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counts = asked.clone();
    lambda
        .on("f")
        .when(move |_: &Invocation| counts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 99)
        .reply(json!("first"))
        .then(json!("second"));
    lambda.chaos(
        Chaos::new()
            .window(1, Fault::Reset)
            .window(2, Fault::TruncateAfter(2)),
    );
    assert_eq!(ask(&lambda, "f"), "reset after 0 bytes");
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert_eq!(ask(&lambda, "f"), r#"200 "f"#);
    assert_eq!(ask(&lambda, "f"), r#"200 "second""#);
}

#[test]
fn the_caller_of_an_event_gets_errors_and_faults_but_no_function_error() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    lambda.chaos(
        Chaos::new()
            .window(1, ServiceError::TooManyRequestsException)
            .window(2, Fault::Reset)
            .window(3, FunctionError::new("ValueError", "no")),
    );
    let event = |lambda: &FakeLambda| ask_as(lambda, "f", "X-Amz-Invocation-Type: Event");
    assert!(event(&lambda).starts_with("429 "));
    assert_eq!(event(&lambda), "reset after 0 bytes");
    assert_eq!(event(&lambda), "202");
    assert_eq!(event(&lambda), "202");
}

#[test]
fn a_request_held_by_a_pause_is_hit_by_chaos_started_during_it() {
    let lambda = counting();
    let got = std::thread::scope(|scope| {
        let paused = lambda.pause();
        let call = scope.spawn(|| ask(&lambda, "f"));
        until(|| !lambda.calls().is_empty());
        lambda.chaos(Chaos::new().every_nth(1, Fault::Reset));
        paused.stop();
        call.join().unwrap()
    });
    assert_eq!(got, "reset after 0 bytes");
}

#[test]
fn a_hit_can_be_held_by_a_gate() {
    let lambda = counting();
    let gate = Gate::new();
    let held = Reply::error(ServiceError::ServiceException).hold(&gate);
    let chaos = lambda.chaos(Chaos::new().every_nth(1, held));
    std::thread::scope(|scope| {
        let call = scope.spawn(|| ask(&lambda, "f"));
        gate.reached(1).block();
        assert_eq!(chaos.hits().len(), 1);
        assert!(lambda.only_call().attempts()[0].is_waiting());
        gate.open();
        assert!(call.join().unwrap().starts_with("500 "));
    });
}

#[test]
fn a_delay_adds_to_that_of_the_reply_and_its_function_runs_meanwhile() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda.on("f").reply(Reply::json(json!(1)).delay(HOUR));
    let chaos = lambda.chaos(Chaos::new().every_nth(1, Delay::from(HOUR)));
    let mut client = raw::Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    until(|| lambda.journal().to_string().contains("delayed for"));
    insta::assert_snapshot!(lambda.journal(), @r"
    1 f RequestResponse {}
      attempt 1 → delayed for 7200s (chaos: delay 3600s, every_nth 1)
    ");
    assert!(lambda.only_call().attempts()[0].is_running());
    assert_eq!(chaos.hits().len(), 1);
}

#[test]
fn a_reply_with_a_fault_of_its_own_is_not_delayed() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .reply(Reply::json(json!("ok")).fault(Fault::TruncateAfter(1)));
    lambda.on("g").reply(Fault::Reset);
    let chaos = lambda.chaos(Chaos::new().every_nth(1, Delay::from(Duration::MAX)));
    assert_eq!(ask(&lambda, "f"), r#"200 ""#);
    assert_eq!(ask(&lambda, "g"), "reset after 0 bytes");
    assert_eq!(codes(&chaos), [""; 0]);
}

#[test]
fn a_function_that_chaos_delays_runs_into_its_timeout() {
    let lambda = FakeLambda::start();
    let timeout = Duration::from_millis(10);
    let reply = || {
        Reply::json(json!("ok"))
            .delay(Duration::ZERO)
            .timeout(timeout)
    };
    lambda.on("f").reply(reply());
    lambda.chaos(Chaos::new().window(1, Delay::from(Duration::from_secs(3_600))));
    let timed_out = ask(&lambda, "f");
    assert!(
        timed_out.contains("Task timed out after 0.01 seconds"),
        "{timed_out}"
    );
}

#[test]
fn a_hit_that_replaces_the_reply_comes_before_constraints_and_damage_after_them() {
    let lambda = counting();
    lambda.reserve_concurrency("f", 0);
    let chaos = lambda.chaos(
        Chaos::new()
            .window(1, ServiceError::ServiceException)
            .window(2, Fault::TruncateAfter(1)),
    );
    assert!(ask(&lambda, "f").starts_with("500 "));
    let throttled = ask(&lambda, "f");
    assert!(throttled.starts_with("429 {"), "{throttled}");
    assert_eq!(
        chaos.hits().len(),
        1,
        "a throttle is not a reply of the script"
    );
}

#[test]
fn sequential_and_concurrent_clients_have_the_same_hits() {
    let run = |at_once: bool| {
        let lambda = FakeLambda::start();
        lambda.on_any().reply(json!({"ok": true}));
        let chaos = lambda.chaos(
            Chaos::seeded(7)
                .rate(0.2, ServiceError::ServiceException)
                .rate(0.1, Fault::Reset)
                .rate(0.1, Fault::TruncateAfter(3)),
        );
        let lambda = &lambda;
        let of = |function: &'static str| move || (0..30).for_each(|_| drop(ask(lambda, function)));
        std::thread::scope(|scope| {
            for function in ["f", "f:live", "g"] {
                let client = scope.spawn(of(function));
                if !at_once {
                    client.join().unwrap();
                }
            }
        });
        chaos.hits()
    };
    let hits = run(false);
    assert!(hits.len() > 20, "{hits:#?}");
    for _ in 0..3 {
        assert_eq!(run(true), hits);
    }
}

//! A panic of user code is printed once.

use fake_lambda::{FakeLambda, Handle, Invocation};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::alone::{next_line, role, run, this_test};
use crate::raw;
use crate::text::without_lines;

/// Makes a call as an SDK does: with up to three attempts, and a retry only after an error that can
/// be retried.
fn call(lambda: &Handle) {
    for number in 1..=3 {
        let number = format!("amz-sdk-request: attempt={number}; max=3");
        let fields = [&*number, "amz-sdk-invocation-id: 1f2e"];
        if raw::invoke(lambda, "pay", &fields, "{}").status() < 429 {
            return;
        }
    }
}

#[track_caller]
fn is_printed_once(test: &str) {
    let ended = run(test, "panics", |_| {});
    ended.succeeded();
    let place = format!("panicked at {}:", ended.marked_line());
    let printed = ended
        .stderr
        .lines()
        .filter(|line| line.contains(&place) && line.starts_with("thread "));
    assert_eq!(
        printed.count(),
        1,
        "`{place}` is not printed once:\n{ended}"
    );
    assert!(
        ended.stdout.contains(&place),
        "the report does not say `{place}`:\n{ended}"
    );
}

fn report(lambda: &FakeLambda) {
    println!("{}", lambda.try_verify().unwrap_err());
}

#[test]
fn the_panic_of_a_handler_is_printed_once() {
    if role().is_none() {
        return is_printed_once(this_test!());
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").handle(async |_: Invocation| -> Value {
        next_line!();
        panic!("no order")
    });
    call(&lambda);
    report(&lambda);
}

#[test]
fn the_panic_of_a_condition_is_printed_once() {
    if role().is_none() {
        return is_printed_once(this_test!());
    }
    let lambda = FakeLambda::start();
    let condition = |_: &Invocation| -> bool {
        next_line!();
        panic!("no order")
    };
    // With an unmet expectation, the report lists the condition, but must not evaluate it again.
    let script = lambda.on("pay").when(condition).reply(json!(1));
    script.expect_calls(1);
    call(&lambda);
    report(&lambda);
}

struct Panicking;

impl<'de> Deserialize<'de> for Panicking {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        next_line!();
        panic!("no order")
    }
}

#[test]
fn the_panic_of_an_expected_type_is_printed_once() {
    if role().is_none() {
        return is_printed_once(this_test!());
    }
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!(1));
    script.expect_payload::<Panicking>();
    call(&lambda);
    report(&lambda);
}

#[test]
fn an_expected_type_that_panics_during_a_panic_does_not_abort_the_process() {
    if role().is_none() {
        let ended = run(this_test!(), "during a panic", |_| {});
        ended.succeeded();
        let finding = "is not a valid `Panicking`: its `Deserialize` panicked";
        assert!(ended.stderr.contains(finding), "{ended}");
        return;
    }
    let failed = std::panic::catch_unwind(|| {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").reply(json!(1));
        script.expect_payload::<Panicking>();
        call(&lambda);
        panic!("the test failed");
    });
    assert!(failed.is_err());
}

/// The client's own error says only that it timed out.
#[test]
fn a_panic_under_a_paused_clock_is_followed_by_its_cause() {
    if role().is_none() {
        let ended = run(this_test!(), "paused", |_| {});
        let at = ended.stderr.find("fake-lambda (").unwrap();
        let first: Vec<&str> = ended.stderr[at..].lines().take(4).collect();
        insta::assert_snapshot!(without_lines(first.join("\n")), @r"
        fake-lambda (started at tests/process/panics.rs:LINE#1) was dropped during a panic

        note: tokio's clock is paused, so a client that uses a socket times out immediately: run this test without `start_paused`
        note: call 1 ended with 200 1
        ");
        return;
    }
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.start_paused(true).enable_time().build().unwrap();
    runtime.block_on(async {
        let lambda = FakeLambda::start();
        lambda.on("pay").reply(json!(1));
        call(&lambda);
        panic!("TimeoutError");
    });
}

//! A fake that is dropped where its panic fails no test prints its findings on standard error,
//! uncaptured, and the process continues.

use std::rc::Rc;
use std::thread;

use fake_lambda::FakeLambda;
use serde_json::json;
use tokio::runtime::Builder;

use crate::alone::{Ended, role, run, run_captured, this_test};
use crate::page::begins_as_on_the_page;
use crate::raw;
use crate::text::without_lines;

/// Returns what the child prints outside the capture of its harness.
#[track_caller]
fn said(test: &str) -> String {
    let ended = run_captured(test, "unseen");
    ended.succeeded();
    without_lines(ended.stderr)
}

/// A fake that has something to report.
#[track_caller]
fn failing() -> FakeLambda {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    raw::invoke(&lambda, "resise", &[], "{}");
    lambda
}

#[test]
fn a_fake_that_a_task_owns() {
    if role().is_none() {
        let said = said(this_test!());
        begins_as_on_the_page("in a spawned task", &said);
        insta::assert_snapshot!(said, @r"
        error: a fake failed verification in a spawned task, where a panic fails no test
          help: keep the `FakeLambda` in the test, and give tasks and threads `lambda.handle()`

        fake-lambda (started at tests/process/unseen.rs:LINE#1) found 1 problem

        error: call 1 was not scripted and got 404 ResourceNotFoundException: resise RequestResponse {}
          help: change `resise` to `resize` in the call, or script both
          nearest rule: `resize`, scripted at tests/process/unseen.rs:LINE#1
            ✗ function: called `resise`, the rule matches `resize`

        journal
          1 resise RequestResponse {}
            attempt 1 → 404 ResourceNotFoundException (unscripted)
        ");
        return;
    }
    let runtime = Builder::new_current_thread().build().unwrap();
    let lambda = failing();
    let ended = runtime.block_on(async {
        let task = tokio::spawn(async move {
            let _keep = lambda;
        });
        task.await
    });
    assert!(ended.unwrap_err().is_panic(), "the task itself fails");
}

#[test]
fn a_fake_that_an_endless_task_owns() {
    if role().is_none() {
        insta::assert_snapshot!(said(this_test!()), @r"
        error: a fake failed verification in a spawned task, where a panic fails no test
          help: keep the `FakeLambda` in the test, and give tasks and threads `lambda.handle()`

        fake-lambda (started at tests/process/unseen.rs:LINE#1) found 1 problem

        error: call 1 was not scripted and got 404 ResourceNotFoundException: resise RequestResponse {}
          help: change `resise` to `resize` in the call, or script both
          nearest rule: `resize`, scripted at tests/process/unseen.rs:LINE#1
            ✗ function: called `resise`, the rule matches `resize`

        journal
          1 resise RequestResponse {}
            attempt 1 → 404 ResourceNotFoundException (unscripted)
        ");
        return;
    }
    let runtime = Builder::new_current_thread().build().unwrap();
    let lambda = failing();
    runtime.block_on(async {
        tokio::spawn(async move {
            let _keep = lambda;
            std::future::pending::<()>().await;
        });
        tokio::task::yield_now().await;
    });
}

#[test]
fn a_fake_that_a_thread_owns() {
    if role().is_none() {
        insta::assert_snapshot!(said(this_test!()), @r"
        error: a fake failed verification on the thread `worker`, where a panic fails no test
          help: keep the `FakeLambda` in the test, and give tasks and threads `lambda.handle()`

        fake-lambda (started at tests/process/unseen.rs:LINE#1) found 1 problem

        error: call 1 was not scripted and got 404 ResourceNotFoundException: resise RequestResponse {}
          help: change `resise` to `resize` in the call, or script both
          nearest rule: `resize`, scripted at tests/process/unseen.rs:LINE#1
            ✗ function: called `resise`, the rule matches `resize`

        journal
          1 resise RequestResponse {}
            attempt 1 → 404 ResourceNotFoundException (unscripted)
        ");
        return;
    }
    let lambda = failing();
    let named = thread::Builder::new().name("worker".to_owned());
    let ended = named.spawn(move || drop(lambda)).unwrap().join();
    assert!(ended.is_err(), "the thread itself fails");
}

#[test]
fn a_fake_that_lasts_as_long_as_its_thread() {
    thread_local! {
        static LAMBDA: FakeLambda = FakeLambda::start();
    }
    if role().is_none() {
        insta::assert_snapshot!(said(this_test!()), @r"
        error: a fake failed verification at the end of its thread, where a panic fails no test
          help: keep the `FakeLambda` in the test, and give tasks and threads `lambda.handle()`

        fake-lambda (started at tests/process/unseen.rs:LINE#1) found 1 problem

        error: call 1 was not scripted and got 404 ResourceNotFoundException: resise RequestResponse {}
          help: change `resise` to `resize` in the call, or script both
          nearest rule: `resize`, scripted at tests/process/unseen.rs:LINE#2
            ✗ function: called `resise`, the rule matches `resize`

        journal
          1 resise RequestResponse {}
            attempt 1 → 404 ResourceNotFoundException (unscripted)
        ");
        return;
    }
    LAMBDA.with(|lambda| {
        lambda.on("resize").reply(json!(1));
        raw::invoke(lambda, "resise", &[], "{}");
    });
}

#[test]
fn a_long_report_is_cut() {
    if role().is_none() {
        let said = said(this_test!());
        assert_eq!(said.lines().count(), 44, "{said}");
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with("… and ") && last.ends_with(" more"),
            "{said}"
        );
        return;
    }
    let lambda = FakeLambda::start();
    for number in 0..30 {
        raw::invoke(&lambda, &format!("f{number}"), &[], "{}");
    }
    let _ = thread::spawn(move || drop(lambda)).join();
}

#[test]
fn a_fake_whose_rules_receive_no_request() {
    if role().is_none() {
        let ended = run(this_test!(), "unreached", |_| {});
        ended.succeeded();
        let said = without_lines(ended.stderr);
        begins_as_on_the_page("received no request", &said);
        insta::assert_snapshot!(said, @r"
        fake-lambda (started at tests/process/unseen.rs:LINE#1) received no request for its rule: `pay`, scripted at tests/process/unseen.rs:LINE#2; help: check that the client uses `lambda.endpoint_url()`, or assert that no call is made: `lambda.assert_calls(0)`
        fake-lambda (started at tests/process/unseen.rs:LINE#3) received no request for its rule: `resize`, scripted at tests/process/unseen.rs:LINE#4 (and 1 more rule); help: check that the client uses `lambda.endpoint_url()`, or assert that no call is made: `lambda.assert_calls(0)`
        ");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1));
    drop(lambda);
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    lambda.on("rotate").named("the default").reply(json!(2));
    drop(lambda);
}

#[cfg(feature = "wiremock")]
#[test]
fn a_mounted_fake_whose_rules_receive_no_request() {
    if role().is_none() {
        let ended = run(this_test!(), "unreached", |_| {});
        let (_, said) = ended.stderr.split_once("fake-lambda (").unwrap();
        let said = without_lines(said.split("\n\njournal").next().unwrap().to_owned());
        insta::assert_snapshot!(said, @r"
        started at tests/process/unseen.rs:LINE#1) was dropped during a panic

        note: no request arrived for `pay`, scripted at tests/process/unseen.rs:LINE#2
          help: if the test made a call, check that its client uses `lambda.endpoint_url()` and that the fake is mounted before every mock that matches the call
        ");
        return;
    }
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let lambda = runtime.block_on(async {
        let server = wiremock::MockServer::start().await;
        let catch_all = wiremock::Mock::given(wiremock::matchers::any());
        let catch_all = catch_all.respond_with(wiremock::ResponseTemplate::new(418));
        catch_all.mount(&server).await;
        let lambda = FakeLambda::mount_on(&server).await;
        lambda.on("pay").reply(json!(1));
        let reply = raw::invoke(&lambda, "pay", &[], "{}");
        assert_eq!(reply.status(), 418);
        lambda
    });
    assert!(!lambda.endpoint_url().is_empty());
    panic!("the test's own panic");
}

/// Each fake below has no rule or no verification, is expected to get no request, is used in
/// another way, or gets a request.
#[test]
fn a_fake_that_is_meant_to_get_no_call_says_nothing() {
    if role().is_none() {
        let ended = run(this_test!(), "silent", |_| {});
        ended.succeeded();
        assert_eq!(ended.stderr, "", "{ended}");
        return;
    }
    let with_rule = |builder: fake_lambda::Builder| {
        let lambda = builder.start();
        let script = lambda.on("resize").reply(json!(1));
        (lambda, script)
    };
    let start = || with_rule(FakeLambda::builder());
    drop(FakeLambda::start());
    drop(with_rule(FakeLambda::builder().verify_on_drop(false)));
    start().1.expect_calls(0);
    start().1.expect_attempts(..2);
    start().1.assert_calls(0);
    start().1.remove();
    start().0.assert_attempts(0);
    start()
        .0
        .matching(fake_lambda::matchers::attempt(1))
        .assert_calls(0);
    start().0.assert_delivered(0);
    start().0.seen("resize").assert_executions(0);
    assert!(start().0.calls().is_empty());
    assert!(start().0.deliveries().is_empty());
    assert_eq!(start().0.journal().to_string(), "");
    assert_eq!(start().0.timeline().to_string(), "no request has arrived");
    let (lambda, _) = start();
    assert_eq!(lambda.deny("pay").refused(), 0);
    let (lambda, _) = start();
    lambda.outage().stop();
    let (lambda, _) = start();
    lambda.verify();
    // A fixture scripts defaults and gives the address to a client that the test never uses.
    let (lambda, _) = start();
    assert!(!lambda.endpoint_url().is_empty());
    let (lambda, _) = start();
    assert_ne!(lambda.port(), 0);
    let (lambda, _) = start();
    raw::invoke(&lambda, "resize", &[], "{}");
    let (lambda, _) = with_rule(FakeLambda::builder().allow_unscripted());
    raw::invoke(&lambda, "rotate", &[], "{}");
}

/// The harness keeps what this prints: the panic of the drop fails the test.
#[test]
fn a_fake_that_the_test_owns_says_nothing_past_the_harness() {
    if role().is_none() {
        let ended: Ended = run_captured(this_test!(), "seen");
        assert!(ended.stdout.contains("1 failed"), "{ended}");
        assert!(ended.stdout.contains("found 1 problem"), "{ended}");
        assert!(!ended.stderr.contains("fake"), "{ended}");
        return;
    }
    drop(failing());
}

#[test]
fn a_healthy_fake_says_nothing_wherever_it_is_dropped() {
    if role().is_none() {
        assert_eq!(said(this_test!()), "");
        return;
    }
    let healthy = || {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(json!(1));
        raw::invoke(&lambda, "f", &[], "{}");
        lambda
    };
    let runtime = Builder::new_current_thread().build().unwrap();
    let lambda = healthy();
    let task = async move { drop(lambda) };
    runtime.block_on(runtime.spawn(task)).unwrap();
    let lambda = healthy();
    thread::spawn(move || drop(lambda)).join().unwrap();
}

#[test]
fn a_fake_that_the_initializer_of_a_thread_local_scripts() {
    thread_local! {
        static LAMBDA: FakeLambda = failing();
    }
    match role() {
        None => assert!(said(this_test!()).starts_with(AT_THREAD_END)),
        Some(_) => LAMBDA.with(|lambda| assert!(lambda.port() > 0)),
    }
}

#[test]
fn a_fake_on_the_heap_that_the_initializer_of_a_thread_local_scripts() {
    thread_local! {
        static LAMBDA: Rc<FakeLambda> = {
            let lambda = Rc::new(FakeLambda::start());
            lambda.on("resize").reply(json!(1)).expect_calls(1);
            lambda
        };
    }
    match role() {
        None => assert!(said(this_test!()).starts_with(AT_THREAD_END)),
        Some(_) => LAMBDA.with(|lambda| assert!(lambda.port() > 0)),
    }
}

#[test]
fn a_fake_that_lasts_as_long_as_a_thread_that_has_used_others() {
    thread_local! {
        static LAMBDA: FakeLambda = FakeLambda::start();
    }
    if role().is_none() {
        assert!(said(this_test!()).starts_with(AT_THREAD_END));
        return;
    }
    for _ in 0..2 {
        FakeLambda::start().assert_calls(0);
    }
    LAMBDA.with(|lambda| raw::invoke(lambda, "resise", &[], "{}"));
}

const AT_THREAD_END: &str =
    "error: a fake failed verification at the end of its thread, where a panic fails no test\n";

//! The events' clock: it advances when the test says so, or by itself.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use fake_lambda::{EventsRun, Invocation, Reply};
use tokio::sync::Notify;

use super::{boom, seconds, send, times};
use crate::panics::caught;
use crate::transport::FakeLambda;
use crate::waits::begun;

#[test]
fn the_clock_advances_by_what_the_test_says() {
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    script.assert_executions(1);
    lambda.advance(seconds(59)).block();
    script.assert_executions(1);
    lambda.advance(seconds(1)).block();
    script.assert_executions(2);
    lambda.advance(seconds(3_600)).block();
    script.assert_executions(3);
    send(&lambda, "f", "{}");
    let second = lambda.deliveries().remove(1);
    let clock = second.accepted_at().duration_since(UNIX_EPOCH).unwrap();
    assert_eq!(clock, seconds(1_735_689_600 + 3_660));
    assert_eq!(
        lambda.deliveries()[0].ended_at(),
        Some(UNIX_EPOCH + seconds(1_735_689_600 + 180))
    );
}

#[test]
fn two_advances_add_up_in_the_order_in_which_they_begin() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    let second = lambda.advance(seconds(60));
    lambda.advance(seconds(120)).block();
    assert_eq!(times(&lambda.only_delivery()), [0, 60]);
    second.block();
    assert_eq!(times(&lambda.only_delivery()), [0, 60, 180]);
}

#[test]
fn a_wait_does_nothing_before_its_first_poll() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    lambda.wait_until_idle().block();
    let waits = [lambda.settle_events(), lambda.advance(seconds(600))];
    lambda.advance(seconds(59)).block();
    lambda.wait_until_idle().block();
    assert_eq!(times(&lambda.only_delivery()), [0]);
    for wait in waits {
        wait.block();
    }
    assert_eq!(times(&lambda.only_delivery()), [0, 60, 180]);
}

#[tokio::test]
async fn a_handler_can_wait_for_the_runtime_of_the_test() {
    let lambda = FakeLambda::start();
    let (ask, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (asked, answered) = (ask.clone(), answer.clone());
    lambda.on("f").handle(async move |_: Invocation| {
        asked.notify_one();
        answered.notified().await;
        boom()
    });
    tokio::spawn(async move {
        loop {
            ask.notified().await;
            answer.notify_one();
        }
    });
    send(&lambda, "f", "{}");
    lambda.settle_events().await;
    lambda.assert_executions(3);
}

#[test]
fn due_events_run_in_the_order_of_time_and_then_of_queueing() {
    let lambda = FakeLambda::start();
    let order = Arc::new(Mutex::new(Vec::new()));
    let noted = order.clone();
    lambda.on_any().handle(async move |invocation: Invocation| {
        noted
            .lock()
            .unwrap()
            .push(invocation.function_name().to_owned());
        boom()
    });
    for function in ["a", "b"] {
        send(&lambda, function, "{}");
        lambda.wait_until_idle().block();
    }
    lambda.advance(seconds(30)).block();
    send(&lambda, "c", "{}");
    lambda.wait_until_idle().block();
    order.lock().unwrap().clear();
    lambda.settle_events().block();
    assert_eq!(*order.lock().unwrap(), ["a", "b", "c", "a", "b", "c"]);
}

#[test]
fn events_can_run_until_they_end_by_themselves() {
    let lambda = FakeLambda::start_with(|builder| builder.events_run(EventsRun::Auto));
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    lambda.on("f").handle(async move |_: Invocation| {
        counted.fetch_add(1, Ordering::SeqCst);
        boom()
    });
    send(&lambda, "f", "{}");
    lambda.wait_until_idle().block();
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    lambda.assert_event_retry_delays([seconds(60), seconds(120)]);
}

#[test]
fn six_hours_of_throttling_take_no_real_time() {
    let lambda = FakeLambda::start();
    let throttled = Reply::error(fake_lambda::ServiceError::TooManyRequestsException).in_queue();
    lambda.on("f").reply(throttled);
    send(&lambda, "f", "{}");
    lambda.settle_events().within(seconds(1)).block();
    let delivery = lambda.only_delivery();
    assert_eq!(delivery.executions().len(), 80);
    assert_eq!(
        delivery.to_string(),
        "delivery 1 of f {}
  executions 1 to 80, from 0s to 5h 58m 31s → 429 TooManyRequestsException
  EventAgeExceeded"
    );
}

#[test]
fn a_wait_for_a_function_that_never_ends_times_out_and_names_it() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    lambda
        .on("f")
        .handle(async |_: Invocation| std::future::pending::<Reply>().await);
    send(&lambda, "f", "{}");
    let settled = || {
        let wait = lambda.settle_events();
        wait.within(Duration::from_millis(5)).block();
    };
    insta::assert_snapshot!(caught(settled).text, @r"
    error: waited 5ms for every accepted event to end, but 1 accepted event has not ended and is still running
      help: make the handler return, or limit it with `.timeout(..)`
      the handler written at tests/it/any_transport/events/clock.rs:LINE#1 is still running
      wait created at tests/it/any_transport/events/clock.rs:LINE#2

    journal
      1 f Event {}
        attempt 1 → 202
          execution 1 is running
    ");
}

#[test]
fn events_are_retried_after_an_advance_to_the_year_9999() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(boom());
    lambda.advance(Duration::MAX).block();
    lambda.advance(Duration::MAX).block();
    send(&lambda, "f", "{}");
    lambda.settle_events().block();
    lambda.assert_event_retry_delays([seconds(60), seconds(120)]);
}

#[test]
fn a_drop_does_not_wait_for_events() {
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        let lambda = FakeLambda::start();
        lambda.on("queued").reply(boom());
        lambda
            .on("running")
            .handle(async |_: Invocation| std::future::pending::<Reply>().await);
        send(&lambda, "queued", "{}");
        send(&lambda, "running", "{}");
        let settling = begun(lambda.settle_events());
        drop(lambda);
        done.send(()).unwrap();
        drop(settling);
    });
    is_done.recv_timeout(seconds(10)).unwrap();
}

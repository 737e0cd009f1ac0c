//! No script can delay the end of a test by much more than a second, wherever the fake is dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use fake_lambda::{FakeLambda, Invocation};
use serde_json::json;
use tokio::runtime::{self, Runtime};

use crate::alone::{alone, next_line, role, run, this_test};
use crate::{answered, raw};

/// The deadline of a wait. It is generous: the awaited events take milliseconds.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn two_hundred_fakes_drop_inside_one_poll_on_a_current_thread_runtime() {
    alone(this_test!(), || {
        drop_many(runtime::Builder::new_current_thread().build().unwrap())
    });
}

#[test]
fn two_hundred_fakes_drop_inside_one_poll_on_a_multi_thread_runtime() {
    alone(this_test!(), || {
        drop_many(
            runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .build()
                .unwrap(),
        )
    });
}

/// Drops 200 fakes inside one poll; if that hangs, the deadline of the process ends it.
fn drop_many(runtime: Runtime) {
    let task = runtime.spawn(async {
        // No await in here, so that tokio never runs another task.
        let fakes: Vec<_> = (0..200)
            .map(|_| {
                let lambda = FakeLambda::start();
                lambda.on("f").reply(json!(1));
                let client = answered(&lambda, "1");
                (lambda, client)
            })
            .collect();
        drop(fakes);
    });
    runtime.block_on(task).unwrap();
}

#[test]
fn a_handler_that_waits_for_a_channel_is_abandoned_and_named() {
    if role().is_none() {
        return is_left_behind(this_test!());
    }
    let (blocked, release, released) = Blocked::new();
    let lambda = FakeLambda::start();
    let (begins, ends) = blocked.marks();
    let released = Mutex::new(released);
    next_line!();
    lambda.on("f").handle(async move |_: Invocation| {
        begins();
        let _ = released.lock().unwrap().recv();
        ends();
        json!(null)
    });
    blocked.drop_in_time(lambda);
    drop(release);
}

#[test]
fn a_handler_that_sleeps_is_abandoned_and_named() {
    if role().is_none() {
        return is_left_behind(this_test!());
    }
    let (blocked, _release, _released) = Blocked::new();
    let lambda = FakeLambda::start();
    let (begins, ends) = blocked.marks();
    next_line!();
    lambda.on("f").handle(async move |_: Invocation| {
        begins();
        thread::sleep(Duration::from_secs(5)); // the subject: it blocks the thread longer than the drop waits
        ends();
        json!(null)
    });
    blocked.drop_in_time(lambda);
}

#[test]
fn a_condition_that_sleeps_is_abandoned() {
    if role().is_none() {
        let ended = run(this_test!(), "blocked", |_| {});
        ended.succeeded();
        let said = "\n  a condition or other code of the test has blocked it for more than 1s\n  \
                    help: do not wait in conditions; ";
        assert_eq!(ended.stderr.matches(said).count(), 1, "{ended}");
        return;
    }
    let (blocked, _release, _released) = Blocked::new();
    let lambda = FakeLambda::start();
    let (begins, ends) = blocked.marks();
    let sleeps = move |_: &Invocation| {
        begins();
        thread::sleep(Duration::from_secs(5)); // the subject: it blocks the thread longer than the drop waits
        ends();
        true
    };
    lambda.on("f").when(sleeps).reply(json!(1));
    blocked.drop_in_time(lambda);
}

/// Runs one of the tests above in a child, which must name its handler once.
#[track_caller]
fn is_left_behind(test: &str) {
    let ended = run(test, "blocked", |_| {});
    ended.succeeded();
    let place = format!("  the handler written at {}:", ended.marked_line());
    let text = "has blocked it for more than 1s";
    let said = ended
        .stderr
        .lines()
        .filter(|line| line.contains(&place) && line.ends_with(text));
    assert_eq!(said.count(), 1, "`{place}` is not said once:\n{ended}");
}

/// A handler that blocks the fake's thread.
struct Blocked {
    begun: Receiver<()>,
    begins: mpsc::Sender<()>,
    has_ended: Arc<AtomicBool>,
}

impl Blocked {
    /// Returns the state of a handler, and a channel that the handler can wait on. The channel is
    /// empty, and open while the sender lives.
    fn new() -> (Self, mpsc::Sender<()>, Receiver<()>) {
        let (begins, begun) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let blocked = Self {
            begun,
            begins,
            has_ended: Arc::default(),
        };
        (blocked, release, released)
    }

    /// The functions that the handler calls when it begins and when it ends.
    fn marks(&self) -> (impl Fn() + use<>, impl Fn() + use<>) {
        let (begins, has_ended) = (self.begins.clone(), self.has_ended.clone());
        (
            move || begins.send(()).unwrap(),
            move || has_ended.store(true, Ordering::SeqCst),
        )
    }

    /// Drops the fake while its handler blocks: client and port are free immediately, the dropping
    /// thread after about a second.
    fn drop_in_time(&self, lambda: FakeLambda) {
        let mut client = raw::Client::connect(&lambda);
        client.send_invoke("f", &[], "{}");
        self.begun.recv_timeout(SOON).unwrap();
        let port = lambda.port();
        let dropping = thread::spawn(move || {
            let begun = Instant::now();
            drop(lambda);
            begun.elapsed()
        });
        assert_eq!(client.read_to_end(), b"");
        assert!(raw::is_closed(port, "f"));
        assert!(
            !dropping.is_finished(),
            "the client was released only after the drop"
        );
        let took = dropping.join().unwrap();
        assert!(took < Duration::from_secs(3), "the drop took {took:?}");
        assert!(
            !self.has_ended.load(Ordering::SeqCst),
            "the handler ended before the drop"
        );
    }
}

#[test]
fn a_blocking_task_of_a_handler_is_not_waited_for() {
    if role().is_none() {
        let ended = run(this_test!(), "blocked", |_| {});
        ended.succeeded();
        assert!(
            !ended.stderr.contains("left its thread running"),
            "the fake's thread did not end:\n{ended}"
        );
        return;
    }
    let (blocked, release, released) = Blocked::new();
    let lambda = FakeLambda::start();
    let marks = Mutex::new(Some((blocked.marks(), released)));
    lambda.on("f").handle(async move |_: Invocation| {
        let ((begins, ends), released) = marks.lock().unwrap().take().unwrap();
        tokio::task::spawn_blocking(move || {
            begins();
            let _ = released.recv();
            ends();
        });
        json!(1)
    });
    let _client = answered(&lambda, "1");
    blocked.begun.recv_timeout(SOON).unwrap();
    drop(lambda);
    assert!(!blocked.has_ended.load(Ordering::SeqCst));
    drop(release);
}

//! Wakers of waits that are dropped.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use rstest::rstest;
use serde_json::json;

use super::Wait;
use crate::{FakeLambda, Gate, Invocation};

/// Counts how often it was woken; each of its wakers holds a reference to it.
#[derive(Default)]
struct Counts(AtomicUsize);

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[track_caller]
fn is_pending(wait: &mut Wait, counts: &Arc<Counts>) {
    let waker = Waker::from(counts.clone());
    let poll = Pin::new(wait).poll(&mut Context::from_waker(&waker));
    assert!(poll.is_pending());
}

fn for_calls(lambda: &FakeLambda, _: &Gate) -> Wait {
    lambda.wait_for_calls(1)
}

/// A wait whose condition is evaluated outside of the lock.
fn for_matching_calls(lambda: &FakeLambda, _: &Gate) -> Wait {
    lambda.matching(|_: &Invocation| true).wait_for_calls(1)
}

fn for_a_gate(_: &FakeLambda, gate: &Gate) -> Wait {
    gate.reached(1)
}

#[rstest]
#[case::for_calls(for_calls)]
#[case::for_matching_calls(for_matching_calls)]
#[case::for_a_gate(for_a_gate)]
fn a_wait_that_is_dropped_early_leaves_no_waker_behind(
    #[case] wait: fn(&FakeLambda, &Gate) -> Wait,
) {
    let (lambda, gate) = (FakeLambda::start(), Gate::new());
    let (counts, others) = (Arc::new(Counts::default()), Arc::new(Counts::default()));
    for _ in 0..3 {
        let mut wait = wait(&lambda, &gate);
        is_pending(&mut wait, &counts);
        // A wait that is polled by another task leaves nothing with the first.
        is_pending(&mut wait, &others);
        assert_eq!(Arc::strong_count(&counts), 1);
    }
    assert_eq!(Arc::strong_count(&others), 1);
}

/// Both waits have the waker of one task, as in a `select!`.
#[test]
fn a_wait_that_is_dropped_early_leaves_the_waker_of_another() {
    let lambda = FakeLambda::start();
    let counts = Arc::new(Counts::default());
    let (mut dropped, mut kept) = (lambda.wait_for_calls(1), lambda.wait_for_calls(1));
    is_pending(&mut dropped, &counts);
    is_pending(&mut kept, &counts);
    drop(dropped);
    lambda.on("f").reply(json!(1));
    assert!(counts.0.load(Ordering::SeqCst) > 0);
}

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::{Gate, Holding};

fn poll(holding: std::pin::Pin<&mut Holding<'_>>) -> Poll<bool> {
    use std::future::Future;
    holding.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn an_open_gate_holds_nothing_and_still_counts() {
    let gate = Gate::new();
    gate.open();
    let mut held = pin!(gate.shared.hold("a".into()));
    assert_eq!(poll(held.as_mut()), Poll::Ready(false));
    assert_eq!(gate.shared.arrivals(), (1, vec!["a".to_owned()]));
}

#[test]
fn the_oldest_held_reply_continues_first() {
    let gate = Gate::new();
    let mut first = pin!(gate.shared.hold("a".into()));
    let mut second = pin!(gate.shared.hold("b".into()));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    gate.open_one();
    assert!(poll(second.as_mut()).is_pending());
    assert_eq!(poll(first.as_mut()), Poll::Ready(false));
    gate.open();
    assert_eq!(poll(second.as_mut()), Poll::Ready(false));
}

#[test]
fn a_pass_given_before_any_arrival_is_kept() {
    let gate = Gate::new();
    gate.open_one();
    let mut first = pin!(gate.shared.hold("a".into()));
    let mut second = pin!(gate.shared.hold("b".into()));
    assert_eq!(poll(first.as_mut()), Poll::Ready(false));
    assert!(poll(second.as_mut()).is_pending());
}

#[test]
fn a_pass_of_a_dropped_reply_goes_to_the_next() {
    let gate = Gate::new();
    let mut second = pin!(gate.shared.hold("b".into()));
    {
        let mut first = pin!(gate.shared.hold("a".into()));
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
        gate.open_one();
    }
    assert_eq!(poll(second.as_mut()), Poll::Ready(false));
    assert_eq!(gate.shared.arrivals().0, 2, "dropped replies also count");
}

#[test]
fn dropping_the_last_handle_opens_the_gate() {
    let gate = Gate::new();
    let shared = gate.shared.clone();
    let mut held = pin!(shared.hold("a".into()));
    let other = gate.clone();
    drop(gate);
    assert!(poll(held.as_mut()).is_pending(), "a clone is left");
    drop(other);
    assert_eq!(poll(held.as_mut()), Poll::Ready(true));
}

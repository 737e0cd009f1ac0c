//! Many events from many senders.

use std::thread;

use fake_lambda::{FakeLambda, Handle, Reply, ServiceError};
use serde_json::json;

use crate::any_transport::events::{EVENT, QUEUE, boom, seconds};
use crate::raw::Client;

/// Sends this many events over one connection, pipelining a hundred at a time.
fn send_many(lambda: &Handle, events: usize) {
    let mut client = Client::connect(lambda);
    for start in (0..events).step_by(100) {
        let some = 100.min(events - start);
        for number in start..start + some {
            client.send_invoke("f", &[EVENT], number.to_string());
        }
        for _ in 0..some {
            assert_eq!(client.read_reply().status(), 202);
        }
    }
}

#[test]
fn a_hundred_thousand_queued_events_settle_without_loss() {
    const EVENTS: u64 = 100_000;
    let lambda = FakeLambda::start();
    let script = lambda.on("f").reply(boom()).times(EVENTS).then(json!(1));
    lambda.event_invoke_config("f").on_success(QUEUE);
    send_many(&lambda, EVENTS as usize);
    script.assert_executions(EVENTS);
    lambda.settle_events().within(seconds(60)).block();
    script.assert_executions(2 * EVENTS);
    script.assert_delivered(EVENTS);
    // The last ten thousand are kept, as with calls; counters are exact.
    assert_eq!(lambda.deliveries().len(), 10_000);
}

#[test]
fn a_hundred_threads_lose_none_of_ten_thousand_events() {
    const THREADS: usize = 100;
    const EACH: usize = 100;
    /// Each thread opens this many connections at a time, 2,000 in all, which fit into the listen
    /// backlog.
    const OPEN: usize = 20;
    let lambda = FakeLambda::start();
    let throttled = Reply::error(ServiceError::TooManyRequestsException).in_queue();
    lambda.on("f").reply(throttled).times(5_000).then(json!(1));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let lambda = lambda.handle();
            scope.spawn(move || {
                // One connection per event.
                for _ in 0..EACH / OPEN {
                    let mut clients: Vec<_> = (0..OPEN).map(|_| Client::connect(&lambda)).collect();
                    for client in &mut clients {
                        client.send_invoke("f", &[EVENT], "{}");
                    }
                    for client in &mut clients {
                        assert_eq!(client.read_reply().status(), 202);
                    }
                }
            });
        }
    });
    lambda.settle_events().within(seconds(60)).block();
    lambda.assert_delivered(THREADS * EACH);
    let deliveries = lambda.deliveries();
    assert_eq!(deliveries.len(), THREADS * EACH);
    let throttled = deliveries.iter().filter(|one| one.executions().len() > 1);
    assert!(throttled.count() > 0);
    lambda.assert_executions(THREADS * EACH + 5_000);
}

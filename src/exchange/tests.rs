//! Chaos in the whole exchange: the hits are the same in whatever order, and on whichever thread,
//! requests arrive.

use bytes::{Bytes, BytesMut};

use crate::aws::service_error::ServiceError;
use crate::aws::words::LogFormat;
use crate::behavior::chaos::{Chaos, Hit};
use crate::behavior::rules::ScriptedRule;
use crate::exchange::{Config, Exchange};
use crate::ground::draws::mixed;
use crate::ground::head::Head;
use crate::ground::location::Location;
use crate::record::journal::{JournalLimits, Progress};
use crate::reply::capability::TransportKind;
use crate::reply::chunks::Boundaries;
use crate::reply::fault::Fault;
use crate::reply::reply::Reply;
use crate::request::invocation::{Defaults, Invocation};

const TARGETS: [&str; 4] = ["resize", "resize:live", "pay", "mail"];

fn exchange() -> Exchange {
    let exchange = Exchange::new(Config {
        seed: 0,
        defaults: Defaults::of_a_test(),
        transport: TransportKind::Socket,
        runs_events: false,
        events_follow: false,
        allows_unscripted: false,
        expected_refusals: None,
        is_strict: false,
        log_format: LogFormat::Text,
        boundaries: Boundaries::AsSent,
        limits_stream_rate: false,
        limits: JournalLimits {
            calls: 100,
            bytes: 1 << 20,
        },
        prints_journal: super::PrintsJournal::AtFailure,
        stuck_after: std::time::Duration::MAX,
        started_at: Location::here(),
        fixture_of: None,
    });
    let chaos = [
        Chaos::seeded(7)
            .rate(0.2, ServiceError::ServiceException)
            .burst(0.05, 3, Fault::Reset)
            .on("resize"),
        Chaos::seeded(8)
            .rate(0.1, Fault::TruncateAfter(1))
            .every_nth(5, ServiceError::TooManyRequestsException),
    ];
    exchange.edit(|state| {
        for chaos in chaos {
            state.behavior.chaos.add(chaos, 0, Location::here());
        }
        let reply = Reply::json(serde_json::json!({"ok": true}));
        let rule = ScriptedRule::new(None, reply);
        state.behavior.rules.add(rule, Location::here());
    });
    exchange
}

fn asked(exchange: &Exchange, target: &str) -> Invocation {
    let head = format!(
        "POST /2015-03-31/functions/{target}/invocations HTTP/1.1\r\nContent-Length: 2\r\n\r\n"
    );
    let head = Head::take(&mut BytesMut::from(head.as_bytes()));
    let head = head.unwrap().expect("a whole head");
    Invocation::read(head, Bytes::from_static(b"{}"), &exchange.config.defaults)
}

fn hits(exchange: &Exchange) -> Vec<Hit> {
    exchange
        .read(|state| state.behavior.chaos.summary())
        .map(|summary| summary.hits)
        .unwrap()
}

/// The same requests in another order; those of each target keep their order.
fn shuffled(round: u64) -> Vec<&'static str> {
    let mut order: Vec<&str> = TARGETS
        .into_iter()
        .flat_map(|target| [target; 12])
        .collect();
    for index in (1..order.len()).rev() {
        let other = mixed(mixed(round).wrapping_add(index as u64)) % (index as u64 + 1);
        order.swap(index, other as usize);
    }
    order
}

#[test]
fn a_thousand_interleavings_have_the_same_hits() {
    let run = |order: &[&str]| {
        let exchange = exchange();
        for target in order {
            let arrived = exchange.arrive(asked(&exchange, target)).unwrap();
            exchange.finished(arrived.ticket, Progress::Answered, None);
        }
        hits(&exchange)
    };
    let first = run(&shuffled(0));
    assert!(first.len() > 10, "{first:#?}");
    assert_ne!(shuffled(0), shuffled(1));
    for round in 1..1_000 {
        assert_eq!(run(&shuffled(round)), first, "{:?}", shuffled(round));
    }
}

#[test]
fn racing_threads_have_the_same_hits_as_sequential_calls() {
    let exchange = exchange();
    std::thread::scope(|scope| {
        for target in TARGETS.into_iter().flat_map(|target| [target; 12]) {
            scope.spawn({
                let exchange = &exchange;
                move || exchange.arrive(asked(exchange, target)).unwrap()
            });
        }
    });
    let one_by_one = self::exchange();
    for target in shuffled(0) {
        one_by_one.arrive(asked(&one_by_one, target)).unwrap();
    }
    assert_eq!(hits(&exchange), hits(&one_by_one));
}

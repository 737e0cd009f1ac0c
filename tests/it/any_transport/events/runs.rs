//! The same script and the same seed give the same deliveries.

use std::time::Duration;

use fake_lambda::{Delivery, EventCondition, Handle, Reply, ServiceError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde_json::json;

use super::{EVENT, QUEUE, boom};
use crate::raw::Client;
use crate::transport::FakeLambda;

/// The effect of one step of a script.
#[derive(Clone, Copy, Debug)]
enum Step {
    Value,
    FunctionError,
    Throttle,
    Twice,
    Lost,
    Refusal,
}

impl Step {
    fn reply(self) -> Reply {
        match self {
            Self::Value => json!({"ok": true}).into(),
            Self::FunctionError => boom().into(),
            Self::Throttle => Reply::error(ServiceError::TooManyRequestsException).in_queue(),
            Self::Twice => Reply::json(json!(2)).delivered_times(2),
            Self::Lost => Reply::json(json!(3)).lost(),
            Self::Refusal => ServiceError::ServiceException.into(),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Value),
        4 => Just(Step::FunctionError),
        3 => Just(Step::Throttle),
        1 => Just(Step::Twice),
        1 => Just(Step::Lost),
        1 => Just(Step::Refusal),
    ]
}

/// The number of accepted events, and how they ended.
fn deliver(
    steps: &[Step],
    retries: u32,
    age: u64,
    events: usize,
    advances: &[u64],
) -> (usize, Vec<Delivery>) {
    let lambda = FakeLambda::start();
    script(&lambda, steps);
    lambda
        .event_invoke_config("f")
        .maximum_retry_attempts(retries)
        .maximum_event_age(Duration::from_secs(age))
        .on_failure(QUEUE)
        .dead_letter_queue(QUEUE);
    let mut client = Client::connect(&lambda);
    let mut accepted = 0;
    let mut advances = advances.iter();
    for number in 0..events {
        client.send_invoke("f", &[EVENT], number.to_string());
        accepted += usize::from(client.read_reply().status() == 202);
        lambda.wait_until_idle().block();
        if let Some(seconds) = advances.next() {
            lambda.advance(Duration::from_secs(*seconds)).block();
        }
    }
    lambda.settle_events().block();
    (accepted, lambda.deliveries())
}

fn script(lambda: &Handle, steps: &[Step]) {
    let (first, others) = steps.split_first().expect("a script has a step");
    let script = lambda.on("f").reply(first.reply());
    for step in others {
        script.then(step.reply());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        max_shrink_time: 5_000,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(6),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_accepted_event_ends_once(
        steps in vec(step(), 1..12),
        retries in 0_u32..=2,
        age in 60_u64..=21_600,
        events in 1_usize..8,
        advances in vec(0_u64..200, 0..8),
    ) {
        let (accepted, deliveries) = deliver(&steps, retries, age, events, &advances);
        let originals = deliveries.iter().filter(|one| !one.is_duplicate());
        prop_assert_eq!(originals.count(), accepted);
        for delivery in &deliveries {
            prop_assert!(delivery.is_settled());
            prop_assert_eq!(delivery.is_lost(), delivery.condition().is_none());
            prop_assert!(delivery.invoke_count() <= 1 + retries as usize);
            let times: Vec<_> = delivery.executions().iter().map(|one| one.at()).collect();
            prop_assert!(times.windows(2).all(|two| two[0] < two[1]));
            prop_assert!(times.iter().all(|at| *at >= delivery.accepted_at()));
            let failed = !delivery.is_lost() && delivery.condition() != Some(EventCondition::Success);
            prop_assert_eq!(delivery.record().is_some(), failed);
            prop_assert_eq!(delivery.dead_letter().is_some(), failed);
        }
        prop_assert_eq!(deliver(&steps, retries, age, events, &advances), (accepted, deliveries));
    }
}

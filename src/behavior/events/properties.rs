//! Each event ends once and within its bounds, whatever functions do and however the clock is
//! moved.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::EventCondition;
use super::tests::{QUEUE, Step, accept, events, run, seconds, to};
use crate::ground::same_cases::same_cases;

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![1 => Just(Step::Ok), 3 => Just(Step::Fails), 3 => Just(Step::Throttled)]
}

proptest! {
    #![proptest_config(same_cases(300))]

    #[test]
    fn every_event_ends_once_within_its_bounds(
        steps in vec(step(), 1..40),
        retries in 0_u32..=2,
        age in 60_u64..=21_600,
        count in 1_usize..20,
        advances in vec(0_u64..4_000, 0..5),
    ) {
        let once = || {
            let mut events = events(|config| {
                config.try_retries(retries).unwrap();
                config.try_age(Duration::from_secs(age)).unwrap();
                config.on_failure = to(QUEUE);
            });
            let mut before = events.now();
            for _ in 0..count {
                accept(&mut events, "{}");
            }
            for advance in &advances {
                let goal = events.advance(Duration::from_secs(*advance));
                run(&mut events, &steps);
                assert!(events.now() >= before && events.has_reached(goal));
                before = events.now();
            }
            events.settle();
            run(&mut events, &steps);
            assert!(events.is_still() && events.unsettled() == 0);
            events.deliveries()
        };
        let deliveries = once();
        prop_assert_eq!(deliveries.len(), count);
        for delivery in &deliveries {
            prop_assert!(delivery.condition().is_some());
            prop_assert!(delivery.invoke_count() <= 1 + retries as usize);
            prop_assert_eq!(delivery.record().is_some(), delivery.condition() != Some(EventCondition::Success));
            let times = seconds(delivery);
            prop_assert!(times.windows(2).all(|two| two[0] < two[1]), "{:?}", times);
            prop_assert!(*times.last().unwrap() < age);
            let failed = delivery.executions().last().unwrap().is_function_error();
            match delivery.condition().unwrap() {
                EventCondition::RetriesExhausted => prop_assert!(failed && delivery.invoke_count() == 1 + retries as usize),
                EventCondition::Success => prop_assert!(!failed),
                _ => {}
            }
        }
        prop_assert_eq!(once(), deliveries);
    }
}

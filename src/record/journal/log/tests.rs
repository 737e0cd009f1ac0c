use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::{JournalLimits, Log, Ticket};
use crate::aws::service_error::ServiceError;
use crate::behavior::rules::{RuleId, Rules, ScriptedRule};
use crate::ground::clock::Clock;
use crate::ground::head::Head;
use crate::ground::location::Location;
use crate::ground::same_cases::same_cases;
use crate::record::journal::{Progress, Tally};
use crate::reply::outcome::Outcome;
use crate::request::invocation::{Defaults, Invocation};

const RULES: usize = 3;

/// One step: an attempt of a call arrives and perhaps gets a rule, or an open one ends.
#[derive(Clone, Debug)]
enum Step {
    Open { id: u8, rule: Option<usize> },
    End { which: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let rule = prop_oneof![1 => Just(None), 4 => (0..RULES).prop_map(Some)];
    let step = prop_oneof![
        (0..12_u8, rule).prop_map(|(id, rule)| Step::Open { id, rule }),
        any::<usize>().prop_map(|which| Step::End { which }),
    ];
    proptest::collection::vec(step, 0..300)
}

fn invocation(id: u8) -> Invocation {
    read("POST /2015-03-31/functions/f/invocations", id)
}

fn read(line: &str, id: u8) -> Invocation {
    let head = format!("{line} HTTP/1.1\r\namz-sdk-invocation-id: {id}\r\n\r\n");
    let head = Head::take(&mut BytesMut::from(&*head)).unwrap().unwrap();
    let defaults = Defaults::of_a_test();
    Invocation::read(head, Bytes::from_static(b"{}"), &defaults)
}

/// Each attempt with its rule, and whether it is finished.
type Attempts = Vec<(Option<RuleId>, bool)>;

/// The same journal without any table.
#[derive(Default)]
struct Model {
    last: u64,
    kept: BTreeMap<u64, (u8, Attempts)>,
    by_rule: BTreeMap<usize, Tally>,
    total: Tally,
    dropped: u64,
}

impl Model {
    fn open(&mut self, id: u8, rule: Option<RuleId>) -> Ticket {
        let known = self.kept.iter().find(|(_, (own, _))| *own == id);
        let known = known.map(|(number, _)| *number);
        self.total.attempts += 1;
        self.total.calls += u64::from(known.is_none());
        self.last += u64::from(known.is_none());
        let call = known.unwrap_or(self.last);
        let (_, attempts) = self.kept.entry(call).or_insert((id, Vec::new()));
        if let Some(rule) = rule {
            let tally = self.by_rule.entry(rule.index()).or_default();
            tally.attempts += 1;
            tally.calls += u64::from(attempts.iter().all(|(other, _)| *other != Some(rule)));
        }
        attempts.push((rule, false));
        let attempt = attempts.len() - 1;
        Ticket { call, attempt }
    }

    fn end(&mut self, ticket: Ticket) {
        let (_, attempts) = self.kept.get_mut(&ticket.call).unwrap();
        attempts[ticket.attempt].1 = true;
        let rule = attempts[ticket.attempt].0;
        let finished = || attempts.iter().filter(|(_, is_finished)| *is_finished);
        self.total.finished_attempts += 1;
        self.total.finished_calls += u64::from(finished().count() == 1);
        if let Some(rule) = rule {
            let of_rule = finished().filter(|(other, _)| *other == Some(rule));
            let tally = self.by_rule.entry(rule.index()).or_default();
            tally.finished_attempts += 1;
            tally.finished_calls += u64::from(of_rule.count() == 1);
        }
    }

    fn drop_over(&mut self, calls: usize) {
        while self.kept.len() > calls {
            let ended = self
                .kept
                .iter()
                .find(|(_, (_, attempts))| attempts.iter().all(|(_, is_finished)| *is_finished));
            let Some(number) = ended.map(|(number, _)| *number) else {
                return;
            };
            self.kept.remove(&number);
            self.dropped += 1;
        }
    }
}

fn three_rules() -> Vec<RuleId> {
    let mut rules = Rules::default();
    let rule = || ScriptedRule::new(None, ServiceError::ServiceException.into());
    (0..RULES)
        .map(|_| rules.add(rule(), Location::here()))
        .collect()
}

#[test]
fn calls_are_kept_counted_and_dropped_as_in_a_plain_list() {
    let ids = three_rules();
    proptest!(same_cases(256), |(steps in steps(), most in 1..40_usize)| {
        let limits = JournalLimits { calls: most, bytes: usize::MAX };
        let mut log = Log::new(limits, Clock::Real);
        let mut model = Model::default();
        let mut open = Vec::new();
        for step in steps {
            match step {
                Step::Open { id, rule } => {
                    let rule = rule.map(|rule| ids[rule]);
                    let ticket = log.open(invocation(id), None);
                    prop_assert_eq!(ticket, model.open(id, rule));
                    if let Some(rule) = rule {
                        log.taken_by(ticket, rule);
                    }
                    open.push(ticket);
                }
                Step::End { which } if !open.is_empty() => {
                    let ticket = open.swap_remove(which % open.len());
                    log.finished(ticket, Progress::Answered, None);
                    model.end(ticket);
                }
                Step::End { .. } => {}
            }
            model.drop_over(most);
            let kept = log.entries().map(|call| (call.number, call.attempts.len()));
            let expected = model.kept.iter();
            let expected = expected.map(|(number, (_, attempts))| (*number, attempts.len()));
            prop_assert!(kept.eq(expected));
            prop_assert_eq!(log.dropped().calls(), model.dropped);
            prop_assert_eq!(log.counters.total(), model.total);
            for id in &ids {
                let expected = model.by_rule.get(&id.index()).copied().unwrap_or_default();
                prop_assert_eq!(log.counters.of_rule(*id), expected);
            }
        }
    });
}

#[test]
fn no_bytes_are_left_after_the_last_call_was_dropped() {
    let limits = JournalLimits {
        calls: 10,
        bytes: 0,
    };
    let mut log = Log::new(limits, Clock::Real);
    let attempts = [0, 0, 1, 0, 1].map(|id| log.open(invocation(id), None));
    assert!(log.bytes > 0);
    for (index, ticket) in attempts.into_iter().enumerate() {
        let text = "x".repeat(1_000);
        log.decided(
            ticket,
            Outcome::error(ServiceError::ServiceException, text),
            index == 1,
        );
        log.finished(ticket, Progress::Answered, None);
    }
    assert_eq!((log.bytes, log.entries().count()), (0, 0));
    assert_eq!(log.dropped().over_bytes, 2);
    assert!(log.by_invocation.is_empty());
}

/// Only calls have ids: a request that is not a call does not end the call with its id.
#[test]
fn a_dropped_entry_that_is_not_a_call_keeps_the_call_with_its_id() {
    let limits = JournalLimits {
        calls: 1,
        bytes: usize::MAX,
    };
    let mut log = Log::new(limits, Clock::Real);
    let other = log.open(read("GET /2015-03-31/functions", 7), None);
    log.finished(other, Progress::Answered, None);
    let first = log.open(invocation(7), None);
    assert_eq!(log.dropped().calls(), 1);
    let second = log.open(invocation(7), None);
    assert_eq!((first.call, second.call), (2, 2));
}

/// Each of many open calls is older than all that end.
#[test]
fn open_calls_stay_while_later_ones_are_dropped() {
    let limits = JournalLimits {
        calls: 51,
        bytes: usize::MAX,
    };
    let mut log = Log::new(limits, Clock::Real);
    let waiting: Vec<Ticket> = (0..50).map(|id| log.open(invocation(id), None)).collect();
    for _ in 0..1_000 {
        let ticket = log.open(invocation(255), None);
        log.finished(ticket, Progress::Answered, None);
        let ticket = log.open(invocation(254), None);
        log.finished(ticket, Progress::Abandoned, None);
    }
    let numbers: Vec<u64> = log.entries().map(|call| call.number).collect();
    assert!(numbers.iter().copied().take(50).eq(1..=50), "{numbers:?}");
    assert_eq!(numbers.len(), 51, "{numbers:?}");
    assert_eq!(log.dropped().calls(), 1_999);
    for ticket in waiting {
        assert!(!log.is_finished(ticket));
        log.finished(ticket, Progress::Answered, None);
    }
}

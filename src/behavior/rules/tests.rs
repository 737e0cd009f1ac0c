use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::{EditError, Order, RuleId, Rules, ScriptedRule};
use crate::ground::location::Location;
use crate::ground::same_cases::same_cases;
use crate::reply::reply::Answer;

fn add(rules: &mut Rules, target: &str, reply: u64) -> RuleId {
    let target = (target != "*").then(|| target.parse().unwrap());
    let rule = ScriptedRule::new(target, json!(reply).into());
    rules.add(rule, Location::here())
}

fn take(rules: &mut Rules, id: RuleId) -> Option<String> {
    match &rules.take(id)?.answer {
        Answer::Payload(body) => Some(String::from_utf8_lossy(body).into_owned()),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::newest_first(&["f", "f"], "f", &[1, 0])]
#[case::qualifier_beats_name(&["f:live", "f"], "f:live", &[0, 1])]
#[case::name_beats_any(&["f", "*"], "f", &[0, 1])]
#[case::newest_of_each_rank(&["*", "f", "f:live", "f:live", "f", "*"], "f:live", &[3, 2, 4, 1, 5, 0])]
#[case::other_qualifier(&["f:live", "f"], "f:beta", &[1])]
#[case::other_function(&["g"], "f", &[])]
fn the_most_specific_and_then_the_newest_rule_comes_first(
    #[case] written: &[&str],
    #[case] request: &str,
    #[case] order: &[u32],
) {
    let mut rules = Rules::default();
    for target in written {
        add(&mut rules, target, 0);
    }
    let request = request.parse().unwrap();
    let found: Vec<_> = rules.matching_target(&request).map(|id| id.0).collect();
    assert_eq!(found, order);
}

#[test]
fn the_last_reply_repeats_and_earlier_ones_answer_once() {
    let mut rules = Rules::default();
    let id = add(&mut rules, "f", 1);
    rules.then(id, &mut Some(json!(2).into())).unwrap();
    let taken: Vec<_> = (0..4).map(|_| take(&mut rules, id).unwrap()).collect();
    assert_eq!(taken, ["1", "2", "2", "2"]);
    assert!(!rules[id].is_exhausted());
}

#[test]
fn the_rest_of_a_script_is_at_most_the_largest_number() {
    let mut rules = Rules::default();
    let id = add(&mut rules, "f", 1);
    rules.times(id, u64::MAX).unwrap();
    rules.then(id, &mut Some(json!(2).into())).unwrap();
    assert_eq!(rules[id].unfinished().unwrap().left, u64::MAX);
}

#[test]
fn a_limited_script_becomes_exhausted() {
    let mut rules = Rules::default();
    let id = add(&mut rules, "f", 1);
    rules.times(id, 2).unwrap();
    rules.then(id, &mut Some(json!(2).into())).unwrap();
    rules.times(id, 1).unwrap();
    let taken: Vec<_> = (0..4).map(|_| take(&mut rules, id)).collect();
    assert_eq!(
        taken,
        [Some("1".into()), Some("1".into()), Some("2".into()), None]
    );
    assert!(rules[id].is_exhausted());
    assert_eq!(rules[id].answered(), 3);
}

#[test]
fn an_exhausted_script_continues_after_then() {
    let mut rules = Rules::default();
    let id = add(&mut rules, "f", 1);
    rules.times(id, 1).unwrap();
    assert_eq!(
        (take(&mut rules, id), take(&mut rules, id)),
        (Some("1".into()), None)
    );
    rules.then(id, &mut Some(json!(2).into())).unwrap();
    assert_eq!(take(&mut rules, id), Some("2".into()));
}

#[test]
fn an_edit_that_contradicts_earlier_answers_is_refused() {
    let mut rules = Rules::default();
    let id = add(&mut rules, "f", 1);
    for _ in 0..3 {
        rules.take(id);
    }
    assert_eq!(
        rules.times(id, 2),
        Err(EditError::AnsweredAlready {
            answered: 3,
            allowed: 2
        })
    );
    assert_eq!(
        rules.then(id, &mut Some(json!(2).into())),
        Err(EditError::AnsweredAlready {
            answered: 3,
            allowed: 1
        })
    );
    assert_eq!(rules.times(id, 3), Ok(()));
}

#[test]
fn times_is_set_once_and_is_never_zero() {
    let mut rules = Rules::default();
    let id = add(&mut rules, "f", 1);
    assert_eq!(rules.times(id, 0), Err(EditError::TimesZero));
    rules.times(id, 2).unwrap();
    assert_eq!(rules.times(id, 3), Err(EditError::TimesTwice { first: 2 }));
}

#[test]
fn a_removed_rule_answers_nothing_and_refuses_edits() {
    let mut rules = Rules::default();
    let id = add(&mut rules, "f", 1);
    rules.remove(id);
    assert_eq!(rules.matching_target(&"f".parse().unwrap()).count(), 0);
    assert_eq!(take(&mut rules, id), None);
    assert_eq!(rules.times(id, 1), Err(EditError::Removed));
}

const REQUESTS: [&str; 4] = [
    "arn:aws:lambda:us-east-1:123456789012:function:f",
    "arn:aws:lambda:us-east-1:123456789012:function:f:live",
    "arn:aws:lambda:us-east-1:123456789012:function:f:old",
    "arn:aws:lambda:us-east-1:123456789012:function:g",
];

#[derive(Clone, Debug)]
enum Edit {
    Add(&'static str),
    Times(usize, u64),
    Then(usize),
    Remove(usize),
    /// A request, by its index. The search takes all of its candidates; then the candidate at the
    /// second index answers, if there is one.
    Ask(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let targets = [
        "*",
        "f",
        "f:live",
        "f:$LATEST",
        "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "g",
    ];
    let edit = prop_oneof![
        3 => proptest::sample::select(targets.to_vec()).prop_map(Edit::Add),
        2 => (any::<usize>(), 1..3_u64).prop_map(|(rule, times)| Edit::Times(rule, times)),
        1 => any::<usize>().prop_map(Edit::Then),
        1 => any::<usize>().prop_map(Edit::Remove),
        6 => (0..REQUESTS.len(), 0..4_usize).prop_map(|(request, skip)| Edit::Ask(request, skip)),
    ];
    proptest::collection::vec(edit, 0..80)
}

/// The candidates of a search are the live rules in order, without those that are spent.
#[test]
fn candidates_are_what_a_scan_of_all_rules_finds() {
    proptest!(same_cases(500), |(edits in edits())| {
        let mut rules = Rules::default();
        for edit in edits {
            let rule = |number: usize| {
                let count = rules.rules.len();
                (count > 0).then(|| RuleId((number % count) as u32))
            };
            match edit {
                Edit::Add(target) => drop(add(&mut rules, target, 0)),
                Edit::Times(number, times) => {
                    let _ = rule(number).map(|id| rules.times(id, times));
                }
                Edit::Then(number) => {
                    let _ = rule(number).map(|id| rules.then(id, &mut Some(json!(2).into())));
                }
                Edit::Remove(number) => {
                    let _ = rule(number).map(|id| rules.remove(id));
                }
                Edit::Ask(request, skip) => {
                    let request = REQUESTS[request].parse().unwrap();
                    let usable = |id: &RuleId| !rules[*id].is_spent();
                    let expected: Vec<_> = rules.matching_target(&request).filter(usable).collect();
                    let scan = rules.all().filter(|(_, rule)| {
                        let target = rule.target.as_ref();
                        !rule.is_spent() && target.is_none_or(|target| target.covers(&request))
                    });
                    prop_assert_eq!(scan.count(), expected.len());
                    let mut candidates = rules.candidates(&request);
                    let mut found = Vec::new();
                    while let Some(id) = rules.next_candidate(&mut candidates, &request) {
                        found.push(id);
                        if found.len() == 1 {
                            // A rule that is added during a search is not a candidate.
                            add(&mut rules, "f", 0);
                        }
                    }
                    prop_assert_eq!(&found, &expected);
                    if let Some(id) = found.get(skip) {
                        prop_assert!(rules.take(*id).is_some());
                    }
                }
            }
        }
    });
}

/// Counts how many rules are looked at.
#[test]
fn rules_that_can_answer_nothing_more_are_passed_over_once() {
    const RULES: u32 = 1_000;
    let mut order = Order::default();
    let target: crate::aws::target::Target = "f".parse().unwrap();
    let request = REQUESTS[0].parse().unwrap();
    for id in 0..RULES {
        order.add(RuleId(id), Some(&target));
    }
    let looked = std::cell::Cell::new(0);
    // The newest is spent by each search, and sometimes a new one is written.
    let mut spent = std::collections::HashSet::new();
    let mut next = RULES;
    for turn in 0..RULES {
        let is_spent = |id: RuleId| {
            looked.set(looked.get() + 1);
            spent.contains(&id)
        };
        let mut candidates = order.start(&request, RuleId(next));
        let id = order.next(&mut candidates, &request, is_spent).unwrap();
        spent.insert(id);
        if turn % 10 == 0 {
            order.add(RuleId(next), Some(&target));
            next += 1;
        }
    }
    assert!(
        looked.get() < 3 * RULES,
        "{} looks at {RULES} rules",
        looked.get()
    );
}

use rstest::rstest;
use serde_json::json;

use super::{EditError, RuleId, Rules, ScriptedRule};
use crate::ground::location::Location;
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

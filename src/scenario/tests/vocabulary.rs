//! Parser and schema agree about every scenario that the vocabulary can produce, and about some
//! that are almost valid.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Map, Value, json};

use super::{checker, load};
use crate::api::fake::FakeLambda;
use crate::ground::same_cases::same_cases;
use crate::scenario::document::Document;
use crate::scenario::shape::{Kind, Problems, Takes, check};
use crate::scenario::vocabulary::SCENARIO;

/// A value of the right shape; from a depth of 6 on it has only the required keys.
fn of_shape(takes: Takes, depth: u32) -> BoxedStrategy<Value> {
    match takes.shape() {
        Takes::Checked(..) => unreachable!("a shape has no check"),
        Takes::Json => prop_oneof![Just(json!({"a": [1, "b", null]})), Just(json!(7))].boxed(),
        Takes::Text => prop_oneof!["[a-z]{0,4}", Just("é\"\\\n".to_owned())]
            .prop_map(Value::from)
            .boxed(),
        Takes::Form(form) => Just(json!(form.example)).boxed(),
        Takes::Word(_, words) => proptest::sample::select(words())
            .prop_map(Value::from)
            .boxed(),
        Takes::Whole(least, most) => prop_oneof![Just(least), Just(most), least..=most]
            .prop_map(Value::from)
            .boxed(),
        Takes::Number => proptest::sample::select(vec![json!(0), json!(0.5), json!(1e9)]).boxed(),
        Takes::Share => proptest::sample::select(vec![json!(0), json!(0.25), json!(1)]).boxed(),
        Takes::Flag => any::<bool>().prop_map(Value::from).boxed(),
        Takes::True => Just(json!(true)).boxed(),
        Takes::Null => Just(json!(null)).boxed(),
        Takes::List(item) => proptest::collection::vec(of_shape(item(), depth + 1), 0..3)
            .prop_map(Value::from)
            .boxed(),
        Takes::Object(made) => {
            let made = made();
            let least = made.least_members;
            // Without its optional keys, such an object would have too few.
            let depth = if least > 0 { 0 } else { depth };
            let kinds = made.kinds.iter().map(|kind| object(kind, depth));
            proptest::strategy::Union::new(kinds)
                .prop_filter("too few members", move |value| {
                    value
                        .as_object()
                        .is_some_and(|members| members.len() >= least)
                })
                .boxed()
        }
        Takes::Either(several) => {
            let several = several.iter().map(|takes| of_shape(takes(), depth + 1));
            proptest::strategy::Union::new(several).boxed()
        }
    }
}

fn object(kind: &Kind, depth: u32) -> BoxedStrategy<Value> {
    let keys = kind.keys.iter().filter(|key| key.required || depth < 6);
    let members = keys.map(|key| {
        let value = of_shape(key.takes, depth + 1);
        let value = match key.required {
            true => value.prop_map(Some).boxed(),
            false => proptest::option::weighted(0.4, value).boxed(),
        };
        (Just(key.word), value)
    });
    members
        .collect::<Vec<_>>()
        .prop_map(|members| {
            let there = members
                .into_iter()
                .filter_map(|(word, value)| Some((word.to_owned(), value?)));
            Value::Object(there.collect::<Map<_, _>>())
        })
        .boxed()
}

/// Applies a mistake to one of the values in a scenario.
fn with_mistake(scenario: &mut Value, at: usize, mistake: &Mistake) {
    let mut found = Vec::new();
    pointers(scenario, String::new(), &mut found);
    let pointer = &found[at % found.len()];
    let value = scenario.pointer_mut(pointer).unwrap();
    match (mistake, value) {
        (Mistake::Becomes(other), value) => *value = other.clone(),
        (Mistake::GetsKey(key), Value::Object(members)) => {
            members.insert((*key).to_owned(), json!(true));
        }
        (Mistake::LosesKey, Value::Object(members)) => {
            let first = members.keys().next().cloned();
            first.map(|name| members.remove(&name));
        }
        (_, value) => *value = json!([value.clone()]),
    }
}

#[derive(Clone, Debug)]
enum Mistake {
    Becomes(Value),
    GetsKey(&'static str),
    LosesKey,
}

fn mistake() -> impl Strategy<Value = Mistake> {
    let values = vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!("x"),
        json!([]),
        json!({}),
    ];
    let keys = vec![
        "repyl", "reply", "error", "json", "fault", "on", "times", "at_most", "default",
    ];
    prop_oneof![
        proptest::sample::select(values).prop_map(Mistake::Becomes),
        proptest::sample::select(keys).prop_map(Mistake::GetsKey),
        Just(Mistake::LosesKey),
    ]
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let names = members.iter();
            names.for_each(|(name, value)| pointers(value, format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| pointers(value, format!("{at}/{index}"), found));
        }
        _ => {}
    }
    found.push(at);
}

/// Returns `true` if a scenario has the right shape.
fn is_of_shape(text: &str) -> bool {
    let document = Document::of("scenario.json", text).unwrap();
    let mut problems = Problems::of_shape();
    check(&document.root(), SCENARIO, &mut problems);
    problems.all.is_empty()
}

proptest! {
    #![proptest_config(same_cases(512))]

    #[test]
    fn parser_and_schema_accept_what_the_vocabulary_generates(scenario in of_shape(SCENARIO, 0)) {
        prop_assert!(is_of_shape(&scenario.to_string()));
        prop_assert!(checker::takes(&scenario));
    }

    #[test]
    fn parser_and_schema_refuse_the_same_mistakes(
        scenario in of_shape(SCENARIO, 0),
        at in any::<proptest::sample::Index>(),
        mistake in mistake(),
    ) {
        let mut scenario = scenario;
        with_mistake(&mut scenario, at.index(1 << 20), &mistake);
        let text = scenario.to_string();
        match checker::takes(&scenario) {
            true => prop_assert!(is_of_shape(&text)),
            // The form of a string is checked only when it is read.
            false => prop_assert!(!is_of_shape(&text) || load(&FakeLambda::start(), &text).is_err()),
        }
    }
}

#[rstest]
#[case::lower(json!({"at_least": 1}), true)]
#[case::upper(json!({"at_most": 1}), true)]
#[case::none(json!({}), false)]
fn parser_and_schema_require_a_bound_of_a_range(#[case] range: Value, #[case] is_range: bool) {
    let rule = json!({"on_any": true, "reply": {"json": 1}, "expect_calls": range});
    let scenario = json!({"rules": [rule]});
    assert_eq!(is_of_shape(&scenario.to_string()), is_range);
    assert_eq!(checker::takes(&scenario), is_range);
}

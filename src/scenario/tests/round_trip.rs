//! A scenario that is written from a fake scripts another fake in the same way.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use super::scripts::{
    any_constraint, chaos, config_case, configure, constraint, declare, rule, script,
};
use super::{checker, load};
use crate::api::fake::{FakeLambda, Handle};
use crate::ground::head::Head;
use crate::ground::same_cases::same_cases;
use crate::record::journal::Progress;
use crate::request::invocation::Invocation;
use crate::scenario::document::{Document, Value as Written};
use crate::scenario::shape::{Key, Kind, Object, Takes};
use crate::scenario::vocabulary::SCENARIO;

/// The decision of the fake about a request, as text: all that the journal stores and that is
/// rendered.
pub(super) fn answered(lambda: &Handle, request: &(String, &'static str)) -> String {
    let (head, payload) = request;
    let head = Head::take(&mut BytesMut::from(head.as_bytes()))
        .unwrap()
        .unwrap();
    let exchange = &lambda.exchange;
    let invocation = Invocation::read(
        head,
        Bytes::from_static(payload.as_bytes()),
        &exchange.config.defaults,
    );
    let mut arrived = exchange.arrive(invocation).unwrap();
    let decision = arrived.decision.take().unwrap_or_else(|| {
        match exchange.poll_decide(&arrived, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(decision)) => decision,
            other => panic!("{other:?}"),
        }
    });
    exchange.finished(arrived.ticket, Progress::Answered, None);
    format!("{decision:?}")
}

fn requests() -> Vec<(String, &'static str)> {
    let functions = [
        "f",
        "f:live",
        "f:7",
        "g",
        "g:live",
        "h",
        "function:123456789012:live",
        "arn:aws:lambda:eu-west-1:123456789012:function:function",
    ];
    let fields = [
        ("", "{}"),
        (
            "amz-sdk-request: attempt=1; max=3\r\n",
            r#"{"size":"xl","n":1}"#,
        ),
        (
            "amz-sdk-request: attempt=2; max=3\r\nX-Amz-Log-Type: Tail\r\n",
            "null",
        ),
        (
            "X-Amz-Tenant-Id: blue\r\nX-Amz-Durable-Execution-Name: order-7\r\n",
            "null",
        ),
        ("X-Amz-Invocation-Type: Event\r\n", r#"{"size":"xl"}"#),
        ("X-Amz-Invocation-Type: DryRun\r\n", "{}"),
        (
            "X-Amz-Client-Context: eyJzaXplIjoieGwifQ==\r\n",
            r#""text""#,
        ),
    ];
    let mut requests = Vec::new();
    for (fields, payload) in fields {
        for function in functions {
            let length = payload.len();
            let head = format!(
                "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{fields}\r\n"
            );
            requests.push((head, payload));
        }
    }
    for function in ["f", "g:live"] {
        let head = format!(
            "POST /2021-11-15/functions/{function}/response-streaming-invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
        );
        requests.push((head, "{}"));
    }
    requests
}

/// Every key of the vocabulary, except those that are never written.
fn known_keys(takes: Takes, found: &mut BTreeSet<String>) {
    let object = match takes.shape() {
        Takes::List(item) => return known_keys(item(), found),
        Takes::Either(several) => {
            return several.iter().for_each(|takes| known_keys(takes(), found));
        }
        Takes::Object(object) => object(),
        _ => return,
    };
    for kind in &object.kinds {
        for key in &kind.keys {
            let is_written = !matches!(key.word, "fake" | "$schema" | "description");
            if is_written && found.insert(name(&object, kind, key)) {
                known_keys(key.takes, found);
            }
        }
    }
}

/// The keys that appear in a value.
fn written_keys(takes: Takes, value: &Written<'_>, found: &mut BTreeSet<String>) {
    let object = match takes.shape() {
        Takes::List(item) => {
            return value
                .items()
                .iter()
                .for_each(|value| written_keys(item(), value, found));
        }
        Takes::Either(several) if value.is_object() => {
            return several
                .iter()
                .for_each(|takes| written_keys(takes(), value, found));
        }
        Takes::Object(object) => object(),
        _ => return,
    };
    let kind = &object.kinds[object.kind_of(value).unwrap()];
    for key in &kind.keys {
        if let Some(member) = value.member(key.word) {
            found.insert(name(&object, kind, key));
            written_keys(key.takes, &member, found);
        }
    }
}

fn name(object: &Object, kind: &Kind, key: &Key) -> String {
    format!("{} with {}: {}", object.noun, kind.lead(), key.word)
}

/// The settings for events, in the order in which adding them again gives the same result.
fn configured(lambda: &Handle) -> String {
    let exchange = &lambda.exchange;
    exchange.read(|state| format!("{:?}", state.events.queue.configs.all()))
}

#[test]
fn a_written_scenario_answers_identically() {
    let written = RefCell::new(BTreeSet::new());
    let declared = vec(select(vec!["split", "plain", "f:3", "g:7"]), 0..4);
    let effects = (
        vec(any_constraint(), 0..3),
        vec(chaos(), 0..2),
        vec(config_case(), 0..4),
    );
    let cases = (vec(rule(), 1..6), declared, effects);
    let ran = TestRunner::new(same_cases(256)).run(
        &cases,
        |(rules, declared, (constraints, effects, configs))| {
            let silent = FakeLambda::builder()
                .allow_unscripted()
                .verify_on_drop(false);
            let (first, second) = (silent.clone().start(), silent.start());
            declare(&first, &declared);
            configs.iter().for_each(|case| configure(&first, case));
            constraints.iter().for_each(|case| constraint(&first, case));
            effects
                .into_iter()
                .for_each(|chaos| drop(first.chaos(chaos)));
            rules.iter().for_each(|rule| script(&first, rule));
            let text = first.to_scenario().unwrap();
            prop_assert!(checker::takes(&serde_json::from_str(&text).unwrap()));
            if let Err(report) = load(&second, &text) {
                return Err(TestCaseError::fail(format!("{report}\n{text}")));
            }
            prop_assert_eq!(&second.to_scenario().unwrap(), &text);
            prop_assert_eq!(configured(&first), configured(&second));
            // Events run on the fake's thread: between two requests, a repeated delivery of an
            // event may consume a step, and a started environment may or may not be free again.
            let words = ["\"delivered_times\"", "\"cold_starts\"", "\"snap_start\""];
            let is_racy = words.iter().any(|word| text.contains(word));
            let is_event = |head: &str| head.contains("Invocation-Type: Event");
            let requests = requests().into_iter();
            for request in requests.filter(|(head, _)| !(is_racy && is_event(head))) {
                prop_assert_eq!(
                    answered(&first, &request),
                    answered(&second, &request),
                    "{}",
                    text
                );
            }
            // Answered calls are not part of the script.
            prop_assert_eq!(&first.to_scenario().unwrap(), &text);
            let document = Document::of("scenario.json", &text).unwrap();
            written_keys(SCENARIO, &document.root(), &mut written.borrow_mut());
            Ok(())
        },
    );
    ran.unwrap();
    let mut known = BTreeSet::new();
    known_keys(SCENARIO, &mut known);
    let missing: Vec<_> = known.difference(&written.borrow()).cloned().collect();
    assert!(missing.is_empty(), "never written: {missing:#?}");
}

#[test]
fn a_configuration_in_a_file_changes_only_the_given_settings() {
    let lambda = FakeLambda::start();
    let config = lambda.event_invoke_config("f");
    config.maximum_retry_attempts(0).queue_capacity(7);
    let text = r#"{"events": [{"event_invoke_config": "f", "maximum_retry_attempts": 1, "maximum_event_age": "2m"}]}"#;
    load(&lambda, text).unwrap();
    let expected = FakeLambda::start();
    let config = expected.event_invoke_config("f");
    config.maximum_retry_attempts(1).queue_capacity(7);
    config.maximum_event_age(Duration::from_secs(120));
    assert_eq!(configured(&lambda), configured(&expected));
}

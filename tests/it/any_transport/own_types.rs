//! The test's own types: as a reply, in a condition, and read from a payload.

use std::collections::{BTreeMap, HashMap};

use fake_lambda::matchers::{Condition, client_context_partial, payload_is, payload_partial};
use fake_lambda::{Chaos, Fault, FunctionError, IntoReply, Invocation, Reply, ServiceError};
use rstest::rstest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::panics::caught;
use crate::raw;
use crate::transport::FakeLambda;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Order {
    // The fields are not in the order of their names.
    id: u64,
    #[serde(default)]
    card: Option<String>,
    items: Vec<Item>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Item {
    name: String,
    cents: f32,
}

/// A value that cannot be written as JSON, because the keys of a JSON object are strings.
#[derive(Serialize)]
struct Grid {
    cells: HashMap<(u8, u8), char>,
}

fn order() -> Order {
    let item = Item {
        name: "pen".to_owned(),
        cents: 0.1,
    };
    Order {
        id: 7,
        card: None,
        items: vec![item],
    }
}

fn grid() -> Grid {
    Grid {
        cells: HashMap::from([((0, 0), 'x')]),
    }
}

const ORDER: &str = r#"{"card":null,"id":7,"items":[{"cents":0.1,"name":"pen"}]}"#;

#[rstest]
#[case::structure(Reply::json(order()), ORDER)]
#[case::borrowed(Reply::json(&*Box::new(order())), ORDER)]
#[case::the_equal_value(Reply::json(serde_json::from_str::<Value>(ORDER).unwrap()), ORDER)]
#[case::text(Reply::json("a\"b"), r#""a\"b""#)]
#[case::number(Reply::json(7), "7")]
#[case::nothing(Reply::json(()), "null")]
#[case::map(Reply::json(BTreeMap::from([("b", 1), ("a", 2)])), r#"{"a":2,"b":1}"#)]
fn a_reply_can_be_any_value(#[case] reply: Reply, #[case] expected: &str) {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(reply);
    assert_eq!(raw::invoke(&lambda, "f", &[], "").text(), expected);
}

#[test]
fn a_failed_function_can_return_any_value() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(FunctionError::payload(order()));
    let reply = raw::invoke(&lambda, "f", &[], "");
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    assert_eq!(reply.text(), ORDER);
}

#[rstest]
#[case::all_of_it(payload_is(order()), true)]
#[case::borrowed(payload_is(&*Box::new(order())), true)]
#[case::another(payload_is(Order { id: 8, ..order() }), false)]
#[case::part(payload_partial(BTreeMap::from([("id", 7)])), true)]
#[case::another_part(payload_partial(HashMap::from([("id", "7")])), false)]
#[case::context(client_context_partial(HashMap::from([("env", ())])), false)]
fn a_condition_can_compare_with_any_value(#[case] condition: Condition, #[case] expected: bool) {
    // As the code under test would write it: in the order of the struct's fields.
    let payload = serde_json::to_string(&order()).unwrap();
    assert_ne!(payload, ORDER);
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    raw::invoke(&lambda, "f", &[], &payload);
    lambda.matching(condition).assert_calls(u64::from(expected));
}

#[test]
fn the_label_of_a_condition_contains_its_value() {
    let label = format!("{:?}", payload_is(order()));
    let expected = format!("{:?}", format!("payload_is({ORDER})"));
    assert!(label.contains(&expected), "{label}");
}

#[test]
fn a_payload_can_be_read_as_the_tests_own_type() {
    let lambda = FakeLambda::start();
    lambda.on("f").handle(async |invocation: Invocation| {
        let mut order: Order = invocation.payload_as();
        order.id += 1;
        Reply::json(order)
    });
    let reply = raw::invoke(&lambda, "f", &[], ORDER);
    assert_eq!(reply.text(), ORDER.replace('7', "8"));
    assert_eq!(lambda.only_call().first().payload_as::<Order>(), order());
}

#[test]
fn an_empty_payload_is_read_as_an_empty_object() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    raw::invoke(&lambda, "f", &[], "");
    let call = lambda.only_call();
    assert_eq!(call.first().payload_as::<Value>(), json!({}));
    assert!(call.first().payload_as::<BTreeMap<String, u8>>().is_empty());
}

fn text_of_a_payload(payload: &str) -> String {
    let lambda = FakeLambda::start_with(|builder| builder.check_payloads(false));
    lambda.on("f").reply(json!(1));
    raw::invoke(&lambda, "f", &[], payload);
    caught(|| lambda.only_call().first().payload_as::<Order>()).text
}

#[test]
fn reading_a_payload_as_another_type_names_the_invalid_member() {
    let text = text_of_a_payload(r#"{"id": 7, "items": [{"name": "pen", "cents": "10"}]}"#);
    insta::assert_snapshot!(text, @r#"
    error: the payload of this invocation of `f` is not a valid `Order`: items[0].cents: invalid type: string "10", expected f32 at line 1 column 49
      help: correct the payload or the type; `payload()` gives its bytes
    "#);
    let text = text_of_a_payload("");
    insta::assert_snapshot!(text, @r"
    error: the payload of this invocation of `f` is not a valid `Order`: missing field `id` at line 1 column 2
      help: send a payload; the function receives an empty payload as `{}`
    ");
    let text = text_of_a_payload(&format!("{ORDER} 8"));
    insta::assert_snapshot!(text, @r"
    error: the payload of this invocation of `f` is not a valid `Order`: trailing characters at line 1 column 59
      help: correct the payload or the type; `payload()` gives its bytes
    ");
}

#[test]
fn a_value_that_cannot_be_written_is_reported() {
    let text = caught(|| Reply::json(grid())).text;
    insta::assert_snapshot!(text, @r"
    error: a value of type `Grid` cannot be written as JSON: key must be a string
      help: change what its `Serialize` writes, or pass a `serde_json::json!(..)` value
    ");
    assert_eq!(caught(|| payload_partial(grid())).text, text);
    let deep = (0..128).fold(json!(1), |value, _| json!([value]));
    insta::assert_snapshot!(caught(|| payload_is(deep)).text, @r"
    error: a value of type `Value` cannot be compared with a payload: recursion limit exceeded at line 1 column 128
      help: nest it less deeply, or let the condition be a closure that takes `&Invocation`
    ");
}

/// Replies of several types, passed to `reply`, `then` and chaos.
#[test]
fn replies_of_several_types_can_be_scripted() {
    fn answer(reply: impl IntoReply) -> String {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(reply);
        raw::invoke(&lambda, "f", &[], "").text().to_owned()
    }
    assert_eq!(answer(Reply::json(1)), "1");
    assert_eq!(answer(json!({"a": 1})), r#"{"a":1}"#);
    assert_eq!(answer(Ok::<_, ServiceError>(json!(2))), "2");
    assert_eq!(answer(Ok::<Result<_, Fault>, Fault>(Ok(json!(3)))), "3");
    let error = FunctionError::payload(json!({"errorMessage": "no"}));
    assert_eq!(answer(Err::<Value, _>(error)), r#"{"errorMessage":"no"}"#);
    assert!(answer(ServiceError::ServiceException).contains("Type"));

    let lambda = FakeLambda::start();
    let script = lambda
        .on("f")
        .reply(json!(1))
        .then(Err::<Value, _>(ServiceError::ServiceException));
    lambda.chaos(
        Chaos::new()
            .window(1, ServiceError::EniLimitReachedException)
            .on("f"),
    );
    let statuses = [(); 3].map(|()| raw::invoke(&lambda, "f", &[], "").status());
    assert_eq!(statuses, [502, 200, 500]);
    script.assert_attempts(2);
}

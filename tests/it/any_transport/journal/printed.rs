//! The print limits of bodies and of conditions.

use serde_json::json;

use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn bodies_are_cut_at_the_limit_of_the_builder_in_every_text() {
    let lambda = FakeLambda::start_with(|builder| builder.print_limit(12));
    lambda.on("echo").reply(json!({"text": "a long answer"}));
    raw::invoke(&lambda, "echo", &[], r#"{"text": "a long question"}"#);
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 echo RequestResponse {"text":"a l… (27 bytes)
      attempt 1 → 200 {"text":"a l… (24 bytes)
    "#);
    let timeline = lambda.timeline().to_string();
    assert!(
        timeline.contains(r#"{"text":"a l… (27 bytes)"#),
        "{timeline}"
    );
    let report = lambda.try_assert_calls(2).unwrap_err().to_string();
    assert!(report.contains(r#"{"text":"a l… (27 bytes)"#), "{report}");
    let data = serde_json::to_value(lambda.journal()).unwrap();
    assert_eq!(data[0]["payload"], json!({"text": "a long question"}));
}

#[test]
fn binary_is_a_length_and_its_first_bytes() {
    let lambda = FakeLambda::start_with(|builder| builder.check_payloads(false));
    lambda.on("echo").reply(json!(null));
    raw::invoke(&lambda, "echo", &[], [0xff; 40]);
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 echo RequestResponse <40 bytes: ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff …>
      attempt 1 → 200 null
    "#);
}

#[test]
fn a_condition_of_a_large_value_is_cut_in_reports() {
    use fake_lambda::matchers::payload_is;
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let large = json!({"text": "x".repeat(10_000)});
    lambda.on("f").when(payload_is(large)).reply(json!(1));
    raw::invoke(
        &lambda,
        "f",
        &[],
        json!({"text": "y".repeat(10_000)}).to_string(),
    );
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("`$.text` expected \"xxx"), "{report}");
    let longest = report.lines().map(str::len).max().unwrap();
    assert!(longest < 1_200, "{longest} bytes in one line: {report}");
}

//! The locations in reports: the line in a scenario file, and the line of code that a file cannot
//! express.

use super::load;
use super::round_trip::answered;
use crate::api::fake::FakeLambda;
use crate::aws::service_error::ServiceError;
use crate::behavior::chaos::Chaos;
use crate::reply::gate::Gate;
use crate::reply::reply::Reply;
use crate::request::invocation::Invocation;

#[test]
fn reports_name_a_rule_of_a_file_by_its_location_there() {
    let lambda = FakeLambda::start();
    let text = r#"{"rules": [
  {
    "on": "f",
    "named": "large",
    "when": [{"attempt": 1}, {"payload_partial": {"size": "xl"}}],
    "reply": {"json": 1},
    "expect_calls": 1
  }
]}"#;
    load(&lambda, text).unwrap();
    let head = "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nContent-Length: 13\r\namz-sdk-request: attempt=1; max=3\r\n\r\n";
    answered(&lambda, &(head.to_owned(), r#"{"size":"xs"}"#));
    let report = lambda.try_verify().unwrap_err().to_string();
    let (problems, _) = report.split_once("\n\njournal").unwrap();
    let (_, problems) = problems.split_once("\n\n").unwrap();
    insta::assert_snapshot!(problems, @r#"
    error: call 1 was not scripted and got 404 ResourceNotFoundException: f RequestResponse {"size":"xs"}
      help: send `$.size` as "xl", change the condition, or add a default rule before this one: `lambda.on("f").reply(..)`
      nearest rule: "large" (`f` with 2 conditions), scripted at scenario.json:2:3
        ✗ payload_partial({"size":"xl"}): `$.size` expected "xl", got "xs" (scenario.json:5:30)
        ✓ attempt(1)

    error: the rule "large" expected 1 call, got none
      help: send `$.size` as "xl", or change the condition
      rule: "large" (`f` with 2 conditions), scripted at scenario.json:2:3
        ✗ payload_partial({"size":"xl"}): `$.size` expected "xl", got "xs" (scenario.json:5:30)
        ✓ attempt(1)
      got: call 1: f RequestResponse {"size":"xs"} → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn code_in_a_script_is_listed_with_its_lines() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let first = line!();
    let gate = Gate::new();
    lambda
        .on("f")
        .when(|i: &Invocation| i.payload_len() > 1)
        .reply(Reply::json(1));
    lambda
        .on("g")
        .named("held")
        .reply(Reply::json(1).hold(&gate))
        .then(Reply::handle(async |_| Reply::json(1)));
    let report = lambda.to_scenario().unwrap_err().to_string();
    let file = file!();
    let at = |line: u32, column: u32| format!("{file}:{}:{column}", first + line);
    let expected = [
        "error: 3 parts of this script cannot be written to a scenario file".to_owned(),
        "  help: keep them in the test".to_owned(),
        format!("  a condition, `closure`, written at {}", at(4, 10)),
        format!(
            "    of the rule `f` when closure, scripted at {}",
            at(3, 10)
        ),
        format!("  a gate, created at {}", at(1, 16)),
        format!("    of the rule \"held\" (`g`), scripted at {}", at(7, 10)),
        format!("  a handler, written at {}", at(10, 15)),
        format!("    of the rule \"held\" (`g`), scripted at {}", at(7, 10)),
    ];
    assert_eq!(report, expected.join("\n"));
}

#[cfg(feature = "wiremock")]
#[test]
fn a_matcher_of_wiremock_is_listed_by_its_type() {
    let lambda = FakeLambda::start();
    let matcher = wiremock::matchers::header_exists("x-any");
    lambda.on("f").when(matcher).reply(Reply::json(1));
    let report = lambda.to_scenario().unwrap_err().to_string();
    assert!(
        report.contains("\n  a condition, `HeaderExistsMatcher`, written at src"),
        "{report}"
    );
}

#[test]
fn event_settings_are_written_out() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    for function in ["resize:live", "pay"] {
        lambda
            .event_invoke_config(function)
            .maximum_retry_attempts(1);
    }
    let script = lambda.on("pay").reply(Reply::json(1).delivered_times(2));
    script.expect_delivered(2).expect_dead_lettered(..=1);
    insta::assert_snapshot!(lambda.to_scenario().unwrap(), @r#"
    {
      "events": [
        {"event_invoke_config": "pay", "maximum_retry_attempts": 1},
        {"event_invoke_config": "resize:live", "maximum_retry_attempts": 1}
      ],
      "rules": [
        {
          "on": "pay",
          "reply": {"json": 1, "delivered_times": 2},
          "expect_delivered": 2,
          "expect_dead_lettered": {"at_most": 1}
        }
      ]
    }
    "#);
}

#[test]
fn reports_name_an_expected_delivery_of_a_file_by_its_location() {
    let lambda = FakeLambda::start();
    let text = r#"{"rules": [
  {"on": "f", "reply": {"json": 1}, "expect_delivered": 1}
]}"#;
    load(&lambda, text).unwrap();
    let report = lambda.try_verify().unwrap_err().to_string();
    let named = "  rule: `f`, scripted at scenario.json:2:3\n";
    assert!(report.contains(named), "{report}");
}

#[test]
fn chaos_after_a_stopped_one_with_the_same_seed_is_listed() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let chaos = || Chaos::seeded(7).rate(0.5, ServiceError::ServiceException);
    let first = lambda.chaos(chaos());
    lambda.chaos(Chaos::seeded(8).every_nth(2, ServiceError::ServiceException));
    first.stop();
    assert!(!lambda.to_scenario().unwrap().contains("rate"));
    let line = line!() + 1;
    lambda.chaos(chaos());
    let report = lambda.to_scenario().unwrap_err().to_string();
    let location = format!("{}:{line}:12", file!());
    assert!(
        report.contains(&format!(
            "the chaos started at {location}: a stopped chaos with the same seed"
        )),
        "{report}"
    );
}

#[cfg(feature = "wiremock")]
#[tokio::test]
async fn a_mounted_fake_refuses_a_scenario_that_needs_its_own_server() {
    let server = wiremock::MockServer::start().await;
    let lambda = FakeLambda::mount_on(&server).await;
    let of_rule = r#"{"rules": [{"on": "f", "reply": {"json": 1}}, {"on": "g", "reply": {"fault": "Reset"}}]}"#;
    let report = load(&lambda, of_rule).unwrap_err().to_string();
    assert!(
        report.starts_with("error: `Fault::Reset` cannot be sent by a `wiremock::MockServer`\n"),
        "{report}"
    );
    assert!(
        report.contains("\n  rule: `g`, scripted at scenario.json:1:47\n"),
        "{report}"
    );
    let of_chaos = r#"{"chaos": [{"modes": [{"every_nth": 2, "what": {"fault": "Hang"}}]}]}"#;
    let report = load(&lambda, of_chaos).unwrap_err().to_string();
    assert!(
        report.starts_with("error: `Fault::Hang` cannot be sent")
            && report.contains("scenario.json:1:12"),
        "{report}"
    );
    let of_constraint =
        r#"{"constraints": [{"account_concurrency": 0}, {"account_concurrency": 1}]}"#;
    let report = load(&lambda, of_constraint).unwrap_err().to_string();
    assert!(
        report.starts_with("error: `account_concurrency` above 0 has no effect")
            && report.contains("scenario.json:1:46"),
        "{report}"
    );
    assert_eq!(lambda.to_scenario().unwrap(), "{\n  \"rules\": []\n}\n");
}

#[test]
fn a_rule_that_was_removed_is_not_written_out() {
    let lambda = FakeLambda::start();
    lambda.on("f").handle(async |_| Reply::json(1)).remove();
    lambda.on("g").reply(Reply::json(2));
    let written = lambda.to_scenario().unwrap();
    assert_eq!(
        written,
        "{\n  \"rules\": [\n    {\"on\": \"g\", \"reply\": {\"json\": 2}}\n  ]\n}\n"
    );
}

#[test]
fn a_payload_is_sent_as_written_except_white_space() {
    let lambda = FakeLambda::builder().allow_unscripted().start();
    load(
        &lambda,
        r#"{"rules": [{"on": "f", "reply": {"json": {"b": 1.10, "a": [1E+2, "\u00e9/\/"]}}}]}"#,
    )
    .unwrap();
    let head = "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nContent-Length: 2\r\n\r\n";
    let answer = answered(&lambda, &(head.to_owned(), "{}"));
    let body = r#"b"{\"b\":1.10,\"a\":[1E+2,\"\\u00e9/\\/\"]}""#;
    assert!(answer.contains(body), "{answer}");
}

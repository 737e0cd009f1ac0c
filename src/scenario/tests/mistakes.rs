//! The message about an invalid scenario file: location, path and the suggested word.

use rstest::rstest;

use super::{load, root};
use crate::api::fake::{EventsRun, FakeLambda};

/// The problems that a report lists, without its first line.
pub(super) fn problems(text: &str) -> String {
    let lambda = FakeLambda::start();
    let report = load(&lambda, text).unwrap_err().to_string();
    let (_, problems) = report.split_once("\n  ").unwrap();
    problems.replace("scenario.json:", "")
}

#[test]
fn a_report_names_the_file_and_every_mistake_with_its_line() {
    let text = r#"{
  "rules": [
    {"on": "resize", "reply": {"eror": "TooManyRequestsException"}},
    {"on": "resize", "reply": {"error": "TooManyRequestException"}, "times": 0},
    {"on": "resize", "reply": {"json": {}, "reason": "CallerRateLimitExceeded"}}
  ]
}"#;
    let report = load(&FakeLambda::start(), text).unwrap_err();
    insta::assert_snapshot!(report, @r"
    error: `scenario.json` is not a valid scenario (4 mistakes); nothing was loaded
      scenario.json:3:32 $.rules[0].reply.eror: unknown key `eror`; did you mean `error`?
      scenario.json:4:41 $.rules[1].reply.error: unknown service error `TooManyRequestException`; did you mean `TooManyRequestsException`?
      scenario.json:4:78 $.rules[1].times: expected a whole number of at least 1, got 0
      scenario.json:5:44 $.rules[2].reply.reason: `reason` is only allowed with `error`, and this reply has `json`
    ");
}

/// All mistakes are in one report: a wrong value is reported even if some keys are unknown.
#[test]
fn a_report_names_unknown_keys_and_wrong_values_together() {
    let text = r#"{
  "rules": [
    {"on": "f g", "reply": {"json": 1, "delay": "5 s"}, "time": 2},
    {"on": "f", "reply": {"json": 1}, "expect_calls": {"at_least": 2, "at_most": 1}, "nmaed": "a"},
    {"on": "f", "when": [{"payload_is": 1e999}, {"tenant_id": 5}, {"payload_partial": 1e999}], "reply": {"json": 1}}
  ],
  "events": [{"event_invoke_config": "f", "maximum_event_age": "7h", "dead_letter_queue": "lost", "retries": 1}],
  "chaos": [{"modes": [{"every_nth": 2, "what": {"json": 1}}, {"rate": 2, "what": {"fault": "Hang"}}], "on": ["g g"]}],
  "aliases": [{"alias": "f:7", "version": "8"}],
  "fake": {"region": "mars", "era": 2010, "sed": 1}
}"#;
    insta::assert_snapshot!(load(&FakeLambda::start(), text).unwrap_err(), @r#"
    error: `scenario.json` is not a valid scenario (17 mistakes); nothing was loaded
      scenario.json:3:12 $.rules[0].on: `f g` is not a valid function name: spaces are not allowed; use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`
      scenario.json:3:49 $.rules[0].reply.delay: `5 s` is not a duration; write a whole number and `ns`, `us`, `ms`, `s`, `m` or `h`, as in `50ms`
      scenario.json:3:57 $.rules[0].time: unknown key `time`; did you mean `times`?
      scenario.json:4:55 $.rules[1].expect_calls: empty range: 2 to 1; swap the bounds
      scenario.json:4:86 $.rules[1].nmaed: unknown key `nmaed`; did you mean `named`?
      scenario.json:5:41 $.rules[2].when[0].payload_is: cannot be compared: number out of range; use a smaller value
      scenario.json:5:63 $.rules[2].when[1].tenant_id: expected text, got 5
      scenario.json:5:87 $.rules[2].when[2].payload_partial: cannot be compared: number out of range; use a smaller value
      scenario.json:7:64 $.events[0].maximum_event_age: `maximum_event_age(25200s)` is out of range; use 60 to 21600 seconds
      scenario.json:7:91 $.events[0].dead_letter_queue: `dead_letter_queue("lost")` is not an ARN; write it as in `arn:aws:sqs:us-east-1:123456789012:name`
      scenario.json:7:99 $.events[0].retries: unknown key `retries`; a configuration of events takes `event_invoke_config`, `maximum_retry_attempts`, `maximum_event_age`, `queue_capacity`, `on_success`, `on_failure` and `dead_letter_queue`
      scenario.json:8:72 $.chaos[0].modes[1].rate: expected a number from 0 to 1, got 2
      scenario.json:8:111 $.chaos[0].on[0]: `g g` is not a valid function name: spaces are not allowed; use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`
      scenario.json:9:15 $.aliases[0]: `f:7` does not name an alias; write `function:alias`, where the alias is neither a number nor `$LATEST`
      scenario.json:10:22 $.fake.region: `mars` is not an AWS region; use a name such as `us-east-1`
      scenario.json:10:37 $.fake.era: expected a whole number from 2017 to 2026, got 2010
      scenario.json:10:43 $.fake.sed: unknown key `sed`; did you mean `seed`?
    "#);
}

#[rstest]
#[case::nothing("", "1:1: not valid JSON: EOF while parsing a value")]
#[case::comma(
    "{\"rules\": [\n  1,\n]}",
    "3:1: not valid JSON: remove the comma after the last value"
)]
#[case::comma_in_object(
    "{\"rules\": [{\n  \"on\": \"a\",}]}",
    "2:13: not valid JSON: remove the comma after the last value"
)]
#[case::comma_after_a_wide_letter(
    "{\n\"ü\": 1,}",
    "2:8: not valid JSON: remove the comma after the last value"
)]
#[case::end_after_a_wide_letter("{\"ü\": ", "1:6: not valid JSON: EOF while parsing a value")]
#[case::no_value("{\"rules\": ]}", "1:11: not valid JSON: expected value")]
#[case::trailing_characters("{} {}", "1:4: not valid JSON: trailing characters")]
#[case::kind(
    "[]",
    "1:1 $: expected an object with `$schema`, `description`, `fake`, `versions`, `aliases`, `events`, `constraints`, `chaos` and `rules`, got an array"
)]
#[case::key(
    "{\"rulse\": []}",
    "1:2 $.rulse: unknown key `rulse`; did you mean `rules`?"
)]
#[case::far_key(
    "{\"x y\": []}",
    "1:2 $[\"x y\"]: unknown key `x y`; a scenario takes `$schema`, `description`, `fake`, `versions`, `aliases`, `events`, `constraints`, `chaos` and `rules`"
)]
#[case::twice(
    "{\"rules\": [],\n \"rules\": []}",
    "2:2 $.rules: duplicate key `rules`; remove one of the two"
)]
#[case::after_a_mark(
    "\u{feff}{\"é\": 1, \"rulse\": []}",
    "1:2 $[\"é\"]: unknown key `é`; a scenario takes `$schema`, `description`, `fake`, `versions`, `aliases`, `events`, `constraints`, `chaos` and `rules`\n  1:10 $.rulse: unknown key `rulse`; did you mean `rules`?"
)]
#[case::no_rule(
    "{\"rules\": [{\"reply\": {\"json\": 1}}]}",
    "1:12 $.rules[0]: missing key: a rule needs one of `on` and `on_any`"
)]
#[case::no_rule_but_other_keys(
    "{\"rules\": [{\"function\": \"f\", \"reply\": {\"json\": 1}, \"nmaed\": \"a\"}]}",
    "1:12 $.rules[0]: missing key: a rule needs one of `on` and `on_any`\n  1:13 $.rules[0].function: unknown key `function`; remove it\n  1:52 $.rules[0].nmaed: unknown key `nmaed`; did you mean `named`?"
)]
#[case::no_reply(
    "{\"rules\": [{\"on\": \"f\"}]}",
    "1:12 $.rules[0]: missing key `reply`"
)]
#[case::two_rules(
    "{\"rules\": [{\"on\": \"f\", \"on_any\": true, \"reply\": {\"json\": 1}}]}",
    "1:24 $.rules[0].on_any: `on_any` cannot be combined with `on`; remove one of the two"
)]
#[case::denied(
    "{\"constraints\": [{\"deny\": \"f\", \"lasting\": 1}]}",
    "1:32 $.constraints[0].lasting: `lasting` is only allowed with `pending` or `updating`, and this constraint has `deny`"
)]
#[case::function(
    "{\"constraints\": [{\"deny\": \"f g\"}]}",
    "1:27 $.constraints[0].deny: `f g` is not a valid function name: spaces are not allowed; use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`"
)]
#[case::any(
    "{\"rules\": [{\"on_any\": false, \"reply\": {\"json\": 1}}]}",
    "1:23 $.rules[0].on_any: expected `true`, got false"
)]
#[case::count(
    "{\"rules\": [{\"on_any\": true, \"reply\": {\"json\": 1}, \"expect_calls\": \"1\"}]}",
    "1:67 $.rules[0].expect_calls: expected a whole number of at least 0 or an object with `at_least` and `at_most`, got \"1\""
)]
#[case::no_count(
    "{\"rules\": [{\"on_any\": true, \"reply\": {\"json\": 1}, \"expect_calls\": {}}]}",
    "1:67 $.rules[0].expect_calls: missing key: a range needs at least one of `at_least` and `at_most`"
)]
#[case::misspelled_count(
    "{\"rules\": [{\"on_any\": true, \"reply\": {\"json\": 1}, \"expect_calls\": {\"at_lest\": 1}}]}",
    "1:68 $.rules[0].expect_calls.at_lest: unknown key `at_lest`; did you mean `at_least`?"
)]
#[case::impossible_count(
    "{\"rules\": [{\"on_any\": true, \"reply\": {\"json\": 1}, \"expect_attempts\": {\"at_least\": 2, \"at_most\": 1}}]}",
    "1:70 $.rules[0].expect_attempts: empty range: 2 to 1; swap the bounds"
)]
#[case::version(
    "{\"versions\": [\"f:live\"]}",
    "1:15 $.versions[0]: `f:live` does not name a published version; write `function:7`"
)]
#[case::alias(
    "{\"aliases\": [{\"alias\": \"f\", \"version\": \"7\"}]}",
    "1:14 $.aliases[0]: `f` does not name an alias; write `function:alias`, where the alias is neither a number nor `$LATEST`"
)]
#[case::share(
    "{\"aliases\": [{\"alias\": \"f:a\", \"version\": \"7\", \"additional_version\": [{\"version\": \"8\", \"share\": 2}]}]}",
    "1:96 $.aliases[0].additional_version[0].share: expected a number from 0 to 1, got 2"
)]
#[case::shares(
    "{\"aliases\": [{\"alias\": \"f:a\", \"version\": \"7\", \"additional_version\": [{\"version\": \"8\", \"share\": 0.6}, {\"version\": \"9\", \"share\": 0.6}]}]}",
    "1:14 $.aliases[0]: `0.6` is not a valid share of the calls; use shares from 0 to 1 that add up to at most 1"
)]
fn a_file_is_refused(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(problems(text), expected);
}

#[rstest]
#[case::word("{\"invocation_type\": \"event\"}", "did you mean `Event`?")]
#[case::name(
    "{\"payload_partal\": {}}",
    "unknown key `payload_partal`; did you mean `payload_partial`?"
)]
#[case::attempt(
    "{\"attempt\": 0}",
    "expected a whole number from 1 to 4294967295, got 0"
)]
#[case::two(
    "{\"attempt\": 1, \"payload_is\": 1}",
    "`attempt` cannot be combined with `payload_is`; remove one of the two"
)]
#[case::number(
    "{\"payload_is\": 1e999}",
    "cannot be compared: number out of range; use a smaller value"
)]
#[case::half_of_a_surrogate_pair(
    r#"{"payload_partial": {"a": "\ud800"}}"#,
    "cannot be compared: unexpected end of hex escape; write both halves of a surrogate pair, or the character itself"
)]
#[case::second_half_of_a_surrogate_pair(
    r#"{"client_context_partial": {"\udc00": 1}}"#,
    "cannot be compared: lone leading surrogate in hex escape; write both halves of a surrogate pair, or the character itself"
)]
fn a_condition_is_refused(#[case] condition: &str, #[case] expected: &str) {
    let text =
        format!("{{\"rules\":[{{\"on\":\"f\",\"when\":[{condition}],\"reply\":{{\"json\":1}}}}]}}");
    let said = problems(&text);
    assert!(said.ends_with(expected), "{said}");
}

#[rstest]
#[case::qualifier(
    r#"{"reserve_concurrency": "f:live", "executions": 1}"#,
    "1:17 $.constraints[0]: `reserve_concurrency` takes a function, not the qualifier `live`; use `reserve_concurrency(\"f\", ..)`"
)]
#[case::verb(
    r#"{"reserved_concurrency": "f", "executions": 1}"#,
    "1:18 $.constraints[0].reserved_concurrency: unknown key `reserved_concurrency`; did you mean `reserve_concurrency`?"
)]
#[case::executions(
    r#"{"reserve_concurrency": "f", "executions": -1}"#,
    "1:60 $.constraints[0].executions: expected a whole number from 0 to 4294967295, got -1"
)]
#[case::never(
    r#"{"pending": "f", "lasting": 0}"#,
    "1:17 $.constraints[0]: `pending` for 0 attempts can never apply to an attempt; use at least 1 attempt, or a duration above zero"
)]
#[case::burst(r#"{"rate_limit": 1.5}"#, "1:17 $.constraints[0]: missing key `burst`")]
#[case::version(
    r#"{"snap_start": "f", "not_ready": 0, "restore": "1ms"}"#,
    "1:17 $.constraints[0]: `snap_start` takes a published version, got `f`; name a version or an alias, as in `snap_start(\"f:7\", ..)`"
)]
fn a_constraint_is_refused(#[case] constraint: &str, #[case] expected: &str) {
    assert_eq!(
        problems(&format!("{{\"constraints\":[{constraint}]}}")),
        expected
    );
}

#[rstest]
#[case::no_function(
    r#"{"maximum_retry_attempts": 1}"#,
    "1:12 $.events[0]: missing key `event_invoke_config`"
)]
#[case::key(
    r#"{"event_invoke_config": "f", "maximum_retries": 1}"#,
    "1:41 $.events[0].maximum_retries: unknown key `maximum_retries`; a configuration of events takes `event_invoke_config`, `maximum_retry_attempts`, `maximum_event_age`, `queue_capacity`, `on_success`, `on_failure` and `dead_letter_queue`"
)]
#[case::near_key(
    r#"{"event_invoke_config": "f", "on_failures": "arn"}"#,
    "1:41 $.events[0].on_failures: unknown key `on_failures`; did you mean `on_failure`?"
)]
#[case::retries(
    r#"{"event_invoke_config": "f", "maximum_retry_attempts": 3}"#,
    "1:67 $.events[0].maximum_retry_attempts: expected a whole number from 0 to 2, got 3"
)]
#[case::age(
    r#"{"event_invoke_config": "f", "maximum_event_age": "7h"}"#,
    "1:62 $.events[0].maximum_event_age: `maximum_event_age(25200s)` is out of range; use 60 to 21600 seconds"
)]
#[case::success(
    r#"{"event_invoke_config": "f", "on_success": "arn:aws:s3:::bucket"}"#,
    "1:55 $.events[0].on_success: `s3` takes records of failures only; use `on_failure`"
)]
#[case::queue(
    r#"{"event_invoke_config": "f", "dead_letter_queue": "failed"}"#,
    "1:62 $.events[0].dead_letter_queue: `dead_letter_queue(\"failed\")` is not an ARN; write it as in `arn:aws:sqs:us-east-1:123456789012:name`"
)]
fn a_configuration_of_events_is_refused(#[case] config: &str, #[case] expected: &str) {
    assert_eq!(problems(&format!("{{\"events\":[{config}]}}")), expected);
}

#[rstest]
#[case::rates(r#"{"modes": [{"rate": 0.6, "what": {"fault": "Reset"}}, {"rate": 0.6, "what": {"fault": "Hang"}}]}"#, "1:65 $.chaos[0].modes[1]: the rates of this chaos add up to 1.2; keep their sum at 1 or below")]
#[case::success(
    r#"{"modes": [{"every_nth": 2, "what": {"json": 1}}]}"#,
    "1:22 $.chaos[0].modes[0]: `every_nth` got a reply that succeeds; use a service error, a function error, a fault or a delay; put successes and handlers in a rule"
)]
#[case::nothing(
    r#"{"modes": []}"#,
    "1:11 $.chaos[0]: this chaos never hits; add a mode"
)]
#[case::mode(
    r#"{"modes": [{"evry_nth": 2, "what": {"fault": "Reset"}}]}"#,
    "1:23 $.chaos[0].modes[0].evry_nth: unknown key `evry_nth`; did you mean `every_nth`?"
)]
#[case::both(
    r#"{"modes": [{"every_nth": 2, "what": {"fault": "Reset"}}], "replay": []}"#,
    "1:69 $.chaos[0].replay: `replay` cannot be combined with `modes`; remove one of the two"
)]
#[case::twice(r#"{"replay": [{"target": "f", "attempt": 1, "what": {"fault": "Reset"}}, {"target": "f", "attempt": 1, "what": {"fault": "Hang"}}]}"#, "1:11 $.chaos[0]: `Hit::new(\"f\", 1, Fault::Hang)` and `Hit::new(\"f\", 1, Fault::Reset)` are for the same attempt; keep one of the two")]
#[case::function(
    r#"{"modes": [{"every_nth": 2, "what": {"fault": "Reset"}}], "on": ["f g"]}"#,
    "1:76 $.chaos[0].on[0]: `f g` is not a valid function name: spaces are not allowed; use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`"
)]
fn chaos_is_refused(#[case] chaos: &str, #[case] expected: &str) {
    assert_eq!(problems(&format!("{{\"chaos\":[{chaos}]}}")), expected);
}

#[test]
fn reserving_more_than_the_account_has_is_refused() {
    let lambda = FakeLambda::start();
    lambda.account_concurrency(10);
    let text = r#"{"constraints": [{"reserve_concurrency": "f", "executions": 6}, {"reserve_concurrency": "g", "executions": 5}]}"#;
    let report = load(&lambda, text).unwrap_err().to_string();
    assert_eq!(
        report,
        "error: 11 reserved executions exceed the account's 10\n  help: reserve fewer, or raise `account_concurrency`\n  \
         written at scenario.json:1:65; nothing of the scenario was loaded"
    );
    assert!(!lambda.to_scenario().unwrap().contains("reserve"));
}

#[rstest]
#[case::region(
    r#"{"region": "mars"}"#,
    "`mars` is not an AWS region; use a name such as `us-east-1`"
)]
#[case::account(r#"{"account": "1"}"#, "`1` is not an account id; use twelve digits")]
#[case::era(
    r#"{"era": 2016}"#,
    "expected a whole number from 2017 to 2026, got 2016"
)]
#[case::log_format(
    r#"{"log_format": "json"}"#,
    "unknown log format `json`; did you mean `JSON`?"
)]
#[case::events_run(
    r#"{"events_run": "Automatic"}"#,
    "unknown way to run events `Automatic`; did you mean `Auto`?"
)]
#[case::journal(
    r#"{"journal_calls": 0}"#,
    "expected a whole number of at least 1, got 0"
)]
#[case::credentials(
    r#"{"require_signature": [{"access_key_id": "AKIA"}]}"#,
    "missing key `secret_access_key`"
)]
fn a_setting_is_refused(#[case] fake: &str, #[case] expected: &str) {
    let said = from_scenario(&format!("{{\"fake\": {fake}}}")).unwrap_err();
    assert!(said.ends_with(expected), "{said}");
}

/// Does what `FakeLambda::from_scenario` does with the text of a file, without starting the fake.
fn from_scenario(text: &str) -> Result<crate::api::fake::Builder, String> {
    let file = crate::scenario::File {
        path: "scenario.json".to_owned(),
        text: text.to_owned(),
    };
    let read = file.with(|_| None, crate::scenario::builder);
    read.map_err(|report| report.to_string())
}

#[test]
fn every_setting_arrives_in_the_builder() {
    let text = r#"{"fake": {
        "region": "eu-west-1", "account": "000000000001", "seed": 18446744073709551615, "allow_unscripted": true, "strict": true,
        "verify_on_drop": false, "check_payloads": false, "era": 2020, "log_format": "JSON", "boundaries": "Random", "limit_stream_rate": true, "events_run": "Auto", "journal_calls": 5, "journal_bytes": 6, "print_limit": 7
    }}"#;
    let expected = crate::api::fake::Builder::default()
        .region("eu-west-1")
        .account("000000000001")
        .seed(u64::MAX)
        .allow_unscripted()
        .strict()
        .verify_on_drop(false)
        .check_payloads(false)
        .era(2020)
        .log_format("JSON")
        .boundaries(crate::reply::chunks::Boundaries::Random)
        .limit_stream_rate()
        .events_run(EventsRun::Auto)
        .journal_calls(5)
        .journal_bytes(6)
        .print_limit(7);
    let builder = from_scenario(text).unwrap();
    assert_eq!(format!("{builder:?}"), format!("{expected:?}"));
}

#[cfg(not(feature = "signature"))]
#[test]
fn credentials_are_refused_without_the_feature_signature() {
    let said = from_scenario(r#"{"fake": {"require_signature": []}}"#).unwrap_err();
    let expected =
        "$.fake.require_signature: signatures are not checked: the feature `signature` is off";
    assert!(said.contains(expected), "{said}");
    let said = from_scenario(r#"{"fake": {"expect_refusals": 1}}"#).unwrap_err();
    assert!(said.contains("the feature `signature` is off"), "{said}");
}

#[cfg(feature = "signature")]
#[test]
fn credentials_arrive_in_the_builder() {
    use crate::aws::signature::Credentials;

    let text = r#"{"fake": {"require_signature": [
        {"default": true},
        {"access_key_id": "ASIA", "secret_access_key": "secret", "session_token": "token", "expired": true}
    ], "expect_refusals": {"at_least": 1}}}"#;
    let expected = crate::api::fake::Builder::default()
        .require_signature(Credentials::default())
        .require_signature(
            Credentials::new("ASIA", "secret")
                .session_token("token")
                .expired(),
        )
        .try_expect_refusals((1..).into(), None)
        .unwrap();
    let builder = from_scenario(text).unwrap();
    assert_eq!(format!("{builder:?}"), format!("{expected:?}"));
}

#[test]
fn nothing_of_an_invalid_file_is_loaded() {
    let lambda = FakeLambda::start();
    let text = r#"{"versions": ["f:7"], "constraints": [{"deny": "f"}, {"deny": "f g"}]}"#;
    assert!(load(&lambda, text).is_err());
    assert_eq!(lambda.to_scenario().unwrap(), "{\n  \"rules\": []\n}\n");
}

#[test]
fn a_file_with_settings_of_the_fake_is_not_loaded() {
    let lambda = FakeLambda::start();
    let path = root().join("fixtures/scenarios/other_region.json");
    let report = lambda.try_load(path).unwrap_err().to_string();
    let (_, said) = report.split_once("other_region.json:4:3 ").unwrap();
    assert_eq!(
        said,
        "$.fake: `fake` settings cannot change a running fake; remove them, or start with `FakeLambda::from_scenario(..)`"
    );
}

#[test]
fn a_missing_file_is_reported_with_the_directory() {
    let lambda = FakeLambda::start();
    let report = lambda.try_load("fixtures/scenarios/none.json").unwrap_err();
    let here = std::env::current_dir().unwrap();
    assert_eq!(
        report.to_string(),
        format!(
            "error: cannot read `fixtures/scenarios/none.json`: No such file or directory\n  help: the path is relative to {}",
            here.display()
        )
    );
}

#[test]
fn a_directory_is_reported_as_one() {
    let lambda = FakeLambda::start();
    let report = lambda.try_load("fixtures/scenarios").unwrap_err();
    insta::assert_snapshot!(report, @"
    error: cannot read `fixtures/scenarios`: Is a directory
      help: write the path of a file in this directory
    ");
}

#[test]
fn a_dropped_fake_cannot_load_or_write_a_scenario() {
    let handle = FakeLambda::start().handle();
    let loaded = load(&handle, "{}").unwrap_err().to_string();
    assert!(
        loaded.starts_with("error: cannot load a scenario: the fake was dropped\n"),
        "{loaded}"
    );
    let written = handle.to_scenario().unwrap_err().to_string();
    assert!(
        written.starts_with("error: cannot write a scenario: the fake was dropped\n"),
        "{written}"
    );
}

//! The feature `rstest`: a fixture, and tests with a case for each row of a table.

use std::process::Command;

use fake_lambda::fixtures::lambda;
use fake_lambda::{
    FakeLambda, Fault, FunctionError, Reply, Runtime, ServiceError, for_every_documented_error,
    for_every_error, for_every_fault, for_every_function_error,
};
use serde_json::json;

use crate::raw::{self, Client};
use crate::waits::until;

for_every_error! {
    fn every_error_reaches_the_caller(lambda: FakeLambda, #[case] error: ServiceError) {
        lambda.on("f").reply(error);
        let reply = raw::invoke(&lambda, "f", &[], "{}");
        assert_eq!(reply.status(), error.status());
        assert_eq!(reply.field("x-amzn-ErrorType"), Some(error.code()));
    }
}

for_every_documented_error! {
    fn only_the_documented_errors_are_cases(#[case] error: ServiceError) {
        assert!(error.documented());
    }
}

for_every_fault! {
    fn every_fault_can_happen_to_a_reply_of_two_bytes(lambda: FakeLambda, #[case] fault: Fault) {
        lambda.on("f").reply(Reply::json(json!(42)).fault(fault));
        let mut client = Client::connect(&lambda);
        client.send_invoke("f", &[], "{}");
        // Waits for the decision, not the reply: some faults keep the client waiting forever.
        until(|| lambda.calls().iter().any(|call| call.attempts()[0].fault().is_some()));
        assert_eq!(lambda.only_call().attempts()[0].fault(), Some(fault));
        drop(client);
        lambda.wait_until_idle().block();
    }
}

for_every_fault! {
    fn a_fault_can_happen_to_an_event_unless_it_needs_a_body(lambda: FakeLambda, #[case] fault: Fault) {
        const NEEDS_BODY: [&str; 7] = [
            "TruncateAfter",
            "ResetAfter",
            "StallAfter",
            "Dribble",
            "BadChunk",
            "LengthTooLong",
            "LengthTooShort",
        ];
        lambda.on("f").reply(Reply::json(json!(42)).fault(fault));
        let mut client = Client::connect(&lambda);
        client.send_invoke("f", &["X-Amz-Invocation-Type: Event"], "{}");
        until(|| lambda.calls().iter().any(|call| !call.attempts()[0].is_waiting()));
        drop(client);
        lambda.wait_until_idle().block();
        let name = format!("{fault:?}");
        let name = name.split(['(', ' ']).next().unwrap();
        assert_eq!(lambda.try_verify().is_err(), NEEDS_BODY.contains(&name));
    }
}

for_every_function_error! {
    fn every_function_error_is_a_success_with_a_header(lambda: FakeLambda, #[case] error: FunctionError) {
        lambda.on("f").reply(error);
        let reply = raw::invoke(&lambda, "f", &[], "{}");
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
        assert!(serde_json::from_slice::<serde_json::Value>(&reply.body).is_ok());
    }
}

/// The names of the cases of a test in this file, without their numbers.
fn cases_of(test: &str) -> Vec<String> {
    let tests = Command::new(std::env::current_exe().unwrap())
        .args(["--list", &format!("fixtures::{test}::")])
        .output()
        .unwrap();
    let tests = String::from_utf8(tests.stdout).unwrap();
    let names = tests.lines().filter_map(|line| {
        let (_, case) = line.strip_suffix(": test")?.rsplit_once("::case_")?;
        case.split_once('_').map(|(_, name)| name.to_owned())
    });
    names.collect()
}

#[test]
fn each_row_of_the_table_is_a_case() {
    let variants = |errors: Vec<ServiceError>| {
        let names = errors.iter().map(|error| format!("{error:?}"));
        names.collect::<Vec<_>>()
    };
    let all = ServiceError::ALL.to_vec();
    assert_eq!(
        cases_of("every_error_reaches_the_caller"),
        variants(all.clone())
    );
    let documented: Vec<_> = all.into_iter().filter(|error| error.documented()).collect();
    assert_eq!(documented.len(), 30);
    assert_eq!(
        cases_of("only_the_documented_errors_are_cases"),
        variants(documented)
    );
}

#[test]
fn each_variant_of_fault_is_a_case() {
    let source = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/reply/fault.rs"));
    let (_, variants) = source.split_once("pub enum Fault {\n").unwrap();
    let (variants, _) = variants.split_once("\n}\n").unwrap();
    let names = variants.lines().filter_map(|line| {
        let name = line.strip_prefix("    ")?;
        let end = name.find(|letter: char| !letter.is_ascii_alphanumeric())?;
        name.starts_with(|letter: char| letter.is_ascii_uppercase())
            .then(|| name[..end].to_owned())
    });
    let names: Vec<_> = names.collect();
    assert_eq!(
        cases_of("every_fault_can_happen_to_a_reply_of_two_bytes"),
        names
    );
}

#[test]
fn each_runtime_is_a_case() {
    let cases = cases_of("every_function_error_is_a_success_with_a_header");
    for runtime in Runtime::ALL {
        assert!(cases.contains(&runtime.to_string()), "{runtime}: {cases:?}");
    }
}

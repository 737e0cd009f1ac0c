//! The table of service errors and the facts about AWS agree in both directions.

use std::fmt::Write as _;

use fake_lambda::{ServiceError, ThrottleReason};
use serde_json::{Value, json};

const FACTS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/aws/service_errors.json"
));

/// The properties by which a fact and a row are compared, under the fact's names.
const FIELDS: [&str; 11] = [
    "rust_variant",
    "status",
    "message_member",
    "type_value",
    "type_evidence",
    "extra_members",
    "modeled",
    "documented",
    "rust_retries",
    "evidence",
    "message",
];

#[test]
fn every_fact_has_its_row_and_every_row_its_fact() {
    let facts = facts("errors");
    let mut report = String::new();
    for fact in &facts {
        let Some(error) = ServiceError::ALL.iter().find(|e| fact["name"] == e.code()) else {
            let row = row_of(fact);
            writeln!(
                report,
                "a fact without a row; add to src/aws/service_error/rows.rs:\n{row}"
            )
            .unwrap();
            continue;
        };
        let row = fact_of(*error);
        for field in FIELDS.iter().filter(|field| row[**field] != fact[**field]) {
            let (row, fact) = (&row[*field], &fact[*field]);
            writeln!(
                report,
                "{error}, {field}:\n    the row says  {row}\n    the fact says {fact}\n"
            )
            .unwrap();
        }
    }
    for error in ServiceError::ALL {
        if !facts.iter().any(|fact| fact["name"] == error.code()) {
            let fact = line_of(&fact_of(*error));
            writeln!(
                report,
                "a row without a fact; add to the fixture:\n{fact}\n"
            )
            .unwrap();
        }
    }
    assert!(report.is_empty(), "\n\n{report}");
}

#[test]
fn rows_have_the_order_of_the_facts() {
    let facts = facts("errors");
    assert_eq!(facts.len(), ServiceError::ALL.len(), "facts and rows");
    let pairs = ServiceError::ALL.iter().map(|e| e.code()).zip(&facts);
    let astray = pairs
        .map(|(row, fact)| (row, text(fact, "name")))
        .find(|(row, fact)| row != fact);
    assert_eq!(
        astray, None,
        "the first row out of order, and the fact at its index"
    );
}

#[test]
fn the_table_has_as_many_modeled_errors_as_the_model() {
    let count = |is: fn(&&ServiceError) -> bool| {
        let modeled = ServiceError::ALL.iter().filter(|e| e.modeled());
        modeled.filter(is).count()
    };
    assert_eq!(count(|_| true), 45, "modeled");
    assert_eq!(count(|e| e.message_member() == "message"), 14, "`message`");
    assert_eq!(count(|e| e.message_member() == "Message"), 31, "`Message`");
    assert_eq!(count(|e| e.sdk_retries()), 17, "retried");
    assert_eq!(count(|e| e.documented()), 30, "documented");
    let documented = ServiceError::ALL.iter().filter(|e| e.documented()).count();
    assert_eq!(documented, 30, "documented, including the unmodeled");
}

#[test]
fn temporary_errors_are_those_of_a_throttle_a_state_or_a_failure_of_the_service() {
    let temporary = ServiceError::ALL.iter().filter(|e| e.is_temporary());
    let temporary: Vec<&str> = temporary.map(|error| error.code()).collect();
    assert_eq!(
        temporary,
        [
            "CodeArtifactUserPendingException",
            "EC2ThrottledException",
            "EC2UnexpectedException",
            "EFSMountConnectivityException",
            "EFSMountTimeoutException",
            "ENINotReadyException",
            "ResourceConflictException",
            "ResourceNotReadyException",
            "S3FilesMountConnectivityException",
            "S3FilesMountTimeoutException",
            "ServiceException",
            "SnapStartNotReadyException",
            "SnapStartTimeoutException",
            "TooManyRequestsException",
            "ThrottlingException",
            "InternalFailure",
            "ServiceUnavailable",
        ]
    );
}

#[test]
fn the_rust_sdk_has_no_type_for_two_modeled_errors() {
    let facts = facts("errors");
    let lacks = |fact: &&Value| fact["modeled"] == true && fact["in_rust_sdk"] == false;
    let lacking: Vec<&str> = facts
        .iter()
        .filter(lacks)
        .map(|fact| text(fact, "name"))
        .collect();
    assert_eq!(
        lacking,
        [
            "RuntimeAliasDeletedException",
            "RuntimeVersionDeletedException"
        ]
    );
    let known = facts
        .iter()
        .filter(|fact| fact["in_rust_sdk"] == true)
        .count();
    assert_eq!(known, 43);
}

#[test]
fn an_error_parses_by_its_code_and_by_its_variant() {
    for error in ServiceError::ALL {
        assert_eq!(error.code().parse(), Ok(*error));
        assert_eq!(error.to_string().parse(), Ok(*error));
        assert_eq!(format!("{error:?}").parse(), Ok(*error));
    }
}

#[test]
fn an_unknown_error_names_the_nearest() {
    let refusal = |word: &str| word.parse::<ServiceError>().unwrap_err().to_string();
    assert_eq!(
        refusal("ResourceNotFoundExeption"),
        "unknown service error `ResourceNotFoundExeption`; \
         did you mean `ResourceNotFoundException`?"
    );
    assert_eq!(
        refusal("tooManyRequests"),
        "unknown service error `tooManyRequests`; did you mean `TooManyRequestsException`?"
    );
    assert_eq!(refusal("Teapot"), "unknown service error `Teapot`");
}

#[test]
fn errors_that_are_left_out_have_no_row() {
    for fact in facts("left_out") {
        let name = text(&fact, "name");
        assert!(name.parse::<ServiceError>().is_err(), "{name} has a row");
    }
}

#[test]
fn every_throttle_reason_matches_its_fact() {
    let facts = facts("throttle_reasons");
    let expected: Vec<_> = facts
        .iter()
        .map(|fact| (text(fact, "reason"), text(fact, "message")))
        .collect();
    let words: Vec<_> = ThrottleReason::ALL
        .iter()
        .map(|reason| (reason.as_str(), reason.default_message()))
        .collect();
    assert_eq!(words, expected);
}

fn facts(part: &str) -> Vec<Value> {
    let facts: Value = serde_json::from_str(FACTS).expect("the fixture is JSON");
    let facts = facts[part].as_array().expect("the part is a list");
    assert!(!facts.is_empty(), "no {part} in the fixture");
    facts.clone()
}

fn text<'a>(fact: &'a Value, field: &str) -> &'a str {
    let text = fact[field].as_str();
    text.unwrap_or_else(|| panic!("no text in `{field}` of {fact}"))
}

/// The fact for a row.
fn fact_of(error: ServiceError) -> Value {
    json!({
        "name": error.code(),
        "rust_variant": format!("{error:?}"),
        "status": error.status(),
        "message_member": error.message_member(),
        "type_value": error.type_value().unwrap_or(Some("absent")),
        "type_evidence": error.type_evidence().map(|evidence| format!("{evidence:?}")),
        "extra_members": error.extra_members(),
        "modeled": error.modeled(),
        "documented": error.documented(),
        "rust_retries": error.sdk_retries(),
        "evidence": format!("{:?}", error.evidence()),
        "message": error.default_message(),
    })
}

/// A fact as the fixture writes it, except for what a row does not contain.
fn line_of(fact: &Value) -> String {
    let fields = ["name"].iter().chain(&FIELDS);
    let fields: Vec<String> = fields
        .map(|field| format!("{field:?}: {}", fact[*field]))
        .collect();
    format!(
        "    {{{}, \"in_rust_sdk\": , \"source\": }},",
        fields.join(", ")
    )
}

/// The row for a fact, as the table is written.
fn row_of(fact: &Value) -> String {
    let word = |field: &str, yes, no| if fact[field] == true { yes } else { no };
    format!(
        "    /// When AWS sends it.
    {variant} = {code}, {status},
        {member}, {kind}, {extra}, {modeled}, {documented}, {retried}, {evidence},
        permanent(\"why a later attempt fails as well\"),
        {message:?};
",
        variant = text(fact, "rust_variant"),
        code = fact["name"],
        status = fact["status"],
        member = fact["message_member"],
        kind = match fact["type_value"].as_str() {
            Some("absent") => "Absent".to_owned(),
            Some(kind) => format!("{kind}({})", text(fact, "type_evidence")),
            None => format!("Null({})", text(fact, "type_evidence")),
        },
        extra = fact["extra_members"],
        modeled = word("modeled", "modeled", "unmodeled"),
        documented = word("documented", "documented", "undocumented"),
        retried = word("rust_retries", "retried", "not_retried"),
        evidence = text(fact, "evidence"),
        message = text(fact, "message"),
    )
}

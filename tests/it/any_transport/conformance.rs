//! Compares recorded AWS answers, case by case, with the bytes of the fake.
//!
//! The cases are facts with their sources, in `fixtures/aws/observed.json`. Most have one test with
//! the name of the case (in lower case, with `_` for characters that a name cannot have), which
//! scripts what the case's function did and compares the reply with the record. The others are in
//! [`not_shown`] with the reason.

pub(crate) mod case;
mod eras;
mod errors;
mod events;
mod function_errors;
mod headers;
pub(crate) mod json;
mod limits;
mod logs;
mod model;
mod not_shown;
mod qualifiers;
mod refusals;
mod success;
mod witness;

use std::fmt::Write as _;

use self::case::{ALL, test_name};
use self::not_shown::NOT_SHOWN;
use crate::own_server;

const SHOWN: &[&[&str]] = &[
    eras::SHOWN,
    errors::SHOWN,
    events::SHOWN,
    function_errors::SHOWN,
    headers::SHOWN,
    limits::SHOWN,
    logs::SHOWN,
    model::SHOWN,
    qualifiers::SHOWN,
    refusals::SHOWN,
    success::SHOWN,
    own_server::conformance::SHOWN,
];

#[test]
fn every_recorded_case_has_a_test_or_a_reason_for_none() {
    let recorded: Vec<String> = ALL.iter().map(|case| test_name(case.name())).collect();
    let shown: Vec<&str> = SHOWN.concat();
    let listed: Vec<&str> = NOT_SHOWN
        .iter()
        .flat_map(|(_, names)| names.iter().copied())
        .collect();
    let mut report = String::new();
    for name in &recorded {
        let tests = shown.iter().filter(|shown| *shown == name).count();
        let reasons = listed.iter().filter(|listed| *listed == name).count();
        let complaint = match (tests, reasons) {
            (1, 0) | (0, 1) => continue,
            (0, 0) => {
                "has neither: add it to a `recorded!` of tests/it/any_transport/conformance/ or tests/it/own_server/conformance.rs, or to NOT_SHOWN with the reason"
            }
            (_, 0) => "has several tests",
            (0, _) => "has several reasons",
            _ => "has a test and a reason why not: take it out of NOT_SHOWN",
        };
        writeln!(report, "`{name}` {complaint}").unwrap();
    }
    for name in shown.iter().chain(&listed) {
        if !recorded.iter().any(|recorded| recorded == name) {
            writeln!(
                report,
                "`{name}` is not a case of fixtures/aws/observed.json: remove it or record it"
            )
            .unwrap();
        }
    }
    for (place, name) in recorded.iter().enumerate() {
        if recorded[..place].contains(name) {
            writeln!(report, "`{name}` is in the fixture twice").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

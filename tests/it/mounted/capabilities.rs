//! Every test of this binary that HTTP alone can carry, once more with the fake behind a `wiremock::MockServer`.
//!
//! A test may fail there with the text of a refusal: what it scripts needs a server of the fake's own, and is not silently something else.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::transport::Transport;

/// A run that hangs is ended after this; it needs a tenth of it.
const DEADLINE: Duration = Duration::from_secs(590);

/// What every refusal says.
const REFUSAL: &str = "needs a server of the fake's own";

/// Tests of the fake's own server, and those that run each engine themselves.
const SKIPPED: &[&str] = &["documentation::", "mounted::", "own_server::"];

/// What is different behind another's server, and not refused.
const DIFFERENT: &[&str] = &[
    // A header that the test wrote is in lower case.
    "any_transport::errors::refinements::a_refined_reply_has_these_bytes_and_no_others",
    "any_transport::handlers::typed::a_header_said_of_a_handler_is_on_its_replies",
    // Handlers run one after another, and none for ever.
    "any_transport::causes::starts::a_handler_starts_behind_the_init",
    "any_transport::journal::times::an_attempt_that_waits_has_no_end_yet",
    "any_transport::log_tail::lines::handlers_at_work_at_once_write_to_their_own_logs",
    "any_transport::scripts::handlers::handlers_of_one_fake_run_at_the_same_time",
    // Nobody tells when a client leaves.
    "any_transport::journal::times::work_that_a_client_gave_up_on_and_asked_for_again_is_marked",
    "any_transport::log_tail::starts::a_run_whose_client_left_warms_the_environment_too",
    "any_transport::scripts::waits::a_call_that_was_given_up_is_abandoned_once_the_fake_is_idle",
    // Requests that are not for Invoke, or that the server refuses itself.
    "any_transport::scripts::conditions::a_request_that_wiremock_cannot_hold_is_a_no_and_the_reason_is_said",
    "any_transport::verification::closures::requests_that_are_not_faked",
];

#[test]
fn the_capability_tests_pass_behind_a_mock_server_or_are_refused() {
    let skips = SKIPPED.iter().chain(DIFFERENT);
    let ran = this_binary(skips.flat_map(|name| ["--skip", name]));
    let failures: Vec<&str> = failures(&ran).collect();
    let (passed, failed) = (counted(&ran, "passed"), counted(&ran, "failed"));
    assert_eq!(failures.len(), failed, "each failure has its text:\n{ran}");
    let wrong: Vec<&str> = failures
        .into_iter()
        .filter(|failure| !failure.contains(REFUSAL))
        .collect();
    assert!(
        wrong.is_empty(),
        "on the other transport:\n\n---- {}",
        wrong.join("\n---- ")
    );
    assert!(passed > 900, "only {passed} tests passed");
}

#[test]
fn every_test_that_is_left_out_is_there() {
    let tests = this_binary(["--list"]);
    for name in SKIPPED.iter().chain(DIFFERENT) {
        let is_there = |test: &str| test.starts_with(name);
        assert!(tests.lines().any(is_there), "no test is called {name}");
    }
}

/// The number in front of that word in the result: `ok. 12 passed; 3 failed; ..`.
fn counted(ran: &str, word: &str) -> usize {
    let result = ran.rsplit("test result: ").next().unwrap_or_default();
    let before = result.split(&format!(" {word};")).next().unwrap_or(result);
    let number = before.rsplit(' ').next().unwrap_or_default();
    number
        .parse()
        .unwrap_or_else(|_| panic!("no result:\n{ran}"))
}

/// What each failed test printed, behind its name.
fn failures(ran: &str) -> impl Iterator<Item = &str> {
    let printed = ran.split("\nfailures:\n").nth(1).unwrap_or_default();
    printed.split("\n---- ").skip(1)
}

/// What it prints when it is run again with these arguments, on the other transport.
fn this_binary<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .env(Transport::VARIABLE, Transport::Wiremock.name())
        .env("INSTA_UPDATE", "no")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (sender, printed) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.read_to_string(&mut text);
        let _ = sender.send(read.map(|_| text));
    });
    let printed = printed.recv_timeout(DEADLINE);
    if printed.is_err() {
        child.kill().unwrap();
    }
    child.wait().unwrap();
    printed.expect("it ends in time").unwrap()
}

//! The tests of this binary that HTTP alone can carry, once more with the fake behind a `wiremock::MockServer`.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::raw::MOUNTED;

/// A run that hangs is ended after this; it needs a tenth of it.
const DEADLINE: Duration = Duration::from_secs(300);

/// Where the tests stand. The others are about the fake's own sockets: connections, faults, outages, the port.
const MODULES: &[&str] = &[
    "clients::",
    "conformance::",
    "denied::",
    "eras::",
    "errors::",
    "function_errors::",
    "handlers::",
    "log_tail::",
    "scripts::",
    "signature::",
    "verification::",
    "versions::",
    "wire::",
];

/// What of them takes a server of the fake's own.
const SKIPPED: &[&str] = &[
    // What happens to bytes and sockets; `wire::` above is another module.
    "faults::",
    // Headers are asked for in the casing that the test wrote.
    "errors::refinements::a_refined_reply_has_these_bytes_and_no_others",
    "handlers::typed::a_header_said_of_a_handler_is_on_its_replies",
    // Handlers run side by side.
    "log_tail::lines::handlers_at_work_at_once_write_to_their_own_logs",
    "scripts::handlers::handlers_of_one_fake_run_at_the_same_time",
    // A client leaves.
    "handlers::timeouts::a_function_whose_caller_left_is_dropped_too",
    "log_tail::starts::a_run_whose_client_left_warms_the_environment_too",
    "scripts::journal::nothing_in_the_journal_changes_from_run_to_run",
    "scripts::journal::the_journal_serialises_with_the_same_content",
    "scripts::journal::the_journal_tells_every_call_and_each_of_its_attempts",
    "scripts::waits::a_call_that_was_given_up_is_abandoned_once_the_fake_is_idle",
    // A gate.
    "handlers::timeouts::a_held_reply_times_out_and_the_gate_counts_it",
    "handlers::unread::the_reply_to_an_unread_event_is_held_as_any_other",
    // A fault.
    "handlers::timeouts::what_was_said_of_the_reply_is_done_to_its_timeout",
    // A pause.
    "scripts::conditions::conditions_and_handlers_may_use_the_fake",
    "scripts::edits::a_pause_holds_requests_until_every_guard_is_dropped",
    "scripts::edits::requests_held_by_a_pause_take_their_steps_in_the_order_of_arrival",
    // The port refuses after the drop.
    "scripts::ownership::a_fake_used_by_its_own_handler_is_dropped_verified_and_its_port_refuses",
    // Requests that are not for Invoke, or that the server refuses itself.
    "scripts::conditions::a_request_that_wiremock_cannot_hold_is_a_no_and_the_reason_is_said",
    "verification::closures::requests_that_are_not_faked",
];

#[test]
fn the_capability_tests_pass_behind_a_mock_server() {
    let skips = SKIPPED.iter().flat_map(|name| ["--skip", name]);
    let ran = this_binary(MODULES.iter().copied().chain(skips));
    let (result, count) = ran
        .split_once("test result: ")
        .unwrap_or_else(|| panic!("no result:\n{ran}"));
    let failures = result.find("\nfailures:\n").unwrap_or(0);
    assert!(
        count.starts_with("ok. "),
        "with {MOUNTED} set:\n{}",
        &ran[failures..]
    );
    let passed: usize = count.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(passed > 500, "only {passed} tests ran");
}

#[test]
fn every_skipped_test_is_there() {
    let tests = this_binary(["--list"]);
    for name in SKIPPED {
        let is_there = |test: &str| test.starts_with(name);
        assert!(tests.lines().any(is_there), "no test is called {name}");
    }
}

/// What it prints when it is run again with these arguments, on the other engine.
fn this_binary<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(arguments)
        .env(MOUNTED, "1")
        .env("INSTA_UPDATE", "no")
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

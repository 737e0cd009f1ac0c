//! Runs every test below `any_transport` again on each transport except the socket.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rstest::rstest;

use crate::transport::Transport;

/// The deadline of a run, which normally takes a tenth of this time.
const DEADLINE: Duration = Duration::from_secs(590);

/// Fewer than the number of tests below `any_transport` with any set of features.
const AT_LEAST: usize = 1_100;

#[rstest]
#[cfg_attr(feature = "in-memory", case::pipe(Transport::Pipe))]
#[case::wiremock(Transport::Wiremock)]
fn every_test_below_any_transport_passes(#[case] transport: Transport) {
    let ran = run_on(transport);
    let result = ran.rsplit("test result: ").next().unwrap_or_default();
    let passed = result
        .strip_prefix("ok. ")
        .and_then(|counts| counts.split_once(" passed; 0 failed; 0 ignored; "))
        .and_then(|(passed, _)| passed.parse::<usize>().ok());
    let passed = passed.unwrap_or_else(|| panic!("on {}:\n{}", transport.name(), failures(&ran)));
    assert!(passed >= AT_LEAST, "only {passed} tests passed");
}

/// The output of each failed test, or all output if the failures cannot be found in it.
fn failures(ran: &str) -> &str {
    ran.split_once("\nfailures:\n")
        .map_or(ran, |(_, failures)| failures)
}

/// The output of this binary when it runs the tests below `any_transport` on a transport.
fn run_on(transport: Transport) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("any_transport::")
        .env(Transport::VARIABLE, transport.name())
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

//! A request that is held while nothing else happens: one line on standard error, which a test
//! harness does not capture.

use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use fake_lambda::{FakeLambda, Fault, Gate, Handle, Invocation, Reply};
use serde_json::{Value, json};

use crate::alone::{ROLE, role, this_test};
use crate::page::begins_as_on_the_page;
use crate::raw::Client;
use crate::text::without_lines;

/// The time without activity that a fake reports; short, because tests wait for it.
const SHORT: Duration = Duration::from_millis(40);

/// The deadline of a wait. It is generous: the awaited events take milliseconds.
const SOON: Duration = Duration::from_secs(60);

fn stuck() -> FakeLambda {
    FakeLambda::builder().stuck_after(SHORT).start()
}

/// Runs the test in a child, in a harness that captures output, and returns the first line that the
/// child prints. The child holds a request until this function closes its standard input.
fn said_by_a_child(test: &str) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact"])
        .env(ROLE, "stuck")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        stderr
            .lines()
            .try_for_each(|line| sender.send(line.unwrap()))
    });
    let first = lines.recv_timeout(SOON);
    // The child ends when its standard input does, and `lines` then has everything that it printed.
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success(), "the child failed");
    let first = first.expect("the child says why it hangs");
    let rest: Vec<String> = lines.iter().collect();
    let again = rest.iter().filter(|line| line.contains("has done nothing"));
    assert_eq!(again.count(), 0, "reported once: {rest:?}");
    without_lines(first)
}

/// Holds a request until the parent has read enough.
fn hang(lambda: &Handle) {
    let mut client = Client::connect(lambda);
    client.send_invoke("pay", &[], r#"{"id":7}"#);
    let _ = io::stdin().read_line(&mut String::new());
}

#[test]
fn a_closed_gate_is_named() {
    if role().is_none() {
        let said = said_by_a_child(this_test!());
        begins_as_on_the_page("has done nothing for", &said.replace("40ms", "30s"));
        insta::assert_snapshot!(said, @r#"fake-lambda (started at tests/process/stalls.rs:LINE#1) has done nothing for 40ms while a request is held: call 1 is held by the gate created at tests/process/stalls.rs:LINE#2: pay RequestResponse {"id":7}; help: open the gate, or limit the reply with `.timeout(..)`"#);
        return;
    }
    let lambda = stuck();
    let gate = Gate::new();
    lambda.on("pay").reply(Reply::json(json!(1)).hold(&gate));
    hang(&lambda);
}

#[test]
fn a_handler_that_never_ends_is_named() {
    if role().is_none() {
        insta::assert_snapshot!(said_by_a_child(this_test!()), @r#"fake-lambda (started at tests/process/stalls.rs:LINE#1) has done nothing for 40ms while a request is held: call 1 is in the handler written at tests/process/stalls.rs:LINE#2: pay RequestResponse {"id":7}; help: make the handler return, or limit it with `.timeout(..)`"#);
        return;
    }
    let lambda = stuck();
    lambda
        .on("pay")
        .handle(async |_: Invocation| std::future::pending::<Value>().await);
    hang(&lambda);
}

#[test]
fn a_handler_that_blocks_the_thread_is_named() {
    if role().is_none() {
        insta::assert_snapshot!(said_by_a_child(this_test!()), @r#"fake-lambda (started at tests/process/stalls.rs:LINE#1) has done nothing for 40ms while a request is held: call 1 is in the handler written at tests/process/stalls.rs:LINE#2: pay RequestResponse {"id":7}; help: make the handler return, or limit it with `.timeout(..)`"#);
        return;
    }
    let lambda = stuck();
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    lambda.on("pay").handle(async move |_: Invocation| {
        let _ = released.lock().unwrap().recv();
        json!(1)
    });
    hang(&lambda);
    drop(release);
}

#[test]
fn a_fault_is_named() {
    if role().is_none() {
        insta::assert_snapshot!(said_by_a_child(this_test!()), @r#"fake-lambda (started at tests/process/stalls.rs:LINE#1) has done nothing for 40ms while a request is held: call 1 is hanging, as scripted at tests/process/stalls.rs:LINE#2: pay RequestResponse {"id":7}; help: give the client a timeout"#);
        return;
    }
    let lambda = stuck();
    lambda.on("pay").reply(Fault::Hang);
    hang(&lambda);
}

#[test]
fn a_pause_is_named() {
    if role().is_none() {
        insta::assert_snapshot!(said_by_a_child(this_test!()), @r#"fake-lambda (started at tests/process/stalls.rs:LINE#1) has done nothing for 40ms while a request is held: call 1 is held by `lambda.pause()`: pay RequestResponse {"id":7}; help: drop the guard of `lambda.pause()`"#);
        return;
    }
    let lambda = stuck();
    lambda.on("pay").reply(json!(1));
    let _paused = lambda.pause();
    hang(&lambda);
}

#[test]
fn a_healthy_fake_prints_nothing() {
    if role().is_none() {
        let ended = crate::alone::run(this_test!(), "healthy", |_| {});
        ended.succeeded();
        assert!(!ended.stderr.contains("has done nothing"), "{ended}");
        return;
    }
    let lambda = stuck();
    let gate = Gate::new();
    lambda.on("f").reply(json!(1));
    lambda.on("held").reply(Reply::json(json!(1)).hold(&gate));
    let mut held = Client::connect(&lambda);
    held.send_invoke("held", &[], "{}");
    gate.reached(1).block();
    gate.open();
    assert_eq!(held.read_reply().status(), 200);
    // Nothing is held anymore, so nothing is reported, however long the fake is idle.
    thread::sleep(4 * SHORT); // time is the subject
    crate::answered(&lambda, "1");
}

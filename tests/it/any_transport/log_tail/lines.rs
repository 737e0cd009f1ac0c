//! The lines of errors and of the test's own texts.

use std::time::Duration;

use fake_lambda::{FunctionError, Invocation, Reply};
use rstest::rstest;
use serde_json::{Value, json};

use super::{bytes_of_tail, json_fake, lines, start, tail};
use crate::transport::FakeLambda;

#[test]
fn an_exception_has_its_lines_and_no_status() {
    let lambda = start();
    let error = FunctionError::new("ValueError", "boom");
    lambda.on("pay").reply(
        Reply::from(error).log("[ERROR] ValueError: boom\nTraceback (most recent call last):"),
    );
    assert_eq!(
        tail(&lambda, "pay"),
        "START RequestId: <id> Version: $LATEST\n\
         [ERROR] ValueError: boom\nTraceback (most recent call last):\n\
         END RequestId: <id>\n\
         REPORT RequestId: <id>\tDuration: 11.20 ms\tBilled Duration: 318 ms\tMemory Size: 128 MB\tMax Memory Used: 37 MB\tInit Duration: 306.33 ms\t\n"
    );
}

#[test]
fn the_log_of_a_timeout_has_its_duration() {
    let lambda = start();
    lambda
        .on("pay")
        .reply(FunctionError::timed_out(Duration::from_millis(1_500)));
    let _cold = tail(&lambda, "pay");
    let (reply, _) = bytes_of_tail(&lambda, "pay");
    assert_eq!(reply.field("X-Amz-Function-Error"), Some("Unhandled"));
    let warm = tail(&lambda, "pay");
    assert!(warm.starts_with("START RequestId: <id> Version: $LATEST\nEND "));
    assert!(
        warm.contains("\tDuration: 1500.00 ms\tBilled Duration: 1500 ms\t"),
        "{warm}"
    );
    assert!(warm.ends_with(" MB\tStatus: timeout\n"), "{warm}");
}

#[test]
fn only_the_log_names_a_run_out_of_memory() {
    let lambda = json_fake();
    lambda.on("pay").reply(FunctionError::out_of_memory());
    let (reply, _) = bytes_of_tail(&lambda, "pay");
    assert!(reply.text().contains("Runtime.ExitError"), "{reply}");
    let warm = tail(&lambda, "pay");
    let report = r#""maxMemoryUsedMB":128},"status":"error","errorType":"Runtime.OutOfMemory"}}"#;
    assert!(warm.ends_with(report), "{warm}");
}

#[test]
fn a_text_with_several_lines_is_logged_as_several_lines() {
    let lambda = start();
    lambda
        .on("pay")
        .reply(Reply::json(json!({})).log("a\n\nb\n").log("").log("c"));
    assert_eq!(lines(&tail(&lambda, "pay")), ["a", "", "b", "", "c"]);

    let lambda = json_fake();
    lambda.on("pay").reply(Reply::json(json!({})).log("a\nb"));
    let tail = tail(&lambda, "pay");
    let messages: Vec<Value> = tail
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|record| record["level"] == "INFO")
        .map(|record| record["message"].clone())
        .collect();
    assert_eq!(messages, ["a", "b"]);
}

#[rstest]
#[case::scripted(false)]
#[case::by_a_handler(true)]
fn the_last_4096_bytes_are_sent_even_if_a_line_is_cut(#[case] by_handler: bool) {
    // Two bytes per letter, and a report of an odd or even length: the cut can be in the middle of
    // a letter.
    let line = "é".repeat(40);
    let lambda = start();
    let whole = {
        let line = line.clone();
        let all: String = (0..100).map(|n| format!("{n:03} {line}\n")).collect();
        if by_handler {
            let all = all.clone();
            lambda
                .on("pay")
                .handle(async move |invocation: Invocation| {
                    all.lines().for_each(|line| invocation.log(line));
                    json!({})
                });
        } else {
            lambda.on("pay").reply(Reply::json(json!({})).log(&all));
        }
        all
    };
    let (reply, tail) = bytes_of_tail(&lambda, "pay");
    assert_eq!(tail.len(), 4096);
    let id = reply.field("x-amzn-RequestId").unwrap();
    let end = format!("END RequestId: {id}\nREPORT ");
    let at = tail
        .windows(end.len())
        .position(|window| window == end.as_bytes())
        .unwrap();
    assert_eq!(tail[..at], whole.as_bytes()[whole.len() - at..]);
}

#[test]
fn a_handlers_lines_come_before_those_of_its_reply() {
    let lambda = start();
    lambda.on("pay").handle(async |invocation: Invocation| {
        let again = invocation.clone();
        invocation.log("first");
        tokio::task::yield_now().await;
        std::thread::spawn(move || again.log("second\nthird"))
            .join()
            .unwrap();
        Reply::json(json!({})).log("last")
    });
    let tail = tail(&lambda, "pay");
    assert_eq!(lines(&tail), ["first", "second", "third", "last"]);
}

#[test]
fn the_figures_depend_on_the_seed() {
    let tails = |seed| {
        let lambda = FakeLambda::start_with(|builder| builder.seed(seed));
        lambda.on("pay").reply(json!({}));
        lambda.on("refund").reply(json!({}));
        ["pay", "pay", "refund"].map(|function| tail(&lambda, function))
    };
    let first = tails(7);
    assert_eq!(first, tails(7));
    for (one, other) in first.iter().zip(tails(8)) {
        assert_ne!(*one, other, "another seed, another tail");
    }
    assert_ne!(first[0], first[2], "another target, another tail");
}

//! The lines of errors and of the test's own texts.

use std::time::Duration;

use fake_lambda::{Context, FunctionError, Invocation, Reply};
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
fn a_failed_python_function_has_the_lines_of_its_error_by_default() {
    let lambda = start();
    let error = FunctionError::new("ValueError", "boom").runtime("python");
    lambda.on("pay").reply(error);
    let tail = tail(&lambda, "pay");
    assert_eq!(
        lines(&tail),
        [
            "[ERROR] ValueError: boom",
            "Traceback (most recent call last):",
            "\u{a0}\u{a0}File \"/var/task/app.py\", line 2, in handler",
            "\u{a0}\u{a0}\u{a0}\u{a0}raise ValueError(\"boom\")",
        ]
    );
}

#[test]
fn a_failed_node_function_has_the_line_of_its_error_by_default() {
    let lambda = start();
    let error = || {
        FunctionError::new("Error", "boom")
            .runtime("nodejs")
            .stack(["    at f"])
    };
    lambda.on("pay").reply(error()).then(error().at_init());
    let json = r#"{"errorType":"Error","errorMessage":"boom","stack":["Error: boom","    at f"]}"#;
    let first = tail(&lambda, "pay");
    let line = format!("2026-01-01T00:00:00.000Z\t<id>\tERROR\tInvoke Error \t{json}");
    assert_eq!(lines(&first), [line]);
    let second = tail(&lambda, "pay");
    let line = format!("2026-01-01T00:00:00.000Z\tundefined\tERROR\tUncaught Exception \t{json}");
    assert_eq!(lines(&second), [line]);
}

#[test]
fn a_failed_extension_has_its_line_by_default() {
    let lambda = start();
    lambda
        .on("pay")
        .reply(FunctionError::extension_exited("apm", 0));
    let tail = tail(&lambda, "pay");
    let line = "EXTENSION\tName: apm\tState: InitError\tEvents: [INVOKE,SHUTDOWN]";
    assert_eq!(lines(&tail), [line]);
    assert!(
        tail.ends_with("\tStatus: error\tError Type: Extension.InitError\n"),
        "{tail}"
    );
}

#[test]
fn lines_of_the_script_replace_those_of_the_error() {
    let lambda = start();
    let error = FunctionError::new("ValueError", "boom").runtime("python");
    lambda.on("pay").reply(Reply::from(error).log("own"));
    assert_eq!(lines(&tail(&lambda, "pay")), ["own"]);
}

#[test]
fn lines_of_the_error_come_after_those_of_its_handler() {
    let lambda = start();
    lambda.on("pay").handle(async |invocation: Invocation| {
        invocation.log("first");
        Reply::from(FunctionError::new("E", "m").runtime("python").stack([]))
    });
    let tail = tail(&lambda, "pay");
    assert_eq!(
        lines(&tail),
        [
            "first",
            "[ERROR] E: m",
            "Traceback (most recent call last):"
        ]
    );
}

#[test]
fn a_json_tail_has_raw_and_empty_lines_between_its_records() {
    let lambda = json_fake();
    lambda.on("pay").handle(async |invocation: Invocation| {
        invocation.log("a");
        invocation.log_raw("");
        Reply::json(json!({}))
            .log_raw("warning: slow\ndisk")
            .log("b")
    });
    let _cold = tail(&lambda, "pay");
    let warm = tail(&lambda, "pay");
    let between: Vec<_> = warm.lines().collect();
    let [start, a, "", "warning: slow", "disk", b, report] = &between[..] else {
        panic!("{warm}");
    };
    for (line, kind) in [(start, "platform.start"), (report, "platform.report")] {
        assert!(line.contains(kind), "{line}");
    }
    for (line, message) in [(a, "a"), (b, "b")] {
        let record: Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["message"], message);
    }
}

#[test]
fn a_typed_handler_writes_raw_lines_through_its_context() {
    let lambda = json_fake();
    lambda
        .on("pay")
        .handle_json(async |_: Value, context: Context| {
            context.log_raw("raw");
            Ok::<_, FunctionError>(1)
        });
    let _cold = tail(&lambda, "pay");
    let warm = tail(&lambda, "pay");
    assert_eq!(warm.lines().nth(1), Some("raw"), "{warm}");
}

#[test]
fn raw_lines_are_ordinary_lines_of_a_text_tail() {
    let lambda = start();
    lambda
        .on("pay")
        .reply(Reply::json(json!({})).log_raw("a").log("b").log_raw(""));
    assert_eq!(lines(&tail(&lambda, "pay")), ["a", "b", ""]);
}

#[test]
fn the_report_has_the_duration_of_the_run_and_the_init_of_a_cold_start_only() {
    let lambda = start();
    let late = Reply::json(json!({})).delay(Duration::from_millis(20));
    lambda.on("pay").reply(late);
    let millis = |tail: &str, name: &str| -> Option<f64> {
        let (_, rest) = tail.split_once(&format!("\t{name}: "))?;
        rest.split_once(" ms")?.0.parse().ok()
    };
    let (cold, warm) = (tail(&lambda, "pay"), tail(&lambda, "pay"));
    for tail in [&cold, &warm] {
        let duration = millis(tail, "Duration").unwrap();
        assert!((21.0..=61.0).contains(&duration), "{tail}");
        let init = millis(tail, "Init Duration").unwrap_or(0.0);
        let billed = millis(tail, "Billed Duration").unwrap();
        // Both are printed with two decimals, so their sum can be just above a whole number.
        assert!((duration + init - 0.01).ceil() <= billed, "{tail}");
        assert!(billed < duration + init + 1.01, "{tail}");
    }
    assert!(millis(&cold, "Init Duration").is_some(), "{cold}");
    assert_eq!(millis(&warm, "Init Duration"), None, "{warm}");
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

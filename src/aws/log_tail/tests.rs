use std::time::Duration;

use rstest::rstest;

use super::{LineForm, LoggedRun, RunEnding, TAIL, lines, tail, write};
use crate::aws::start::Start;
use crate::aws::words::LogFormat;

/// A warm run that writes one line.
fn run() -> LoggedRun<'static> {
    LoggedRun {
        request_id: "2a3cbd1f-afba-4cd8-98d7-2d0156632cee",
        function: "pay",
        arn: "arn:aws:lambda:eu-west-1:123456789012:function:pay",
        region: "eu-west-1",
        version: "$LATEST",
        log: "charging \"card\" 42\n",
        error_log: "",
        ending: RunEnding::Answered,
        took: Duration::ZERO,
        start: Start::Warm,
        // 1 ms and 870 µs, 30 MB; 107 ms and 140 µs of init.
        draws: [870, 7_140],
        measured: None,
    }
}

fn text(run: &LoggedRun<'_>) -> String {
    String::from_utf8(tail(LogFormat::Text, run)).unwrap()
}

fn json(run: &LoggedRun<'_>) -> String {
    String::from_utf8(tail(LogFormat::Json, run)).unwrap()
}

#[test]
fn a_cold_text_log_matches_the_recording() {
    let run = LoggedRun {
        log: "",
        start: Start::Cold(None),
        ..run()
    };
    // Recorded on 24 June 2024, except that the recording bills 2 ms: the init was not yet billed.
    let expected = "START RequestId: 2a3cbd1f-afba-4cd8-98d7-2d0156632cee Version: $LATEST\n\
        END RequestId: 2a3cbd1f-afba-4cd8-98d7-2d0156632cee\n\
        REPORT RequestId: 2a3cbd1f-afba-4cd8-98d7-2d0156632cee\tDuration: 1.87 ms\t\
        Billed Duration: 110 ms\t\
        Memory Size: 128 MB\tMax Memory Used: 30 MB\tInit Duration: 107.14 ms\t\n";
    assert_eq!(text(&run), expected);
}

#[test]
fn a_warm_text_log_has_a_tab_instead_of_the_init() {
    let log = text(&run());
    assert!(
        log.starts_with(
            "START RequestId: 2a3cbd1f-afba-4cd8-98d7-2d0156632cee Version: $LATEST\n\
             charging \"card\" 42\nEND "
        ),
        "{log}"
    );
    assert!(
        log.ends_with("\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\t\n"),
        "{log}"
    );
}

#[test]
fn a_cold_json_log_has_its_members_in_the_order_of_2026() {
    let run = LoggedRun {
        start: Start::Cold(None),
        ..run()
    };
    insta::assert_snapshot!(json(&run), @r#"
    {"time":"2026-01-01T00:00:00.000Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"provided:al2023.v97","runtimeVersionArn":"arn:aws:lambda:eu-west-1::runtime:c41794fa37de91d5a4c88f2a471b21f574288707c433f12c13d96fe25015cab8","functionName":"pay","functionVersion":"$LATEST","instanceId":"2026/01/01/pay[$LATEST]00000000000003660000000000001be4","instanceMaxMemory":134217728}}
    {"time":"2026-01-01T00:00:00.107Z","type":"platform.start","record":{"requestId":"2a3cbd1f-afba-4cd8-98d7-2d0156632cee","functionArn":"arn:aws:lambda:eu-west-1:123456789012:function:pay","version":"$LATEST"}}
    {"timestamp":"2026-01-01T00:00:00.107Z","level":"INFO","requestId":"2a3cbd1f-afba-4cd8-98d7-2d0156632cee","message":"charging \"card\" 42"}
    {"time":"2026-01-01T00:00:00.109Z","type":"platform.report","record":{"requestId":"2a3cbd1f-afba-4cd8-98d7-2d0156632cee","metrics":{"durationMs":1.87,"billedDurationMs":110,"memorySizeMB":128,"maxMemoryUsedMB":30,"initDurationMs":107.14},"status":"success"}}
    "#);
    assert!(json(&run).ends_with('}'), "no line break at the end");
}

#[rstest]
#[case::exception(
    r#"{"errorMessage": "boom", "errorType": "ValueError"}"#,
    RunEnding::Answered
)]
#[case::no_object("[1]", RunEnding::Answered)]
#[case::no_json("boom", RunEnding::Answered)]
#[case::import(
    r#"{"errorMessage": "no module", "errorType": "Runtime.ImportModuleError"}"#,
    failed("Runtime.ImportModuleError")
)]
#[case::too_large(
    r#"{"errorMessage":"too large","errorType":"Function.ResponseSizeTooLarge"}"#,
    failed("Function.ResponseSizeTooLarge")
)]
#[case::exit(
    r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 1 Error: Runtime exited with error: exit status 42"}"#,
    failed("Runtime.ExitError")
)]
#[case::out_of_memory(
    r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 1 Error: Runtime exited with error: signal: killed"}"#,
    failed("Runtime.OutOfMemory")
)]
#[case::timeout(
    r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 1 Error: Task timed out after 1.50 seconds"}"#,
    RunEnding::TimedOut { after: Some(1_500_000), line: None }
)]
#[case::timeout_before_2025(
    r#"{"errorMessage":"2018-07-17T10:17:00.383Z 1 Task timed out after 1.00 seconds"}"#,
    RunEnding::TimedOut { after: Some(1_000_000), line: Some("2018-07-17T10:17:00.383Z 1 Task timed out after 1.00 seconds".to_owned()) }
)]
#[case::a_timeout_that_no_number_can_hold(
    r#"{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 1e300 seconds"}"#,
    RunEnding::TimedOut { after: Some(u64::MAX / 4), line: None }
)]
fn the_payload_says_how_the_run_ended(#[case] payload: &str, #[case] ending: RunEnding) {
    assert_eq!(RunEnding::of_error(payload.as_bytes()), ending);
}

fn failed(error_type: &str) -> RunEnding {
    RunEnding::Failed {
        error_type: error_type.to_owned(),
    }
}

#[rstest]
#[case::failed(
    failed("Runtime.ExitError"),
    "Max Memory Used: 30 MB\tInit Duration: 107.14 ms\tStatus: error\tError Type: Runtime.ExitError\n",
    r#""maxMemoryUsedMB":30,"initDurationMs":107.14},"status":"error","errorType":"Runtime.ExitError"}}"#
)]
#[case::out_of_memory(
    failed("Runtime.OutOfMemory"),
    "Max Memory Used: 128 MB\tInit Duration: 107.14 ms\tStatus: error\tError Type: Runtime.OutOfMemory\n",
    r#""maxMemoryUsedMB":128,"initDurationMs":107.14},"status":"error","errorType":"Runtime.OutOfMemory"}}"#
)]
#[case::timed_out(
    RunEnding::TimedOut { after: Some(3_000_000), line: None },
    "\tDuration: 3000.00 ms\tBilled Duration: 3108 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tInit Duration: 107.14 ms\tStatus: timeout\n",
    r#""metrics":{"durationMs":3000.0,"billedDurationMs":3108,"memorySizeMB":128,"maxMemoryUsedMB":30,"initDurationMs":107.14},"status":"timeout"}}"#
)]
fn a_status_follows_the_tab_and_is_last(
    #[case] ending: RunEnding,
    #[case] text_end: &str,
    #[case] json_end: &str,
) {
    let run = LoggedRun {
        ending,
        start: Start::Cold(None),
        ..run()
    };
    assert!(text(&run).ends_with(text_end), "{}", text(&run));
    assert!(json(&run).ends_with(json_end), "{}", json(&run));
}

#[test]
fn the_line_of_an_old_timeout_and_an_empty_line_come_before_the_end() {
    let run = LoggedRun {
        ending: RunEnding::of_error(
            br#"{"errorMessage":"2018-07-17T10:17:00.383Z 1 Task timed out after 1.00 seconds"}"#,
        ),
        ..run()
    };
    let lines = "42\n2018-07-17T10:17:00.383Z 1 Task timed out after 1.00 seconds\n\nEND ";
    assert!(text(&run).contains(lines), "{}", text(&run));
}

#[test]
fn figures_have_the_decimals_of_their_format() {
    let with = |draws| {
        let run = LoggedRun {
            start: Start::Cold(None),
            draws,
            ..run()
        };
        (text(&run), json(&run))
    };
    let (text, json) = with([9_995, 300_000]);
    assert!(
        text.contains("\tDuration: 11.00 ms\tBilled Duration: 411 ms\t"),
        "{text}"
    );
    assert!(
        json.contains(r#""durationMs":10.995,"billedDurationMs":411,"#),
        "{json}"
    );
    assert!(text.contains("\tInit Duration: 400.00 ms\t"), "{text}");
    assert!(json.contains(r#""initDurationMs":400.0}"#), "{json}");
}

#[rstest]
#[case::none("", "\n")]
#[case::one("a", "a\n")]
#[case::ended("a\n", "a\n")]
#[case::several("a\n\nb\r\nc", "a\n\nb\nc\n")]
fn written_text_becomes_whole_lines(#[case] written: &str, #[case] lines: &str) {
    let mut log = "before\n".to_owned();
    write(&mut log, written, LineForm::Record);
    assert_eq!(log, format!("before\n{lines}"));
}

/// A log written line by line and one written in a single piece, which both drop old bytes, have
/// the same tail as a log from which nothing was dropped.
#[rstest]
#[case::short_lines("ü\r\n".repeat(3_000))]
#[case::a_long_line("é".repeat(9_000))]
#[case::empty_lines("\r\n".repeat(9_000))]
#[case::lines_longer_than_a_tail(format!("{}\n", "€".repeat(2_000)).repeat(4))]
fn dropped_log_lines_are_in_no_tail(
    #[case] written: String,
    #[values(LineForm::Record, LineForm::Raw)] form: LineForm,
) {
    let whole = written.replace("\r\n", "\n");
    let whole = whole.strip_suffix('\n').unwrap_or(&whole).to_owned() + "\n";
    let stored: String = match form {
        LineForm::Record => whole.clone(),
        LineForm::Raw => whole
            .lines()
            .map(|line| format!("\u{1e}{line}\n"))
            .collect(),
    };
    let (mut at_once, mut by_line) = (String::new(), String::new());
    write(&mut at_once, &written, form);
    for line in written.lines() {
        write(&mut by_line, line, form);
    }
    for format in [LogFormat::Text, LogFormat::Json] {
        let tail_of = |log| tail(format, &LoggedRun { log, ..run() });
        assert_eq!(tail_of(&stored).len(), TAIL);
        for kept in [&at_once, &by_line] {
            assert!(kept.len() <= 4 * TAIL + 4, "{} bytes are kept", kept.len());
            assert!(
                tail_of(&stored) == tail_of(kept),
                "{format}: the tails differ"
            );
        }
    }
}

#[test]
fn each_line_keeps_its_form_and_its_first_character() {
    let mut log = String::new();
    for line in ["a", "\u{1e}b", "\u{1f}c", ""] {
        for form in [LineForm::Record, LineForm::Raw] {
            write(&mut log, line, form);
        }
    }
    let read: Vec<_> = lines(&log).collect();
    let record = |line| (LineForm::Record, line);
    let raw = |line| (LineForm::Raw, line);
    assert_eq!(
        read,
        [
            record("a"),
            raw("a"),
            record("\u{1e}b"),
            raw("\u{1e}b"),
            record("\u{1f}c"),
            raw("\u{1f}c"),
            record(""),
            raw(""),
        ]
    );
}

#[test]
fn the_script_s_delay_is_part_of_the_duration() {
    let run = LoggedRun {
        took: Duration::from_millis(200),
        ..run()
    };
    let report = "\tDuration: 201.87 ms\tBilled Duration: 202 ms\t";
    assert!(text(&run).contains(report), "{}", text(&run));
    assert!(json(&run).contains(r#""durationMs":201.87,"billedDurationMs":202"#));
}

//! A client that sends events.

use std::sync::Mutex;

use aws_sdk_lambda::types::InvocationType;
use fake_lambda::sweep::{Modes, Nature};
use fake_lambda::{FakeLambda, Fault, Invocation, sweep};
use insta::assert_snapshot;
use serde_json::json;

use super::bounded;

async fn send(lambda: &FakeLambda) -> Result<(), String> {
    let client = bounded(lambda, 3);
    let call = client.invoke().function_name("mail");
    let call = call.invocation_type(InvocationType::Event);
    let sent = call.payload(br#"{"to":"me"}"#.to_vec().into()).send().await;
    match sent.map_err(|error| error.to_string())?.status_code() {
        202 => Ok(()),
        status => Err(format!("status {status}")),
    }
}

fn mail(lambda: &FakeLambda) {
    lambda.on("mail").reply(json!(null));
}

#[test]
fn an_event_is_lost_runs_twice_or_is_sent_again() {
    let report = sweep(mail, send).run();
    report.assert();
    assert_snapshot!(report, @r#"
    95 cells: 6 repeats, 7 gives up, 11 wastes, 35 fails, 28 recovers, 8 tolerates
    golden run: Ok(()), mail 1 attempt
    mail, once
      repeats    event delivered twice: ok, `mail` ran once too often, 1 attempt
      repeats    ResetInHead, TruncateHead: ok, `mail` ran once too often, 2 attempts, within 1s
      gives up   5 temporary service errors, Hang, Garbage: 1 attempt, within 100s
      fails      9 permanent service errors: 1 attempt
      recovers   4 function errors, 3 damaged replies: 1 attempt, within 20s
      recovers   lost event: did not run, 1 attempt
      recovers   5 temporary service errors, 11 permanent service errors, Reset, CloseBeforeReply: 2 attempts, within 1s
    mail, always
      repeats    event delivered twice: ok, `mail` ran once too often, 1 attempt
      repeats    ResetInHead, TruncateHead: failed, `mail` ran 2 times too many, 3 attempts, within 1s
      wastes     11 permanent service errors: failed, 2 useless attempts, within 1s
      fails      5 temporary service errors, 9 permanent service errors, Hang, Garbage: 1 attempt, within 100s
      fails      5 temporary service errors, Reset, CloseBeforeReply: 3 attempts, within 1s
      tolerates  4 function errors, 3 damaged replies: 1 attempt, within 20s
      tolerates  lost event: did not run, 1 attempt
    mail, other
      fails      throttle 5 times, throttle for 10s: 3 attempts, within 1s
      recovers   throttle once: 2 attempts, within 1s
      recovers   throttle 2 times: 3 attempts, within 1s
    every function, other
      fails      outage for 5s: 0 attempts, within 1s
    not possible at mail: TruncateAfter, ResetAfter, StallAfter, Dribble, BadChunk, LengthTooLong, LengthTooShort, 1s late, 30s late, 900s late
    "#);
}

/// The function of an accepted event runs after its 202, even if the 202 is lost.
#[test]
fn a_lost_acceptance_is_ambiguous() {
    let modes = Modes::from(Fault::Reset).and(Fault::ResetInHead);
    let report = sweep(mail, send).modes(modes).run();
    let natures: Vec<Nature> = report.cells().iter().map(|cell| cell.nature()).collect();
    use Nature::{Ambiguous, Temporary};
    assert_eq!(natures, [Temporary, Temporary, Ambiguous, Ambiguous]);
}

#[test]
fn the_timeline_of_a_cell_shows_the_executions_of_events() {
    let report = sweep(mail, send).modes(Modes::events()).run();
    let cells = report.cells().iter();
    let twice = cells.filter(|cell| cell.mode() == "event delivered twice");
    let timelines: Vec<&str> = twice.map(|cell| cell.timeline()).collect();
    assert_snapshot!(timelines[0], @r#"
    1 call, 1 attempt, in 0.0 ms (on tokio's clock)
    1 |#                                       | mail Event {"to":"me"}
      0.0 ms + 0.0 ms: attempt 1/3, 11 bytes in → 202 (chaos: window 1)
        execution 1 → 200 null
        Success
        delivered again
          execution 1 → 200 null
          Success
    "#);
    // The second execution is a minute after the end of the run.
    let fails = sweep(mail, send).modes(Modes::function_errors()).run();
    assert_snapshot!(fails.cells()[0].timeline(), @r#"
    1 call, 1 attempt, in 0.0 ms (on tokio's clock)
    1 |#                                       | mail Event {"to":"me"}
      0.0 ms + 0.0 ms: attempt 1/3, 11 bytes in → 202 (chaos: window 1)
        execution 1 → 200 function error {"errorMessage":"boom","errorType":"Error"}
        execution 2 after 1m → 200 null
        Success
    "#);
}

/// The second delivery gets the script's reply, as the first one does.
#[test]
fn an_idempotent_function_does_the_work_of_an_event_once() {
    let setup = |lambda: &FakeLambda| {
        let mail = lambda.on("mail");
        let mail = mail.idempotent_by(|invocation: &Invocation| invocation.payload_json());
        mail.reply(json!("sent"));
    };
    let report = sweep(setup, send).modes(Modes::events()).run();
    assert_snapshot!(report, @r"
    4 cells: 2 recovers, 2 tolerates
    golden run: Ok(()), mail 1 attempt
    mail, once
      recovers   event delivered twice: 1 attempt
      recovers   lost event: did not run, 1 attempt
    mail, always
      tolerates  event delivered twice: 1 attempt
      tolerates  lost event: did not run, 1 attempt
    ");
    assert_snapshot!(report.cells()[2].timeline(), @r#"
    1 call, 1 attempt, in 0.0 ms (on tokio's clock)
    1 |#                                       | mail Event {"to":"me"}
      0.0 ms + 0.0 ms: attempt 1/3, 11 bytes in → 202 (chaos: window 1)
        execution 1 → 200 "sent"
        Success
        delivered again
          execution 1 → 200 "sent" (idempotent: not executed again)
          Success
    "#);
}

/// The code that a sweep runs can write the setup of its fake.
#[test]
fn a_failure_mode_that_no_scenario_has_is_reported_as_code() {
    let reports = Mutex::new(Vec::new());
    let run = async |lambda: &FakeLambda| {
        let written = lambda.to_scenario().map_err(|report| report.to_string());
        reports.lock().unwrap().push(written.err());
        send(lambda).await
    };
    sweep(mail, run).modes(Modes::events()).run();
    let reports = reports.into_inner().unwrap();
    let is_listed = |text: &&String| text.contains("a failure mode of a sweep");
    assert_eq!(reports.iter().flatten().filter(is_listed).count(), 2);
}

//! Refusals: actions on a fake that was dropped, edits that a live rule does not allow, and
//! features that a transport does not have.

use super::Report;
use super::label::{Conditions, rule};
use crate::behavior::rules::EditError;
use crate::ground::message::Message;
use crate::record::finding::RuleLabel;
use crate::reply::capability::{Capability, Need};

/// An action on a fake that was dropped: `cannot add a rule`.
pub(crate) fn fake_was_dropped(what: &str) -> Report {
    Report::of(dropped_message(what))
}

fn dropped_message(what: &str) -> Message {
    Message::new(
        format!("{what}: the fake was dropped"),
        "keep the `FakeLambda` in a variable until the end of the test; a `Handle` does not keep it alive",
    )
}

/// An edit that a live rule does not allow.
pub(crate) fn refused_edit(verb: &str, error: EditError, label: &RuleLabel) -> Report {
    let message = match error {
        EditError::TimesZero => Message::new(
            "`times(0)` makes a step that never answers",
            "remove this step, or use at least 1",
        ),
        EditError::TimesTwice { first } => Message::new(
            format!("this step already has `times({first})`"),
            "remove one of the two, or start the next step with `.then(..)`",
        ),
        EditError::AnsweredAlready { answered, allowed } => Message::new(
            match verb {
                "times" => format!(
                    "`times({allowed})` was called too late: this step has already answered {answered} times"
                ),
                _ => format!(
                    "`{verb}` was called too late: the step before it has already answered {answered} times, and its limit is {allowed}"
                ),
            },
            "write the whole script before the first call, or hold requests with `lambda.pause()`",
        ),
        EditError::Dropped => dropped_message(&format!("cannot call `{verb}`")),
        EditError::Removed => Message::new(
            format!("cannot call `{verb}`: this rule was removed"),
            "start another rule with `lambda.on(..)`",
        ),
    };
    let line = format!("rule: {}", rule(label, Conditions::Listed));
    Report::of(message.line(line))
}

/// Something that only a fake with a port has: `` `port` ``.
pub(crate) fn needs_port(written: &str) -> Report {
    Report::of(
        Message::new(
            format!("{written} cannot be used on a fake in memory: it has no port"),
            "start this fake with `FakeLambda::start()`",
        )
        .line("only clients of this process reach a fake in memory, through `sdk_client!`, `http_client()` or `connect()`"),
    )
}

/// A feature that a fake mounted on another server does not have.
pub(crate) fn needs_server(need: &Need) -> Report {
    Report::of(server_message(need, None))
}

/// A feature that a reply needs and that a fake mounted on another server does not have, with the
/// rule of the reply.
pub(crate) fn reply_needs_server(need: &Need, label: &RuleLabel) -> Report {
    Report::of(server_message(need, Some(label)))
}

/// The message about a feature that a mounted fake does not have, for a report that contains more.
pub(crate) fn server_message(need: &Need, label: Option<&RuleLabel>) -> Message {
    const ONE: &str = "a mock server answers one request at a time";
    const WHOLE: &str = "a mock server sends whole replies, one at a time";
    let written = &need.written;
    let (error, why) = match need.capability {
        Capability::RawBytes => (format!("{written} cannot be sent by"), WHOLE),
        Capability::Concurrency => (format!("{written} has no effect on"), ONE),
        Capability::Hold
        | Capability::BodyDelay
        | Capability::Streaming
        | Capability::DelayedClose => (format!("{written} cannot be used on"), WHOLE),
        Capability::NoDate => (
            format!("{written} cannot be used on"),
            "a mock server always sends this header",
        ),
        Capability::Pause => (format!("{written} cannot be used on"), ONE),
        Capability::Outage => (
            format!("{written} cannot be used on"),
            "the connections belong to the mock server",
        ),
    };
    let rule = label.map(|label| format!("rule: {}", rule(label, Conditions::Listed)));
    Message::new(
        format!("{error} a `wiremock::MockServer`"),
        "start this fake with `FakeLambda::start()` instead of `mount_on`",
    )
    .lines(rule)
    .line(why)
}

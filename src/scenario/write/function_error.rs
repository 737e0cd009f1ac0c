//! How a function failed: under the name of the constructor where one makes the same.

use std::time::Duration;

use super::super::print::Out;
use super::{written_bytes, written_duration};
use crate::aws::function_error::{FunctionError, Payload, Thrown};
use crate::ground::json::Tree;

pub(super) fn written_function_error(error: &FunctionError) -> Out {
    if let Some(named) = written_by_name(error) {
        return Out::object([named]);
    }
    match error.parts() {
        Payload::Thrown(thrown) => written_thrown(thrown, None),
        Payload::Platform { error_type, text } => {
            let platform = [
                ("error_type", Out::text(error_type)),
                ("text", Out::text(text)),
            ];
            Out::object([("platform", Out::object(platform))])
        }
        Payload::Given(bytes) => {
            let compact = Tree::of(bytes).map(|tree| tree.compact(Tree::ROOT));
            Out::object([match compact {
                Some(compact) if compact.as_bytes() == bytes => ("payload", Out::Raw(compact)),
                _ => ("bytes", written_bytes(bytes)),
            }])
        }
    }
}

/// What has a constructor of its own.
fn written_by_name(error: &FunctionError) -> Option<(&'static str, Out)> {
    let is_so = || Out::is_so();
    let constants = [
        ("out_of_memory", FunctionError::out_of_memory()),
        ("response_too_large", FunctionError::response_too_large()),
        ("invalid_entrypoint", FunctionError::invalid_entrypoint()),
    ];
    if let Some((word, _)) = constants.iter().find(|(_, known)| known == error) {
        return Some((word, is_so()));
    }
    if let Some(code) = (0..=255).find(|code| FunctionError::exited(*code) == *error) {
        return Some(("exited", Out::Raw(code.to_string())));
    }
    let Payload::Platform { text, .. } = error.parts() else {
        return None;
    };
    // `Task timed out after 3.00 seconds`
    let hundredths: u64 = text
        .chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .ok()?;
    let timeout = Duration::from_millis(hundredths.checked_mul(10)?);
    let is_same = FunctionError::try_timed_out(timeout).is_ok_and(|known| known == *error);
    is_same.then(|| ("timed_out", written_duration(timeout)))
}

/// A cause is of the runtime of what it caused.
fn written_thrown(thrown: &Thrown, caused: Option<&Thrown>) -> Out {
    let mut members = vec![
        ("error_type", Out::text(&thrown.error_type)),
        ("message", Out::text(&thrown.message)),
    ];
    if let (Some(runtime), None) = (thrown.runtime, caused) {
        members.push(("runtime", Out::text(runtime.as_str())));
    }
    if thrown.at_init {
        members.push(("at_init", Out::is_so()));
    }
    if let Some(stack) = &thrown.stack {
        let frames = stack.iter().map(|frame| Out::text(frame));
        members.push(("stack", Out::Array(frames.collect())));
    }
    if let Some(cause) = &thrown.cause {
        members.push(("cause", written_thrown(cause, Some(thrown))));
    }
    Out::object(members)
}

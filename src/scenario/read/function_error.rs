//! How a function failed.

use std::sync::Arc;

use super::super::document::{Problem, Value};
use super::super::vocabulary::FUNCTION_ERROR;
use super::{bytes, duration};
use crate::aws::function_error::{FunctionError, Thrown};

pub(super) fn function_error(value: &Value<'_>) -> Result<FunctionError, Problem> {
    if value.member("error_type").is_some() {
        let parts = thrown(value, None)?;
        return FunctionError::of_parts(parts).map_err(|text| value.problem(text));
    }
    let (name, argument) = value.first_of(&FUNCTION_ERROR);
    let refused = |text: String| argument.problem(text);
    match name {
        "platform" => Ok(FunctionError::platform(
            argument.needed("error_type").text()?,
            argument.needed("text").text()?,
        )),
        "timed_out" => FunctionError::try_timed_out(duration(&argument)?).map_err(refused),
        "out_of_memory" => Ok(FunctionError::out_of_memory()),
        "exited" => FunctionError::try_exited(argument.number()).map_err(refused),
        "response_too_large" => Ok(FunctionError::response_too_large()),
        "invalid_entrypoint" => Ok(FunctionError::invalid_entrypoint()),
        "payload" => Ok(FunctionError::bytes(argument.compact())),
        "bytes" => Ok(FunctionError::bytes(bytes(&argument)?)),
        other => unreachable!("the vocabulary has no function error `{other}`"),
    }
}

/// The parts of an error that a runtime writes; a cause is of the runtime of what it caused.
fn thrown(value: &Value<'_>, caused: Option<&Thrown>) -> Result<Thrown, Problem> {
    let (error_type, message) = (value.needed("error_type"), value.needed("message"));
    let mut parts = Thrown::new(&error_type.text()?, &message.text()?);
    parts.runtime = match value.member("runtime") {
        Some(word) => {
            let runtime = word.text()?.parse();
            Some(runtime.map_err(|unknown| word.problem(format!("{unknown}")))?)
        }
        None => caused.and_then(|caused| caused.runtime),
    };
    parts.at_init = value.member("at_init").is_some();
    if let Some(stack) = value.member("stack") {
        let frames: Result<Vec<String>, _> = stack.items().map(|frame| frame.text()).collect();
        parts.stack = Some(frames?.into());
    }
    if let Some(cause) = value.member("cause") {
        parts.cause = Some(Arc::new(thrown(&cause, Some(&parts))?));
    }
    let mut following = ["at_init", "stack", "cause"].into_iter();
    match following.find_map(|word| value.member(word)) {
        Some(part) if parts.runtime.is_none() => {
            Err(part
                .problem("whether there is one follows from the `runtime`, and the error has none"))
        }
        _ => Ok(parts),
    }
}

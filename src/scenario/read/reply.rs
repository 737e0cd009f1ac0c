//! Replies: values, errors and faults, and how they are sent.

use super::super::document::{Problem, Value, ValueKind};
use super::super::vocabulary::{COUNTED_FAULTS, MEASURED_FAULT, PLAIN_FAULTS};
use super::function_error::function_error;
use super::{bytes, duration};
use crate::aws::service_error::ServiceError;
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::reply::{Answer, Reply};

/// What a step answers.
pub(super) fn reply(value: &Value<'_>) -> Result<Reply, Problem> {
    let reply = trouble(value)?;
    match reply.mistake() {
        Some(mistake) => Err(value.problem(mistake)),
        None => Ok(reply),
    }
}

/// What a hit does: a reply, or a fault that damages one of a script.
pub(super) fn trouble(value: &Value<'_>) -> Result<Reply, Problem> {
    let mut reply = answer(value)?;
    for (name, value) in value.members() {
        let refused = |text: String| value.problem(text);
        reply = match &*name {
            "message" => reply.try_message(&value.text()?).map_err(refused)?,
            "reason" => reply.try_reason(&value.text()?).map_err(refused)?,
            "retry_after" => reply.try_retry_after(duration(&value)?).map_err(refused)?,
            "ec2_error_code" => reply.try_ec2_error_code(&value.text()?).map_err(refused)?,
            "executed_version" => reply
                .try_executed_version(&value.text()?)
                .map_err(refused)?,
            "log" => each(reply, &value, |reply, line| {
                reply.try_log(&line.text()?).map_err(refused)
            })?,
            "header" => each(reply, &value, |reply, field| {
                let (name, value) = (field.needed("name").text()?, field.needed("value").text()?);
                reply
                    .try_header(&name, &value)
                    .map_err(|text| field.problem(text))
            })?,
            "without_header" => each(reply, &value, |reply, name| {
                reply
                    .try_without_header(&name.text()?)
                    .map_err(|text| name.problem(text))
            })?,
            "status" => reply.try_status(value.number()).map_err(refused)?,
            "body" => reply.try_body(bytes(&value)?).map_err(refused)?,
            "timeout" => reply.try_timeout(duration(&value)?).map_err(refused)?,
            "delay" => reply.try_delay(delay(&value)?).map_err(refused)?,
            "body_delay" => reply.try_body_delay(delay(&value)?).map_err(refused)?,
            "fault" if matches!(reply.answer, Answer::Fault(_)) => reply,
            "fault" => reply.try_fault(fault(&value)?).map_err(refused)?,
            _ => reply,
        };
    }
    Ok(reply)
}

/// What the key says that tells the kind.
fn answer(value: &Value<'_>) -> Result<Reply, Problem> {
    if let Some(json) = value.member("json") {
        return Ok(Reply::payload(json.compact().into()));
    }
    if let Some(error) = value.member("function_error") {
        return Ok(function_error(&error)?.into());
    }
    if let Some(error) = value.member("error") {
        let known: Result<ServiceError, _> = error.text()?.parse();
        let known = known.map_err(|unknown| error.problem(unknown.to_string()))?;
        return Ok(Reply::error(known));
    }
    if let Some(error) = value.member("unmodeled_error") {
        let (code, status) = (error.needed("code"), error.needed("status").number());
        return Reply::try_unmodeled_error(&code.text()?, status)
            .map_err(|text| code.problem(text));
    }
    if let Some(http) = value.member("http") {
        let body = http.member("body").as_ref().map(bytes).transpose()?;
        return Reply::try_http(http.needed("status").number(), body.unwrap_or_default())
            .map_err(|text| http.problem(text));
    }
    Ok(fault(&value.needed("fault"))?.into())
}

/// A verb that is said once for each element.
fn each(
    reply: Reply,
    list: &Value<'_>,
    mut add: impl FnMut(Reply, &Value<'_>) -> Result<Reply, Problem>,
) -> Result<Reply, Problem> {
    let mut reply = reply;
    for value in list.items() {
        reply = add(reply, &value)?;
    }
    Ok(reply)
}

pub(super) fn delay(value: &Value<'_>) -> Result<Delay, Problem> {
    if value.kind() == ValueKind::Text {
        return Ok(duration(value)?.into());
    }
    let part = |word| duration(&value.needed(word));
    if value.member("p50").is_some() {
        return Delay::try_log_normal(part("p50")?, part("p99")?)
            .map_err(|text| value.problem(text));
    }
    Ok((part("from")?..=part("to")?).into())
}

fn fault(value: &Value<'_>) -> Result<Fault, Problem> {
    if value.kind() == ValueKind::Text {
        let word = value.text()?;
        let known = PLAIN_FAULTS.iter().find(|(known, _)| *known == word);
        return Ok(known.expect("the shape knows the word").1);
    }
    let (word, measure) = value.first_of(&MEASURED_FAULT);
    if let Some((_, fault)) = COUNTED_FAULTS.iter().find(|(known, _)| *known == word) {
        return Ok(fault(measure.size()?));
    }
    let (bytes, every) = (
        measure.needed("bytes").size()?,
        duration(&measure.needed("every"))?,
    );
    Ok(match word {
        "SlowHead" => Fault::SlowHead { bytes, every },
        "Dribble" => Fault::Dribble { bytes, every },
        other => unreachable!("the vocabulary has no fault `{other}`"),
    })
}

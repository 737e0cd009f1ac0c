//! Limits, states and starts of functions.

use super::super::document::{Problem, Value, ValueKind};
use super::super::vocabulary::CONSTRAINT;
use super::reply::delay;
use super::{duration, target};
use crate::aws::target::Target;
use crate::behavior::constraints::{Lasting, Rate, Setting};
use crate::ground::location::Location;

/// A constraint as it was read.
pub(in crate::scenario) struct ReadConstraint {
    pub(in crate::scenario) target: Option<Target>,
    pub(in crate::scenario) setting: Setting,
    pub(in crate::scenario) written_at: Location,
}

pub(super) fn constraint(value: &Value<'_>) -> Result<ReadConstraint, Problem> {
    let (verb, first) = value.first_of(&CONSTRAINT);
    let of_function = !matches!(verb, "account_concurrency" | "rate_limit");
    let target = of_function.then(|| target(&first)).transpose()?;
    let setting = match verb {
        "reserve_concurrency" => Setting::Reserved(value.needed("executions").number()),
        "account_concurrency" => Setting::Account(first.number()),
        "rate_limit" => Setting::CallerRate(rate(verb, &first, value)?),
        "function_rate_limit" => {
            Setting::FunctionRate(rate(verb, &value.needed("per_second"), value)?)
        }
        "pending" => Setting::Pending(lasting(&value.needed("lasting"))?),
        "updating" => Setting::Updating(lasting(&value.needed("lasting"))?),
        "cold_starts" => Setting::ColdStarts(delay(&value.needed("init"))?),
        "snap_start" => Setting::SnapStart {
            not_ready: lasting(&value.needed("not_ready"))?,
            restore: delay(&value.needed("restore"))?,
        },
        other => unreachable!("the vocabulary has no constraint `{other}`"),
    };
    match setting.mistake(target.as_ref()) {
        Some(mistake) => Err(value.problem(mistake)),
        None => Ok(ReadConstraint {
            target,
            setting,
            written_at: value.location(),
        }),
    }
}

fn rate(verb: &str, per_second: &Value<'_>, value: &Value<'_>) -> Result<Rate, Problem> {
    let burst = value.needed("burst").number();
    Rate::of(verb, per_second.number(), burst).map_err(|text| value.problem(text))
}

fn lasting(value: &Value<'_>) -> Result<Lasting, Problem> {
    match value.kind() {
        ValueKind::Text => Ok(duration(value)?.into()),
        ValueKind::Array
        | ValueKind::Flag
        | ValueKind::Null
        | ValueKind::Number
        | ValueKind::Object => Ok(value.number::<u64>().into()),
    }
}

//! Trouble by chance.

use super::super::document::{Problem, Value};
use super::super::vocabulary::MODE;
use super::reply::trouble;
use super::{count, target};
use crate::behavior::chaos::{AttemptPattern, Chaos, Hit};
use crate::ground::location::Location;

/// Chaos as it was read, and where.
pub(super) fn chaos(value: &Value<'_>) -> Result<(Chaos, Location), Problem> {
    if let Some(hits) = value.member("replay") {
        let hits: Result<Vec<Hit>, Problem> = hits.items().map(|value| hit(&value)).collect();
        let chaos = Chaos::try_replay(hits?).map_err(|text| value.problem(text))?;
        return Ok((chaos, value.location()));
    }
    let mut chaos = match value.member("seeded") {
        Some(seed) => Chaos::seeded(seed.number()),
        None => Chaos::new(),
    };
    for mode in value.needed("modes").items() {
        let what = mode.needed("what");
        chaos = chaos
            .try_with(when(&mode)?, trouble(&what)?, what.location())
            .map_err(|text| mode.problem(text))?;
    }
    if let Some(attempts) = value.member("succeed_first") {
        chaos = chaos.succeed_first(attempts.number());
    }
    for function in value.member("on").iter().flat_map(Value::items) {
        // Parsed here first: `on` panics where this reports.
        target(&function)?;
        chaos = chaos.on(function.text()?);
    }
    match chaos.mistake() {
        Some(_) => Err(value.problem("this chaos hits nothing: give it a mode")),
        None => Ok((chaos, value.location())),
    }
}

fn when(mode: &Value<'_>) -> Result<AttemptPattern, Problem> {
    let (verb, first) = mode.first_of(&MODE);
    let attempts = || mode.needed("attempts").number();
    Ok(match verb {
        "rate" => AttemptPattern::Rate(first.number()),
        "every" => AttemptPattern::Every(first.number()),
        "burst" => AttemptPattern::Burst {
            rate: first.number(),
            attempts: attempts(),
        },
        "window" => AttemptPattern::Window(count(&first)?),
        "ramp" => AttemptPattern::Ramp {
            from: first.needed("from").number(),
            to: first.needed("to").number(),
            attempts: attempts(),
        },
        other => unreachable!("the vocabulary has no mode `{other}`"),
    })
}

fn hit(value: &Value<'_>) -> Result<Hit, Problem> {
    let what = value.needed("what");
    let (target, attempt) = (
        target(&value.needed("target"))?,
        value.needed("attempt").number(),
    );
    Hit::try_new(target, attempt, trouble(&what)?, what.location())
        .map_err(|text| value.problem(text))
}

//! Trouble by chance.

use super::super::print::Out;
use super::{Members, written_count};
use crate::behavior::chaos::{AttemptPattern, Chaos, Source};
use crate::reply::reply::Reply;

/// What of it is code is added to `code`.
pub(super) fn written_chaos(chaos: &Chaos, code: &mut Vec<String>) -> Out {
    let mut seed = None;
    match chaos.source() {
        Source::Fake => {}
        Source::Seed(number) => seed = Some(number),
        Source::Replay(hits) => {
            let hits = hits.iter().map(|hit| {
                let target = ("target", Out::text(&hit.written_target()));
                let attempt = ("attempt", Out::Raw(hit.attempt().to_string()));
                with_what(vec![target, attempt], hit.reply(), code)
            });
            return Out::object([("replay", Out::Array(hits.collect()))]);
        }
    }
    let mut members = Vec::new();
    if let Some(seed) = seed {
        members.push(("seeded", Out::Raw(seed.to_string())));
    }
    let modes = chaos
        .modes()
        .map(|(when, what)| with_what(written_when(when), what, code));
    members.push(("modes", Out::Array(modes.collect())));
    if chaos.spared() > 0 {
        members.push(("succeed_first", Out::Raw(chaos.spared().to_string())));
    }
    if !chaos.scope().is_empty() {
        let functions = chaos.scope().iter();
        let functions = functions.map(|target| Out::text(&target.written()));
        members.push(("on", Out::Array(functions.collect())));
    }
    Out::object(members)
}

fn written_when(when: AttemptPattern) -> Vec<(&'static str, Out)> {
    let rate = |rate: f64| Out::Raw(rate.to_string());
    let attempts = |attempts: u64| ("attempts", Out::Raw(attempts.to_string()));
    match when {
        AttemptPattern::Rate(share) => vec![("rate", rate(share))],
        AttemptPattern::Every(number) => vec![("every", Out::Raw(number.to_string()))],
        AttemptPattern::Burst {
            rate: share,
            attempts: number,
        } => {
            vec![("burst", rate(share)), attempts(number)]
        }
        AttemptPattern::Window(count) => vec![("window", written_count(count))],
        AttemptPattern::Ramp {
            from,
            to,
            attempts: number,
        } => {
            let rates = Out::object([("from", rate(from)), ("to", rate(to))]);
            vec![("ramp", rates), attempts(number)]
        }
    }
}

fn with_what(members: Vec<(&'static str, Out)>, what: &Reply, code: &mut Vec<String>) -> Out {
    let mut members = Members { members, code };
    members.reply("what", what);
    Out::object(members.members)
}

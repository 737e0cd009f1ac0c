//! All chaos of one fake, and the attempts it has hit.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::hit::{key_of, on_one_attempt};
use super::mode::{Draws, Mode, first};
use super::what::Effect;
use super::{Chaos, Hit, Source};
use crate::aws::target::Target;
use crate::ground::draws::{hashed, mixed};
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::request::invocation::Invocation;

/// The most hits to keep of one chaos; a test with more cannot sensibly be replayed.
const MAX_HITS: usize = 100_000;

/// The index of a `Chaos`, in start order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ChaosId(usize);

/// All chaos of one fake, including stopped ones.
pub(crate) struct ChaosSet {
    region: Arc<str>,
    account: Arc<str>,
    all: Vec<Started>,
}

/// The target in full, the payload and the number of the attempt.
type HitKey = (Target, Option<Arc<str>>, u64);

/// One chaos that was started.
struct Started {
    chaos: Chaos,
    seed: u64,
    /// The number of earlier ones with the same seed, so that each draws differently.
    twin: u64,
    /// The hits of a replay.
    replayed: FxHashMap<HitKey, Arc<Hit>>,
    /// Whether its hits depend on payloads.
    asks_for_payload: bool,
    written_at: Location,
    stopped: bool,
    reported: bool,
    hits: Vec<Arc<Hit>>,
}

/// An attempt, with the numbers and the payload that decide whether chaos hits it.
#[derive(Clone, Debug)]
pub(crate) struct Numbered<'a> {
    /// Its target, with region and account.
    pub(crate) target: &'a Target,
    /// Its number at its target, from 1.
    pub(crate) at_target: u64,
    /// Its number at its function, from 1.
    pub(crate) at_function: u64,
    /// Its number within its call, from 1.
    pub(crate) in_call: u64,
    /// The key of its payload, which equal payloads share; `None` if no chaos needs it.
    pub(crate) payload: Option<Arc<str>>,
}

/// An attempt that is hit, and the chaos that hits it.
#[derive(Clone, Debug)]
pub(crate) struct DrawnHit {
    pub(crate) by: ChaosId,
    pub(crate) hit: Arc<Hit>,
}

impl DrawnHit {
    /// Returns `true` if it answers instead of the script and consumes no step.
    pub(crate) fn is_whole(&self) -> bool {
        match self.hit.what() {
            Effect::Reply(_) => self.hit.damage().is_none(),
            Effect::Delay(_) | Effect::Stream(_) | Effect::Delivered(_) => false,
        }
    }
}

/// A target that chaos names.
#[derive(Debug)]
pub(crate) struct NamedTarget {
    pub(crate) by: ChaosId,
    pub(crate) target: Target,
    /// The target, with region and account.
    pub(crate) in_full: Target,
    /// Whether it matches only exactly this qualifier, as the target of a hit does.
    pub(crate) is_exact: bool,
    pub(crate) written_at: Location,
}

/// The data about all chaos of a fake for a failure message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Summary {
    /// The seeds of the random ones.
    pub(crate) seeds: Vec<u64>,
    /// The hits, sorted by target, payload and attempt.
    pub(crate) hits: Vec<Hit>,
    /// How many attempts were hit; attempts with equal payloads can share one of the hits.
    pub(crate) attempts: usize,
}

/// A `Chaos` that hit nothing.
#[derive(Clone, Debug)]
pub(crate) struct IdleChaos {
    pub(crate) written_at: Location,
    /// The attempts that it selects, such as `rate 0`; for a replay, the code of the hit.
    pub(crate) pattern: String,
    pub(crate) kind: IdleKind,
}

/// How an idle chaos selects its hits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IdleKind {
    /// With a probability.
    Random,
    /// By number.
    Counted,
    Replay {
        is_keyed_by_payload: bool,
    },
}

impl ChaosSet {
    /// An empty set for a fake with this region and account.
    pub(crate) fn new(region: Arc<str>, account: Arc<str>) -> Self {
        Self {
            region,
            account,
            all: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The message if two hits of a replay are on the same attempt of this fake, such as those for
    /// a name and for its ARN.
    pub(crate) fn mistake(&self, chaos: &Chaos) -> Option<Message> {
        let Source::Replay(hits) = &chaos.source else {
            return None;
        };
        let in_full = hits.iter().map(|hit| Hit {
            target: self.in_full(&hit.target),
            ..hit.clone()
        });
        let in_full: Vec<Hit> = in_full.collect();
        let (first, second) = on_one_attempt(&in_full)?;
        Some(hits[second].repeats(&hits[first]))
    }

    /// Starts another chaos; `seed` is the fake's.
    pub(crate) fn add(&mut self, chaos: Chaos, seed: u64, written_at: Location) -> ChaosId {
        let id = ChaosId(self.all.len());
        let mut replayed = FxHashMap::default();
        let seed = match &chaos.source {
            Source::Fake => seed,
            Source::Seed(seed) => *seed,
            Source::Replay(hits) => {
                for hit in hits {
                    let target = self.in_full(&hit.target);
                    let key = (target, hit.payload.clone(), hit.attempt);
                    let mut hit = hit.clone();
                    hit.target = self.in_short(&key.0);
                    hit.reason = "replay".into();
                    replayed.insert(key, Arc::new(hit));
                }
                0
            }
        };
        let asks_for_payload = match &chaos.source {
            Source::Replay(hits) => hits.iter().any(|hit| hit.payload.is_some()),
            Source::Fake | Source::Seed(_) => chaos.is_keyed,
        };
        let is_twin = |other: &&Started| other.has_seed() && other.seed == seed;
        let twin = self.all.iter().filter(is_twin).count() as u64;
        self.all.push(Started {
            chaos,
            seed,
            twin,
            replayed,
            asks_for_payload,
            written_at,
            stopped: false,
            reported: false,
            hits: Vec::new(),
        });
        id
    }

    /// The hit on this attempt, if there is one; the newest chaos is tried first.
    ///
    /// If a `Chaos` draws a hit that `may` does not allow for this attempt, older ones are tried.
    pub(crate) fn draw(
        &self,
        attempt: &Numbered<'_>,
        may: impl Fn(&Hit) -> bool,
    ) -> Option<DrawnHit> {
        let all = self.all.iter().enumerate().rev();
        let mut live = all.filter(|(_, running)| !running.stopped);
        live.find_map(|(index, running)| {
            let hit = self.hit_of(running, attempt);
            let by = ChaosId(index);
            hit.filter(|hit| may(hit)).map(|hit| DrawnHit { by, hit })
        })
    }

    /// The payload of an attempt, where some chaos asks for it.
    pub(crate) fn payload_of(&self, invocation: &Invocation) -> Option<Arc<str>> {
        let mut live = self.all.iter().filter(|running| !running.stopped);
        let asks = live.any(|running| running.asks_for_payload);
        asks.then(|| key_of(invocation.json_payload()))
    }

    /// Records a hit that happened.
    pub(crate) fn note(&mut self, drawn: &DrawnHit) {
        let hits = &mut self.all[drawn.by.0].hits;
        if hits.len() < MAX_HITS {
            hits.push(drawn.hit.clone());
        }
    }

    /// Removes a recorded hit, because it had no effect.
    pub(crate) fn forget(&mut self, hit: &Arc<Hit>) {
        for running in &mut self.all {
            // It is nearly always the newest.
            let index = running
                .hits
                .iter()
                .rposition(|known| Arc::ptr_eq(known, hit));
            if let Some(index) = index {
                running.hits.remove(index);
            }
        }
    }

    /// Returns `true` if a hit of some chaos depends on the fake's own seed.
    pub(crate) fn draws_of_fake(&self) -> bool {
        let mut all = self.all.iter();
        all.any(|running| running.draws() && matches!(running.chaos.source, Source::Fake))
    }

    /// Where the chaos that made a hit was started.
    pub(crate) fn started_at(&self, hit: &Arc<Hit>) -> Option<&Location> {
        let made = |running: &&Started| running.hits.iter().any(|known| Arc::ptr_eq(known, hit));
        Some(&self.all.iter().find(made)?.written_at)
    }

    pub(crate) fn stop(&mut self, id: ChaosId) {
        self.all[id.0].stopped = true;
    }

    /// All that were not stopped, oldest first, each with its location and whether an earlier one
    /// with the same seed was stopped.
    pub(crate) fn live(&self) -> impl Iterator<Item = (&Chaos, &Location, bool)> {
        let live = self.all.iter().enumerate();
        let live = live.filter(|(_, running)| !running.stopped);
        live.map(|(index, running)| {
            let mut before = self.all[..index].iter();
            let draws_after = running.has_seed()
                && before
                    .any(|other| other.stopped && other.has_seed() && other.seed == running.seed);
            (&running.chaos, &running.written_at, draws_after)
        })
    }

    /// The hits of one chaos, sorted by target, payload and attempt.
    pub(crate) fn hits(&self, id: ChaosId) -> Vec<Hit> {
        sorted([&self.all[id.0]])
    }

    /// The data for a failure message; `None` if there is no chaos.
    pub(crate) fn summary(&self) -> Option<Summary> {
        let seeds = self.all.iter().filter(|running| running.draws());
        (!self.is_empty()).then(|| Summary {
            seeds: seeds.map(|running| running.seed).collect(),
            hits: sorted(&self.all),
            attempts: self.all.iter().map(|running| running.hits.len()).sum(),
        })
    }

    /// The newest live chaos that could hit this target (any target if `None`) but hit nothing.
    pub(crate) fn idle(&self, target: Option<&Target>) -> Option<IdleChaos> {
        let live = self.all.iter().rev().filter(|running| !running.stopped);
        let mut idle = live.filter(|running| running.hits.is_empty());
        idle.find_map(|running| {
            let idle = |pattern: String, kind| IdleChaos {
                written_at: running.written_at.clone(),
                pattern,
                kind,
            };
            let is_meant = |named: &Target| target.is_none_or(|target| target.overlaps(named));
            if let Source::Replay(hits) = &running.chaos.source {
                let hit = hits.iter().find(|hit| is_meant(&hit.target))?;
                let is_keyed_by_payload = hit.payload.is_some();
                let kind = IdleKind::Replay {
                    is_keyed_by_payload,
                };
                return Some(idle(hit.to_string(), kind));
            }
            let scope = &running.chaos.scope;
            if !scope.is_empty() && !scope.iter().any(is_meant) {
                return None;
            }
            let mode = running.chaos.modes.first()?;
            let kind = match mode.draws() {
                true => IdleKind::Random,
                false => IdleKind::Counted,
            };
            Some(idle(mode.when.to_string(), kind))
        })
    }

    /// The targets named by each chaos that has not been reported yet.
    pub(crate) fn unreported(&self) -> Vec<NamedTarget> {
        let unreported = self.all.iter().enumerate();
        let unreported = unreported.filter(|(_, running)| !running.reported);
        let named = unreported.flat_map(|(index, running)| {
            let (targets, is_exact): (Vec<&Target>, _) = match &running.chaos.source {
                Source::Replay(hits) => (hits.iter().map(|hit| &hit.target).collect(), true),
                Source::Fake | Source::Seed(_) => (running.chaos.scope.iter().collect(), false),
            };
            targets.into_iter().map(move |target| NamedTarget {
                by: ChaosId(index),
                target: target.clone(),
                in_full: self.in_full(target),
                is_exact,
                written_at: running.written_at.clone(),
            })
        });
        named.collect()
    }

    /// Records that verification has reported the targets of this chaos.
    pub(crate) fn mark_reported(&mut self, id: ChaosId) {
        self.all[id.0].reported = true;
    }

    fn hit_of(&self, running: &Started, attempt: &Numbered<'_>) -> Option<Arc<Hit>> {
        let chaos = &running.chaos;
        let target = self.in_short(attempt.target);
        if let Source::Replay(_) = chaos.source {
            let find = |payload: Option<&Arc<str>>, number: u64| {
                let key = (attempt.target.clone(), payload.cloned(), number);
                running.replayed.get(&key)
            };
            let by_payload = || find(Some(attempt.payload.as_ref()?), attempt.in_call);
            let mut hit = Hit::clone(find(None, attempt.at_target).or_else(by_payload)?);
            let draws = running.draws_at(&target, hit.payload());
            hit.settle(draws);
            return Some(Arc::new(hit));
        }
        let scope = &chaos.scope;
        if !scope.is_empty() && !scope.iter().any(|named| named.covers(attempt.target)) {
            return None;
        }
        let (payload, number) = match chaos.is_keyed {
            true => (attempt.payload.clone(), attempt.in_call),
            false if chaos.is_by_function => (None, attempt.at_function),
            false => (None, attempt.at_target),
        };
        let draws = running.draws_at(&target, payload.as_deref());
        let mode = &chaos.modes[first(&chaos.modes, chaos.spared, draws, number)?];
        let reason = match mode.draws() {
            true => format!("{}, seed {}", mode.when, running.seed),
            false => mode.when.to_string(),
        };
        let mut hit = Hit {
            target,
            attempt: number,
            payload,
            what: mode.what.clone(),
            reason: reason.into(),
        };
        hit.settle(draws);
        Some(Arc::new(hit))
    }

    /// The target, without region and account if these are the fake's own, so that the fake's
    /// settings do not change a draw.
    fn in_short(&self, target: &Target) -> Target {
        let is_home = target.region.as_ref() == Some(&self.region)
            && target.account.as_ref() == Some(&self.account);
        match is_home {
            true => Target {
                region: None,
                account: None,
                ..target.clone()
            },
            false => target.clone(),
        }
    }

    /// The target, with the fake's own region and account if it names none.
    pub(crate) fn in_full(&self, target: &Target) -> Target {
        let or =
            |part: &Option<Arc<str>>, own: &Arc<str>| part.clone().or_else(|| Some(own.clone()));
        Target {
            region: or(&target.region, &self.region),
            account: or(&target.account, &self.account),
            ..target.clone()
        }
    }
}

impl Started {
    /// Returns `true` unless it is a replay.
    fn has_seed(&self) -> bool {
        !matches!(self.chaos.source, Source::Replay(_))
    }

    /// Returns `true` if its hits depend on its seed.
    fn draws(&self) -> bool {
        self.has_seed() && self.chaos.modes.iter().any(Mode::draws)
    }

    fn draws_at(&self, target: &Target, payload: Option<&str>) -> Draws {
        let part = |part: &Option<Arc<str>>| part.clone().unwrap_or_default();
        let name = hashed(&[
            "chaos",
            &target.name,
            &part(&target.qualifier),
            &part(&target.region),
            &part(&target.account),
        ]);
        let name = payload.map_or(name, |payload| name ^ hashed(&["payload", payload]));
        Draws(name ^ mixed(self.seed ^ mixed(self.twin)))
    }
}

/// The hits, sorted, and each once: attempts with equal payloads can share a hit.
fn sorted<'a>(all: impl IntoIterator<Item = &'a Started>) -> Vec<Hit> {
    let hits = all.into_iter().flat_map(|running| &running.hits);
    let mut hits: Vec<Hit> = hits.map(|hit| (**hit).clone()).collect();
    hits.sort_by_cached_key(|hit| (hit.target(), hit.payload.clone(), hit.attempt));
    hits.dedup_by(|one, other| one.key() == other.key());
    hits
}

//! Chaos: random faults, errors and delays.

use super::super::entry::{
    AnyKind as _, Argument, ArgumentEntry, Each, KindEntry, Needed, ObjectEntry, Options, Part,
    Verb,
};
use super::super::shape::Takes;
use super::replies::LocatedEffect;
use super::values::{AtLeast, Json, Share, True, Within};
use crate::aws::target::Target;
use crate::behavior::chaos::{AttemptPattern, Chaos, Effect, Hit, Source};
use crate::ground::count::Count;
use crate::ground::json;

static CHAOS: ObjectEntry<Chaos> = ObjectEntry {
    noun: "chaos",
    about: "Random faults, errors and delays on top of any scripts, the same for the same seed, as `Chaos` makes them.",
    kinds: &[&DRAWN, &REPLAY],
};

impl Argument for Chaos {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| CHAOS.object()),
        read: |value| {
            let chaos = CHAOS.read(value)?;
            match chaos.mistake() {
                Some(_) => Err(value.problem("this chaos never hits; add a mode")),
                None => Ok(chaos),
            }
        },
        write: |chaos, code| match chaos.source() {
            Source::Fake | Source::Seed(_) => DRAWN.write((), chaos, code),
            Source::Replay(hits) => REPLAY.write((hits.clone(),), chaos, code),
        },
    };
}

static DRAWN: KindEntry<Chaos, ()> = KindEntry {
    about: "Attempts that are hit by modes.",
    parts: &[],
    make: |()| Ok(Chaos::new()),
    options: Some(&Options(&[&[
        &Needed(Each::<Chaos, HitPattern> {
            word: "modes",
            about: "Which attempts are hit, and with what; the first mode that hits an attempt applies.",
            add: |chaos, HitPattern(when, LocatedEffect(what, written_at))| {
                let written_at = written_at.expect("a mode that is read has a location");
                chaos.try_with(when, what, written_at)
            },
            all: |chaos| {
                let modes = chaos.modes();
                modes
                    .map(|(when, what)| HitPattern(when, effect(what)))
                    .collect()
            },
        }),
        &Verb::<Chaos, AtLeast<u64, 0>> {
            word: "seeded",
            about: "The seed; default: the seed of the fake.",
            set: |chaos, seed| Ok(chaos.drawn_from(seed.0)),
            get: |chaos| match chaos.source() {
                Source::Seed(seed) => Some(Within(*seed)),
                Source::Fake | Source::Replay(_) => None,
            },
        },
        &Verb::<Chaos, AtLeast<u64, 0>> {
            word: "succeed_first",
            about: "How many attempts at each target, counted from the first, are never hit.",
            set: |chaos, attempts| Ok(chaos.succeed_first(attempts.0)),
            get: |chaos| {
                Some(chaos.spared())
                    .filter(|spared| *spared > 0)
                    .map(Within)
            },
        },
        &Verb::<Chaos, True> {
            word: "keyed_by_payload",
            about: "Attempts are distinguished by their payload and counted within their call.",
            set: |chaos, True| chaos.try_keyed_by_payload(),
            get: |chaos| chaos.is_keyed().then_some(True),
        },
        &Each::<Chaos, Target> {
            word: "on",
            about: "The functions that are hit; default: every function.",
            add: |chaos, target| chaos.try_on(target),
            all: |chaos| chaos.scope().to_vec(),
        },
    ]])),
};

static REPLAY: KindEntry<Chaos, (Vec<Hit>,)> = KindEntry {
    about: "Exactly these hits.",
    parts: &[("replay", "The hits.")],
    make: |(hits,)| Chaos::try_replay(hits),
    options: None,
};

/// One mode: which attempts are hit, and with what.
struct HitPattern(AttemptPattern, LocatedEffect);

static MODES: ObjectEntry<HitPattern> = ObjectEntry {
    noun: "a mode",
    about: "Which attempts at a target are hit, and with what.",
    kinds: &[&RATE, &EVERY, &BURST, &WINDOW, &RAMP],
};

impl Argument for HitPattern {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| MODES.object()),
        read: |value| MODES.read(value),
        write: |mode, code| {
            let what = effect(&mode.1.0);
            match mode.0 {
                AttemptPattern::Rate(rate) => RATE.write((Share(rate), what), mode, code),
                AttemptPattern::EveryNth(number) => EVERY.write((Within(number), what), mode, code),
                AttemptPattern::Burst { rate, attempts } => {
                    BURST.write((Share(rate), Within(attempts), what), mode, code)
                }
                AttemptPattern::Window(attempts) => WINDOW.write((attempts, what), mode, code),
                AttemptPattern::Ramp { from, to, attempts } => {
                    RAMP.write((Rates(from, to), Within(attempts), what), mode, code)
                }
            }
        },
    };
}

/// The effect of a hit, to be written.
fn effect(what: &Effect) -> LocatedEffect {
    LocatedEffect(what.clone(), None)
}

const WHAT: Part = ("what", "The effect on an attempt that is hit.");

static RATE: KindEntry<HitPattern, (Share, LocatedEffect)> = KindEntry {
    about: "",
    parts: &[("rate", "The share of the attempts that are hit."), WHAT],
    make: |(rate, what)| Ok(HitPattern(AttemptPattern::Rate(rate.0), what)),
    options: None,
};

static EVERY: KindEntry<HitPattern, (AtLeast<u64, 1>, LocatedEffect)> = KindEntry {
    about: "",
    parts: &[
        (
            "every_nth",
            "Every n-th attempt is hit: with 3 the 3rd, the 6th, and so on.",
        ),
        WHAT,
    ],
    make: |(number, what)| Ok(HitPattern(AttemptPattern::EveryNth(number.0), what)),
    options: None,
};

static BURST: KindEntry<HitPattern, (Share, Within<u64, 1, 1_000>, LocatedEffect)> = KindEntry {
    about: "",
    parts: &[
        ("burst", "The share of the attempts that start a burst."),
        (
            "attempts",
            "The number of consecutive attempts that a burst hits.",
        ),
        WHAT,
    ],
    make: |(Share(rate), Within(attempts), what)| {
        Ok(HitPattern(AttemptPattern::Burst { rate, attempts }, what))
    },
    options: None,
};

static WINDOW: KindEntry<HitPattern, (Count, LocatedEffect)> = KindEntry {
    about: "",
    parts: &[
        (
            "window",
            "The numbers of the attempts that are hit, from 1.",
        ),
        WHAT,
    ],
    make: |(attempts, what)| Ok(HitPattern(AttemptPattern::Window(attempts), what)),
    options: None,
};

static RAMP: KindEntry<HitPattern, (Rates, AtLeast<u64, 2>, LocatedEffect)> = KindEntry {
    about: "",
    parts: &[
        ("ramp", "The rate at the first attempt, and the last rate."),
        ("attempts", "The attempt at which the last rate is reached."),
        WHAT,
    ],
    make: |(Rates(from, to), Within(attempts), what)| {
        Ok(HitPattern(
            AttemptPattern::Ramp { from, to, attempts },
            what,
        ))
    },
    options: None,
};

/// The first and the last rate of a ramp.
struct Rates(f64, f64);

impl Argument for Rates {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| RATES.object("two rates")),
        read: |value| RATES.read(value),
        write: |rates, code| RATES.write((Share(rates.0), Share(rates.1)), rates, code),
    };
}

static RATES: KindEntry<Rates, (Share, Share)> = KindEntry {
    about: "A rate that changes linearly from one value to another.",
    parts: &[("from", "The first rate."), ("to", "The last rate.")],
    make: |(from, to)| Ok(Rates(from.0, to.0)),
    options: None,
};

impl Argument for Hit {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| HIT.object("a hit")),
        read: |value| HIT.read(value),
        write: |hit, code| {
            if hit
                .payload()
                .is_some_and(|payload| json::check(payload.as_bytes()).is_err())
            {
                code.push(format!("a payload that is not JSON, of `{hit}`"));
            }
            let target = hit.written_target().clone();
            HIT.write(
                (target, Within(hit.attempt()), effect(hit.what())),
                hit,
                code,
            )
        },
    };
}

static HIT: KindEntry<Hit, (Target, AtLeast<u64, 1>, LocatedEffect)> = KindEntry {
    about: "One attempt that is hit.",
    parts: &[
        ("target", "The function and its qualifier."),
        (
            "attempt",
            "The number of the attempt at that target, from 1; within its call if the hit is keyed by payload.",
        ),
        WHAT,
    ],
    make: |(target, attempt, LocatedEffect(what, written_at))| {
        let written_at = written_at.expect("a hit that is read has a location");
        Hit::try_new(target, attempt.0, what, written_at)
    },
    options: Some(&Options(&[&[&Verb::<Hit, Json> {
        word: "keyed_by_payload",
        about: "The payload whose calls are hit; their attempts are counted within each call.",
        set: |hit, payload| Ok(hit.keyed_by_payload(payload.0)),
        get: |hit| hit.payload().map(|payload| Json(payload.to_owned())),
    }]])),
};

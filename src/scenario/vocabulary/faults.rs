//! Delays and faults.

use std::time::Duration;

use super::super::entry::{
    AnyKind as _, Argument, ArgumentEntry, Code, KindEntry, ObjectEntry, Single,
};
use super::super::print::Out;
use super::super::shape::Takes;
use super::values::{AtLeast, Within};
use crate::reply::delay::{Delay, DelayKind};
use crate::reply::fault::Fault;

impl Argument for Delay {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Either(&[Duration::takes, || Takes::Object(|| DELAYS.object())]),
        read: |value| match value.is_object() {
            true => DELAYS.read(value),
            false => Duration::read(value).map(Self::from),
        },
        write: |delay, code| match delay.kind() {
            DelayKind::Range(least, most) if least == most => least.write(code),
            DelayKind::Range(least, most) => RANGE.write((least, most), delay, code),
            DelayKind::LogNormal(p50, p99) => LOG_NORMAL.write((p50, p99), delay, code),
        },
    };
}

static DELAYS: ObjectEntry<Delay> = ObjectEntry {
    noun: "a delay",
    about: "Random delays that differ between attempts and follow from the seed.",
    kinds: &[&RANGE, &LOG_NORMAL],
};

static RANGE: KindEntry<Delay, (Duration, Duration)> = KindEntry {
    about: "A random delay between two durations.",
    parts: &[
        ("from", "The shortest delay."),
        ("to", "The longest delay."),
    ],
    make: |(from, to)| Ok((from..=to).into()),
    options: None,
};

static LOG_NORMAL: KindEntry<Delay, (Duration, Duration)> = KindEntry {
    about: "A log-normal delay, as `Delay::log_normal` makes it.",
    parts: &[
        ("p50", "Half of all replies take at most this long."),
        ("p99", "99 of 100 replies take at most this long."),
    ],
    make: |(p50, p99)| Delay::try_log_normal(p50, p99),
    options: None,
};

impl Argument for Fault {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || {
            Takes::Either(&[
                || Takes::Word("fault", plain),
                || Takes::Object(|| MEASURED.object()),
            ])
        },
        read: |value| match value.is_object() {
            true => MEASURED.read(value),
            false => {
                let word = value.text()?;
                let known = PLAIN.iter().find(|(known, _)| *known == word);
                Ok(known.expect("the shape allows only known words").1)
            }
        },
        write,
    };
}

/// A fault that replaces a reply.
pub(super) struct Alone(pub(super) Fault);

impl Argument for Alone {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || {
            Takes::Word("fault without a reply", || {
                let alone = PLAIN.iter().filter(|(_, fault)| fault.can_replace_reply());
                alone.map(|(word, _)| *word).collect()
            })
        },
        read: |value| Fault::read(value).map(Self),
        write: |fault, code| fault.0.write(code),
    };
}

/// The faults without a number.
pub(in crate::scenario) const PLAIN: [(&str, Fault); 9] = [
    ("Reset", Fault::Reset),
    ("CloseBeforeReply", Fault::CloseBeforeReply),
    ("Hang", Fault::Hang),
    ("Garbage", Fault::Garbage),
    ("ResetInHead", Fault::ResetInHead),
    ("TruncateHead", Fault::TruncateHead),
    ("BadChunk", Fault::BadChunk),
    ("CloseAfterReply", Fault::CloseAfterReply),
    ("ResetOnReuse", Fault::ResetOnReuse),
];

fn plain() -> Vec<&'static str> {
    PLAIN.iter().map(|(word, _)| *word).collect()
}

/// Writes each fault by its entry. An index past the end of `PLAIN` does not compile.
fn write(fault: &Fault, code: &mut Code) -> Out {
    match *fault {
        Fault::Reset => Out::text(const { PLAIN[0].0 }),
        Fault::CloseBeforeReply => Out::text(const { PLAIN[1].0 }),
        Fault::Hang => Out::text(const { PLAIN[2].0 }),
        Fault::Garbage => Out::text(const { PLAIN[3].0 }),
        Fault::ResetInHead => Out::text(const { PLAIN[4].0 }),
        Fault::TruncateHead => Out::text(const { PLAIN[5].0 }),
        Fault::BadChunk => Out::text(const { PLAIN[6].0 }),
        Fault::CloseAfterReply => Out::text(const { PLAIN[7].0 }),
        Fault::ResetOnReuse => Out::text(const { PLAIN[8].0 }),
        Fault::TruncateAfter(bytes) => TRUNCATE_AFTER.write(Within(bytes), code),
        Fault::ResetAfter(bytes) => RESET_AFTER.write(Within(bytes), code),
        Fault::StallAfter(bytes) => STALL_AFTER.write(Within(bytes), code),
        Fault::LengthTooLong(bytes) => LENGTH_TOO_LONG.write(Within(bytes), code),
        Fault::LengthTooShort(bytes) => LENGTH_TOO_SHORT.write(Within(bytes), code),
        Fault::SlowHead { bytes, every } => SLOW_HEAD.write(Pieces { bytes, every }, code),
        Fault::Dribble { bytes, every } => DRIBBLE.write(Pieces { bytes, every }, code),
    }
}

static MEASURED: ObjectEntry<Fault> = ObjectEntry {
    noun: "a fault",
    about: "A fault with a number.",
    kinds: &[
        &TRUNCATE_AFTER,
        &RESET_AFTER,
        &STALL_AFTER,
        &LENGTH_TOO_LONG,
        &LENGTH_TOO_SHORT,
        &SLOW_HEAD,
        &DRIBBLE,
    ],
};

static TRUNCATE_AFTER: Single<Fault, AtLeast<usize, 0>> = Single {
    word: "TruncateAfter",
    about: "The head and this many bytes of the body, then a close.",
    make: |bytes| Ok(Fault::TruncateAfter(bytes.0)),
};

static RESET_AFTER: Single<Fault, AtLeast<usize, 0>> = Single {
    word: "ResetAfter",
    about: "The head and this many bytes of the body, then a reset.",
    make: |bytes| Ok(Fault::ResetAfter(bytes.0)),
};

static STALL_AFTER: Single<Fault, AtLeast<usize, 0>> = Single {
    word: "StallAfter",
    about: "The head and this many bytes of the body, then nothing.",
    make: |bytes| Ok(Fault::StallAfter(bytes.0)),
};

static LENGTH_TOO_LONG: Single<Fault, AtLeast<usize, 1>> = Single {
    word: "LengthTooLong",
    about: "A `Content-Length` that is this many bytes too long.",
    make: |bytes| Ok(Fault::LengthTooLong(bytes.0)),
};

static LENGTH_TOO_SHORT: Single<Fault, AtLeast<usize, 1>> = Single {
    word: "LengthTooShort",
    about: "A `Content-Length` that is this many bytes too short.",
    make: |bytes| Ok(Fault::LengthTooShort(bytes.0)),
};

static SLOW_HEAD: Single<Fault, Pieces> = Single {
    word: "SlowHead",
    about: "The head in pieces.",
    make: |Pieces { bytes, every }| Ok(Fault::SlowHead { bytes, every }),
};

static DRIBBLE: Single<Fault, Pieces> = Single {
    word: "Dribble",
    about: "The body in pieces.",
    make: |Pieces { bytes, every }| Ok(Fault::Dribble { bytes, every }),
};

struct Pieces {
    bytes: usize,
    every: Duration,
}

impl Argument for Pieces {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| PIECES.object("pieces")),
        read: |value| PIECES.read(value),
        write: |pieces, code| PIECES.write((Within(pieces.bytes), pieces.every), pieces, code),
    };
}

static PIECES: KindEntry<Pieces, (AtLeast<usize, 1>, Duration)> = KindEntry {
    about: "Pieces of this many bytes, with a pause between two pieces; `Dribble` also pauses before the first.",
    parts: &[("bytes", "The size of a piece."), ("every", "The pause.")],
    make: |(bytes, every)| {
        Ok(Pieces {
            bytes: bytes.0,
            every,
        })
    },
    options: None,
};

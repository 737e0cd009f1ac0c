//! The log of one run, cut to the tail that `X-Amz-Log-Result` carries, before base64.
//!
//! Its form is as recorded from AWS: the text format in 2025, the JSON format in 2026, both with
//! the entries of system log level INFO. The figures are invented: durations and memory come from
//! the bits given (a duration includes the delay of the script), times count from a fixed date, and
//! the runtime is one that was seen once. No clock is read unless the test has paused it, so a tail
//! is the same in every run.

mod ending;
mod json;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::time::Duration;

pub(crate) use self::ending::RunEnding;
use crate::aws::start::Start;
use crate::aws::words::LogFormat;

/// The longest duration in microseconds; a sum of several cannot overflow.
const LONGEST: u64 = u64::MAX / 4;

/// The most log bytes in a reply. The cut can be in the middle of a line.
pub(crate) const TAIL: usize = 4096;

/// The upper bound of the drawn part of a duration, in microseconds.
const LONGEST_DRAWN: u64 = 41_000;

/// The memory of every function, in MB.
const MEMORY: u64 = 128;

/// One run of a function, with the parts that its log shows.
pub(crate) struct LoggedRun<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) function: &'a str,
    /// The ARN as the function sees it: qualified if the caller qualified it.
    pub(crate) arn: &'a str,
    pub(crate) region: &'a str,
    /// The version that ran.
    pub(crate) version: &'a str,
    /// The function's lines as [`write`](fn@write) stores them.
    pub(crate) log: &'a str,
    /// The lines in which the runtime reports the function's error, each with its line break; only
    /// in the text format.
    pub(crate) error_log: &'a str,
    pub(crate) ending: RunEnding,
    /// How long the script makes the run take.
    pub(crate) took: Duration,
    pub(crate) start: Start,
    /// The bits that the figures are drawn from.
    pub(crate) draws: [u64; 2],
    /// How long it took on a paused clock; `None` if the clock runs.
    pub(crate) measured: Option<Duration>,
}

/// The figures of a run; times in microseconds.
struct Figures {
    duration: u64,
    /// Only for a cold start.
    init: Option<u64>,
    /// Only for a snapshot.
    restore: Option<Restore>,
    /// The most memory used, in MB.
    memory: u64,
}

/// The time it took to restore a snapshot.
struct Restore {
    /// In microseconds.
    duration: u64,
    /// In whole milliseconds.
    billed: u64,
}

/// The last bytes of the log of `run`.
pub(crate) fn tail(format: LogFormat, run: &LoggedRun<'_>) -> Vec<u8> {
    let log = match format {
        LogFormat::Json => json::log(run),
        LogFormat::Text => text(run),
    };
    let mut log = log.into_bytes();
    log.drain(..log.len().saturating_sub(TAIL));
    log
}

/// How a line appears in a log of the JSON format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LineForm {
    /// As the message of a record.
    Record,
    /// As it is.
    Raw,
}

/// The first character of a stored line that is raw.
const RAW: char = '\u{1e}';

/// The first character of a stored record whose own text begins with [`RAW`] or `ESCAPE`.
const ESCAPE: char = '\u{1f}';

/// The number of bytes to keep, so that a whole tail is left once the first character of each line
/// is removed.
const KEPT: usize = 2 * TAIL;

/// Adds lines to a function's log. A line break at the end of `text` does not start another line.
///
/// Drops bytes from the front that no tail can show: in either format the log is at least half as
/// long as its stored lines.
pub(crate) fn write(log: &mut String, text: &str, form: LineForm) {
    // A two-byte line break becomes one byte.
    let text = end_of(text, 2 * TAIL + 2);
    let mut add = |line: &str| {
        match form {
            LineForm::Raw => log.push(RAW),
            LineForm::Record if line.starts_with([RAW, ESCAPE]) => log.push(ESCAPE),
            LineForm::Record => {}
        }
        log.extend([line, "\n"]);
    };
    match text.is_empty() {
        true => add(""),
        false => text.lines().for_each(add),
    }
    // Not for every line, because each drain moves everything that is kept.
    if log.len() > 2 * KEPT {
        log.drain(..log.len() - end_of(log, KEPT).len());
    }
}

/// Returns the log with `text` added to it, as [`write`](fn@write) adds it.
pub(crate) fn written(log: Option<&str>, text: &str, form: LineForm) -> String {
    let mut log = log.unwrap_or_default().to_owned();
    write(&mut log, text, form);
    log
}

/// The lines of a log that [`write`](fn@write) has built up, without their line breaks.
pub(crate) fn lines(log: &str) -> impl Iterator<Item = (LineForm, &str)> {
    log.split_terminator('\n')
        .map(|line| match line.strip_prefix(RAW) {
            Some(rest) => (LineForm::Raw, rest),
            None => (LineForm::Record, line.strip_prefix(ESCAPE).unwrap_or(line)),
        })
}

/// At least the last `length` bytes, from the start of a character.
fn end_of(text: &str, length: usize) -> &str {
    let mut start = text.len().saturating_sub(length);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    &text[start..]
}

/// Lines as recorded on 24 November 2025: no `INIT_START`, and a tab at the end of `REPORT`.
///
/// A status follows that tab and is last, as several recorded logs of 2024 to 2026 show.
fn text(run: &LoggedRun<'_>) -> String {
    let LoggedRun {
        request_id,
        version,
        log,
        error_log,
        ..
    } = run;
    let mut out = format!("START RequestId: {request_id} Version: {version}\n");
    for (_, line) in lines(log) {
        out.extend([line, "\n"]);
    }
    out.push_str(error_log);
    if let RunEnding::TimedOut {
        line: Some(line), ..
    } = &run.ending
    {
        // Until 2025, this line and an empty line came before `END` (likely: few recordings).
        out.extend([line, "\n\n"]);
    }
    let figures = Figures::of(run);
    let duration = hundredths(figures.duration);
    let (billed, memory) = (figures.billed(), figures.memory);
    write!(
        out,
        "END RequestId: {request_id}\n\
         REPORT RequestId: {request_id}\tDuration: {duration} ms\tBilled Duration: {billed} ms\t\
         Memory Size: {MEMORY} MB\tMax Memory Used: {memory} MB\t"
    )
    .expect("a string accepts every text");
    if let Some(init) = figures.init {
        out.extend(["Init Duration: ", &hundredths(init), " ms\t"]);
    }
    // No `RESTORE_START`: it would come before `START`, where recorded tails omit `INIT_START`
    // (likely: few recordings).
    if let Some(Restore { duration, billed }) = figures.restore {
        let restored = hundredths(duration);
        write!(
            out,
            "Restore Duration: {restored} ms\tBilled Restore Duration: {billed} ms\t"
        )
        .expect("a string accepts every text");
    }
    match &run.ending {
        RunEnding::Answered => {}
        RunEnding::Failed { error_type } => {
            out.extend(["Status: error\tError Type: ", error_type]);
        }
        RunEnding::TimedOut { .. } => out.push_str("Status: timeout"),
    }
    out.push('\n');
    out
}

impl Figures {
    /// The duration is 1 to 41 ms more than the script makes the run take, the init is 100 to 500
    /// ms, and the memory is 30 to 89 MB. Exceptions are a run that ended at one of its limits, a
    /// measured duration over 41 ms, and values set by the test. Half of a snapshot's restore time
    /// is billed.
    fn of(run: &LoggedRun<'_>) -> Self {
        let [bits, more] = run.draws;
        Self {
            duration: match run.ending {
                RunEnding::TimedOut {
                    after: Some(after), ..
                } => after,
                RunEnding::Answered | RunEnding::Failed { .. } | RunEnding::TimedOut { .. } => {
                    let measured = run.measured.map(micros);
                    measured
                        .filter(|measured| *measured > LONGEST_DRAWN)
                        .unwrap_or(micros(run.took) + 1_000 + bits % (LONGEST_DRAWN - 1_000))
                }
            },
            init: match run.start {
                Start::Cold(init) => Some(init.map_or(100_000 + more % 400_000, micros)),
                Start::Warm | Start::Restored(_) => None,
            },
            restore: match run.start {
                Start::Restored(after) => Some(Restore {
                    duration: micros(after),
                    billed: micros(after).div_ceil(2_000),
                }),
                Start::Warm | Start::Cold(_) => None,
            },
            memory: match &run.ending {
                RunEnding::Failed { error_type } if error_type == ending::OUT_OF_MEMORY => MEMORY,
                RunEnding::Answered | RunEnding::Failed { .. } | RunEnding::TimedOut { .. } => {
                    30 + (bits >> 32) % 60
                }
            },
        }
    }

    /// The billed duration in whole milliseconds, rounded up. It includes the init, as recorded
    /// since August 2025, and the billed part of a restored snapshot, as recorded.
    fn billed(&self) -> u64 {
        let restored = self.restore.as_ref().map_or(0, |restore| restore.billed);
        (self.duration + self.init.unwrap_or(0)).div_ceil(1_000) + restored
    }

    /// How long before the run the log begins, in microseconds.
    fn before_start(&self) -> u64 {
        let restore = self.restore.as_ref().map(|restore| restore.duration);
        self.init.or(restore).unwrap_or(0)
    }
}

/// The duration in microseconds, at most [`LONGEST`].
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).map_or(LONGEST, |micros| micros.min(LONGEST))
}

/// Milliseconds with two decimals.
fn hundredths(micros: u64) -> String {
    let hundredths = (micros + 5) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

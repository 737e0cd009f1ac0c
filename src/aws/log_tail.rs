//! The log of one run, cut to the tail that `X-Amz-Log-Result` carries, before base64.
//!
//! Its form is the one AWS was seen to send: the text format in 2025, the JSON format in 2026, in both only what the system log level
//! INFO lets through. Its figures are invented: durations and memory are drawn from the bits given, times count from a fixed date,
//! the runtime is one that was seen once. No clock is read, so a tail is the same in every run.

mod ending;
mod json;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::time::Duration;

pub(crate) use self::ending::RunEnding;
use crate::aws::start::Start;
use crate::aws::words::LogFormat;

/// How many bytes of a log a reply carries. The cut may fall within a line.
pub(crate) const TAIL: usize = 4096;

/// The memory of every function, in MB.
const MEMORY: u64 = 128;

/// One run of a function, as its log tells it.
pub(crate) struct LoggedRun<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) function: &'a str,
    /// As the function would see it: qualified when the caller qualified it.
    pub(crate) arn: &'a str,
    pub(crate) region: &'a str,
    /// The version that ran.
    pub(crate) version: &'a str,
    /// What the function wrote, each line with its end.
    pub(crate) log: &'a str,
    pub(crate) ending: RunEnding,
    pub(crate) start: Start,
    /// What the figures are drawn from.
    pub(crate) draws: [u64; 2],
}

/// What a run took; times in microseconds.
struct Figures {
    duration: u64,
    /// Of a cold start alone.
    init: Option<u64>,
    /// Of a snapshot alone.
    restore: Option<Restore>,
    /// The most memory used, in MB.
    memory: u64,
}

/// What the restoring of a snapshot took.
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

/// Adds what a function writes to its log: lines, each with its end. A line break at the end of `text` begins no other line.
///
/// What no tail can show any more is dropped from the front: in either format the log is at least as long as its lines.
pub(crate) fn write(log: &mut String, text: &str) {
    // A line break of two bytes becomes one.
    let text = end_of(text, 2 * TAIL + 2);
    for line in text.lines() {
        log.extend([line, "\n"]);
    }
    if text.is_empty() {
        log.push('\n');
    }
    // Not at every line, or each would move all that is kept.
    if log.len() > 2 * TAIL {
        log.drain(..log.len() - end_of(log, TAIL).len());
    }
}

/// The text that [`write`](fn@write) adds up to, for a reply that is data.
pub(crate) fn written(log: Option<&str>, text: &str) -> String {
    let mut log = log.unwrap_or_default().to_owned();
    write(&mut log, text);
    log
}

/// At least the last `length` bytes, from where a character begins.
fn end_of(text: &str, length: usize) -> &str {
    let mut start = text.len().saturating_sub(length);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    &text[start..]
}

/// Lines as recorded on 24-11-2025 [C]: no `INIT_START`, and a tab at the end of `REPORT`.
///
/// A status takes the place of that tab and stands last, as several logs of 2024 to 2026 show [C].
fn text(run: &LoggedRun<'_>) -> String {
    let LoggedRun {
        request_id,
        version,
        log,
        ..
    } = run;
    let mut out = format!("START RequestId: {request_id} Version: {version}\n{log}");
    if let RunEnding::TimedOut {
        line: Some(line), ..
    } = &run.ending
    {
        // Before 2025, with an empty line behind it, in front of `END` [L].
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
    .expect("a string takes every text");
    if let Some(init) = figures.init {
        out.extend(["Init Duration: ", &hundredths(init), " ms\t"]);
    }
    // `RESTORE_START` stands before `START`, where `INIT_START` was seen to be left out of tails [L].
    if let Some(Restore { duration, billed }) = figures.restore {
        let restored = hundredths(duration);
        write!(
            out,
            "Restore Duration: {restored} ms\tBilled Restore Duration: {billed} ms\t"
        )
        .expect("a string takes every text");
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
    /// 1 to 41 ms, 100 to 500 ms of init, 30 to 89 MB, but for a run that ended at one of its limits and for what a test has set. Of the
    /// restoring of a snapshot half is billed.
    fn of(run: &LoggedRun<'_>) -> Self {
        let [bits, more] = run.draws;
        Self {
            duration: match run.ending {
                RunEnding::TimedOut {
                    after: Some(after), ..
                } => after,
                RunEnding::Answered | RunEnding::Failed { .. } | RunEnding::TimedOut { .. } => {
                    1_000 + bits % 40_000
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

    /// Whole milliseconds, rounded up; with the init since August 2025 [C], and with what is billed of a restored snapshot [C].
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

/// As far as a sum of several cannot overflow.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).map_or(u64::MAX / 4, |micros| micros.min(u64::MAX / 4))
}

/// Milliseconds with two decimals.
fn hundredths(micros: u64) -> String {
    let hundredths = (micros + 5) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

//! The JSON format: one record per line, and no line break after the last.
//!
//! Members are as recorded in 2026. Recorded in tails of 2024: `platform.initStart` at the start
//! and no `platform.end`. Likely, from few recordings: no line break at the end.

use std::fmt::{self, Write as _};

use super::{Figures, LineForm, LoggedRun, MEMORY, Restore, RunEnding, lines};
use crate::aws::start::Start;

/// A runtime without a language, recorded in 2025. Callers do not depend on which one a function
/// has.
const RUNTIME: &str = "provided:al2023.v97";
const RUNTIME_HASH: &str = "c41794fa37de91d5a4c88f2a471b21f574288707c433f12c13d96fe25015cab8";

/// The date in every log.
const DAY: [&str; 3] = ["2026", "01", "01"];

pub(super) fn log(run: &LoggedRun<'_>) -> String {
    let mut out = String::new();
    write_records(&mut out, run).expect("a string accepts every text");
    out
}

fn write_records(out: &mut String, run: &LoggedRun<'_>) -> fmt::Result {
    let LoggedRun {
        region, version, ..
    } = run;
    let figures = Figures::of(run);
    let request_id = Quoted(run.request_id);
    let (function, quoted_version) = (Quoted(run.function), Quoted(version));
    let start = figures.before_start();
    let first = match run.start {
        Start::Warm => None,
        Start::Cold(_) => Some((
            "platform.initStart",
            "\"initializationType\":\"on-demand\",\"phase\":\"init\",",
        )),
        // The documentation of 2022 lists its members; no recorded tail has it, so it is only
        // likely.
        Start::Restored(_) => Some(("platform.restoreStart", "")),
    };
    if let Some((kind, members)) = first {
        let [high, low] = run.draws;
        let date = DAY.join("/");
        let instance = format!("{date}/{}[{version}]{high:016x}{low:016x}", run.function);
        let (time, instance) = (Time(0), Quoted(&instance));
        let memory = MEMORY * 1024 * 1024;
        writeln!(
            out,
            "{{\"time\":{time},\"type\":\"{kind}\",\"record\":{{{members}\
             \"runtimeVersion\":\"{RUNTIME}\",\"runtimeVersionArn\":\"arn:aws:lambda:{region}::runtime:{RUNTIME_HASH}\",\
             \"functionName\":{function},\"functionVersion\":{quoted_version},\"instanceId\":{instance},\
             \"instanceMaxMemory\":{memory}}}}}"
        )?;
    }
    let (time, arn) = (Time(start), Quoted(run.arn));
    // No record of a qualified call is known: the ARN is assumed to be the one the function sees.
    writeln!(
        out,
        "{{\"time\":{time},\"type\":\"platform.start\",\
         \"record\":{{\"requestId\":{request_id},\"functionArn\":{arn},\"version\":{quoted_version}}}}}"
    )?;
    for (form, line) in lines(run.log) {
        match form {
            LineForm::Raw => writeln!(out, "{line}")?,
            LineForm::Record => {
                let message = Quoted(line);
                writeln!(
                    out,
                    "{{\"timestamp\":{time},\"level\":\"INFO\",\"requestId\":{request_id},\"message\":{message}}}"
                )?;
            }
        }
    }
    let time = Time(start + figures.duration);
    let duration = Millis(figures.duration);
    let (billed, memory) = (figures.billed(), figures.memory);
    write!(
        out,
        "{{\"time\":{time},\"type\":\"platform.report\",\"record\":{{\"requestId\":{request_id},\
         \"metrics\":{{\"durationMs\":{duration},\"billedDurationMs\":{billed},\"memorySizeMB\":{MEMORY},\"maxMemoryUsedMB\":{memory}"
    )?;
    if let Some(init) = figures.init {
        write!(out, ",\"initDurationMs\":{}", Millis(init))?;
    }
    // Names and order as in a report recorded in 2024.
    if let Some(Restore { duration, billed }) = figures.restore {
        let restored = Millis(duration);
        write!(
            out,
            ",\"restoreDurationMs\":{restored},\"billedRestoreDurationMs\":{billed}"
        )?;
    }
    out.push_str("},\"status\":");
    match &run.ending {
        // A function that threw has also answered. No JSON report of such a run is known: its
        // status is assumed to be `success`, because the text format does not distinguish the two.
        RunEnding::Answered => out.push_str("\"success\""),
        // Both members were recorded, but not their order, which is only likely.
        RunEnding::Failed { error_type } => {
            write!(out, "\"error\",\"errorType\":{}", Quoted(error_type))?;
        }
        RunEnding::TimedOut { .. } => out.push_str("\"timeout\""),
    }
    out.push_str("}}");
    Ok(())
}

/// A JSON string.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self.0).expect("a string is JSON"))
    }
}

/// A time of day in microseconds, as a JSON string.
struct Time(u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0 / 1_000;
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (hours, minutes, seconds) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "\"{}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z\"",
            DAY.join("-")
        )
    }
}

/// Milliseconds with one to three decimals, from microseconds: `5000.0`, `1233.96`, `463.512`.
struct Millis(u64);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:03}", self.0 % 1_000);
        let decimals = match decimals.trim_end_matches('0') {
            "" => "0",
            decimals => decimals,
        };
        write!(f, "{}.{decimals}", self.0 / 1_000)
    }
}

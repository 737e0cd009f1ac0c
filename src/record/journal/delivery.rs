//! Deliveries as the journal shows them: as lines below the attempt that sent the event, and as
//! data.

use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::BodyText;
use super::answer::REPLAYED;
use super::text::without_id;
use crate::behavior::events::{Delivery, Execution, ExecutionEnd, Inner, Origin, Stage};

/// The minimum number of equal consecutive refusals that share a line.
const MANY: usize = 3;

/// The line of the delivery, followed by the lines of its executions and the line of its end.
impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner();
        write!(
            f,
            "delivery {} of {}",
            inner.number, inner.function.described
        )?;
        let copy = if inner.is_duplicate { ", a copy" } else { "" };
        match inner.origin {
            Origin::Call { .. } => write!(f, "{copy}")?,
            Origin::Delivery(number) => write!(f, ", the record of delivery {number}")?,
        }
        write!(f, " {}", shown_payload(inner))?;
        write_lines(f, inner, "  ")
    }
}

/// Writes a delivery below the attempt that sent the event, whose own line already shows the event.
pub(super) fn write_below(f: &mut fmt::Formatter<'_>, delivery: &Delivery) -> fmt::Result {
    let inner = delivery.inner();
    match inner.origin {
        Origin::Call { .. } if !inner.is_duplicate => write_lines(f, inner, "    "),
        Origin::Call { .. } => {
            write!(f, "\n    delivered again")?;
            write_lines(f, inner, "      ")
        }
        Origin::Delivery(_) => {
            write!(f, "\n    record to {}", inner.function.described)?;
            write_lines(f, inner, "      ")
        }
    }
}

fn write_lines(f: &mut fmt::Formatter<'_>, delivery: &Inner, indent: &str) -> fmt::Result {
    let mut rest = &delivery.executions[..];
    let mut number = 1;
    while let Some(first) = rest.first() {
        let alike = match first.ran() {
            true => 1,
            false => rest.iter().take_while(|one| one.end == first.end).count(),
        };
        let taken = if alike < MANY { 1 } else { alike };
        write!(f, "\n{indent}execution")?;
        if taken == 1 {
            write!(f, " {number}")?;
            if !first.after.is_zero() {
                write!(f, " after {}", Elapsed(first.after))?;
            }
        } else {
            let last = &rest[taken - 1];
            let [from, to] = [first, last].map(|one| Elapsed(one.after));
            write!(
                f,
                "s {number} to {}, from {from} to {to}",
                number + taken - 1
            )?;
        }
        write!(f, " → ")?;
        write_end(f, first, delivery)?;
        number += taken;
        rest = &rest[taken..];
    }
    write!(f, "\n{indent}")?;
    match delivery.state {
        Stage::Queued(at) => {
            let after = Elapsed(at.since(delivery.accepted_at));
            return write!(f, "queued until {after}");
        }
        Stage::Running(_) => return write!(f, "execution {number} is running"),
        Stage::Lost => return f.write_str("lost"),
        Stage::Ended(condition, _) => write!(f, "{condition}")?,
    }
    if let Some(record) = &delivery.record {
        write!(f, ", record to {}", record.destination())?;
    }
    if let Some(letter) = &delivery.dead_letter {
        write!(f, ", dead letter to {}", letter.destination())?;
    }
    Ok(())
}

fn write_end(f: &mut fmt::Formatter<'_>, execution: &Execution, delivery: &Inner) -> fmt::Result {
    match &*execution.end {
        ExecutionEnd::Ran {
            payload,
            version,
            failed,
            is_replay,
        } => {
            let failed = if *failed { " function error" } else { "" };
            write!(f, "200{failed} ")?;
            match payload.is_empty() {
                true => f.write_str("(empty)")?,
                false => write!(f, "{}", shown(payload, delivery))?,
            }
            match &**version {
                "$LATEST" => {}
                version => write!(f, " version {version}")?,
            }
            f.write_str(if *is_replay { REPLAYED } else { "" })
        }
        ExecutionEnd::Refused {
            status,
            code,
            message,
            reason,
            unscripted,
        } => {
            match code {
                Some(code) => write!(f, "{status} {code}")?,
                None => write!(f, "{status} {message}")?,
            }
            if let Some(reason) = reason {
                write!(f, " {reason}")?;
            }
            f.write_str(if *unscripted { " (unscripted)" } else { "" })
        }
    }
}

/// The event's payload, in which a placeholder replaces the request id. The payload of a record
/// contains the request id of the delivery that sent it.
fn shown_payload(delivery: &Inner) -> BodyText<'_> {
    let id = delivery.sender_id.as_ref().unwrap_or(&delivery.request_id);
    match &delivery.payload[..] {
        [] => BodyText::with(b"{}", id, delivery.print_limit),
        payload => BodyText::with(payload, id, delivery.print_limit),
    }
}

fn shown<'a>(payload: &'a [u8], delivery: &'a Inner) -> BodyText<'a> {
    BodyText::with(payload, &delivery.request_id, delivery.print_limit)
}

/// `3m`, `5h 58m 31s`, `0.5s`.
struct Elapsed(Duration);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let rest = Duration::new(seconds % 60, self.0.subsec_nanos());
        let mut blank = "";
        for (number, unit) in [(seconds / 3_600, "h"), (seconds / 60 % 60, "m")] {
            if number > 0 {
                write!(f, "{blank}{number}{unit}")?;
                blank = " ";
            }
        }
        if blank.is_empty() || !rest.is_zero() {
            write!(f, "{blank}{}s", rest.as_secs_f64())?;
        }
        Ok(())
    }
}

/// The delivery as data without request ids, so that it is the same in every run.
impl Serialize for Delivery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = self.inner();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("delivery", &inner.number)?;
        map.serialize_entry("function_arn", &*inner.function.arn)?;
        if let Origin::Delivery(number) = inner.origin {
            map.serialize_entry("record_of", &number)?;
        }
        if inner.is_duplicate {
            map.serialize_entry("duplicate", &true)?;
        }
        map.serialize_entry("payload", &shown_payload(inner))?;
        let executions: Vec<_> = inner
            .executions
            .iter()
            .map(|one| ExecutionText(one, inner))
            .collect();
        map.serialize_entry("executions", &executions)?;
        match inner.state {
            Stage::Queued(at) => {
                let after = at.since(inner.accepted_at);
                map.serialize_entry("queued_until_seconds", &Seconds(after))?;
            }
            Stage::Running(_) => map.serialize_entry("running", &true)?,
            Stage::Lost => map.serialize_entry("lost", &true)?,
            Stage::Ended(condition, at) => {
                map.serialize_entry("condition", condition.as_str())?;
                let after = at.since(inner.accepted_at);
                map.serialize_entry("ended_after_seconds", &Seconds(after))?;
            }
        }
        if let Some(record) = &inner.record {
            map.serialize_entry("record_to", record.destination())?;
            map.serialize_entry("record", &shown(record.text().as_bytes(), inner))?;
        }
        if let Some(letter) = &inner.dead_letter {
            map.serialize_entry("dead_letter_to", letter.destination())?;
            map.serialize_entry("error_code", &letter.error_code())?;
            let message = without_id(letter.error_message(), &inner.request_id);
            map.serialize_entry("error_message", &*message)?;
        }
        map.end()
    }
}

/// A number of seconds, written as a whole number if it is one.
struct Seconds(Duration);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.subsec_nanos() {
            0 => serializer.serialize_u64(self.0.as_secs()),
            _ => serializer.serialize_f64(self.0.as_secs_f64()),
        }
    }
}

/// An execution of a delivery.
struct ExecutionText<'a>(&'a Execution, &'a Inner);

impl Serialize for ExecutionText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(execution, delivery) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("after_seconds", &Seconds(execution.after))?;
        map.serialize_entry("status", &execution.status())?;
        match &*execution.end {
            ExecutionEnd::Ran {
                payload,
                version,
                failed,
                is_replay,
            } => {
                if *failed {
                    map.serialize_entry("function_error", &true)?;
                }
                map.serialize_entry("payload", &shown(payload, delivery))?;
                map.serialize_entry("executed_version", &**version)?;
                if *is_replay {
                    map.serialize_entry("replayed", &true)?;
                }
            }
            ExecutionEnd::Refused {
                code,
                message,
                reason,
                unscripted,
                ..
            } => {
                map.serialize_entry("error", code.as_ref().unwrap_or(message).as_ref())?;
                if let Some(reason) = reason {
                    map.serialize_entry("reason", reason.as_str())?;
                }
                if *unscripted {
                    map.serialize_entry("unscripted", &true)?;
                }
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::Elapsed;

    #[rstest]
    #[case::nothing(0, "0s")]
    #[case::half_a_second(500, "0.5s")]
    #[case::seconds(31_000, "31s")]
    #[case::a_minute(60_000, "1m")]
    #[case::minutes_and_seconds(181_000, "3m 1s")]
    #[case::hours(21_511_000, "5h 58m 31s")]
    #[case::six_hours(21_600_000, "6h")]
    fn a_wait_is_printed_in_short_form(#[case] millis: u64, #[case] text: &str) {
        assert_eq!(Elapsed(Duration::from_millis(millis)).to_string(), text);
    }
}

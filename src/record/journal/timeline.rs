//! The journal with its times, as text.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::delivery::write_below;
use super::{Attempt, Call, Headline, Journal};
use crate::ground::clock::Clock;
use crate::ground::count::plural;
use crate::reply::outcome::Outcome;

/// The width of a lane in characters.
const WIDTH: usize = 40;

/// The times of the recorded calls: one lane for each call, with its attempts and the waits between
/// them.
///
/// `Handle::timeline` shows the format.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    journal: Journal,
    taken: Instant,
    /// Whether the test can pause the clock.
    is_virtual: bool,
}

impl Timeline {
    pub(crate) fn of(journal: Journal, clock: Clock) -> Self {
        Self {
            journal,
            taken: clock.now(),
            is_virtual: clock.is_virtual(),
        }
    }

    /// Returns `true` if the times are those of a clock that the test can pause.
    pub(crate) fn is_virtual(&self) -> bool {
        self.is_virtual
    }

    /// The end of an attempt, or now. Outside of the runtime of a fake in memory, now can be before
    /// a time that was read inside it.
    fn ended(&self, attempt: &Attempt) -> Instant {
        attempt.ended.unwrap_or(self.taken).max(attempt.arrived)
    }

    fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.journal.entries.iter().flat_map(Call::attempts)
    }

    /// The first arrival and the last end.
    fn bounds(&self) -> Option<(Instant, Instant)> {
        let first = self.attempts().map(|attempt| attempt.arrived).min()?;
        let last = self.attempts().map(|attempt| self.ended(attempt)).max()?;
        Some((first, last))
    }

    fn lane(&self, call: &Call, (first, last): (Instant, Instant)) -> String {
        let whole = last.saturating_duration_since(first).as_nanos().max(1);
        let column = |at: Instant| {
            let part = at.saturating_duration_since(first).as_nanos() * WIDTH as u128 / whole;
            (part as usize).min(WIDTH - 1)
        };
        let mut lane = [' '; WIDTH];
        let begins = column(call.attempts[0].arrived);
        let ends = call
            .attempts
            .iter()
            .map(|attempt| column(self.ended(attempt)));
        let ends = ends.max().unwrap_or(begins);
        lane[begins..=ends].fill('.');
        for attempt in &call.attempts {
            let end = column(self.ended(attempt));
            lane[column(attempt.arrived)..=end].fill('#');
        }
        // Last, because the retry can begin in the same column.
        for attempt in call
            .attempts
            .iter()
            .filter(|attempt| attempt.is_abandoned())
        {
            lane[column(self.ended(attempt))] = 'x';
        }
        lane.iter().collect()
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(bounds) = self.bounds() else {
            return f.write_str("no request has arrived");
        };
        let calls = self.journal.entries.len();
        let (attempts, abandoned) = (
            self.attempts().count(),
            self.attempts()
                .filter(|attempt| attempt.is_abandoned())
                .count(),
        );
        write!(f, "{calls} call{}, ", ending(calls))?;
        write!(f, "{attempts} attempt{}, ", ending(attempts))?;
        if abandoned > 0 {
            write!(f, "{abandoned} abandoned, ")?;
        }
        let whole = Length(bounds.1.saturating_duration_since(bounds.0));
        write!(
            f,
            "in {whole} {}",
            match self.is_virtual {
                true => "(on tokio's clock)",
                false => "(real time: not for snapshots)",
            }
        )?;
        let dropped = self.journal.dropped.calls();
        if dropped > 0 {
            write!(f, "\n({} dropped)", plural(dropped, "earlier call"))?;
        }
        for call in &self.journal.entries {
            let lane = self.lane(call, bounds);
            write!(f, "\n{} |{lane}| {}", call.number, Headline(call.first()))?;
            let waits = call.waits();
            for (index, attempt) in call.attempts.iter().enumerate() {
                if let Some(wait) = index.checked_sub(1).map(|before| waits[before]) {
                    write!(f, "\n  waited {}", Length(wait))?;
                }
                let arrived = Length(attempt.arrived.saturating_duration_since(bounds.0));
                let took = Length(
                    self.ended(attempt)
                        .saturating_duration_since(attempt.arrived),
                );
                write!(f, "\n  {arrived} + {took}: ")?;
                self.write_attempt(f, call, index)?;
                for delivery in &attempt.deliveries {
                    write_below(f, delivery)?;
                }
            }
        }
        Ok(())
    }
}

impl Timeline {
    fn write_attempt(&self, f: &mut fmt::Formatter<'_>, call: &Call, index: usize) -> fmt::Result {
        let attempt = &call.attempts[index];
        if attempt.invocation.is_invoke() {
            let bytes = attempt.invocation.payload_len();
            write!(
                f,
                "{}, {bytes} byte{} in",
                call.name_of(index),
                ending(bytes)
            )?;
            let whole = attempt.outcome.as_ref().and_then(Outcome::body);
            let streamed = attempt.stream.as_ref().map(|stream| stream.length);
            if let Some(bytes) = streamed.or(whole.map(Bytes::len)) {
                write!(f, ", {bytes} out")?;
            }
            write!(f, " ")?;
        }
        write!(f, "→ {attempt}")?;
        if let Some(repeated) = call.repeated(index) {
            write!(f, " ({repeated})")?;
        }
        Ok(())
    }
}

/// `12.5 ms`; from ten seconds on, `12.5 s`.
struct Length(Duration);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            0..10 => write!(f, "{:.1} ms", self.0.as_secs_f64() * 1e3),
            10.. => write!(f, "{:.1} s", self.0.as_secs_f64()),
        }
    }
}

fn ending(number: usize) -> &'static str {
    if number == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use bytes::{Bytes, BytesMut};

    use super::Timeline;
    use crate::aws::service_error::ServiceError;
    use crate::aws::start::Start;
    use crate::ground::clock::Clock;
    use crate::ground::head::Head;
    use crate::record::journal::{JournalLimits, Log, Progress};
    use crate::reply::outcome::{Outcome, OutcomeKind};
    use crate::request::invocation::{Defaults, Invocation};

    fn invocation(function: &str, id: &str, attempt: u32) -> Invocation {
        let head = format!(
            "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\namz-sdk-invocation-id: {id}\r\n\
             amz-sdk-request: attempt={attempt}; max=3\r\n\r\n"
        );
        let head = Head::take(&mut BytesMut::from(&*head)).unwrap().unwrap();
        let defaults = Defaults {
            print_limit: 20,
            ..Defaults::of_a_test()
        };
        Invocation::read(head, Bytes::from_static(b"{}"), &defaults)
    }

    fn ran(body: &'static [u8]) -> Outcome {
        Outcome::of(OutcomeKind::Ran {
            body: Bytes::from_static(body),
            failure: None,
            version: "$LATEST".into(),
            log: None,
            error_log: None,
            took: Duration::ZERO,
            start: Start::Warm,
        })
    }

    #[test]
    fn each_call_is_a_lane_with_its_attempts_waits_and_marks() {
        let limits = JournalLimits {
            calls: 10,
            bytes: 1_000_000,
        };
        let mut log = Log::new(limits, Clock::Real);
        let throttled = || Outcome::error(ServiceError::TooManyRequestsException, "");
        let steps = [
            (
                "pay",
                "a",
                1,
                Some(ran(b"\"a long answer of the function\"")),
                Progress::Abandoned,
            ),
            ("pay", "a", 2, Some(ran(b"true")), Progress::Answered),
            ("mail", "b", 1, Some(throttled()), Progress::Answered),
            ("mail", "b", 2, None, Progress::Waiting),
        ];
        for (function, id, attempt, outcome, progress) in steps {
            let ticket = log.open(invocation(function, id, attempt), None);
            if let Some(outcome) = outcome {
                log.decided(ticket, outcome, false);
            }
            if progress != Progress::Waiting {
                log.finished(ticket, progress, None);
            }
        }
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let mut journal = log.journal();
        let times = [
            (0, Some(100)),
            (300, Some(350)),
            (200, Some(250)),
            (300, None),
        ];
        let attempts = journal
            .entries
            .iter_mut()
            .flat_map(|call| &mut call.attempts);
        for (attempt, (arrived, ended)) in attempts.zip(times) {
            attempt.arrived = at(arrived);
            attempt.ended = ended.map(at);
        }
        let timeline = Timeline {
            journal,
            taken: at(400),
            is_virtual: false,
        };
        insta::assert_snapshot!(timeline, @r#"
        2 calls, 4 attempts, 1 abandoned, in 400.0 ms (real time: not for snapshots)
        1 |##########x...................######    | pay RequestResponse {}
          0.0 ms + 100.0 ms: attempt 1/3, 2 bytes in, 31 out → 200 "a long answer of th… (31 bytes) (abandoned by the client)
          waited 200.0 ms
          300.0 ms + 50.0 ms: attempt 2/3, 2 bytes in, 4 out → 200 true (ran twice: attempt 1/3 had run it)
        2 |                    ######....##########| mail RequestResponse {}
          200.0 ms + 50.0 ms: attempt 1/3, 2 bytes in → 429 TooManyRequestsException
          waited 50.0 ms
          300.0 ms + 100.0 ms: attempt 2/3, 2 bytes in → waiting
        "#);
    }
}

//! The type that a test expects in the payloads of a rule.

use std::any::type_name;

use rustc_hash::FxHashSet;
use serde::de::DeserializeOwned;

use crate::ground::location::Location;
use crate::ground::panics::{self, CaughtPanic};
use crate::request::invocation::Invocation;

/// A type that every payload of a rule must deserialize to.
#[derive(Debug)]
pub(crate) struct PayloadContract {
    expected: ExpectedType,
    /// The attempts that were compared and whose calls the journal kept at that time: call and
    /// index.
    compared: FxHashSet<(u64, usize)>,
    /// The number of attempts that were compared or are known to be lost.
    seen: u64,
    /// The events that the rule has executed but not accepted, by number.
    executed: FxHashSet<u64>,
    /// Those of them that have not been compared yet.
    events: Vec<ExecutedEvent>,
}

/// An event that a rule has executed, although no attempt of its caller was answered by the rule.
#[derive(Clone, Debug)]
pub(crate) struct ExecutedEvent {
    /// The call that it belongs to.
    pub(crate) call: u64,
    /// Whether it is the record of another event.
    pub(crate) is_record: bool,
    pub(crate) invocation: Invocation,
}

/// The type itself.
#[derive(Clone, Debug)]
pub(crate) struct ExpectedType {
    pub(crate) wanted: &'static str,
    pub(crate) written_at: Location,
    read: fn(&[u8]) -> Result<(), String>,
}

/// The reason why a payload is not a value of the type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PayloadMistake {
    /// The error of the type, with the path of the first invalid value.
    Invalid(String),
    /// The type panicked.
    Panicked(CaughtPanic),
}

impl PayloadContract {
    pub(crate) fn of<T: DeserializeOwned>(written_at: Location) -> Self {
        Self {
            expected: ExpectedType {
                wanted: type_name::<T>(),
                written_at,
                read: read::<T>,
            },
            compared: FxHashSet::default(),
            seen: 0,
            executed: FxHashSet::default(),
            events: Vec::new(),
        }
    }

    /// Adds the event with this number, unless the rule has executed it before.
    pub(crate) fn note_event(&mut self, number: u64, event: impl FnOnce() -> ExecutedEvent) {
        if self.executed.insert(number) {
            self.events.push(event());
        }
    }

    /// Takes the events that have not been compared yet, each once.
    pub(crate) fn take_events(&mut self) -> Vec<ExecutedEvent> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn expected(&self) -> &ExpectedType {
        &self.expected
    }

    /// Takes the attempts that have not been compared yet, each once, out of all kept ones that the
    /// rule has answered; also returns the number of those that were lost since the last time.
    /// `answered` is the number of all attempts that the rule has answered.
    pub(crate) fn take_new<T>(
        &mut self,
        kept: Vec<((u64, usize), T)>,
        answered: u64,
    ) -> (Vec<(u64, T)>, u64) {
        let tickets = kept.iter().map(|(ticket, _)| *ticket).collect();
        let compared = std::mem::replace(&mut self.compared, tickets);
        let new = kept
            .into_iter()
            .filter(|(ticket, _)| !compared.contains(ticket));
        let new: Vec<(u64, T)> = new.map(|((call, _), value)| (call, value)).collect();
        let lost = answered.saturating_sub(self.seen + new.len() as u64);
        self.seen = answered;
        (new, lost)
    }
}

impl ExpectedType {
    /// Reads a payload as the type. Runs user code.
    pub(crate) fn check(&self, invocation: &Invocation) -> Result<(), PayloadMistake> {
        match panics::catch(|| (self.read)(invocation.json_payload())) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => Err(PayloadMistake::Invalid(why)),
            Err(panic) => Err(PayloadMistake::Panicked(panic)),
        }
    }
}

fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_slice(payload);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::PayloadContract;
    use crate::ground::location::Location;

    #[test]
    fn an_attempt_that_is_answered_late_is_compared_and_a_lost_one_is_counted_once() {
        let mut contract = PayloadContract::of::<u64>(Location::here());
        let kept = |calls: &[u64]| calls.iter().map(|call| ((*call, 0), ())).collect();
        // Call 1 arrived first, but its rule has not answered it.
        assert_eq!(contract.take_new(kept(&[2]), 1), (vec![(2, ())], 0));
        assert_eq!(contract.take_new(kept(&[1, 2]), 2), (vec![(1, ())], 0));
        // Calls 3 and 4 were dropped before they could be compared.
        assert_eq!(contract.take_new(kept(&[5]), 5), (vec![(5, ())], 2));
        assert_eq!(contract.take_new(kept(&[5]), 5), (vec![], 0));
    }
}

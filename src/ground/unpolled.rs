//! Waits that did nothing.

use super::location::Location;

/// A wait that was dropped before its first poll.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UnpolledWait {
    /// What it was for: `for 1 call`.
    pub(crate) what: String,
    pub(crate) made_at: Location,
}

/// The waits that were dropped before their first poll, one for each line.
///
/// A wait in a loop with `select!` is dropped whenever another branch is ready first. So a line is
/// not reported if any of its waits was polled.
#[derive(Debug, Default)]
pub(crate) struct UnpolledWaits {
    dropped: Vec<UnpolledWait>,
    polled: Vec<Location>,
}

impl UnpolledWaits {
    pub(crate) fn note_poll(&mut self, made_at: &Location) {
        if !self.polled.contains(made_at) {
            self.polled.push(made_at.clone());
            self.dropped.retain(|wait| wait.made_at != *made_at);
        }
    }

    pub(crate) fn note_drop(&mut self, wait: UnpolledWait) {
        let is_known = self.polled.contains(&wait.made_at)
            || self
                .dropped
                .iter()
                .any(|known| known.made_at == wait.made_at);
        if !is_known {
            self.dropped.push(wait);
        }
    }

    /// Takes the waits to report.
    pub(crate) fn take(&mut self) -> Vec<UnpolledWait> {
        std::mem::take(&mut self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::{UnpolledWait, UnpolledWaits};
    use crate::ground::location::Location;

    #[test]
    fn a_line_is_reported_once_and_only_if_none_of_its_waits_was_polled() {
        let at = |line| Location::File {
            path: "a.rs".into(),
            line,
            column: 1,
        };
        let dropped = |line| UnpolledWait {
            what: "for 1 call".to_owned(),
            made_at: at(line),
        };
        let mut waits = UnpolledWaits::default();
        for line in [1, 1, 2, 3] {
            waits.note_drop(dropped(line));
        }
        waits.note_poll(&at(2));
        waits.note_drop(dropped(2));
        assert_eq!(waits.take(), [dropped(1), dropped(3)]);
        assert_eq!(waits.take(), []);
    }
}

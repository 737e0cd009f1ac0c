//! What reports and `Debug` call a request.

use std::fmt;

use super::Invocation;

impl Invocation {
    /// The target as a report writes it, or the request line where there is none, or the first bytes where that cannot be read.
    pub(crate) fn described(&self) -> String {
        match (&self.request.target, &self.request.label) {
            (Some(target), _) => target.to_string(),
            // Decoded, so it may hold a line break, which must not break a line of the journal.
            (None, Some(label)) => {
                let letters = label.chars();
                let printable = |letter: char| match letter.is_control() {
                    true => letter.escape_default().to_string(),
                    false => letter.to_string(),
                };
                letters.map(printable).collect()
            }
            (None, None) if self.method().is_empty() => {
                format!("`{}`", self.request.head.beginning())
            }
            (None, None) => format!("{} {}", self.method(), self.path_and_query()),
        }
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("target", &self.described())
            .field("invocation_type", &self.request.invocation_type)
            .field("attempt", &self.request.attempt)
            .field("payload_len", &self.request.payload_length)
            .finish_non_exhaustive()
    }
}

//! Panics of the test's own closures, and handlers that nobody waits for any longer.

use std::any::Any;

use super::Exchange;
use crate::aws::service_error::ServiceError;
use crate::ground::location::Location;
use crate::record::finding::Finding;
use crate::record::journal::Headline;
use crate::reply::outcome::Outcome;
use crate::request::invocation::Invocation;

/// What a client gets when a closure of the test panics while it waits.
pub(super) const GOT_500: &str = "the client got 500 ServiceException";

/// What a caller had got when a closure of the test panicked for its event.
pub(super) const GOT_202: &str = "the client had got its 202";

impl Exchange {
    /// A panic of the test's own code, say `handler panicked`: the client gets a 500, verification the text.
    pub(super) fn panicked(
        &self,
        call: u64,
        invocation: &Invocation,
        what: &'static str,
        answer: &'static str,
        written_at: Location,
        text: String,
    ) -> Outcome {
        let headline = Headline(invocation).to_string();
        let outcome = Outcome::error(
            ServiceError::ServiceException,
            format!("fake-lambda: a {what}: {text}"),
        );
        self.tell(Some(Finding::Panicked {
            call,
            headline,
            what,
            answer,
            written_at,
            text,
        }));
        outcome
    }

    /// Keeps a finding, if there is one.
    pub(super) fn tell(&self, finding: Option<Finding>) {
        if let Some(finding) = finding {
            self.edit(|state| state.find(finding));
        }
    }
}

/// The text of a panic, if it has one.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is no text").to_owned()
}

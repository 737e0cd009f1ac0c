//! How often a failure mode occurs at its function.

use std::fmt;
use std::time::Duration;

use crate::ground::message::Message;

/// How often a failure mode occurs: which of the attempts at its function it hits.
///
/// Attempts are counted at the function from the start of the run, including retries.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Persistence {
    /// The first attempt.
    Once,
    /// This many attempts, counted from the first one; at least 2.
    Burst(u64),
    /// Every attempt that arrives during this time from the start of the run, on tokio's clock.
    For(Duration),
    /// Every attempt.
    Always,
}

impl Persistence {
    /// The mistake in a list of persistences, if there is one.
    pub(super) fn mistake(list: &[Self]) -> Option<Message> {
        if list.is_empty() {
            return Some(Message::new(
                "`persistence` got an empty list",
                "add how often the mode occurs, as in `[Persistence::Once]`",
            ));
        }
        for (index, one) in list.iter().enumerate() {
            if list[..index].contains(one) {
                let error = format!("`persistence` got `{one:?}` twice");
                return Some(Message::new(error, "remove one of them"));
            }
            let hits_nothing = || format!("`{one:?}` hits no attempt");
            match one {
                Self::Burst(0) => {
                    return Some(Message::new(hits_nothing(), "use at least 2 attempts"));
                }
                Self::Burst(1) => {
                    let help = "use `Persistence::Once`, or at least 2 attempts";
                    return Some(Message::new("`Burst(1)` is the same as `Once`", help));
                }
                Self::For(Duration::ZERO) => {
                    return Some(Message::new(hits_nothing(), "use a duration above zero"));
                }
                Self::Once | Self::Burst(_) | Self::For(_) | Self::Always => {}
            }
        }
        None
    }

    /// The number of the last attempt that it hits, if that is known before the run.
    pub(super) fn last(self) -> Option<u64> {
        match self {
            Self::Once => Some(1),
            Self::Burst(attempts) => Some(attempts),
            Self::For(_) | Self::Always => None,
        }
    }
}

/// `once`, `2 times`, `for 10s`, `always`.
impl fmt::Display for Persistence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once => f.pad("once"),
            Self::Burst(attempts) => f.pad(&format!("{attempts} times")),
            Self::For(length) => f.pad(&format!("for {length:?}")),
            Self::Always => f.pad("always"),
        }
    }
}

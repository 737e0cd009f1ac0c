//! The reason why a condition fails, with the parts that advice needs as data.

use std::fmt;

/// Why a condition fails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Mismatch {
    /// The expectation, or the reason as a sentence: `` `$.id` expected 7 ``.
    pub(crate) text: String,
    /// The value that arrived in its place, as printed.
    pub(crate) got: Option<String>,
    /// The change that fixes it, if one is known.
    pub(crate) change: Option<Change>,
}

/// A change after which a condition holds. Values are as printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Change {
    /// Send this value at this path.
    Send { path: String, value: String },
    /// Send nothing at this path.
    Remove { path: String },
    /// Write this value in the condition, not its JSON text.
    Write { path: String, value: String },
}

impl Mismatch {
    /// The reason if another value was expected than the one that arrived.
    pub(super) fn expected(expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        Self {
            got: Some(got.to_string()),
            ..Self::from(format!("expected {expected}"))
        }
    }
}

impl From<String> for Mismatch {
    fn from(text: String) -> Self {
        Self {
            text,
            got: None,
            change: None,
        }
    }
}

/// `` `$.id` expected 7, got "7" ``.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match &self.got {
            Some(got) => write!(f, ", got {got}"),
            None => Ok(()),
        }
    }
}

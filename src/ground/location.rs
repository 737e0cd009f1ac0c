//! Source locations, which every failure message names.

use std::fmt;
use std::panic;
use std::sync::Arc;

/// The location of a rule, a condition, a handler, a wait or a panic.
#[derive(Clone, Eq, PartialEq)]
pub(crate) enum Location {
    /// A line of the test.
    Code(&'static panic::Location<'static>),
    /// A line of a file that the test loaded, with the path as the test wrote it, or the line of a
    /// panic; both numbers count from 1.
    File {
        path: Arc<str>,
        line: usize,
        column: usize,
    },
}

impl Location {
    /// The line of this call; in a `#[track_caller]` function, the line that calls that function.
    #[track_caller]
    pub(crate) fn here() -> Self {
        Self::Code(panic::Location::caller())
    }
}

/// `tests/retries.rs:12:5`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(location) => location.fmt(f),
            Self::File { path, line, column } => write!(f, "{path}:{line}:{column}"),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn locations_in_code_and_in_a_file_print_the_same() {
        let line = line!() + 1;
        let code = Location::here();
        assert!(
            code.to_string()
                .ends_with(&format!("location.rs:{line}:20"))
        );
        let file = Location::File {
            path: "fixtures/a.json".into(),
            line: 3,
            column: 5,
        };
        assert_eq!(file.to_string(), "fixtures/a.json:3:5");
    }
}

//! What is said of scenario files, and of fakes that are gone.

use std::io;
use std::path::Path;

use super::{Report, plural};
use crate::ground::location::Location;

/// A scenario file that cannot be read.
pub(crate) fn unreadable_scenario(path: &Path, error: &io::Error) -> Report {
    let from = match std::env::current_dir() {
        Ok(directory) if path.is_relative() => {
            format!("; it is looked for in {}", directory.display())
        }
        _ => String::new(),
    };
    Report::new(format!(
        "`{}` cannot be read: {error}{from}",
        path.display()
    ))
}

/// A file that is no scenario; each of the problems names its line.
pub(crate) fn wrong_scenario(path: &str, problems: Vec<String>) -> Report {
    let many = plural(problems.len() as u64, "mistake");
    let mut text = format!("`{path}` is no scenario, nothing of it was loaded; {many}:");
    for problem in problems {
        text.push_str(&format!("\n  {problem}"));
    }
    Report::new(text)
}

/// What no scenario can hold.
pub(crate) fn unwritable_scenario(parts: &[String]) -> Report {
    let many = plural(parts.len() as u64, "part");
    let mut text = format!("no scenario can say {many} of this script, to be written in the test:");
    for part in parts {
        text.push_str(&format!("\n  {part}"));
    }
    Report::new(text)
}

/// What a fake refuses of a scenario that is right by itself.
pub(crate) fn refused_scenario(written_at: &Location, why: &str) -> Report {
    Report::new(format!(
        "{written_at}: {why}; nothing of the scenario was loaded"
    ))
}

/// Something for a fake that is gone.
pub(crate) fn gone(what: &str) -> Report {
    Report::new(format!(
        "{what} for a fake that was dropped: keep `FakeLambda` alive as long as the test scripts it"
    ))
}

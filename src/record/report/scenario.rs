//! Messages about scenario files.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::Report;
use crate::ground::count::plural;
use crate::ground::location::Location;
use crate::ground::message::Message;

/// A scenario file that cannot be read.
pub(crate) fn unreadable_scenario(path: &Path, error: &io::Error) -> Report {
    let kind = error.kind();
    let help = if matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory) {
        match std::env::current_dir() {
            Ok(directory) if path.is_relative() => {
                format!("the path is relative to {}", directory.display())
            }
            _ => "correct the path, or create the file".to_owned(),
        }
    } else if kind == ErrorKind::IsADirectory {
        "write the path of a file in this directory".to_owned()
    } else if kind == ErrorKind::PermissionDenied {
        "give the user of the test the permission to read the file".to_owned()
    } else if kind == ErrorKind::InvalidData {
        "save the file as UTF-8".to_owned()
    } else {
        "write the path of a file that can be read".to_owned()
    };
    let error = error.to_string();
    let error = error.split(" (os error").next().unwrap_or_default();
    Report::of(Message::new(
        format!("cannot read `{}`: {error}", path.display()),
        help,
    ))
}

/// A file that is not a valid scenario; each problem names its line and its fix.
pub(crate) fn wrong_scenario(path: &str, problems: Vec<String>) -> Report {
    let many = plural(problems.len() as u64, "mistake");
    Report::of(Message::list(
        format!("`{path}` is not a valid scenario ({many}); nothing was loaded"),
        problems,
    ))
}

/// The parts of a script that a scenario cannot express.
pub(crate) fn unwritable_scenario(parts: &[String]) -> Report {
    let many = plural(parts.len() as u64, "part");
    let message = Message::new(
        format!("{many} of this script cannot be written to a scenario file"),
        match parts.len() {
            1 => "keep it in the test",
            _ => "keep them in the test",
        },
    );
    Report::of(message.lines(parts.iter().cloned()))
}

/// A valid scenario that this fake refuses.
pub(crate) fn refused_scenario(written_at: &Location, why: Message) -> Report {
    let line = format!("written at {written_at}; nothing of the scenario was loaded");
    Report::of(why.line(line))
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};
    use std::path::Path;

    use rstest::rstest;

    use super::unreadable_scenario;

    #[rstest]
    #[case::missing(ErrorKind::NotFound, "correct the path, or create the file")]
    #[case::below_a_file(ErrorKind::NotADirectory, "correct the path, or create the file")]
    #[case::directory(ErrorKind::IsADirectory, "write the path of a file in this directory")]
    #[case::permission(
        ErrorKind::PermissionDenied,
        "give the user of the test the permission to read the file"
    )]
    #[case::encoding(ErrorKind::InvalidData, "save the file as UTF-8")]
    #[case::other(ErrorKind::Other, "write the path of a file that can be read")]
    fn the_help_for_a_file_that_cannot_be_read_depends_on_the_reason(
        #[case] kind: ErrorKind,
        #[case] help: &str,
    ) {
        let report = unreadable_scenario(Path::new("/a.json"), &Error::from(kind)).to_string();
        let (_, given) = report.split_once("\n  help: ").unwrap();
        assert_eq!(given, help);
    }
}

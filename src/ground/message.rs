//! The parts of a message: what is wrong, how to fix it, and the context.

use std::fmt;

/// One problem. It cannot be built without its fix, and its lines are indented only here.
///
/// ```text
/// error: call 1 was not scripted and got 404 ResourceNotFoundException: resise RequestResponse {"id":7}
///   help: change `resise` to `resize` in the call, or script both
///   nearest rule: `resize`, scripted at tests/images.rs:8:25
///     ✗ function: called `resise`, the rule matches `resize`
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Message {
    error: String,
    /// Absent if each line of the context has its own fix.
    help: Option<String>,
    context: Vec<String>,
}

impl Message {
    /// Creates a message from the problem and the suggested change, one line each.
    pub(crate) fn new(error: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            error: on_one_line(&error.into()),
            help: Some(on_one_line(&help.into())),
            context: Vec::new(),
        }
    }

    /// Creates a message about several problems; each line says what to change.
    pub(crate) fn list(
        error: impl Into<String>,
        mistakes: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            error: error.into(),
            help: None,
            context: mistakes.into_iter().collect(),
        }
    }

    /// Adds a line of context. Text after a line break is indented in the same way.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.context.push(line.into());
        self
    }

    /// Adds each as a line of context, after the previous ones.
    pub(crate) fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.context.extend(lines);
        self
    }

    /// The same message with `what` and a colon before its error.
    pub(crate) fn under(&self, what: impl fmt::Display) -> Self {
        Self {
            error: format!("{what}: {}", self.error),
            ..self.clone()
        }
    }

    /// The first line, without its label.
    pub(crate) fn error(&self) -> &str {
        &self.error
    }
}

/// The lines as a reader gets them, without a line break at the end.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.error)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        let lines = self.context.iter().flat_map(|text| text.lines());
        lines
            .into_iter()
            .try_for_each(|line| match line.is_empty() {
                true => f.write_str("\n"),
                false => write!(f, "\n  {line}"),
            })
    }
}

/// Both parts on one line, for a list whose lines begin with a location.
impl From<Message> for String {
    fn from(message: Message) -> Self {
        match message.help {
            Some(help) => format!("{}; {help}", message.error),
            None => message.error,
        }
    }
}

/// Puts a message of the service or of a panic on one line.
pub(crate) fn on_one_line(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" ")
}

/// The accepted value, or a panic with the message at the test's line.
#[track_caller]
pub(crate) fn accepted<T>(result: Result<T, Message>) -> T {
    match result {
        Ok(accepted) => accepted,
        Err(message) => panic!("{message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn each_line_after_the_first_is_indented() {
        let message = Message::new("too\n  long", "make it shorter")
            .line("rule: `f`")
            .line("  ✗ it is long")
            .line("the panic says\n  left: 1\n\n  right: 2");
        let text = "error: too long\n  help: make it shorter\n  rule: `f`\n    ✗ it is long\n  the panic says\n    left: 1\n\n    right: 2";
        assert_eq!(message.to_string(), text);
        assert_eq!(String::from(message), "too long; make it shorter");
    }

    #[test]
    fn a_list_has_a_fix_in_each_line() {
        let lines = ["a:1:2 $.x: remove it".to_owned()];
        let list = Message::list("1 mistake", lines);
        assert_eq!(list.to_string(), "error: 1 mistake\n  a:1:2 $.x: remove it");
    }
}

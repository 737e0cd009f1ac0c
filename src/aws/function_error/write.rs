//! Writes the payload and the log lines of a [`Thrown`] as its runtime's interface client does.
//!
//! Members are written one by one, because the order of a map depends on the features of the user's
//! dependency graph.

use crate::aws::era::{Era, PythonForm};
use crate::aws::function_error::frames::NODE_8;
use crate::aws::function_error::text::quote;
use crate::aws::function_error::thrown::{Thrown, go_frame};
use crate::aws::words::Runtime;

/// The most bytes .NET writes of an exception; see `LambdaJsonExceptionWriter.cs`.
const DOTNET_MOST: usize = 256 * 1024;
const DOTNET_TRUNCATED: &str =
    r#"{"errorMessage": "Exception exceeded maximum payload size of 256KB."}"#;

/// The payload, as the runtimes of a year write it.
pub(super) fn payload(error: &Thrown, request_id: &str, era: Era) -> String {
    match error.runtime {
        None | Some(Runtime::Rust) => rust(error),
        Some(Runtime::DotNet) => dotnet(error),
        Some(Runtime::Go) => go(error),
        Some(Runtime::Java) => java(error),
        Some(Runtime::Node) if era.has_node_8() => node_8(error),
        Some(Runtime::Node) => node(error),
        Some(Runtime::Python) => match era.python_form() {
            PythonForm::Lists => python_3_7(error),
            PythonForm::WithoutId => python(error, None),
            PythonForm::WithId => python(error, Some(request_id)),
        },
        Some(Runtime::Ruby) => ruby(error),
    }
}

/// The lines of a text log about an error, for the runtimes whose lines were recorded.
pub(super) fn log_lines(error: &Thrown, request_id: &str) -> Option<String> {
    match error.runtime? {
        Runtime::Python => Some(python_lines(error)),
        Runtime::Node => Some(node_line(error, request_id)),
        Runtime::DotNet | Runtime::Go | Runtime::Java | Runtime::Ruby | Runtime::Rust => None,
    }
}

/// `bootstrap.py`, `log_error`: each pair of spaces at the start of a line is written as two
/// no-break spaces.
fn python_lines(error: &Thrown) -> String {
    let mut out = format!(
        "[ERROR] {}: {}\nTraceback (most recent call last):\n",
        error.error_type, error.message
    );
    for frame in error.frames() {
        for line in frame.lines() {
            let rest = line.trim_start_matches("  ");
            let indents = (line.len() - rest.len()) / 2;
            out.extend(["\u{a0}\u{a0}".repeat(indents).as_str(), rest, "\n"]);
        }
    }
    out
}

/// The timestamp in the line of Node.js. It is constant, so that a tail is the same in every run.
const MOMENT: &str = "2026-01-01T00:00:00.000Z";

/// `Errors.js` and `LogPatch.js`: a module that does not load has no request yet.
fn node_line(error: &Thrown, request_id: &str) -> String {
    let (id, what) = match error.at_init {
        true => ("undefined", "Uncaught Exception"),
        false => (request_id, "Invoke Error"),
    };
    let mut members = Members::new(Runtime::Node);
    members.text("errorType", &error.error_type);
    members.text("errorMessage", &error.message);
    members.texts("stack", &node_trace(error));
    format!("{MOMENT}\t{id}\tERROR\t{what} \t{}\n", members.close())
}

/// `diagnostic.rs`: two members.
pub(super) fn rust(error: &Thrown) -> String {
    let mut members = Members::new(Runtime::Rust);
    members.text("errorType", &error.error_type);
    members.text("errorMessage", &error.message);
    members.close()
}

/// `Errors.js`: the stack is V8's text split into lines, so it begins with the message.
fn node(error: &Thrown) -> String {
    let mut members = Members::new(Runtime::Node);
    members.text("errorType", &error.error_type);
    members.text("errorMessage", &error.message);
    members.texts("trace", &node_trace(error));
    members.close()
}

fn node_trace(error: &Thrown) -> Vec<String> {
    let head = match &*error.message {
        "" => error.error_type.to_string(),
        message => format!("{}: {message}", error.error_type),
    };
    let mut trace: Vec<String> = head.split('\n').map(str::to_owned).collect();
    trace.extend(error.frames());
    trace
}

/// As recorded in 2018: the stack has no message, and its frames have no `at`.
fn node_8(error: &Thrown) -> String {
    let frames = match (&error.stack, error.at_init) {
        (Some(stack), _) => stack.to_vec(),
        (None, true) => Vec::new(),
        (None, false) => vec![NODE_8.to_owned()],
    };
    let frames: Vec<String> = frames
        .iter()
        .map(|frame| frame.strip_prefix("    at ").unwrap_or(frame).to_owned())
        .collect();
    let mut members = Members::new(Runtime::Node);
    members.text("errorMessage", &error.message);
    members.text("errorType", &error.error_type);
    members.texts("stackTrace", &frames);
    members.close()
}

/// `bootstrap.py`: a failure at init has no request yet. Without an id the payload is that of
/// Python 3.8.
fn python(error: &Thrown, request_id: Option<&str>) -> String {
    let mut members = Members::new(Runtime::Python);
    members.text("errorMessage", &error.message);
    members.text("errorType", &error.error_type);
    if let Some(request_id) = request_id {
        members.text("requestId", if error.at_init { "" } else { request_id });
    }
    members.texts("stackTrace", &error.frames());
    members.close()
}

/// As recorded in 2019: a frame is a list of file, line, function and source line.
fn python_3_7(error: &Thrown) -> String {
    let frames: Vec<String> = error
        .frames()
        .iter()
        .map(|frame| python_list(frame))
        .collect();
    let mut members = Members::new(Runtime::Python);
    members.json("stackTrace", &format!("[{}]", frames.join(", ")));
    members.text("errorType", &error.error_type);
    members.text("errorMessage", &error.message);
    members.close()
}

/// The parts of a frame in the form of `traceback.format_list`, as a JSON list; any other text as
/// a JSON string.
fn python_list(frame: &str) -> String {
    let quoted = |text: &str| {
        let mut out = String::new();
        quote(&mut out, text, Runtime::Python);
        out
    };
    let parts = || {
        let (file, rest) = frame.strip_prefix("  File \"")?.split_once("\", line ")?;
        let (line, rest) = rest.split_once(", in ")?;
        let (function, source) = rest.split_once('\n')?;
        let line: u32 = line.parse().ok()?;
        Some((file, line, function, source.trim()))
    };
    match parts() {
        Some((file, line, function, source)) => format!(
            "[{}, {line}, {}, {}]",
            quoted(file),
            quoted(function),
            quoted(source)
        ),
        None => quoted(frame),
    }
}

/// `LambdaErrorConverter.java`, with the cause as in `Failure.java`: a failure at init has no
/// stack.
fn java(error: &Thrown) -> String {
    let mut members = Members::new(Runtime::Java);
    members.text("errorMessage", &error.message);
    members.text("errorType", &error.error_type);
    if !error.at_init {
        members.texts("stackTrace", &error.frames());
    }
    if let Some(cause) = &error.cause {
        members.json("cause", &java(cause));
    }
    members.close()
}

/// `messages.go`: only a panic has a stack.
fn go(error: &Thrown) -> String {
    let mut members = Members::new(Runtime::Go);
    members.text("errorMessage", &error.message);
    members.text("errorType", &error.error_type);
    let frames = error.frames();
    let frames: Vec<String> = frames
        .iter()
        .filter_map(|frame| go_frame(frame))
        .map(go_object)
        .collect();
    if !frames.is_empty() {
        members.json("stackTrace", &format!("[{}]", frames.join(",")));
    }
    members.close()
}

fn go_object((path, line, label): (&str, u32, &str)) -> String {
    let mut members = Members::new(Runtime::Go);
    members.text("path", path);
    members.json("line", &line.to_string());
    members.text("label", label);
    members.close()
}

/// `lambda_errors.rb`: the type says what failed, `Function<…>` or `Init<…>`.
fn ruby(error: &Thrown) -> String {
    let error_type = match (error.error_type.ends_with('>'), error.at_init) {
        (true, _) => error.error_type.to_string(),
        (false, true) => format!("Init<{}>", error.error_type),
        (false, false) => format!("Function<{}>", error.error_type),
    };
    let mut members = Members::new(Runtime::Ruby);
    members.text("errorMessage", &error.message);
    members.text("errorType", &error_type);
    members.texts("stackTrace", &error.frames());
    members.close()
}

/// `LambdaJsonExceptionWriter.cs`: two spaces for each level, and a line feed at the end.
fn dotnet(error: &Thrown) -> String {
    dotnet_object(error, 0, DOTNET_MOST).unwrap_or_else(|| DOTNET_TRUNCATED.to_owned())
}

/// Returns `None` if the object is longer than `room` bytes.
fn dotnet_object(error: &Thrown, level: usize, room: usize) -> Option<String> {
    let tab = "  ".repeat(level);
    let mut out = format!("{tab}{{\n{tab}  \"errorType\": ");
    quote(&mut out, &error.error_type, Runtime::DotNet);
    out += &format!(",\n{tab}  \"errorMessage\": ");
    quote(&mut out, &error.message, Runtime::DotNet);
    let frames = error.frames();
    let frames = frames
        .iter()
        .flat_map(|frame| frame.lines())
        .filter(|frame| !frame.trim().is_empty());
    let frames: Vec<String> = frames
        .map(|frame| {
            let mut line = format!("{tab}    ");
            quote(&mut line, frame, Runtime::DotNet);
            line
        })
        .collect();
    if !frames.is_empty() {
        out += &format!(
            ",\n{tab}  \"stackTrace\": [\n{}\n{tab}  ]",
            frames.join(",\n")
        );
    }
    if let Some(cause) = &error.cause {
        out += &format!(",\n{tab}  \"cause\": ");
        // The cause is indented as if it were on a line of its own.
        let cause = dotnet_object(cause, level + 1, room.saturating_sub(out.len()));
        out += &cause.unwrap_or_else(|| format!("{DOTNET_TRUNCATED}\n"));
    } else {
        out.push('\n');
    }
    out += &format!("{tab}}}\n");
    (out.len() <= room).then_some(out)
}

/// A JSON object on one line.
struct Members {
    runtime: Runtime,
    /// The space that Python writes after each `:` and `,`.
    blank: &'static str,
    out: String,
}

impl Members {
    fn new(runtime: Runtime) -> Self {
        Self {
            runtime,
            blank: if runtime == Runtime::Python { " " } else { "" },
            out: "{".to_owned(),
        }
    }

    fn json(&mut self, name: &str, value: &str) {
        if self.out.len() > 1 {
            self.out.push(',');
            self.out += self.blank;
        }
        self.out += &format!("\"{name}\":{}{value}", self.blank);
    }

    fn text(&mut self, name: &str, value: &str) {
        let mut quoted = String::new();
        quote(&mut quoted, value, self.runtime);
        self.json(name, &quoted);
    }

    fn texts(&mut self, name: &str, values: &[String]) {
        let mut list = "[".to_owned();
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                list.push(',');
                list += self.blank;
            }
            quote(&mut list, value, self.runtime);
        }
        list.push(']');
        self.json(name, &list);
    }

    fn close(mut self) -> String {
        self.out.push('}');
        self.out
    }
}

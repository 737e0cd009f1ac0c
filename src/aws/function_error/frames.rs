//! The default stack of an error: the frames of a small handler on each runtime, recorded or known
//! from the source of the runtime's client.
//!
//! The frames never change, so snapshots that contain them do not change either.

use crate::aws::words::Runtime;

/// The frames of a handler that throws: nodejs, 2025.
const NODE: [&str; 2] = [
    "    at Runtime.handler (file:///var/task/index.mjs:2:9)",
    "    at Runtime.handleOnceNonStreaming (file:///var/runtime/index.mjs:1306:29)",
];

/// The frame of a handler that throws: Node.js 8, 2018.
pub(super) const NODE_8: &str = "exports.handler (/var/task/index.js:3:14)";

/// The frames above those of a Python module that does not load: Python 3.9, published in
/// serverless/dashboard#464.
const PYTHON_IMPORTS: [&str; 7] = [
    "  File \"/var/lang/lib/python3.9/importlib/__init__.py\", line 127, in import_module\n    return _bootstrap._gcd_import(name[level:], package, level)\n",
    "  File \"<frozen importlib._bootstrap>\", line 1030, in _gcd_import\n",
    "  File \"<frozen importlib._bootstrap>\", line 1007, in _find_and_load\n",
    "  File \"<frozen importlib._bootstrap>\", line 986, in _find_and_load_unlocked\n",
    "  File \"<frozen importlib._bootstrap>\", line 680, in _load_unlocked\n",
    "  File \"<frozen importlib._bootstrap_external>\", line 850, in exec_module\n",
    "  File \"<frozen importlib._bootstrap>\", line 228, in _call_with_frames_removed\n",
];

/// The frames of a module that does not load: nodejs, 2026.
const NODE_AT_INIT: [&str; 4] = [
    "    at loadModule (file:///var/runtime/index.mjs:573:13)",
    "    at async UserFunctionLoader.load (file:///var/runtime/index.mjs:504:20)",
    "    at async createRuntime (file:///var/runtime/index.mjs:1217:52)",
    "    at async ignition (file:///var/runtime/index.mjs:1633:21)",
];

/// The default frames of an error, in the form that `stack` accepts.
pub(super) fn default_frames(
    runtime: Runtime,
    at_init: bool,
    error_type: &str,
    message: &str,
) -> Vec<String> {
    let fixed: &[&str] = match runtime {
        // Error types with this prefix are faults of the runtime; its interface client, which
        // reports errors to Lambda, sends them without a stack.
        Runtime::Python if error_type.starts_with("Runtime.") => &[],
        Runtime::Python => {
            let imports = PYTHON_IMPORTS.iter().filter(|_| at_init);
            let imports = imports.map(|frame| (*frame).to_owned());
            return imports
                .chain([python(at_init, error_type, message)])
                .collect();
        }
        Runtime::Node if at_init => &NODE_AT_INIT,
        Runtime::Node => &NODE,
        Runtime::Java => &["example.Handler.handleRequest(Handler.java:12)"],
        // Loading errors are thrown as this type and are documented without a stack.
        Runtime::DotNet if error_type == "LambdaException" => &[],
        Runtime::DotNet => &[
            "at Example.Function.FunctionHandler(String input, ILambdaContext context)",
            "at lambda_method1(Closure, Stream, ILambdaContext, Stream)",
        ],
        Runtime::Ruby if at_init => &["/var/task/app.rb:2:in `<top (required)>'"],
        Runtime::Ruby => &["/var/task/app.rb:2:in `handler'"],
        Runtime::Go | Runtime::Rust => &[],
    };
    fixed.iter().map(|frame| (*frame).to_owned()).collect()
}

fn python(at_init: bool, error_type: &str, message: &str) -> String {
    let scope = if at_init { "<module>" } else { "handler" };
    let literal = message
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!(
        "  File \"/var/task/app.py\", line 2, in {scope}\n    raise {error_type}(\"{literal}\")\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_frame_quotes_its_source_line_on_one_line() {
        let frames = default_frames(Runtime::Python, false, "E", "say \"a\\b\"\nand go");
        let line = r#"    raise E("say \"a\\b\"\nand go")"#;
        assert_eq!(frames[0].lines().nth(1), Some(line));
    }
}

//! Writes a string as the JSON writer of each runtime's client does.
//!
//! All escape what JSON requires; they differ in what else they escape. No character is dropped,
//! except that .NET trims the text.

use std::fmt::Write as _;

use crate::aws::words::Runtime;

/// Appends `text` in quotes.
///
/// - .NET: `JsonExceptionWriterHelpers.cs`. Escapes three line separators, writes hex digits in
///   capitals, and trims.
/// - Go: `encoding/json`, which escapes `<`, `>` and `&` for HTML, and U+2028 and U+2029; `\b` and
///   `\f` as Go 1.22 and later.
/// - Java: Gson with HTML escaping off, which leaves U+2028 and U+2029 escaped.
/// - Node.js: `JSON.stringify`. Ruby: the gem `json`. Rust: `serde_json`.
/// - Python: `simplejson` with `ensure_ascii=False`, which `lambda_runtime_marshaller.py` has set
///   since 3.12. Before, the same writer sent every character that is not ASCII as `\uXXXX`.
pub(super) fn quote(out: &mut String, text: &str, runtime: Runtime) {
    let start = out.len() + 1;
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..' ' if runtime == Runtime::DotNet => {
                escape(out, format_args!("{:04X}", character as u32))
            }
            _ if is_escaped(character, runtime) => {
                escape(out, format_args!("{:04x}", character as u32))
            }
            _ => out.push(character),
        }
    }
    if runtime == Runtime::DotNet {
        let trimmed = out[start..].trim().to_owned();
        out.truncate(start);
        out.push_str(&trimmed);
    }
    out.push('"');
}

fn is_escaped(character: char, runtime: Runtime) -> bool {
    match character {
        '\0'..' ' => true,
        '<' | '>' | '&' => runtime == Runtime::Go,
        '\u{2028}' | '\u{2029}' => matches!(runtime, Runtime::DotNet | Runtime::Go | Runtime::Java),
        '\u{85}' => runtime == Runtime::DotNet,
        _ => false,
    }
}

fn escape(out: &mut String, digits: std::fmt::Arguments<'_>) {
    write!(out, "\\u{digits}").expect("a string accepts any text");
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TEXT: &str = " é<&>\"\\/\u{1f}\u{1}\t\u{8}\u{c}\n\r\u{7f}\u{85}\u{2028}\u{1f600} ";

    #[rstest]
    #[case::dotnet(
        Runtime::DotNet,
        "\"é<&>\\\"\\\\/\\u001F\\u0001\\t\\b\\f\\n\\r\u{7f}\\u0085\\u2028\u{1f600}\""
    )]
    #[case::go(
        Runtime::Go,
        "\" é\\u003c\\u0026\\u003e\\\"\\\\/\\u001f\\u0001\\t\\b\\f\\n\\r\u{7f}\u{85}\\u2028\u{1f600} \""
    )]
    #[case::java(
        Runtime::Java,
        "\" é<&>\\\"\\\\/\\u001f\\u0001\\t\\b\\f\\n\\r\u{7f}\u{85}\\u2028\u{1f600} \""
    )]
    #[case::nodejs(
        Runtime::Node,
        "\" é<&>\\\"\\\\/\\u001f\\u0001\\t\\b\\f\\n\\r\u{7f}\u{85}\u{2028}\u{1f600} \""
    )]
    #[case::python(
        Runtime::Python,
        "\" é<&>\\\"\\\\/\\u001f\\u0001\\t\\b\\f\\n\\r\u{7f}\u{85}\u{2028}\u{1f600} \""
    )]
    #[case::ruby(
        Runtime::Ruby,
        "\" é<&>\\\"\\\\/\\u001f\\u0001\\t\\b\\f\\n\\r\u{7f}\u{85}\u{2028}\u{1f600} \""
    )]
    #[case::rust(
        Runtime::Rust,
        "\" é<&>\\\"\\\\/\\u001f\\u0001\\t\\b\\f\\n\\r\u{7f}\u{85}\u{2028}\u{1f600} \""
    )]
    fn each_runtime_escapes_what_its_writer_does(#[case] runtime: Runtime, #[case] json: &str) {
        let mut out = String::new();
        quote(&mut out, TEXT, runtime);
        assert_eq!(out, json);
    }

    #[test]
    fn every_writer_produces_json_of_the_same_text() {
        let every: String = ('a'..'c')
            .chain('\0'..'\u{250}')
            .chain('\u{2000}'..'\u{2100}')
            .collect();
        for runtime in Runtime::ALL {
            let mut out = String::new();
            quote(&mut out, &every, *runtime);
            assert_eq!(
                serde_json::from_str::<String>(&out).unwrap(),
                every,
                "{runtime}"
            );
        }
    }
}

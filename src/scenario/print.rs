//! Prints JSON as a person would lay it out: a value that fits on one line is on one line, except
//! for the root and its sections.

use std::borrow::Cow;

/// The most bytes of a line; a longer array or object is broken into several lines.
const WIDTH: usize = 100;

/// Up to this depth every value begins its own line: sections and their elements.
const SECTIONS: usize = 2;

/// A value to be printed.
pub(super) enum Out {
    /// A scalar, or JSON that is printed unchanged.
    Raw(String),
    Array(Vec<Out>),
    Object(Vec<(Cow<'static, str>, Out)>),
}

impl Out {
    pub(super) fn text(text: &str) -> Self {
        Self::Raw(serde_json::Value::from(text).to_string())
    }

    /// A number, `true` or `false`.
    pub(super) fn plain(value: impl ToString) -> Self {
        Self::Raw(value.to_string())
    }

    /// A placeholder for a part that no scenario can express.
    pub(super) fn nothing() -> Self {
        Self::Array(Vec::new())
    }

    pub(super) fn object(members: Vec<(&'static str, Self)>) -> Self {
        let members = members.into_iter();
        Self::Object(members.map(|(name, value)| (name.into(), value)).collect())
    }

    pub(super) fn printed(&self) -> String {
        let mut printed = String::new();
        self.print(0, 0, &mut printed);
        printed.push('\n');
        printed
    }

    /// `used` is the used width of the line, including the comma after the value.
    fn print(&self, depth: usize, used: usize, out: &mut String) {
        let line = self.on_one_line();
        let is_section = depth < SECTIONS && line.len() > 2;
        if !is_section && used + line.len() <= WIDTH {
            return out.push_str(&line);
        }
        let (open, close, entries): (_, _, Vec<(String, &Self)>) = match self {
            Self::Raw(raw) => return out.push_str(raw),
            Self::Array(items) => {
                let items = items.iter().map(|item| (String::new(), item));
                ('[', ']', items.collect())
            }
            Self::Object(members) => {
                let members = members.iter();
                let members = members.map(|(name, value)| (format!("\"{name}\": "), value));
                ('{', '}', members.collect())
            }
        };
        let indent = "  ".repeat(depth + 1);
        out.push(open);
        for (index, (name, value)) in entries.iter().enumerate() {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            out.extend([&*indent, name]);
            value.print(depth + 1, indent.len() + name.len() + 1, out);
        }
        out.extend(["\n", &indent[2..]]);
        out.push(close);
    }

    fn on_one_line(&self) -> String {
        match self {
            Self::Raw(raw) => raw.clone(),
            Self::Array(items) => {
                let items: Vec<_> = items.iter().map(Self::on_one_line).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|(name, value)| format!("\"{name}\": {}", value.on_one_line()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

//! The page that lists every public name, made from the source.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use super::source::{files, root};

/// Writes the page in place of comparing it.
const BLESS: &str = "FAKE_LAMBDA_BLESS";

/// Names and what they are, by the type, module or macro they belong to.
type Names = BTreeMap<String, Vec<(String, String)>>;

#[test]
fn the_page_of_names_is_what_the_source_says() {
    let path = root().join("src/docs/names.md");
    let page = page(&names());
    if std::env::var_os(BLESS).is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "src/docs/names.md is not what the source says: run this test with {BLESS}=1"
    );
}

#[test]
fn every_public_name_has_its_line() {
    for (owner, names) in names() {
        for (name, what) in names {
            assert!(what.ends_with(['.', ':']), "{owner}, {name}: {what:?}");
        }
    }
}

#[test]
fn every_name_that_the_crate_gives_is_on_the_page() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let given = lib.split("pub use crate::").skip(1).flat_map(|used| {
        let used = used.split_once(';').unwrap().0;
        let (_, names) = used.split_once("::").unwrap();
        let names = names.trim_matches(['{', '}']).split(',').map(str::trim);
        names.filter(|name| !name.is_empty())
    });
    let names = names();
    let has_line = |given: &str| {
        let mut lines = names.get(given).into_iter().flatten();
        lines.any(|(name, _)| name.is_empty())
    };
    let missing: Vec<_> = given.filter(|given| !has_line(given)).collect();
    assert!(missing.is_empty(), "no line for {missing:?}");
}

#[test]
fn names_are_found_in_types_modules_and_macros() {
    let source = "\
/// A thing.
/// More.
pub struct Thing {
    /// Not listed: a member of a struct stands in its own page.
    pub field: u8,
}
impl Thing {
    /// Makes
    /// one.
    ///
    /// # Panics
    #[track_caller]
    pub fn new() -> Self {}
    pub(crate) fn hidden() {}
}
impl Gate {
    /// Opens.
    pub const fn open(&self) {}
}
#[cfg(test)]
mod tests;
/// Another.
pub struct Zone;
#[cfg(test)]
mod tests {
    pub fn no() {}
}
";
    let mut found = Names::new();
    read("thing", source, &mut found);
    let found: Vec<_> = found.into_iter().collect();
    let own = |name: &str, what: &str| (name.to_owned(), what.to_owned());
    let expected = vec![
        ("Gate".to_owned(), vec![own("open", "Opens.")]),
        (
            "Thing".to_owned(),
            vec![own("", "A thing."), own("new", "Makes one.")],
        ),
        ("Zone".to_owned(), vec![own("", "Another.")]),
    ];
    assert_eq!(found, expected);
}

fn page(names: &Names) -> String {
    let mut page = String::from(
        "# Every public name\n\n\
         One line each, as it stands in its documentation; generated from the source, and compared with it by a test.\n\
         What a `FakeLambda` does is listed under `Handle`, to which it derefs. A `try_` twin returns the report that its assertion panics with.\n",
    );
    for (owner, names) in names {
        let mut names = names.clone();
        names.sort();
        let title = owner.as_str();
        writeln!(page, "\n## {title}\n").unwrap();
        if let Some((_, what)) = names.iter().find(|(name, _)| name.is_empty()) {
            writeln!(page, "{what}\n").unwrap();
        }
        for (name, what) in names.iter().filter(|(name, _)| !name.is_empty()) {
            writeln!(page, "- `{name}`: {what}").unwrap();
        }
    }
    page
}

fn names() -> Names {
    let mut names = Names::new();
    for file in files("src") {
        let module = file.file_stem().unwrap().to_str().unwrap().to_owned();
        if module != "lib" && module != "tests" && module != "properties" {
            read(&module, &fs::read_to_string(&file).unwrap(), &mut names);
        }
    }
    names
}

/// Finds the public names of one file, whose own functions belong to `module`.
fn read(module: &str, source: &str, names: &mut Names) {
    let mut docs = Vec::new();
    // What a macro writes belongs to the types that it makes.
    let module = match module {
        "request" => "matchers",
        "row" | "rows" => "ServiceError",
        "words" => {
            "DestinationKind, EventCondition, InvocationType, LogFormat, LogType, Runtime and ThrottleReason"
        }
        module => module,
    };
    let mut owner = module.to_owned();
    let mut hidden = false;
    let mut exported = false;
    let mut in_attribute = false;
    for line in source.lines() {
        let text = line.trim_start();
        // Without a body they are in a file of their own, and public names follow.
        if line == "mod tests {" {
            break;
        }
        in_attribute |= text.starts_with("#[") || text.starts_with("$(#[");
        if in_attribute {
            hidden |= text.starts_with("#[doc(hidden)]");
            if text.starts_with("#[doc = concat!(\"Every ") {
                docs.push("Every one, by name.".to_owned());
            }
            exported |= text.starts_with("#[macro_export]");
            in_attribute = !text.ends_with(']') && !text.ends_with(")*");
            continue;
        }
        if let Some(doc) = text.strip_prefix("///") {
            docs.push(doc.trim().to_owned());
            continue;
        }
        let docs = std::mem::take(&mut docs);
        let was_hidden = std::mem::take(&mut hidden);
        if line == "}" {
            owner = module.to_owned();
        }
        if let Some(typed) = line.strip_prefix("impl").filter(|_| line.ends_with('{')) {
            owner = owner_of(typed);
        }
        if line.starts_with("questions! {") || line.starts_with("macro_rules! questions") {
            owner = "Handle, Script and Seen".to_owned();
        }
        if std::mem::take(&mut exported)
            && !was_hidden
            && let Some(name) = text.strip_prefix("macro_rules! ")
        {
            let name = format!("{}!", name.trim_end_matches(" {"));
            names
                .entry(name)
                .or_default()
                .push((String::new(), summary(&docs)));
        }
        if let Some((kind, name)) = declared(text).filter(|_| !was_hidden) {
            let belongs = if kind == "fn" || kind == "const" {
                (owner.clone(), name)
            } else {
                (name, String::new())
            };
            let what = summary(&docs);
            names.entry(belongs.0).or_default().push((belongs.1, what));
        }
    }
}

/// The type of an `impl` that has methods of its own; a trait's belong to the trait.
fn owner_of(typed: &str) -> String {
    let typed = typed.trim_end_matches('{').trim();
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    word(typed)
}

/// What kind of public item a line declares, and its name.
fn declared(text: &str) -> Option<(&'static str, String)> {
    // The table of errors names its enum so.
    if text == "ServiceError;" {
        return Some(("enum", "ServiceError".to_owned()));
    }
    // A table of words: `"runtime" => Runtime {`.
    if let Some((_, name)) = text
        .strip_prefix('"')
        .and_then(|text| text.split_once("\" => "))
        && let Some(name) = name.strip_suffix(" {")
        && name.chars().all(char::is_alphanumeric)
    {
        return Some(("enum", name.to_owned()));
    }
    let rest = text.strip_prefix("pub ")?;
    let rest = rest
        .strip_prefix("const fn ")
        .map_or(rest.to_owned(), |rest| format!("fn {rest}"));
    let kinds = ["fn", "struct", "enum", "trait", "const"];
    let kind = kinds
        .into_iter()
        .find(|kind| rest.starts_with(&format!("{kind} ")))?;
    let name: String = rest[kind.len() + 1..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some((kind, name))
}

/// The first sentence of a documentation, on one line, without links.
fn summary(docs: &[String]) -> String {
    let first: Vec<_> = docs
        .iter()
        .take_while(|line| !line.is_empty())
        .map(String::as_str)
        .collect();
    let text = first.join(" ");
    let end = text.find(". ").map_or(text.len(), |end| end + 1);
    let mut plain = String::new();
    let mut rest = &text[..end];
    // `[text](target)` and `[text]` both read as their text.
    while let Some(start) = rest.find('[') {
        plain.push_str(&rest[..start]);
        let behind = &rest[start + 1..];
        let Some(close) = behind.find(']') else { break };
        plain.push_str(&behind[..close]);
        rest = &behind[close + 1..];
        if rest.starts_with('(') {
            rest = &rest[rest.find(')').map_or(0, |close| close + 1)..];
        }
    }
    plain.push_str(rest);
    plain
}

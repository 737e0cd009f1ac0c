//! The order of the modules and the size of the files, read from the source.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Past this a file holds two ideas.
const MAX_LINES: usize = 350;

/// Data flows one way. Unit tests obey too: one that needs a later module belongs to that module. Links of comments are free.
#[test]
fn a_module_imports_only_from_those_above_it_in_lib_rs() {
    let order = order();
    let mut wrong = String::new();
    for file in files("src") {
        let path = file.strip_prefix(root()).unwrap();
        let Some(module) = module_of(path) else {
            continue;
        };
        let rank = |name: &str| order.iter().position(|known| known == name);
        let own = rank(&module).unwrap_or_else(|| panic!("src/lib.rs has no `mod {module};`"));
        for (line, import) in imports(&fs::read_to_string(&file).unwrap(), depth_of(path)) {
            let why = match rank(&import) {
                Some(other) if other <= own => continue,
                Some(_) => "it stands below in src/lib.rs",
                None => "it is no module: name the one it lives in",
            };
            writeln!(
                wrong,
                "{}:{line}: {module} → {import}, {why}",
                path.display()
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "these imports go the wrong way:\n{wrong}");
}

#[test]
fn no_file_is_longer_than_350_lines() {
    let long: Vec<_> = files("src")
        .into_iter()
        .filter_map(|file| {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            (lines > MAX_LINES).then(|| format!("{}: {lines} lines", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_file_outside_the_crate_is_read() {
    // In two parts, or this file would be found.
    let outside = concat!("..", "/shared");
    let found: Vec<_> = ["src", "tests", "benches", "examples"]
        .into_iter()
        .flat_map(files)
        .filter(|file| fs::read_to_string(file).unwrap().contains(outside))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_way_to_write_an_import_is_seen() {
    let source = "\
//! Of [`crate::ignored`].
use crate::one::{A, B};
pub(crate) use crate::{two::C, three, four::{D, E}};
use super::super::five::F;
fn f() -> crate::six::G { $crate::ignored!(); } // crate::ignored
use super::within;
";
    let seen: Vec<_> = imports(source, 2);
    let seen: Vec<_> = seen
        .iter()
        .map(|(line, name)| (*line, name.as_str()))
        .collect();
    let expected = [
        (2, "one"),
        (3, "two"),
        (3, "three"),
        (3, "four"),
        (4, "five"),
        (5, "six"),
    ];
    assert_eq!(seen, expected);
}

/// The top-level modules, in their order.
fn order() -> Vec<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    lib.lines()
        .filter_map(|line| {
            line.trim_start_matches("pub ")
                .strip_prefix("mod ")?
                .strip_suffix(';')
        })
        .map(str::to_owned)
        .collect()
}

/// The line and first segment of every path from the root, in a file whose module is `depth` levels below it.
fn imports(source: &str, depth: usize) -> Vec<(usize, String)> {
    let code: Vec<_> = source
        .lines()
        .map(|line| line.split("//").next().unwrap())
        .collect();
    let code = code.join("\n");
    let to_root = "super::".repeat(depth);
    let mut found = Vec::new();
    for (at, start) in code
        .match_indices("crate::")
        .chain(code.match_indices(&to_root))
    {
        // `$crate` is for the user's crate; a longer word or a longer chain of `super` is another path.
        let before = &code[..at];
        if before.ends_with(|c: char| matches!(c, '$' | '_' | ':') || c.is_alphanumeric()) {
            continue;
        }
        // Anywhere but in an import at the left margin, `super` may count from a module inside the file.
        let is_import = before.rsplit('\n').next().unwrap().starts_with(['u', 'p']);
        if start.starts_with("super") && !is_import {
            continue;
        }
        let line = before.matches('\n').count() + 1;
        let names = first_segments(&code[at + start.len()..]);
        found.extend(names.into_iter().map(|name| (line, name)));
    }
    found.sort_by_key(|(line, _)| *line);
    found
}

/// The first segment of a path, or of each path in a group.
fn first_segments(text: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = text.strip_prefix('{') else {
        return vec![word(text)];
    };
    let mut level = 0;
    let mut names = vec![word(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => level += 1,
            '}' if level == 0 => break,
            '}' => level -= 1,
            ',' if level == 0 => names.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The top-level module of a file; none for `src/lib.rs`, which only lists and re-exports.
fn module_of(path: &Path) -> Option<String> {
    let first = path.iter().nth(1).unwrap().to_str().unwrap();
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (name != "lib").then(|| name.to_owned())
}

fn depth_of(path: &Path) -> usize {
    path.iter().count() - 1
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder of the crate; none where there is no such folder.
pub(super) fn files(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files(path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
}

//! The layout of `src`: the imports between wings, and that no two files import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use syn::visit::{self, Visit};
use syn::{Ident, Item, ItemMod, ItemUse, UseTree};

/// A module, by the names that lead to it: `reply`, `gate`.
type Module = Vec<String>;

/// The wings, in the order of `src/lib.rs`. `fixtures` is for users, so it can use everything that
/// is public.
const WINGS: [&str; 11] = [
    "ground",
    "aws",
    "request",
    "reply",
    "behavior",
    "record",
    "exchange",
    "transport",
    "api",
    "scenario",
    "sweep",
];

#[test]
fn src_contains_the_eleven_wings() {
    let entries = fs::read_dir(root().join("src")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.collect();
    let others = ["docs", "fixtures.rs", "fuzzing.rs", "lib.rs"];
    let expected = WINGS.into_iter().chain(others).map(str::to_owned);
    assert_eq!(found, expected.collect());
    for wing in WINGS {
        let module = root().join("src").join(wing).join("mod.rs");
        assert!(module.is_file(), "{} is missing", module.display());
    }
}

#[test]
fn a_wing_imports_only_from_wings_above_it() {
    let rank = |module: &Module| WINGS.iter().position(|wing| *wing == module[0]);
    let wrong: Vec<_> = imports(&sources())
        .into_iter()
        .filter(|(from, to)| rank(from).is_some_and(|from| Some(from) < rank(to)))
        .map(|(from, to)| format!("{} imports from {}", from.join("::"), to.join("::")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The sweep reaches everything outside itself and `ground` through the crate's root: public names,
/// and crate-private methods of public types.
#[test]
fn the_sweep_imports_only_basics_and_the_public_api() {
    let wrong: Vec<_> = imports(&sources())
        .into_iter()
        .filter(|(from, to)| from[0] == "sweep" && to[0] != "sweep" && to[0] != "ground")
        .map(|(from, to)| format!("{} imports from {}", from.join("::"), to.join("::")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A module and its own submodules are one unit in several files, so they can import each other.
#[test]
fn no_two_files_import_each_other() {
    let imports = imports(&sources());
    let wrong: Vec<_> = imports
        .iter()
        .filter(|(from, to)| from < to && !to.starts_with(from))
        .filter(|(from, to)| imports.contains(&(to.clone(), from.clone())))
        .map(|(from, to)| format!("{} and {}", from.join("::"), to.join("::")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_names_the_shared_folder_outside_the_crate() {
    // In two parts, because otherwise this file would match.
    let outside = concat!("..", "/shared");
    let found: Vec<_> = ["src", "tests", "benches", "examples"]
        .into_iter()
        .flat_map(|folder| files(&root().join(folder)))
        .filter(|file| fs::read_to_string(file).unwrap().contains(outside))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A text with a line number would change when lines in a test file move: use `without_lines` of
/// `tests/it/text.rs` for every text that is compared.
#[test]
fn no_text_of_a_test_has_a_line_number() {
    let place = Regex::new(r"\.rs:[0-9]").unwrap();
    let found: Vec<_> = files(&root().join("tests"))
        .into_iter()
        .flat_map(|file| {
            let source = fs::read_to_string(&file).unwrap();
            let lines = source.lines().filter(|line| place.is_match(line));
            let at = |line| format!("{}: {line}", file.display());
            lines.map(at).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// The crate's own type starts on a socket in every run, including runs on another transport.
#[test]
fn a_test_on_any_transport_imports_the_fake_of_its_run() {
    let tests = files(&root().join("tests/it/any_transport"));
    assert!(!tests.is_empty());
    let found: Vec<_> = tests
        .into_iter()
        .filter(|file| {
            let source = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
            imported(&source).contains(&vec!["fake_lambda".to_owned(), "FakeLambda".to_owned()])
        })
        .collect();
    assert!(
        found.is_empty(),
        "import it from crate::transport: {found:#?}"
    );
}

#[test]
fn every_form_of_an_import_is_found() {
    let source = |text| syn::parse_file(text).unwrap();
    let sources = BTreeMap::from([
        (
            vec!["a".to_owned()],
            source("pub(crate) use self::deep::Deep; struct A;"),
        ),
        (
            vec!["a".to_owned(), "deep".to_owned()],
            source("struct Deep;"),
        ),
        (vec!["b".to_owned()], source("use crate::a::{A, Deep};")),
        (
            vec!["c".to_owned()],
            source("fn f() -> crate::a::A { decision() }"),
        ),
        (
            vec!["c".to_owned(), "tests".to_owned()],
            source(
                "mod inner { use super::super::super::b::{self}; } fn g(_: super::super::a::A) {}",
            ),
        ),
    ]);
    let found = imports(&sources);
    let found = found
        .iter()
        .map(|(from, to)| format!("{} {}", from.join("::"), to.join("::")));
    let expected = ["b a", "b a::deep", "c a", "c::tests a", "c::tests b"];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

/// Every module except the root, which only lists and re-exports.
fn sources() -> BTreeMap<Module, syn::File> {
    let src = root().join("src");
    let mut sources = BTreeMap::new();
    for file in files(&src) {
        let path = file.strip_prefix(&src).unwrap().with_extension("");
        let mut module: Module = path
            .iter()
            .map(|name| name.to_str().unwrap().to_owned())
            .collect();
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        if module != ["lib"] {
            let text = fs::read_to_string(&file).unwrap();
            sources.insert(module, syn::parse_file(&text).unwrap());
        }
    }
    sources
}

/// Each pair of a module that names an item, and the module that defines it; a re-export is not an
/// import.
fn imports(sources: &BTreeMap<Module, syn::File>) -> BTreeSet<(Module, Module)> {
    let mut found = BTreeSet::new();
    for (module, source) in sources {
        let mut paths = Paths {
            at: module.clone(),
            found: Vec::new(),
        };
        paths.visit_file(source);
        for path in paths.found {
            let target = defining(sources, &path);
            if !target.is_empty() && target != *module {
                found.insert((module.clone(), target));
            }
        }
    }
    found
}

/// The module that defines the item at a path from the root; the root itself if no module does.
fn defining(sources: &BTreeMap<Module, syn::File>, path: &[String]) -> Module {
    let mut end = 0;
    while end < path.len() && sources.contains_key(&path[..=end]) {
        end += 1;
    }
    let (module, rest) = path.split_at(end);
    let Some((source, name)) = sources.get(module).zip(rest.first()) else {
        return module.to_vec();
    };
    let reexport = source.items.iter().find_map(|item| match item {
        Item::Use(item) if is_reexport(item) => {
            let mut leaves = Vec::new();
            flatten(&item.tree, Vec::new(), &mut leaves);
            leaves.into_iter().find(|leaf| leaf.last() == Some(name))
        }
        _ => None,
    });
    match reexport {
        Some(leaf) => defining(sources, &absolute(module, leaf).unwrap_or_default()),
        None => module.to_vec(),
    }
}

fn is_reexport(item: &ItemUse) -> bool {
    !matches!(item.vis, syn::Visibility::Inherited)
}

/// A path from the root; `None` for one into another crate.
fn absolute(at: &[String], path: Vec<String>) -> Option<Vec<String>> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    let base = match path.first()?.as_str() {
        "crate" => &[],
        "self" => at,
        "super" => at.get(..at.len().checked_sub(ups)?)?,
        _ => return None,
    };
    let skipped = ups.max(1);
    Some([base, &path[skipped..]].concat())
}

fn flatten(tree: &UseTree, mut path: Vec<String>, leaves: &mut Vec<Vec<String>>) {
    let mut with = |name: &Ident| path.push(name.to_string());
    match tree {
        UseTree::Path(tree) => {
            with(&tree.ident);
            return flatten(&tree.tree, path, leaves);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, path.clone(), leaves);
            }
            return;
        }
        UseTree::Name(name) if name.ident == "self" => {}
        UseTree::Name(name) => with(&name.ident),
        UseTree::Rename(rename) => with(&rename.ident),
        UseTree::Glob(_) => {}
    }
    leaves.push(path);
}

/// The imports of a file, as written there.
fn imported(source: &syn::File) -> Vec<Vec<String>> {
    struct Imports(Vec<Vec<String>>);
    impl<'ast> Visit<'ast> for Imports {
        fn visit_item_use(&mut self, item: &'ast ItemUse) {
            flatten(&item.tree, Vec::new(), &mut self.0);
        }
    }
    let mut imports = Imports(Vec::new());
    imports.visit_file(source);
    imports.0
}

/// Collects the paths of a file that lead to this crate.
struct Paths {
    /// The module being visited, which may be inside the file.
    at: Module,
    found: Vec<Vec<String>>,
}

impl Paths {
    fn add(&mut self, path: Vec<String>) {
        self.found.extend(absolute(&self.at, path));
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if is_reexport(item) {
            return;
        }
        let mut leaves = Vec::new();
        flatten(&item.tree, Vec::new(), &mut leaves);
        leaves.into_iter().for_each(|leaf| self.add(leaf));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(
            path.segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect(),
        );
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.at.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.at.pop();
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let files = paths.flat_map(|path| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    });
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

//! The vocabulary, its parser, its writer, its schema and its page agree.

mod checker;
mod locations;
mod mistakes;
mod page;
mod replies;
mod reply_mistakes;
mod round_trip;
mod schema;
mod scripts;
mod vocabulary;

use std::path::{Path, PathBuf};

use super::{File, Scenario};
use crate::api::fake::{FakeLambda, Handle};
use crate::record::report::Report;

/// The environment variable that makes the tests write the files instead of comparing them.
const BLESS: &str = "FAKE_LAMBDA_BLESS";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The scenarios that this crate ships.
fn examples() -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("fixtures/scenarios")).unwrap();
    let mut examples: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    examples.sort();
    examples
}

/// Does what `load` does, with the text of a file.
fn load(lambda: &Handle, text: &str) -> Result<(), Report> {
    let file = File {
        path: "scenario.json".to_owned(),
        text: text.to_owned(),
    };
    file.with(|_| None, Scenario::read)?.add_to(lambda)
}

#[track_caller]
fn is_printed(path: &str, printed: &str) {
    let path = root().join(path);
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, printed).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == printed,
        "{} is not what the vocabulary says: run this test with {BLESS}=1",
        path.display()
    );
}

#[test]
fn the_schema_file_matches_the_vocabulary() {
    is_printed("fixtures/scenario.schema.json", &schema::schema());
}

#[test]
fn the_page_file_matches_the_vocabulary() {
    is_printed("src/docs/scenarios.md", &page::page());
}

#[test]
fn every_example_starts_a_fake_and_fits_the_schema() {
    for path in examples() {
        let text = std::fs::read_to_string(&path).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        assert!(checker::takes(&value), "{}", path.display());
        let lambda = FakeLambda::from_scenario(&path);
        assert!(lambda.to_scenario().is_ok());
    }
}

//! boto3 and the JavaScript SDK call the fake as they come from their registries, configured only
//! with `env()`.
//!
//! `tests/interop/run` installs both and runs this with them; a plain `cargo test` reports these
//! tests as ignored.

mod answers;
mod errors;
mod events;
mod faults;
mod log_tail;
mod refusals;
#[path = "../it/own_server/faults/rows.rs"]
mod rows;
mod sdk;
#[path = "../it/own_server/streams/rows.rs"]
mod stream_rows;
mod streams;

/// Unlike most of these tests, this one also runs without the SDKs.
#[test]
fn the_readme_names_the_versions_that_are_installed() {
    let pinned = include_str!("requirements.txt").lines();
    let boto3 = pinned
        .filter_map(|line| line.strip_prefix("boto3=="))
        .next();
    let package: serde_json::Value =
        serde_json::from_str(include_str!("package.json")).expect("package.json is JSON");
    let java_script = package["dependencies"]["@aws-sdk/client-lambda"].as_str();
    let readme = include_str!("../../README.md");
    let (boto3, java_script) = (boto3.expect("a pin"), java_script.expect("a pin"));
    assert!(readme.contains(&format!(
        "boto3 {boto3} and the JavaScript SDK {java_script} "
    )));
}

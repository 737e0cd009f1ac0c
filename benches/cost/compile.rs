//! The time to compile the tests of a crate that depends only on this crate, compared with one that
//! depends only on wiremock.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Ours can take this many times wiremock's CPU time.
const TIME_BOUND: f64 = 1.15;

/// The size of our library as of November 2026, in MB; half of it is the bound.
const SIZE_BEFORE: f64 = 57.0;

/// The number of clock ticks in a second on every Linux; `/proc` counts CPU time in ticks.
const TICKS: f64 = 100.0;

/// Prints what a clean `cargo test --no-run` takes, and the bounds; returns `true` if none is
/// missed.
pub(crate) fn print() -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = compile("fake-lambda", &format!("path = {root:?}"));
    let wiremock = compile("wiremock", "version = \"0.6.4\"");
    println!("| | CPU time | wall time | library |\n|---|--:|--:|--:|");
    for (name, built) in [("wiremock", &wiremock), ("ours", &ours)] {
        let cpu = built
            .cpu
            .map_or("-".to_owned(), |cpu| format!("{cpu:.1} s"));
        println!(
            "| {name} | {cpu} | {:.1} s | {:.1} MB |",
            built.wall, built.library
        );
    }
    let mut all_kept = true;
    let mut verdict = |claim: &str, is_kept: bool| {
        all_kept &= is_kept;
        println!("{}: {claim}", if is_kept { "ok" } else { "MISSED" });
    };
    let (own, other) = (
        ours.cpu.unwrap_or(ours.wall),
        wiremock.cpu.unwrap_or(wiremock.wall),
    );
    verdict(
        &format!(
            "compiling takes at most {TIME_BOUND} x wiremock's time: {:.2} x",
            own / other
        ),
        own <= other * TIME_BOUND,
    );
    verdict(
        &format!(
            "the library has at most {} MB: {:.1} MB",
            SIZE_BEFORE / 2.0,
            ours.library
        ),
        ours.library <= SIZE_BEFORE / 2.0,
    );
    all_kept
}

struct Built {
    /// The CPU time of all processes in seconds; `None` if the system does not report it.
    cpu: Option<f64>,
    /// The wall time in seconds.
    wall: f64,
    /// The size of the library in MB.
    library: f64,
}

/// Compiles a crate with one dev-dependency in an empty folder, with the versions of our lock file.
fn compile(name: &str, source: &str) -> Built {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/compile").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).expect("the target folder can be written");
    let mut manifest = "[package]\nname = \"user\"\nedition = \"2024\"\n\n[workspace]\n".to_owned();
    write!(manifest, "\n[dev-dependencies]\n{name} = {{ {source} }}\n").expect("it is text");
    fs::write(folder.join("Cargo.toml"), manifest).expect("the target folder can be written");
    fs::write(folder.join("src/lib.rs"), "").expect("the target folder can be written");
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("there is a lock file");
    let (began, before) = (std::time::Instant::now(), cpu_of_children());
    let status = Command::new(env!("CARGO"))
        .args(["test", "--no-run", "--offline", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        // As for a dependency from the registry.
        .env("CARGO_INCREMENTAL", "0")
        .status();
    assert!(
        status.expect("cargo starts").success(),
        "{name} does not compile"
    );
    let wall = began.elapsed().as_secs_f64();
    let cpu = before
        .zip(cpu_of_children())
        .map(|(before, after)| after - before);
    let library = library(&folder.join("target/debug/deps"), name);
    fs::remove_dir_all(&folder).expect("the target folder can be written");
    Built { cpu, wall, library }
}

/// The CPU time in seconds of all child processes that have ended.
fn cpu_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the process, in parentheses, can contain spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(13);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

/// The size of a compiled library in MB.
fn library(folder: &Path, name: &str) -> f64 {
    let prefix = format!("lib{}-", name.replace('-', "_"));
    let entries = fs::read_dir(folder).expect("cargo has written there");
    let mut files = entries.map(|entry| entry.expect("cargo has written there").path());
    let is_library = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&prefix) && name.ends_with(".rlib")
    };
    let file = files.find(is_library).expect("the library was compiled");
    fs::metadata(file).expect("it is there").len() as f64 / 1e6
}

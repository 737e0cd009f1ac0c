//! Targets that give the fake any input, and panic if it breaks one of its promises.
//!
//! Each module is a target. `cargo run` feeds them on a stable toolchain, `cargo fuzz` with
//! libFuzzer.

#[cfg(not(fuzzing))]
compile_error!("the targets call internals: set RUSTFLAGS=\"--cfg fuzzing\"");

pub mod canonical;
mod fake;
pub mod hyper;
pub mod json;
pub mod raw;
pub mod scenario;
pub mod signature;
pub mod structured;
pub mod target;
pub mod verbs;

pub use self::fake::on_failure;

/// A target by name.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// The words of its inputs, in libFuzzer's format.
    pub dictionary: Option<&'static str>,
}

impl Target {
    const fn of(name: &'static str, run: fn(&[u8])) -> Self {
        Self {
            name,
            run,
            dictionary: None,
        }
    }

    const fn words(self, dictionary: &'static str) -> Self {
        Self {
            dictionary: Some(dictionary),
            ..self
        }
    }
}

const HTTP: &str = include_str!("../dictionaries/http.dict");
const SCENARIO: &str = include_str!("../dictionaries/scenario.dict");

/// Every target, the fast ones first.
pub const TARGETS: [Target; 9] = [
    Target::of("json", json::run),
    Target::of("canonical", canonical::run),
    Target::of("target", target::run),
    Target::of("signature", signature::run),
    Target::of("scenario", scenario::run).words(SCENARIO),
    Target::of("raw", raw::run).words(HTTP),
    Target::of("structured", structured::run),
    Target::of("hyper", hyper::run).words(HTTP),
    Target::of("verbs", verbs::run),
];

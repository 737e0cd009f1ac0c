//! Files that are loaded: each mistake has a location, and what is loaded can be written again.

use std::path::PathBuf;
use std::{env, fs, process};

use fake_lambda::FakeLambda;

use crate::fake::end_at_panics;

pub fn run(data: &[u8]) {
    end_at_panics();
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let first = started();
    if let Err(mistakes) = load(&first, text) {
        assert!(mistakes.contains(".json"), "no location in {mistakes}");
        return;
    }
    let written = first.to_scenario().expect("what is loaded can be written");
    let second = started();
    if let Err(mistakes) = load(&second, &written) {
        panic!("{mistakes}\nin {written}\nfrom {text}");
    }
    assert_eq!(second.to_scenario().unwrap(), written, "from {text}");
}

fn started() -> FakeLambda {
    FakeLambda::builder().verify_on_drop(false).start()
}

fn load(lambda: &FakeLambda, text: &str) -> Result<(), String> {
    let file = file();
    fs::write(&file, text).unwrap();
    lambda.try_load(&file).map_err(|report| report.to_string())
}

fn file() -> PathBuf {
    env::temp_dir().join(format!("fake-lambda-fuzz-{}.json", process::id()))
}

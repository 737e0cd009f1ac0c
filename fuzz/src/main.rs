//! Feeds the targets without libFuzzer: first their seeds, then changed copies of them.
//!
//! ```text
//! cargo run -- [--seconds N] [--seed N] [TARGET [FILE ..]]
//! ```
//!
//! With files, it runs only these, to reproduce a failure.

use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use fake_lambda_fuzz::{TARGETS, Target, on_failure};

/// The length to which changed copies of the seeds are cut.
const LONGEST: usize = 4096;

/// The longest time that one input may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The input that runs.
static CURRENT: Mutex<Option<Current>> = Mutex::new(None);

struct Current {
    target: &'static str,
    input: Vec<u8>,
    began: Instant,
}

fn main() {
    let (mut seconds, mut seed, mut names) = (3, 1, Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let number = arguments.next().and_then(|number| number.parse().ok());
            number.unwrap_or_else(|| fail(&format!("`{argument}` needs a number")))
        };
        match &*argument {
            "--seconds" => seconds = number(),
            "--seed" => seed = number(),
            _ => names.push(argument),
        }
    }
    on_failure(keep_current);
    thread::spawn(watch);
    match names.split_first() {
        None => {
            for target in &TARGETS {
                fuzz(target, Duration::from_secs(seconds), seed);
            }
        }
        Some((name, files)) => {
            let target = TARGETS.iter().find(|target| target.name == name);
            let names = || TARGETS.map(|target| target.name).join(", ");
            let target = target.unwrap_or_else(|| fail(&format!("the targets are {}", names())));
            for file in files {
                run(target, &read(Path::new(file)));
            }
            if files.is_empty() {
                fuzz(target, Duration::from_secs(seconds), seed);
            }
        }
    }
}

/// Runs the seeds of a target, then changed copies of them until the time has passed.
fn fuzz(target: &'static Target, length: Duration, seed: u64) {
    let began = Instant::now();
    let seeds = seeds(target.name);
    for input in &seeds {
        run(target, input);
    }
    let words = target.dictionary.map_or_else(Vec::new, words);
    let mut draw = Draw(seed);
    let mut changes = 0_u64;
    while began.elapsed() < length {
        let mut input = seeds[draw.below(seeds.len())].clone();
        for _ in 0..=draw.below(5) {
            change(&mut input, &seeds, &words, &mut draw);
        }
        input.truncate(LONGEST);
        run(target, &input);
        changes += 1;
    }
    println!(
        "{}: {} seeds and {changes} changed copies of them passed in {} ms (seed {seed})",
        target.name,
        seeds.len(),
        began.elapsed().as_millis()
    );
}

fn run(target: &'static Target, input: &[u8]) {
    *current() = Some(Current {
        target: target.name,
        input: input.to_owned(),
        began: Instant::now(),
    });
    (target.run)(input);
    *current() = None;
}

/// Makes one change that a client, or its author, could make by mistake.
fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[Vec<u8>], draw: &mut Draw) {
    let at = draw.below(input.len() + 1);
    let end = (at + 1 + draw.below(16)).min(input.len());
    match draw.below(8) {
        0 => input.truncate(at),
        1 => drop(input.drain(at..end)),
        2 => input.insert(at, draw.byte()),
        3 => {
            let part = input[at..end].to_owned();
            input.splice(at..at, part);
        }
        4 if !words.is_empty() => {
            let word = words[draw.below(words.len())].iter().copied();
            input.splice(at..at, word);
        }
        5 => {
            let other = &seeds[draw.below(seeds.len())];
            let from = draw.below(other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        6 if at < input.len() => input[at] ^= 1 << draw.below(8),
        _ if at < input.len() => input[at] = draw.byte(),
        _ => input.push(draw.byte()),
    }
}

/// The seeds of a target, sorted by file name, so that the draws are repeatable.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("seeds").join(target);
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| fail(&format!("cannot read {}: {error}", folder.display())));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

/// The words of a dictionary, one in quotes on each line, with `\xNN`, `\"` and `\\`.
fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let quoted = |line: &str| Some(line.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    dictionary
        .lines()
        .filter_map(quoted)
        .map(|line| unescaped(&line))
        .collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
                bytes.push(digit(*high) * 16 + digit(*low));
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                bytes.push(*escaped);
                rest = after;
            }
            (byte, _) => bytes.push(*byte),
        }
    }
    bytes
}

/// Keeps the input that failed, and says how to run it again.
fn keep_current() {
    let Some(current) = current().take() else {
        return;
    };
    let folder = root().join("artifacts").join(current.target);
    let hash = current
        .input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
    let file = folder.join(format!("{hash:016x}"));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, &current.input));
    if let Err(error) = kept {
        eprintln!("cannot write {}: {error}", file.display());
    }
    eprintln!(
        "{} failed with {}\n  help: run it again: cargo run -- {} {}",
        current.target,
        current.input.escape_ascii(),
        current.target,
        file.display()
    );
}

/// Ends the process if an input takes too long.
fn watch() {
    loop {
        thread::sleep(Duration::from_secs(1));
        let is_late = |current: &Current| current.began.elapsed() > PATIENCE;
        if current().as_ref().is_some_and(is_late) {
            keep_current();
            fail(&format!("this input takes more than {PATIENCE:?}"));
        }
    }
}

fn current() -> std::sync::MutexGuard<'static, Option<Current>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| fail(&format!("cannot read {}: {error}", file.display())))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fail(why: &str) -> ! {
    eprintln!("error: {why}");
    process::exit(1);
}

/// SplitMix64: the same inputs for the same seed.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 56) as u8
    }
}

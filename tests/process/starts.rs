//! The cost of many fakes in one process, and what they leave behind.

use std::collections::HashSet;
use std::time::Instant;

use fake_lambda::FakeLambda;
use serde_json::json;

use crate::alone::{alone, this_test};
use crate::answered;

#[test]
fn a_thousand_concurrent_fakes_use_at_most_five_descriptors_each() {
    alone(this_test!(), || {
        system::need_descriptors(6_000);
        let before = system::descriptors();
        let fakes: Vec<_> = (0..1_000)
            .map(|number| {
                let lambda = FakeLambda::start();
                lambda.on("f").reply(json!(number));
                lambda
            })
            .collect();
        for (number, lambda) in fakes.iter().enumerate() {
            answered(lambda, &number.to_string());
        }
        // A fake detects a moment later that its client has disconnected.
        system::settles("descriptors", system::descriptors, |now| {
            now <= before + 5 * fakes.len()
        });
        println!(
            "{} descriptors",
            system::descriptors().saturating_sub(before)
        );
        for lambda in &fakes {
            lambda.assert_calls(1);
        }
        drop(fakes);
        system::settles("descriptors", system::descriptors, |now| now <= before);
    });
}

#[test]
fn five_thousand_fakes_in_a_row_use_different_ports_and_leak_nothing() {
    alone(this_test!(), || {
        let (descriptors, threads) = (system::descriptors(), system::threads());
        let mut ports = HashSet::new();
        for number in 0..5_000 {
            let lambda = FakeLambda::start();
            lambda.on("f").reply(json!(number));
            assert!(
                ports.insert(lambda.port()),
                "start {number} has the port {} again",
                lambda.port()
            );
            // Only every tenth fake has a client: after a connection the system itself reserves the
            // port for a minute, so the ports would differ even if the fake did nothing for that.
            let client = (number % 10 == 0).then(|| answered(&lambda, &number.to_string()));
            drop(lambda);
            drop(client);
        }
        system::settles("descriptors", system::descriptors, |now| now <= descriptors);
        system::settles("threads", system::threads, |now| now <= threads);
    });
}

/// There are more starts than ephemeral ports, so the last starts use ports a second time.
#[test]
fn thirty_thousand_starts_end() {
    alone(this_test!(), || {
        let begun = Instant::now();
        for number in 1..=30_000 {
            drop(FakeLambda::start());
            if number % 5_000 == 0 {
                println!("{number} starts after {:.1?}", begun.elapsed());
            }
        }
    });
}

/// The system's limit can be reached at each of the descriptors that a start needs.
#[cfg(target_os = "linux")]
#[test]
fn a_start_without_a_descriptor_left_panics_at_the_line_of_the_caller() {
    alone(this_test!(), || {
        // What the process allocates once, such as the timer of waits, is not counted below.
        let lambda = FakeLambda::start();
        lambda.on("f").reply(json!(1));
        drop(answered(&lambda, "1"));
        drop(lambda);
        let (mut failed, mut started) = (0, 0);
        for left in 0..=8 {
            let mut filling = system::all_descriptors();
            filling.truncate(filling.len() - left);
            let (line, start) = (line!(), || FakeLambda::start());
            let result = panicking::at(start);
            drop(filling);
            match result {
                Ok(lambda) => {
                    started += 1;
                    lambda.on("f").reply(json!(left));
                    drop(answered(&lambda, &left.to_string()));
                }
                Err((text, place)) => {
                    failed += 1;
                    assert_eq!(place, format!("{}:{line}", file!()), "{left} left: {text}");
                    assert_eq!(
                        text,
                        "error: the fake cannot start: Too many open files (os error 24)\n  \
                         help: run fewer tests at the same time, or close ports, threads or file descriptors that are not needed",
                        "{left} left"
                    );
                }
            }
        }
        assert!(
            failed >= 4 && started >= 2,
            "{failed} failed, {started} started"
        );
    });
}

/// Where and why a start panics.
#[cfg(target_os = "linux")]
mod panicking {
    use std::panic::{self, catch_unwind};
    use std::sync::{Arc, Mutex};

    use fake_lambda::FakeLambda;

    /// The text and the `file:line` of the panic of this thread.
    pub(crate) fn at(start: fn() -> FakeLambda) -> Result<FakeLambda, (String, String)> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sees = seen.clone();
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = info.payload().downcast_ref::<String>().cloned();
            let place = info.location().unwrap();
            let place = format!("{}:{}", place.file(), place.line());
            sees.lock().unwrap().push((text.unwrap_or_default(), place));
        }));
        let result = catch_unwind(start);
        panic::set_hook(usual);
        let mut seen = std::mem::take(&mut *seen.lock().unwrap());
        match result {
            Ok(lambda) => {
                assert_eq!(seen, []);
                Ok(lambda)
            }
            Err(_) => {
                assert_eq!(seen.len(), 1, "{seen:?}");
                Err(seen.remove(0))
            }
        }
    }
}

/// The system's figures for this process.
#[cfg(target_os = "linux")]
mod system {
    use std::fs::{self, File};
    use std::thread;
    use std::time::{Duration, Instant};

    pub(crate) fn descriptors() -> usize {
        // One of them is used to count.
        fs::read_dir("/proc/self/fd").unwrap().count() - 1
    }

    /// Every descriptor that the process may still open.
    pub(crate) fn all_descriptors() -> Vec<File> {
        let files = std::iter::from_fn(|| File::open("/dev/null").ok());
        files.collect()
    }

    pub(crate) fn threads() -> usize {
        fs::read_dir("/proc/self/task").unwrap().count()
    }

    /// Asserts that the process may open this many descriptors. The parent has raised the limit if
    /// it could.
    pub(crate) fn need_descriptors(needed: usize) {
        let limits = fs::read_to_string("/proc/self/limits").unwrap();
        let soft = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"))
            .and_then(|numbers| numbers.split_whitespace().next())
            .unwrap();
        assert!(
            soft.parse::<usize>().is_ok_and(|soft| soft >= needed),
            "this test needs {needed} descriptors and may have {soft}: raise the hard limit, `ulimit -H -n {needed}`"
        );
    }

    /// Waits until the number is small enough. Nothing signals its changes, so it is polled.
    #[track_caller]
    pub(crate) fn settles(what: &str, number: fn() -> usize, enough: impl Fn(usize) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !enough(number()) {
            assert!(Instant::now() < deadline, "{} {what} are left", number());
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// On other systems nothing is counted, but the fakes still have to start, answer and end.
#[cfg(not(target_os = "linux"))]
mod system {
    pub(crate) fn descriptors() -> usize {
        0
    }

    pub(crate) fn threads() -> usize {
        0
    }

    pub(crate) fn need_descriptors(_: usize) {}

    pub(crate) fn settles(_: &str, _: fn() -> usize, _: impl Fn(usize) -> bool) {}
}

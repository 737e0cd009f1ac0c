//! A fake in memory in a process of its own: its seed, its cost, and what a sweep prints.

use fake_lambda::sweep::{Modes, Verdict};
use fake_lambda::{FakeLambda, Fault, Invocation, MemoryConnection};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::alone::{alone, next_line, role, run, this_test};

#[test]
fn an_invalid_seed_panics_at_the_start() {
    if role().is_some() {
        next_line!();
        let _lambda = FakeLambda::in_memory();
        return;
    }
    let ended = run(this_test!(), "starts", |child| {
        child.env("FAKE_LAMBDA_SEED", "lucky");
    });
    ended.panicked_at_the_marked_line();
}

/// Half of the calls share one connection, the others have one each, and a handler answers them.
#[test]
fn ten_thousand_calls_keep_no_memory_and_no_descriptor() {
    alone(this_test!(), || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let lambda = FakeLambda::builder().journal_calls(100).in_memory();
            lambda.on("f").handle(async |_: Invocation| {
                tokio::time::sleep(std::time::Duration::from_secs(60)).await;
                json!("done")
            });
            let mut kept = lambda.connect().unwrap();
            for _ in 0..2_000 {
                call(&mut kept).await;
                call(&mut lambda.connect().unwrap()).await;
            }
            let (resident, descriptors, threads) = system();
            for _ in 0..5_000 {
                call(&mut kept).await;
                call(&mut lambda.connect().unwrap()).await;
            }
            let (later, descriptors_later, threads_later) = system();
            assert!(
                later <= resident + 1024 * 1024,
                "{resident} bytes became {later}"
            );
            assert_eq!((descriptors_later, threads_later), (descriptors, threads));
            lambda.assert_calls(14_000);
        });
    });
}

/// The sweep prints neither the panics of the tested code nor that a request has no answer.
#[test]
fn a_sweep_prints_nothing_and_hides_no_other_panic() {
    if role().is_none() {
        let ended = run(this_test!(), "sweeps", |child| {
            child
                .env("RUST_BACKTRACE", "0")
                .env("FAKE_LAMBDA_JOURNAL", "always");
        });
        ended.succeeded();
        let printed: Vec<&str> = ended
            .stderr
            .lines()
            .filter(|line| !line.is_empty())
            .collect();
        let [head, text, ..] = printed[..] else {
            panic!("the other panic is not printed:\n{ended}")
        };
        assert!(head.contains("thread 'other'"), "{ended}");
        assert_eq!(text, "a foreign panic", "{ended}");
        let others = printed[2..]
            .iter()
            .filter(|line| !line.starts_with("note: "));
        assert_eq!(others.count(), 0, "{ended}");
        return;
    }
    let report = fake_lambda::sweep(
        |lambda: &FakeLambda| {
            lambda.on("f").reply(json!("done"));
        },
        async |lambda: &FakeLambda| -> Result<(), String> {
            call(&mut lambda.connect().unwrap()).await;
            Ok(())
        },
    )
    .modes(Modes::from(Fault::Reset).and(Fault::Hang))
    .run();
    let verdicts: Vec<Verdict> = report.cells().iter().map(|cell| cell.verdict()).collect();
    use Verdict::{Panics, Unbounded};
    assert_eq!(verdicts, [Panics, Panics, Unbounded, Unbounded]);
    let other = std::thread::Builder::new().name("other".to_owned());
    let other = other.spawn(|| panic!("a foreign panic")).unwrap();
    assert!(other.join().is_err());
}

async fn call(connection: &mut MemoryConnection) {
    let head = "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: lambda\r\nContent-Length: 0\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    while !reply.ends_with(b"\"done\"") {
        assert_ne!(connection.read_buf(&mut reply).await.unwrap(), 0);
    }
}

/// The resident bytes, the descriptors and the threads of this process.
#[cfg(target_os = "linux")]
fn system() -> (usize, usize, usize) {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
    let number = |folder| std::fs::read_dir(folder).unwrap().count();
    (
        pages * 4096,
        number("/proc/self/fd"),
        number("/proc/self/task"),
    )
}

/// Elsewhere nothing is counted.
#[cfg(not(target_os = "linux"))]
fn system() -> (usize, usize, usize) {
    (0, 0, 0)
}

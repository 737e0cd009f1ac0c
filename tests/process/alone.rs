//! Runs a test in its own process: this binary again, with only that test, which then sees a role
//! in its environment.
//!
//! It is for tests about the state of a whole process: its descriptors and threads, its used ports,
//! its environment, its standard error.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

pub(crate) const ROLE: &str = "FAKE_LAMBDA_TEST_ROLE";

/// The deadline of a child; the slowest needs a tenth of it.
const DEADLINE: Duration = Duration::from_secs(300);

/// The limit on the open files of a child, if the system allows it: the many fakes of one test need
/// more than the usual 1,024.
const DESCRIPTORS: u32 = 8_192;

/// The path of the enclosing test, as `--exact` accepts it.
macro_rules! this_test {
    () => {{
        fn here() {}
        let path = std::any::type_name_of_val(&here);
        let path = path.strip_suffix("::here").unwrap();
        path.split_once("::").unwrap().1
    }};
}
pub(crate) use this_test;

/// Prints the location of the next line of source, which the parent expects in the child's output.
macro_rules! next_line {
    () => {
        println!("\nnext line: {}:{}", file!(), line!() + 1)
    };
}
pub(crate) use next_line;

/// How a child ended.
pub(crate) struct Ended {
    success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The role of this process in the running test; `None` in the test itself.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// Runs `body` in its own process, one such process at a time.
pub(crate) fn alone(test: &str, body: impl FnOnce()) {
    static TURN: Mutex<()> = Mutex::new(());
    match role() {
        Some(_) => body(),
        None => {
            let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
            let ended = run(test, "alone", |_| {});
            ended.succeeded();
            print!("{}", ended.stdout);
        }
    }
}

/// Runs this test again in a child with this role and the environment of `set`.
pub(crate) fn run(test: &str, role: &str, set: impl FnOnce(&mut Command)) -> Ended {
    end(test, role, |command| {
        command.arg("--nocapture");
        set(command);
    })
}

/// Like [`run`], in a harness that captures what its tests print.
pub(crate) fn run_captured(test: &str, role: &str) -> Ended {
    end(test, role, |_| {})
}

fn end(test: &str, role: &str, set: impl FnOnce(&mut Command)) -> Ended {
    let program = std::env::current_exe().unwrap();
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        let raise = format!("ulimit -S -n {DESCRIPTORS} 2>/dev/null; exec \"$0\" \"$@\"");
        shell.args(["-c", &raise]).arg(program);
        shell
    } else {
        Command::new(program)
    };
    command
        .args([test, "--exact"])
        .env(ROLE, role)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    set(&mut command);
    let mut child = command.spawn().unwrap();
    let stdout = read(child.stdout.take().unwrap());
    let stderr = read(child.stderr.take().unwrap());
    let is_late = matches!(
        stdout.recv_timeout(DEADLINE),
        Err(RecvTimeoutError::Timeout)
    );
    if is_late {
        child.kill().unwrap();
    }
    let success = child.wait().unwrap().success();
    let ended = Ended {
        success,
        stdout: stdout.iter().collect(),
        stderr: stderr.iter().collect(),
    };
    assert!(!is_late, "{test} hangs as {role}:\n{ended}");
    assert!(
        ended.stdout.contains("running 1 test"),
        "no test is called {test}:\n{ended}"
    );
    ended
}

/// Sends an empty string when the pipe has ended, and then everything that was read from it.
fn read(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        let _ = sender.send(String::new());
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

impl Ended {
    #[track_caller]
    pub(crate) fn succeeded(&self) {
        assert!(self.success, "the child failed:\n{self}");
    }

    /// Checks that the child's test failed by a panic at the line it marked.
    #[track_caller]
    pub(crate) fn panicked_at_the_marked_line(&self) {
        assert!(!self.success, "the child did not panic:\n{self}");
        let place = format!("panicked at {}:", self.marked_line());
        assert!(
            self.stderr.contains(&place),
            "the child did not say `{place}`:\n{self}"
        );
    }

    /// `file:line` of the line after `next_line!`.
    #[track_caller]
    pub(crate) fn marked_line(&self) -> &str {
        let marked = self
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("next line: "));
        marked.unwrap_or_else(|| panic!("the child marked no line:\n{self}"))
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "-- its standard output\n{}-- its standard error\n{}",
            self.stdout, self.stderr
        )
    }
}

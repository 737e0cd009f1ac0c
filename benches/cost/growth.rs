//! The cost of one more unit, first when few exist and then when ten times as many exist, in
//! instructions of a child process: the cost must not depend on how many exist.
//!
//! A unit is what the title of a row names; the client is included. Wall time is not shown, because
//! it is not exact enough for a bound of 1.2.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use fake_lambda::matchers::payload_partial;
use fake_lambda::{FakeLambda, Gate, Invocation, Reply};
use serde_json::json;

use crate::client::{PAUSE, invocations_path};
use crate::meter::instructions;

/// Precedes the hidden argument `growth/size/units`.
pub(crate) const CHILD_FLAG: &str = "--growth";

/// The bound on the cost of a unit when ten times as many exist, as a multiple of its cost when few
/// exist.
pub(crate) const LIMIT: f64 = 1.2;

/// One kind of growth.
#[derive(Debug)]
pub(crate) struct Growth {
    name: &'static str,
    pub(crate) title: &'static str,
    /// The number of things that grow, such as functions, in the smaller of the two measurements.
    pub(crate) few: usize,
    run: fn(size: usize, units: usize),
    /// Whether the work of a unit is proportional to the size; the cost of a unit is then divided
    /// by the size.
    is_shared: bool,
}

/// The costs of one unit.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) few: f64,
    pub(crate) many: f64,
}

/// The numbers of units in the short and in the long run; their difference is measured.
const UNITS: [usize; 2] = [100, 400];

/// The sizes are chosen so that no hash table or vector doubles its capacity during a measurement,
/// and that 1,024 descriptors are enough.
pub(crate) static GROWTHS: [Growth; 14] = [
    Growth {
        name: "functions",
        title: "functions: a call",
        few: 1_000,
        run: functions,
        is_shared: false,
    },
    Growth {
        name: "unscripted",
        title: "functions: a call of a name without a rule",
        few: 1_000,
        run: unscripted,
        is_shared: false,
    },
    Growth {
        name: "aliases",
        title: "aliases of one function: a call",
        few: 100,
        run: aliases,
        is_shared: false,
    },
    Growth {
        name: "scripting",
        title: "rules of one function: another rule",
        few: 1_100,
        run: scripting,
        is_shared: false,
    },
    Growth {
        name: "rules",
        title: "rules of one function: a call, answered by the newest",
        few: 1_000,
        run: rules,
        is_shared: false,
    },
    Growth {
        name: "spent",
        title: "rules of one function: a call, all newer rules have answered",
        few: 1_000,
        run: spent,
        is_shared: false,
    },
    Growth {
        name: "conditions",
        title: "conditions: a call, the first matches",
        few: 100,
        run: conditions,
        is_shared: false,
    },
    Growth {
        name: "asked",
        title: "conditions: a rule that does not match",
        few: 100,
        run: asked,
        is_shared: true,
    },
    Growth {
        name: "journal",
        title: "calls in a full journal: a call",
        few: 1_000,
        run: journal,
        is_shared: false,
    },
    Growth {
        name: "open",
        title: "open calls, next to a full journal: a call",
        few: 40,
        run: open,
        is_shared: false,
    },
    Growth {
        name: "abandoned",
        title: "functions that run without their clients: a call",
        few: 100,
        run: abandoned,
        is_shared: false,
    },
    Growth {
        name: "events",
        title: "queued events with a capacity: another event",
        few: 1_000,
        run: events,
        is_shared: false,
    },
    Growth {
        name: "attempts",
        title: "attempts of one call: another attempt",
        few: 1_100,
        run: attempts,
        is_shared: false,
    },
    Growth {
        name: "connections",
        title: "connections: a call on one of them",
        few: 40,
        run: connections,
        is_shared: false,
    },
];

impl Growth {
    /// Measures again if the bound is missed: how often the threads take turns differs from run to
    /// run.
    pub(crate) fn measure(&self) -> Figures {
        eprintln!("measuring: {}", self.title);
        let first = self.measure_once();
        if first.ratio() <= LIMIT {
            return first;
        }
        let second = self.measure_once();
        match second.ratio() < first.ratio() {
            true => second,
            false => first,
        }
    }

    fn measure_once(&self) -> Figures {
        let cost = |size: usize| {
            let [short, long] = UNITS;
            let count =
                |units: usize| instructions(CHILD_FLAG, &format!("{}/{size}/{units}", self.name));
            let unit = (count(long) - count(short)) / (long - short) as f64;
            match self.is_shared {
                true => unit / size as f64,
                false => unit,
            }
        };
        Figures {
            few: cost(self.few),
            many: cost(10 * self.few),
        }
    }
}

impl Figures {
    pub(crate) fn ratio(&self) -> f64 {
        self.many / self.few
    }
}

/// Runs `growth/size/units` in this process.
pub(crate) fn run_child(task: &str) {
    let mut parts = task.split('/');
    let mut part = || parts.next().expect("a task has three parts");
    let (name, size, units) = (part(), part(), part());
    let number = |text: &str| text.parse().expect("a number");
    let growth = GROWTHS.iter().find(|growth| growth.name == name);
    let growth = growth.unwrap_or_else(|| panic!("no growth is called `{name}`"));
    (growth.run)(number(size), number(units));
    crate::leave_without_drops(0);
}

/// One connection; every reply on it has the length of the first one.
struct Line {
    stream: TcpStream,
    reply: Vec<u8>,
}

/// The number of requests that are sent ahead, so that the threads take turns rarely: how often
/// they do differs from run to run.
const AHEAD: usize = 100;

impl Line {
    fn connect(lambda: &FakeLambda) -> Line {
        let stream = TcpStream::connect(("127.0.0.1", lambda.port())).expect("the fake listens");
        stream
            .set_nodelay(true)
            .expect("a socket can be without delay");
        Line {
            stream,
            reply: Vec::new(),
        }
    }

    /// Sends a call without waiting for its reply.
    fn send(&mut self, request: &str) {
        self.stream
            .write_all(request.as_bytes())
            .expect("the fake reads");
    }

    /// Sends these calls and checks the status of each.
    fn calls(&mut self, status: &str, count: usize, request: impl Fn(usize) -> String) {
        let mut first = 0;
        if self.reply.is_empty() && count > 0 {
            self.send(&request(0));
            // The fake writes a small reply in one piece.
            self.reply.resize(4_096, 0);
            let length = self.stream.read(&mut self.reply).expect("the fake answers");
            self.reply.truncate(length);
            first = 1;
        }
        while first < count {
            let end = count.min(first + AHEAD);
            let requests: String = (first..end).map(&request).collect();
            self.send(&requests);
            for _ in first..end {
                self.stream
                    .read_exact(&mut self.reply)
                    .expect("the reply is as long as the first");
                let status_line = format!("HTTP/1.1 {status}");
                assert!(
                    self.reply.starts_with(status_line.as_bytes()),
                    "not the scripted reply: {}",
                    String::from_utf8_lossy(&self.reply)
                );
            }
            first = end;
        }
    }
}

/// A whole request.
fn request(function: &str, fields: &str, body: &str) -> String {
    format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: {}\r\n\r\n{body}",
        invocations_path(function),
        body.len()
    )
}

/// Returns the same plain call of this function for every number of a call.
fn plain(function: &'static str) -> impl Fn(usize) -> String {
    let request = request(function, "", "{}");
    move |_| request.clone()
}

fn name(number: usize) -> String {
    format!("fn-{number:06}")
}

/// A fake whose figures do not include its verification.
fn started() -> FakeLambda {
    FakeLambda::builder().verify_on_drop(false).start()
}

fn scripted(lambda: &FakeLambda, function: &str) {
    lambda.on(function).reply(json!({"ok": true}));
}

fn functions(size: usize, units: usize) {
    let lambda = started();
    (0..size).for_each(|number| scripted(&lambda, &name(number)));
    let mut line = Line::connect(&lambda);
    let call = |unit| request(&name(unit * 6_181 % size), "", "{}");
    line.calls("200", units, call);
}

fn unscripted(size: usize, units: usize) {
    let lambda = started();
    (0..size).for_each(|number| scripted(&lambda, &name(number)));
    let mut line = Line::connect(&lambda);
    line.calls("404", units, plain("resize"));
}

fn aliases(size: usize, units: usize) {
    let lambda = started();
    scripted(&lambda, "f");
    let alias = |number: usize| format!("f:alias-{number:06}");
    (0..size).for_each(|number| drop(lambda.alias(alias(number), "7")));
    let mut line = Line::connect(&lambda);
    // Each alias is called once before the measured calls.
    let call = |number| request(&alias(number * 61 % size), "", "{}");
    line.calls("200", size, call);
    line.calls("200", units, call);
}

fn scripting(size: usize, units: usize) {
    let lambda = started();
    (0..size + units).for_each(|_| scripted(&lambda, "f"));
}

fn rules(size: usize, units: usize) {
    let lambda = started();
    (0..size).for_each(|_| scripted(&lambda, "f"));
    let mut line = Line::connect(&lambda);
    line.calls("200", units, plain("f"));
}

fn spent(size: usize, units: usize) {
    let lambda = started();
    scripted(&lambda, "f");
    for _ in 0..size {
        lambda.on("f").reply(json!({"ok": true})).times(1);
    }
    let mut line = Line::connect(&lambda);
    line.calls("200", size + units, plain("f"));
}

fn with_conditions(size: usize) -> FakeLambda {
    let lambda = started();
    scripted(&lambda, "f");
    for id in 1..=size {
        let condition = payload_partial(json!({"id": id}));
        lambda.on("f").when(condition).reply(json!({"ok": true}));
    }
    lambda
}

fn conditions(size: usize, units: usize) {
    let lambda = with_conditions(size);
    let mut line = Line::connect(&lambda);
    let first = request("f", "", &format!(r#"{{"id":{size}}}"#));
    line.calls("200", units, |_| first.clone());
}

fn asked(size: usize, units: usize) {
    let lambda = with_conditions(size);
    let mut line = Line::connect(&lambda);
    let last = request("f", "", r#"{"id":0}"#);
    line.calls("200", units, |_| last.clone());
}

fn journal(size: usize, units: usize) {
    let lambda = FakeLambda::builder().journal_calls(size).start();
    scripted(&lambda, "f");
    let mut line = Line::connect(&lambda);
    line.calls("200", size + units, plain("f"));
}

/// With the open calls, the journal is full after a few calls at most; from then on, a call is
/// dropped for each one that ends.
fn open(size: usize, units: usize) {
    let lambda = FakeLambda::builder().journal_calls(50).start();
    scripted(&lambda, "f");
    let gate = Gate::new();
    lambda
        .on("open")
        .reply(Reply::json(json!({"ok": true})).hold(&gate));
    let mut waiting = Vec::new();
    for number in 1..=size as u64 {
        let mut line = Line::connect(&lambda);
        line.send(&request("open", "", "{}"));
        gate.reached(number).block();
        waiting.push(line);
    }
    let mut line = Line::connect(&lambda);
    line.calls("200", units, plain("f"));
    drop(waiting);
}

/// Like `open`, but the open calls are those of functions whose clients have disconnected.
fn abandoned(size: usize, units: usize) {
    let lambda = FakeLambda::builder().journal_calls(50).start();
    scripted(&lambda, "f");
    lambda
        .on("open")
        .handle(async |_: Invocation| std::future::pending::<Reply>().await);
    for _ in 0..size {
        let mut line = Line::connect(&lambda);
        line.send(&request("open", "", "{}"));
        line.stream
            .shutdown(Shutdown::Write)
            .expect("it is connected");
        // The fake begins the handler, then closes the connection.
        let length = line.stream.read(&mut [0]).expect("it is not reset");
        assert_eq!(length, 0, "a handler that never ends has no reply");
        // This gives the fake the time to finish its work before the next client connects.
        thread::sleep(PAUSE);
    }
    let mut line = Line::connect(&lambda);
    line.calls("200", units, plain("f"));
}

fn events(size: usize, units: usize) {
    let lambda = FakeLambda::builder().journal_calls(1).start();
    scripted(&lambda, "f");
    lambda.event_invoke_config("f").queue_capacity(1_000_000);
    // Each event waits for a slot.
    let _constraint = lambda.reserve_concurrency("f", 1);
    let gate = Gate::new();
    lambda
        .on("f")
        .reply(Reply::json(json!({"ok": true})).hold(&gate))
        .times(1);
    let mut held = Line::connect(&lambda);
    held.send(&request("f", "", "{}"));
    gate.reached(1).block();
    let mut line = Line::connect(&lambda);
    let event = request("f", "X-Amz-Invocation-Type: Event\r\n", "{}");
    line.calls("202", size + units, |_| event.clone());
}

fn attempts(size: usize, units: usize) {
    let lambda = started();
    scripted(&lambda, "f");
    let mut line = Line::connect(&lambda);
    let attempt = request("f", "amz-sdk-invocation-id: one\r\n", "{}");
    line.calls("200", size + units, |_| attempt.clone());
}

fn connections(size: usize, units: usize) {
    let lambda = started();
    scripted(&lambda, "f");
    let connect = |_| {
        let mut line = Line::connect(&lambda);
        line.calls("200", 1, plain("f"));
        line
    };
    let mut lines: Vec<Line> = (0..size).map(connect).collect();
    for unit in 0..units {
        lines[unit * 61 % size].calls("200", 1, plain("f"));
    }
}

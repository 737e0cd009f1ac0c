//! Any script against any traffic: nothing panics, hangs, or keeps a client after the drop.

use std::future::pending;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use arbitrary::{Arbitrary, Unstructured};
use fake_lambda::matchers::{attempt, invocation_type, payload_partial};
use fake_lambda::{
    ActiveChaos, Chaos, Constraint, EventsRun, FakeLambda, Fault, FunctionError, Gate, Handle, Hit,
    Invocation, Outage, Paused, Reply, Runtime, Script, ServiceError,
};
use serde_json::json;

use crate::fake::{DEADLINE, end_at_panics, may_panic};

/// The most steps of one input.
const STEPS: usize = 40;

/// The most that a drop takes, which is a second and what a loaded machine adds.
const DROP: Duration = Duration::from_millis(2_500);

const TARGETS: [&str; 9] = [
    "f",
    "f:live",
    "f:$LATEST",
    "f:7",
    "g",
    "g:live",
    "arn:aws:lambda:us-east-1:123456789012:function:h",
    "bad name",
    "f:8",
];

const CALLED: [&str; 7] = [
    "f/invocations",
    "f%3Alive/invocations",
    "f/invocations?Qualifier=7",
    "g/invocations",
    "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Ah/invocations",
    "unscripted/invocations",
    "a%20b/invocations",
];

#[derive(Arbitrary)]
struct Drawn {
    steps: Vec<Step>,
    is_auto: bool,
    has_small_journal: bool,
    ends_open: bool,
    waits: bool,
    end: u8,
}

#[derive(Arbitrary)]
enum Step {
    On(u8, Condition, Answer),
    OnAny(Answer),
    Then(u8, Answer),
    Times(u8, u8),
    ExpectCalls(u8, u8),
    Remove(u8),
    Deny(u8),
    Constrain(u8, u8, u8),
    StopConstraint(u8),
    Chaos(u8, u8, u8),
    StopChaos(u8),
    Pause,
    Resume,
    Outage,
    EndOutage,
    Open,
    OpenOne,
    Advance(u16),
    SettleEvents,
    Alias(u8, u8),
    EventInvokeConfig(u8, u8),
    Send(u8, u8, u8),
    SendOn(u8, u8, u8),
    SendPart(u8),
    Read(u8),
    Leave(u8),
    Reset(u8),
    Journal,
    Verify,
    Wait,
    Scenario,
    Yield,
}

#[derive(Arbitrary)]
enum Answer {
    Json(u8),
    Error(u8),
    FunctionError(u8),
    Fault(u8, u8),
    Damaged(u8, u8),
    Http(u16),
    Delay(u8),
    Hold(bool),
    Handle(u8),
    TimesOut(u8),
    InQueue,
    DeliveredTimes(u8),
    Lost,
    Log,
    Unmodeled(u16),
}

#[derive(Arbitrary)]
enum Condition {
    None,
    Panics,
    Payload,
    Attempt(u8),
    InvocationType(u8),
    Wiremock,
    UsesTheFake,
}

/// The item of a list that a byte names.
fn pick<T>(items: &[T], which: u8) -> Option<&T> {
    items.get(usize::from(which).checked_rem(items.len())?)
}

fn target(which: u8) -> &'static str {
    pick(&TARGETS, which).unwrap()
}

fn millis(count: u8) -> Duration {
    Duration::from_millis(u64::from(count % 4))
}

fn fault(which: u8, size: u8) -> Fault {
    let bytes = usize::from(size % 12);
    let every = Duration::from_millis(u64::from(size % 2));
    match which % 16 {
        0 => Fault::Reset,
        1 => Fault::CloseBeforeReply,
        2 => Fault::Hang,
        3 => Fault::Garbage,
        4 => Fault::ResetInHead,
        5 => Fault::TruncateHead,
        6 => Fault::SlowHead {
            bytes: bytes * 10,
            every,
        },
        7 => Fault::TruncateAfter(bytes),
        8 => Fault::ResetAfter(bytes),
        9 => Fault::StallAfter(bytes),
        10 => Fault::Dribble { bytes, every },
        11 => Fault::BadChunk,
        12 => Fault::LengthTooLong(bytes),
        13 => Fault::LengthTooShort(bytes),
        14 => Fault::CloseAfterReply,
        _ => Fault::ResetOnReuse,
    }
}

impl Answer {
    fn reply(&self, gate: &Gate) -> Reply {
        match *self {
            Self::Json(number) => Reply::json(json!({"n": number})),
            Self::Error(which) => Reply::error(*pick(&ServiceError::ALL, which).unwrap()),
            Self::FunctionError(which) => match which % 5 {
                0 => FunctionError::new("E", "m").into(),
                1 => FunctionError::timed_out(Duration::from_secs(1)).into(),
                2 => FunctionError::out_of_memory().into(),
                3 => FunctionError::exited(i32::from(which)).into(),
                _ => FunctionError::new("V", "x").runtime(Runtime::Python).into(),
            },
            Self::Fault(which, size) => fault(which, size).into(),
            Self::Damaged(which, size) => {
                Reply::json(json!({"n": "0123456789"})).fault(fault(which, size))
            }
            Self::Http(status) => Reply::http(status, "<html>"),
            Self::Delay(count) => Reply::json(json!(1)).delay(millis(count)),
            Self::Hold(is_damaged) => {
                let held = Reply::json(json!("held")).hold(gate);
                match is_damaged {
                    true => held.fault(Fault::TruncateAfter(2)),
                    false => held,
                }
            }
            Self::Handle(which) => handled(which),
            Self::TimesOut(count) => {
                Reply::handle(async |_: Invocation| pending::<Reply>().await).timeout(millis(count))
            }
            Self::InQueue => Reply::error(ServiceError::TooManyRequestsException).in_queue(),
            Self::DeliveredTimes(count) => {
                Reply::json(json!(2)).delivered_times(u32::from(count % 4))
            }
            Self::Lost => Reply::json(json!(2)).lost(),
            Self::Log => Reply::json(json!(1)).log("line\nother"),
            Self::Unmodeled(status) => Reply::unmodeled_error("Odd", status),
        }
    }
}

fn handled(which: u8) -> Reply {
    Reply::handle(async move |call: Invocation| -> Reply {
        match which % 8 {
            0 => json!({"length": call.payload_len()}).into(),
            1 => panic!("a handler of the test"),
            2 => {
                tokio::task::yield_now().await;
                json!(2).into()
            }
            3 => {
                tokio::time::sleep(Duration::from_millis(1)).await;
                json!(3).into()
            }
            4 => pending().await,
            5 => {
                call.log("x");
                Fault::Reset.into()
            }
            6 => Reply::handle(async |_: Invocation| json!(1)),
            _ => {
                tokio::task::spawn_blocking(|| ()).await.unwrap();
                json!(7).into()
            }
        }
    })
}

fn request(called: u8, kind: u8, number: u8) -> Vec<u8> {
    let path = pick(&CALLED, called).unwrap();
    let fields = match kind % 6 {
        1 => "X-Amz-Invocation-Type: Event\r\n",
        2 => "X-Amz-Invocation-Type: DryRun\r\n",
        3 => "X-Amz-Log-Type: Tail\r\n",
        4 => "amz-sdk-invocation-id: c1\r\namz-sdk-request: attempt=2; max=3\r\n",
        _ => "",
    };
    let body = format!("{{\"n\":{number}}}");
    let length = body.len();
    format!("POST /2015-03-31/functions/{path} HTTP/1.1\r\nHost: x\r\n{fields}Content-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The values that a test keeps.
#[derive(Default)]
struct Kept {
    scripts: Vec<Script>,
    constraints: Vec<Constraint>,
    chaos: Vec<ActiveChaos>,
    pauses: Vec<Paused>,
    outages: Vec<Outage>,
    /// Each client, or `None` if it has left.
    clients: Vec<Option<TcpStream>>,
    /// The number of requests that were sent.
    sent: usize,
}

pub fn run(data: &[u8]) {
    end_at_panics();
    let Ok(drawn) = Drawn::arbitrary(&mut Unstructured::new(data)) else {
        return;
    };
    let builder = FakeLambda::builder().verify_on_drop(false);
    let builder = builder.events_run(match drawn.is_auto {
        true => EventsRun::Auto,
        false => EventsRun::Manual,
    });
    let builder = match drawn.has_small_journal {
        true => builder.journal_calls(2).journal_bytes(64),
        false => builder,
    };
    let lambda = builder.start();
    let (gate, handle) = (Gate::new(), lambda.handle());
    let mut kept = Kept::default();
    for step in drawn.steps.iter().take(STEPS) {
        may_panic(|| take(step, &lambda, &gate, &mut kept));
    }
    if drawn.ends_open {
        kept.outages.clear();
        kept.pauses.clear();
        gate.open();
    }
    if drawn.waits {
        let wait = Duration::from_millis(60);
        may_panic(|| lambda.wait_until_idle().within(wait).block());
    }
    let attempts: usize = lambda
        .calls()
        .iter()
        .map(|call| call.attempts().len())
        .sum();
    let journal = lambda.journal().to_string();
    let most = kept.sent;
    assert!(
        attempts <= most || drawn.has_small_journal,
        "{attempts} attempts of {most} requests\n{journal}"
    );
    end(lambda, gate, kept, drawn.end, &journal);
    may_panic(|| handle.on("f").reply(json!(1)));
    may_panic(|| {
        handle
            .advance(Duration::from_secs(1))
            .within(millis(3))
            .block()
    });
    may_panic(|| handle.wait_until_idle().within(millis(3)).block());
    drop((handle.journal().to_string(), handle.seen("f").calls()));
}

/// Drops a fake and the test's own values in one of the orders that a test can have.
fn end(lambda: FakeLambda, gate: Gate, kept: Kept, order: u8, journal: &str) {
    let Kept {
        scripts,
        constraints,
        chaos,
        pauses,
        outages,
        mut clients,
        ..
    } = kept;
    let began = Instant::now();
    match order % 4 {
        0 => {
            drop(lambda);
            drop((outages, pauses));
        }
        1 => {
            drop((chaos, constraints));
            drop(lambda);
        }
        2 => {
            drop(gate);
            drop(lambda);
        }
        _ => {
            clients.truncate(clients.len() / 2);
            drop(lambda);
        }
    }
    let took = began.elapsed();
    assert!(took < DROP, "the drop took {took:?}\n{journal}");
    for client in clients.iter_mut().flatten() {
        let mut bytes = [0; 4096];
        let end = loop {
            match client.read(&mut bytes) {
                Ok(0) => break ErrorKind::UnexpectedEof,
                Ok(_) => {}
                Err(error) => break error.kind(),
            }
        };
        assert_ne!(end, ErrorKind::WouldBlock, "a client is kept\n{journal}");
    }
    for script in &scripts {
        may_panic(|| script.times(1));
        may_panic(|| script.then(json!(1)));
        may_panic(|| script.remove());
        may_panic(|| script.calls());
    }
}

/// Takes one step, which may panic at a line of this file, as a test's mistake does.
fn take(step: &Step, lambda: &Handle, gate: &Gate, kept: &mut Kept) {
    let Kept {
        scripts,
        constraints,
        chaos,
        pauses,
        outages,
        clients,
        sent,
    } = kept;
    let wait = Duration::from_millis(40);
    match step {
        Step::On(which, condition, answer) => {
            let rule = lambda.on(target(*which));
            let handle = lambda.clone();
            let rule = match *condition {
                Condition::None => rule,
                Condition::Panics => rule.when(|_: &Invocation| -> bool { panic!("a condition") }),
                Condition::Payload => rule.when(payload_partial(json!({"n": 1}))),
                Condition::Attempt(number) => rule.when(attempt(u32::from(number))),
                Condition::InvocationType(which) => {
                    let types = ["Event", "DryRun", "RequestResponse", "x"];
                    rule.when(invocation_type(*pick(&types, which).unwrap()))
                }
                Condition::Wiremock => rule.when(|it: &wiremock::Request| it.body.len() > 7),
                Condition::UsesTheFake => rule.when(move |_: &Invocation| {
                    drop(handle.journal().to_string());
                    handle.on("g").reply(json!(1));
                    true
                }),
            };
            scripts.push(rule.reply(answer.reply(gate)));
        }
        Step::OnAny(answer) => scripts.push(lambda.on_any().reply(answer.reply(gate))),
        Step::Then(which, answer) => {
            if let Some(script) = pick(scripts, *which) {
                script.then(answer.reply(gate));
            }
        }
        Step::Times(which, count) => {
            if let Some(script) = pick(scripts, *which) {
                script.times(u64::from(count % 4));
            }
        }
        Step::ExpectCalls(which, most) => {
            if let Some(script) = pick(scripts, *which) {
                script.expect_calls(1..=u64::from(*most));
                script.expect_attempts(u64::from(*most));
            }
        }
        Step::Remove(which) => {
            if let Some(script) = pick(scripts, *which) {
                script.remove();
            }
        }
        Step::Deny(which) => constraints.push(lambda.deny(target(*which))),
        Step::Constrain(what, which, count) => {
            constraints.push(constrained(lambda, *what, target(*which), *count));
        }
        Step::StopConstraint(which) => {
            if let Some(constraint) = pick(constraints, *which) {
                constraint.stop();
            }
        }
        Step::Chaos(what, seed, count) => {
            chaos.push(lambda.chaos(drawn_chaos(*what, *seed, *count, gate)))
        }
        Step::StopChaos(which) => {
            if let Some(chaos) = pick(chaos, *which) {
                chaos.stop();
            }
        }
        Step::Pause => pauses.push(lambda.pause()),
        Step::Resume => drop(pauses.pop()),
        Step::Outage => outages.push(lambda.outage()),
        Step::EndOutage => drop(outages.pop()),
        Step::Open => gate.open(),
        Step::OpenOne => gate.open_one(),
        Step::Advance(seconds) => {
            let length = Duration::from_secs(u64::from(*seconds));
            lambda.advance(length).within(wait).block();
        }
        Step::SettleEvents => lambda.settle_events().within(wait).block(),
        Step::Alias(which, weight) => {
            let version = pick(&["7", "$LATEST", "x"], *weight).unwrap();
            let alias = lambda.alias(*pick(&["f:live", "g:live", "f"], *which).unwrap(), *version);
            alias.additional_version("8", f64::from(*weight) / 100.0);
            lambda.publish_version("f:9");
        }
        Step::EventInvokeConfig(which, bits) => configure_events(lambda, target(*which), *bits),
        Step::Send(called, kind, number) => {
            let mut client = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
            client.set_read_timeout(Some(DEADLINE)).unwrap();
            client.set_write_timeout(Some(DEADLINE)).unwrap();
            let is_sent = client.write_all(&request(*called, *kind, *number)).is_ok();
            *sent += usize::from(is_sent);
            clients.push(Some(client));
        }
        Step::SendOn(which, called, number) => {
            if let Some(Some(client)) = pick(clients, *which) {
                let is_sent = (&*client)
                    .write_all(&request(*called, *number, *number))
                    .is_ok();
                *sent += usize::from(is_sent);
            }
        }
        Step::SendPart(length) => {
            let mut client = TcpStream::connect(("127.0.0.1", lambda.port())).unwrap();
            client.set_read_timeout(Some(DEADLINE)).unwrap();
            let request = request(*length, 0, 0);
            let _ = client.write_all(&request[..usize::from(*length) % request.len()]);
            clients.push(Some(client));
        }
        Step::Read(which) => {
            if let Some(Some(client)) = pick(clients, *which) {
                let short = Some(Duration::from_millis(2));
                client.set_read_timeout(short).unwrap();
                let _ = (&*client).read(&mut [0; 64]);
                client.set_read_timeout(Some(DEADLINE)).unwrap();
            }
        }
        Step::Leave(which) => drop(left(clients, *which)),
        Step::Reset(which) => {
            if let Some(client) = left(clients, *which) {
                let _ = socket2::SockRef::from(&client).set_linger(Some(Duration::ZERO));
            }
        }
        Step::Journal => {
            let journal = lambda.journal();
            drop((
                journal.to_string(),
                serde_json::to_string(&journal).unwrap(),
            ));
            drop((
                lambda.journal().sorted().to_string(),
                format!("{lambda:?} {journal:?}"),
            ));
            drop((
                lambda.timeline().to_string(),
                format!("{:?}", lambda.deliveries()),
            ));
        }
        Step::Verify => lambda.assert_calls(1),
        Step::Wait => drop(lambda.wait_until_idle().within(wait).block()),
        Step::Scenario => drop(lambda.to_scenario().map_err(|report| report.to_string())),
        Step::Yield => thread::sleep(Duration::from_micros(300)),
    }
}

/// Takes a client that goes away.
fn left(clients: &mut [Option<TcpStream>], which: u8) -> Option<TcpStream> {
    let index = usize::from(which).checked_rem(clients.len())?;
    clients[index].take()
}

fn constrained(lambda: &Handle, what: u8, target: &str, count: u8) -> Constraint {
    let few = u32::from(count % 4);
    match what % 9 {
        0 => lambda.reserve_concurrency(target, few),
        1 => lambda.account_concurrency(few),
        2 => lambda.rate_limit(f64::from(count), few),
        3 => lambda.function_rate_limit(target, f64::from(count), few),
        4 => lambda.pending(target, u64::from(few)),
        5 => lambda.updating(target, millis(count)),
        6 => lambda.cold_starts(target, millis(count)),
        7 => lambda.snap_start(target, u64::from(few), Duration::from_millis(1)),
        _ => lambda.pending(target, Duration::from_millis(1)),
    }
}

fn drawn_chaos(what: u8, seed: u8, count: u8, gate: &Gate) -> Chaos {
    let error = ServiceError::ServiceException;
    let few = u64::from(count % 6);
    let chaos = Chaos::seeded(u64::from(seed));
    let chaos = match what % 7 {
        0 => chaos.rate(f64::from(count) / 200.0, error),
        1 => chaos.every_nth(few, fault(seed, count)),
        2 => chaos.burst(0.5, few, fault(seed, count)),
        3 => chaos.window(1..=few, error),
        4 => chaos.ramp(0.0..=1.0, few, error),
        5 => chaos.rate(1.0, Answer::Damaged(seed, count).reply(gate)),
        _ => Chaos::replay([Hit::new("f", few, error)]),
    };
    match seed % 2 {
        1 => chaos.on("f"),
        _ => chaos.succeed_first(1),
    }
}

fn configure_events(lambda: &Handle, target: &str, bits: u8) {
    let config = lambda.event_invoke_config(target);
    config.maximum_retry_attempts(u32::from(bits % 4));
    config.maximum_event_age(Duration::from_secs(u64::from(bits) * 100));
    if bits & 1 == 1 {
        config.on_success("arn:aws:lambda:us-east-1:123456789012:function:f");
    }
    if bits & 2 == 2 {
        config
            .on_failure("arn:aws:sqs:us-east-1:123456789012:q")
            .dead_letter_queue("arn:aws:sqs:us-east-1:123456789012:d");
    }
    if bits & 4 == 4 {
        config.queue_capacity(usize::from(bits) % 3);
    }
}

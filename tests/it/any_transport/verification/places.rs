//! Source locations: the line at which a mistake panics, for every public function that panics, and
//! each exact location in a message.

mod events;
mod findings;
mod questions;
mod values;

use std::fs;
use std::panic::Location;
use std::path::Path;
use std::time::Duration;

use fake_lambda::matchers::{attempt, log_type, operation};
use fake_lambda::{Chaos, ChunkSender, Context, Fault, FunctionError, Gate, Invocation};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::runtime::{self, Runtime};

use super::ask;
use crate::panics::caught;
use crate::raw::{self, Client};
use crate::text::Places;
use crate::transport::FakeLambda;

const MS: Duration = Duration::from_millis(1);

/// The place where a function that panics is written, and the function.
pub(crate) struct Written(&'static Location<'static>, fn(&fake_lambda::FakeLambda));

#[track_caller]
pub(crate) fn here(run: fn(&fake_lambda::FakeLambda)) -> Written {
    Written(Location::caller(), run)
}

impl Written {
    #[track_caller]
    pub(crate) fn panics_there(&self, lambda: &fake_lambda::FakeLambda) {
        let Self(place, run) = self;
        let panic = caught(|| run(lambda));
        let found = (&*panic.file, panic.line);
        assert_eq!(found, (place.file(), place.line()), "{}", panic.text);
    }
}

/// The lines of a failure message that contain locations, each replaced by the name that the test
/// gave it.
#[track_caller]
pub(crate) fn places_of(test: impl FnOnce(&mut Places)) -> String {
    let mut places = Places::default();
    let panic = caught(|| test(&mut places));
    places.lines(panic.shown())
}

fn runtime() -> Runtime {
    runtime::Builder::new_current_thread().build().unwrap()
}

#[rstest]
#[case::verify(here(|l| l.verify()))]
#[case::on(here(|l| drop(l.on("a b"))))]
#[case::seen(here(|l| drop(l.seen("a b"))))]
#[case::assert_calls(here(|l| l.assert_calls(9)))]
#[case::assert_attempts(here(|l| l.assert_attempts(9)))]
#[case::assert_negative_calls(here(|l| l.assert_calls(-1)))]
#[case::assert_negative_attempts(here(|l| l.assert_attempts(-1)))]
#[case::try_negative_calls(here(|l| drop(l.try_assert_calls(-1))))]
#[case::try_negative_attempts(here(|l| drop(l.try_assert_attempts(-1))))]
#[case::assert_order(here(|l| l.assert_order(["f", "g"])))]
#[case::assert_order_of_no_function(here(|l| l.assert_order([""; 0])))]
#[case::assert_order_of_an_invalid_name(here(|l| l.assert_order(["a b"])))]
#[case::try_order_of_an_invalid_name(here(|l| drop(l.try_assert_order(["a b"]))))]
#[case::assert_backoff_at_least(here(|l| l.assert_backoff_at_least(Duration::ZERO)))]
#[case::assert_call_gaps_at_least(here(|l| l.assert_call_gaps_at_least(Duration::MAX)))]
#[case::seen_assert_call_gaps_at_least(here(|l| l.seen("f").assert_call_gaps_at_least(Duration::MAX)))]
#[case::matching_assert_calls(here(|l| l.matching(attempt(1)).assert_calls(1)))]
#[case::seen_assert_backoff_at_least(here(|l| l.seen("f").assert_backoff_at_least(Duration::ZERO)))]
#[case::script_assert_order(here(|l| l.on("f").reply(json!(1)).assert_order(["f"])))]
#[case::assert_no_duplicates(here(|l| { l.on("f").reply(json!(1)); let _ = (ask(l, "f"), ask(l, "f")); l.assert_no_duplicates(); }))]
#[case::assert_no_duplicates_by(here(|l| { l.on("f").reply(json!(1)); let _ = (ask(l, "f"), ask(l, "f")); l.assert_no_duplicates_by(|_| 1); }))]
#[case::log_type(here(|_| drop(log_type("tail"))))]
#[case::operation(here(|_| drop(operation("invoke"))))]
#[case::only_call(here(|l| drop(l.seen("g").only_call())))]
#[case::only_call_of_many(here(|l| drop(l.only_call())))]
#[case::seen_assert_calls(here(|l| l.seen("f").assert_calls(9)))]
#[case::seen_assert_attempts(here(|l| l.seen("f").assert_attempts(9)))]
#[case::script_assert_calls(here(|l| l.on("f").reply(json!(1)).assert_calls(9)))]
#[case::script_assert_attempts(here(|l| l.on("f").reply(json!(1)).assert_attempts(9)))]
#[case::script_only_call(here(|l| drop(l.on("f").reply(json!(1)).only_call())))]
#[case::times(here(|l| drop(l.on("f").reply(json!(1)).times(0))))]
#[case::then(here(|l| { let s = l.on("f").reply(json!(1)); s.remove(); s.then(json!(2)); }))]
#[case::expect_calls(here(|l| drop(l.on("f").reply(json!(1)).expect_calls(-1))))]
#[case::expect_attempts(here(|l| drop(l.on("f").reply(json!(1)).expect_attempts(-1))))]
#[case::reply(here(|_| { let l = FakeLambda::start().handle(); l.on("f").reply(json!(1)); }))]
#[case::handle(here(|_| { let l = FakeLambda::start().handle(); l.on("f").handle(async |_: Invocation| json!(1)); }))]
#[case::block(here(|l| l.wait_for_calls(9).within(Duration::ZERO).block()))]
#[case::wait_for_attempts(here(|l| { let _p = l.pause(); Client::connect(l).send_invoke("f", &[], ""); l.seen("g").wait_for_attempts(1).within(Duration::ZERO).block() }))]
#[case::wait_for_chunks(here(|l| drop(l.wait_for_chunks(-1))))]
#[case::wait_for_a_negative_number(here(|l| drop(l.wait_for_calls(-1))))]
#[case::negative_number_at_a_gate(here(|_| drop(Gate::new().reached(-1))))]
#[case::negative_times(here(|l| drop(l.on("f").reply(json!(1)).times(-1))))]
#[case::payload_json(here(|l| drop(l.calls().last().unwrap().first().payload_json())))]
#[case::payload_as(here(|l| drop(l.calls().last().unwrap().first().payload_as::<Value>())))]
#[case::reply_with_a_mistake(here(|l| drop(l.on("f").reply(Fault::TruncateAfter(1)))))]
#[case::then_with_a_mistake(here(|l| drop(l.on("f").reply(json!(1)).then(Fault::TruncateAfter(1)))))]
#[case::times_twice(here(|l| drop(l.on("f").reply(json!(1)).times(1).times(2))))]
#[case::handle_json(here(|_| { let l = FakeLambda::start().handle(); l.on("f").handle_json(async |_: Value, _: Context| Ok::<_, FunctionError>(1)); }))]
#[case::handle_stream(here(|_| { let l = FakeLambda::start().handle(); l.on("f").handle_stream(async |_: Invocation, _: ChunkSender| Ok::<_, FunctionError>(())); }))]
#[case::deny(here(|l| drop(l.deny("a b"))))]
#[case::wait_that_is_awaited(here(|l| runtime().block_on(async { l.wait_for_calls(9).within(Duration::ZERO).await })))]
#[case::wait_at_a_gate(here(|_| runtime().block_on(async { Gate::new().reached(1).within(Duration::ZERO).await })))]
#[case::wait_that_blocks_its_runtime(here(|l| runtime().block_on(async { l.wait_until_idle().block() })))]
#[case::alias(here(|l| drop(l.alias("f", "7"))))]
#[case::additional_version(here(|l| drop(l.alias("f:live", "7").additional_version("8", 2.0))))]
#[case::publish_version(here(|l| l.publish_version("f:live")))]
#[case::expect_payload(here(|_| { let l = FakeLambda::start(); let s = l.on("f").reply(json!(1)); l.assert_calls(0); drop(l); drop(s.expect_payload::<u8>()); }))]
#[case::outage(here(|_| { let l = FakeLambda::start().handle(); drop(l.outage()); }))]
#[case::chaos(here(|l| drop(l.chaos(Chaos::new()))))]
#[case::require_tenant_id(here(|l| drop(l.require_tenant_id("f:live"))))]
#[case::durable(here(|l| drop(l.durable("f:live"))))]
#[case::reserve_concurrency(here(|l| drop(l.reserve_concurrency("f:live", 1))))]
#[case::account_concurrency(here(|l| { l.reserve_concurrency("f", 2); l.account_concurrency(1); }))]
#[case::rate_limit(here(|l| drop(l.rate_limit(-1, 1))))]
#[case::function_rate_limit(here(|l| drop(l.function_rate_limit("f", 1, 0))))]
#[case::pending(here(|l| drop(l.pending("f", 0))))]
#[case::updating(here(|l| drop(l.updating("f", 0))))]
#[case::cold_starts(here(|l| drop(l.cold_starts("f", 2 * MS..MS))))]
#[case::snap_start(here(|l| drop(l.snap_start("f", 0, MS))))]
#[case::load(here(|l| l.load("no/such.json")))]
#[case::from_scenario(here(|_| drop(fake_lambda::FakeLambda::from_scenario("no/such.json"))))]
fn a_mistake_panics_at_the_line_of_the_test(#[case] written: Written) {
    let lambda = FakeLambda::start_with(|builder| {
        builder
            .journal_calls(1)
            .verify_on_drop(false)
            .check_payloads(false)
    });
    raw::invoke(&lambda, "f", &[], "1");
    raw::invoke(&lambda, "f", &[], "no JSON");
    written.panics_there(&lambda);
}

/// If a combinator such as `timeout` polls the wait, the panic's line is in the combinator or the
/// runtime, not in the test.
#[test]
fn a_wait_inside_a_combinator_names_the_line_in_its_text() {
    let lambda = FakeLambda::start();
    let line = line!() + 1;
    let wait = lambda.wait_for_calls(1).within(MS);
    let panic = caught(|| {
        let timer = runtime::Builder::new_current_thread().enable_time().build();
        timer.unwrap().block_on(async {
            let _ = tokio::time::timeout(Duration::from_secs(10), wait).await;
        });
    });
    let text = format!("wait created at {}:{line}:", file!());
    assert!(panic.exact.contains(&text), "{}", panic.exact);
}

/// The source shows which functions panic, so that none is forgotten here.
#[test]
fn every_public_function_that_panics_is_tested() {
    // Three panic if the system has no resources left or the seed is invalid; the tests in
    // `process` show that in their own processes. The stop of an outage panics if another process
    // has its port, which does not happen on the systems that run these tests.
    const ELSEWHERE: [&str; 4] = ["start", "in_memory", "mount_on", "stop"];
    let tried = [
        include_str!("places.rs"),
        include_str!("places/events.rs"),
        include_str!("places/values.rs"),
        include_str!("../../in_memory/places.rs"),
    ]
    .concat();
    let mut forgotten = Vec::new();
    for (file, function) in panicking(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let calls = [".", "::", "(|_| ", "drop("].map(|before| format!("{before}{function}("));
        let is_tried = calls.iter().any(|call| tried.contains(call));
        if !is_tried && !ELSEWHERE.contains(&&*function) {
            forgotten.push(format!("{file}: {function}"));
        }
    }
    assert!(forgotten.is_empty(), "no case for {forgotten:#?}");
}

/// The public functions whose documentation has a section on panics, and their files.
fn panicking(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(panicking(&path));
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let mut panics = false;
        for line in source.lines().map(str::trim) {
            panics |= line == "/// # Panics";
            if line.starts_with("///") || line.starts_with("#[") {
                continue;
            }
            let name = line.strip_prefix("pub fn ").filter(|_| panics);
            let end = name.and_then(|name| name.find(['(', '<']));
            if let (Some(name), Some(end)) = (name, end) {
                found.push((path.display().to_string(), name[..end].to_owned()));
            }
            panics = false;
        }
    }
    found
}

//! The page "when a test fails" shows each message as the crate prints it.

use std::time::Duration;

use fake_lambda::{
    Chaos, Chunks, Context, FakeLambda, Fault, FunctionError, Gate, Invocation, Reply,
    ServiceError,
    matchers::{invocation_type, payload_partial},
};
use rstest::rstest;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::own_server::panics::poll_to_panic;
use crate::panics::caught;
use crate::raw::{self, Client};
use crate::text::without_lines;

const PAGE: &str = include_str!("../../../src/docs/when_a_test_fails.md");

/// The message of the page that contains this part, with the path of this file in place of the
/// path of its test. The part must occur in one message only.
#[track_caller]
fn shown(part: &str) -> String {
    let blocks = PAGE.split("```text\n").skip(1);
    let mut blocks = blocks.map(|block| block.split_once("\n```").unwrap().0);
    let found = blocks.find(|block| block.contains(part));
    let found = found.unwrap_or_else(|| panic!("the page shows no `{part}`"));
    found.replace("tests/pay.rs", file!())
}

/// Every message of the page has a case below or in another file.
#[test]
fn no_message_is_without_a_test() {
    let cases = include_str!("failures.rs").matches("#[case::").count();
    // The messages of tests that need their own process are compared in these files.
    let elsewhere = [
        include_str!("../../process/journal.rs"),
        include_str!("../../process/stalls.rs"),
        include_str!("../../process/unseen.rs"),
    ];
    let elsewhere = elsewhere.map(|file| file.matches("begins_as_on_the_page(").count());
    let elsewhere: usize = elsewhere.iter().sum();
    let with_signature = 1;
    let of_sweeps = 2;
    // `- 1`, because the first line of this function is also counted as a case.
    assert_eq!(
        PAGE.matches("```text\n").count(),
        cases - 1 + with_signature + of_sweeps + elsewhere
    );
}

#[derive(Debug, Deserialize)]
struct Order {
    #[expect(dead_code, reason = "it is only deserialized")]
    id: u64,
}

#[rstest]
#[case::unscripted("✓ invocation_type", unscripted)]
#[case::exhausted("the script was exhausted", exhausted)]
#[case::refused("is not a request that Lambda accepts", refused)]
#[case::unmet("note: if the test returned", unmet)]
#[case::panicked("a handler panicked", panicked)]
#[case::broke("the fake panicked", broke)]
#[case::impossible("is impossible", impossible)]
#[case::unread("is not a valid `Order`", unread)]
#[case::contract("the type in `expect_payload`", contract)]
#[case::aimless("can never apply", aimless)]
#[case::count("expected 3 attempts", count)]
#[case::duplicates("did the same work", duplicates)]
#[case::unpolled("did nothing", unpolled)]
#[case::strict("was not finished", strict)]
#[case::paused("tokio's clock is paused", paused)]
#[case::wait("waited 5ms", wait)]
#[case::argument("is out of range", argument)]
#[case::stream("which ends the stream", stream)]
#[case::gone("cannot add a rule", gone)]
#[case::scenario("is not a valid scenario", scenario)]
#[case::chaos("Chaos::replay", chaos)]
fn the_page_shows_each_message_as_printed(#[case] part: &str, #[case] test: fn()) {
    is_on_the_page(part, test);
}

#[cfg(feature = "signature")]
#[test]
fn the_page_shows_an_unmet_expectation_of_refusals() {
    is_on_the_page("for a wrong signature", || {
        let builder = FakeLambda::builder();
        let builder = builder.require_signature(fake_lambda::Credentials::default());
        builder.expect_refusals(1).start();
    });
}

#[cfg(feature = "in-memory")]
#[test]
fn the_page_shows_what_a_sweep_reports() {
    let paid = async |lambda: &FakeLambda| {
        let client = fake_lambda::sdk_client!(aws_sdk_lambda, lambda);
        let sent = client.invoke().function_name("pay").send().await;
        sent.map(drop).map_err(|error| error.to_string())
    };
    is_on_the_page("cells of the sweep", || {
        let setup = |lambda: &FakeLambda| {
            lambda.on("pay").reply(json!(1));
        };
        let sweep = fake_lambda::sweep(setup, paid).modes(Fault::Hang);
        sweep.run().assert();
    });
    is_on_the_page("the golden run failed", || {
        let setup = |lambda: &FakeLambda| {
            lambda.on("pay").reply(ServiceError::KmsDisabledException);
        };
        fake_lambda::sweep(setup, paid).run();
    });
}

#[track_caller]
fn is_on_the_page(part: &str, test: impl FnOnce()) {
    let said = caught(test).exact;
    let shown = shown(part);
    // The page leaves out what no reader of it needs: the headline, and the journal.
    let first = without_lines(shown.lines().next().unwrap());
    let start = said.lines().position(|line| without_lines(line) == first);
    let start = start.unwrap_or_else(|| panic!("not on the page:\n{said}"));
    let said: Vec<&str> = said.lines().skip(start).collect();
    let said = &said[..said.len().min(shown.lines().count())];
    assert_eq!(without_lines(said.join("\n")), without_lines(shown));
}

fn call(lambda: &FakeLambda, payload: &str) {
    raw::invoke(lambda, "pay", &[], payload);
}

fn unscripted() {
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay");
    let rule = rule.when(payload_partial(json!({"order": 7})));
    rule.when(invocation_type("RequestResponse"))
        .reply(json!(1));
    call(&lambda, r#"{"order": "7"}"#);
}

fn exhausted() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).times(1);
    (0..2).for_each(|_| call(&lambda, "{}"));
}

fn refused() {
    let lambda = FakeLambda::start();
    call(&lambda, r#"{"order":"#);
}

fn unmet() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).expect_calls(2);
    call(&lambda, "{}");
}

fn panicked() {
    let lambda = FakeLambda::start();
    lambda.on("pay").handle(async |call: Invocation| -> Value {
        panic!("no order in {}", call.payload_json());
    });
    call(&lambda, "{}");
}

fn broke() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1));
    let mut waiting = std::pin::pin!(lambda.wait_for_calls(1));
    poll_to_panic(waiting.as_mut());
    let mut client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    client.read_to_end();
}

fn impossible() {
    let lambda = FakeLambda::start();
    let damaged = async |_: Invocation| Fault::TruncateAfter(5);
    lambda.on("pay").handle(damaged);
    call(&lambda, "{}");
}

fn unread() {
    let lambda = FakeLambda::start();
    lambda
        .on("pay")
        .handle_json(async |_: Order, _: Context| Ok::<_, FunctionError>(()));
    call(&lambda, r#"{"id":"7"}"#);
}

fn contract() {
    let lambda = FakeLambda::start();
    let script = lambda.on("pay").reply(json!(1));
    script.expect_payload::<Order>();
    call(&lambda, r#"{"id":"7"}"#);
}

fn duplicates() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1));
    (0..2).for_each(|_| call(&lambda, r#"{"order":7}"#));
    lambda.assert_no_duplicates();
}

fn aimless() {
    let lambda = FakeLambda::start();
    lambda.reserve_concurrency("pya", 10);
    lambda.on("pay").reply(json!(1));
    call(&lambda, "{}");
}

fn count() {
    let lambda = FakeLambda::start();
    let script = lambda
        .on("pay")
        .reply(ServiceError::ResourceConflictException);
    let fields = [
        "amz-sdk-invocation-id: 1",
        "amz-sdk-request: attempt=1; max=3",
    ];
    raw::invoke(&lambda, "pay", &fields, "{}");
    script.assert_attempts(3);
}

fn wait() {
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    let gate = Gate::new();
    lambda.on("pay").reply(Reply::json(json!(1)).hold(&gate));
    let mut client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    gate.reached(1).block();
    let idle = lambda.wait_until_idle();
    idle.within(Duration::from_millis(5)).block();
}

fn unpolled() {
    let lambda = FakeLambda::start();
    #[expect(clippy::let_underscore_future, reason = "it is the subject")]
    let _ = lambda.settle_events();
}

fn strict() {
    let lambda = FakeLambda::builder().strict().start();
    let script = lambda.on("pay").reply(ServiceError::ServiceException);
    script.then(json!(1));
    call(&lambda, "{}");
}

fn paused() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.start_paused(true).enable_time().build().unwrap();
    runtime.block_on(async {
        let lambda = FakeLambda::start();
        let script = lambda.on("pay").reply(json!(1));
        for number in 1..=3 {
            // Stands for a client that timed out before it read this reply.
            let number = format!("amz-sdk-request: attempt={number}; max=3");
            let fields = ["amz-sdk-invocation-id: 1", &number];
            raw::invoke(&lambda, "pay", &fields, "{}");
        }
        script.assert_attempts(1);
    });
}

fn argument() {
    let _ = Chaos::new().rate(1.5, ServiceError::ServiceException);
}

fn stream() {
    let _ = Chunks::new().no_end().send("lo");
}

fn gone() {
    let handle = FakeLambda::start().handle();
    handle.on("pay").reply(json!(1));
}

fn scenario() {
    let folder = std::env::temp_dir().join(format!("fake-lambda-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("pay.json");
    let text =
        r#"{"rules": [{"on": "pay", "reply": {"eror": "KMSDisabledException"}, "times": 0}]}"#;
    std::fs::write(&path, text).unwrap();
    let report = FakeLambda::start().try_load(&path).unwrap_err().to_string();
    std::fs::remove_dir_all(&folder).unwrap();
    panic!(
        "{}",
        report.replace(&path.display().to_string(), "tests/pay.json")
    );
}

fn chaos() {
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!(1)).expect_calls(2);
    let chaos = Chaos::seeded(7).rate(1.0, ServiceError::ServiceException);
    lambda.chaos(chaos.succeed_first(1));
    (0..2).for_each(|_| call(&lambda, "{}"));
}

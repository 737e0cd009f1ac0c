//! Invalid values, which need no fake.

use std::collections::BTreeMap;
use std::time::Duration;

use fake_lambda::limits::payload_of;
use fake_lambda::matchers::{
    attempt, client_context_partial, invocation_type, payload_is, payload_partial,
};
use fake_lambda::{
    Boundaries, Chaos, Chunks, Delay, Fault, FunctionError, Gate, Hit, Reply, ServiceError,
};
use rstest::rstest;

use super::{MS, Written, here};
use crate::transport::FakeLambda;

/// A range that contains no number.
#[cfg(feature = "signature")]
const BACKWARDS: std::ops::RangeInclusive<u64> = std::ops::RangeInclusive::new(3, 1);

fn hit() -> Hit {
    Hit::new("f", 1, Fault::Reset)
}

/// A map whose keys are not strings.
fn unwritten() -> BTreeMap<(u8, u8), u8> {
    BTreeMap::from([((0, 0), 0)])
}

#[rstest]
#[case::invocation_type(here(|_| drop(invocation_type("event"))))]
#[case::attempt(here(|_| drop(attempt(0))))]
#[case::payload_is(here(|_| drop(payload_is(unwritten()))))]
#[case::payload_partial(here(|_| drop(payload_partial(unwritten()))))]
#[case::client_context_partial(here(|_| drop(client_context_partial(unwritten()))))]
#[case::json(here(|_| drop(Reply::json(unwritten()))))]
#[case::payload(here(|_| drop(FunctionError::payload(unwritten()))))]
#[case::region(here(|_| drop(FakeLambda::start_with(|builder| builder.region("a b")))))]
#[case::account(here(|_| drop(FakeLambda::start_with(|builder| builder.account("1")))))]
#[case::journal_calls(here(|_| drop(FakeLambda::start_with(|builder| builder.journal_calls(0)))))]
#[cfg_attr(
    feature = "signature",
    case::expect_refusals(here(|_| drop(FakeLambda::start_with(|builder| builder.expect_refusals(BACKWARDS))))),
)]
#[case::unmodeled_error(here(|_| drop(Reply::unmodeled_error("X", 200))))]
#[case::unmodeled_error_code(here(|_| drop(Reply::unmodeled_error("", 400))))]
#[case::boundaries_of_a_fake(here(|_| drop(fake_lambda::FakeLambda::builder().boundaries(Boundaries::Every(0)))))]
#[case::boundaries(here(|_| drop(Chunks::new().boundaries(Boundaries::Every(0)))))]
#[case::chunk_send(here(|_| drop(Chunks::new().no_end().send("Hel"))))]
#[case::chunk_http(here(|_| drop(Chunks::new().http(100, []))))]
#[case::chunk_wait(here(|_| drop(Chunks::new().wait(2 * MS..MS))))]
#[case::chunk_hold(here(|_| drop(Chunks::new().no_end().hold(&Gate::new()))))]
#[case::chunk_fault(here(|_| drop(Chunks::new().fault(Fault::TruncateHead))))]
#[case::chunk_bad_checksum(here(|_| drop(Chunks::new().no_end().bad_checksum())))]
#[case::chunk_bad_prelude(here(|_| drop(Chunks::new().no_end().bad_prelude())))]
#[case::chunk_exception(here(|_| drop(Chunks::new().no_end().exception(ServiceError::ServiceException))))]
#[case::chunk_error_message(here(|_| drop(Chunks::new().error_message("E", "x".repeat(70_000)))))]
#[case::chunk_event(here(|_| drop(Chunks::new().event("E", unwritten()))))]
#[case::chunk_event_type(here(|_| drop(Chunks::new().event("x".repeat(70_000), 1))))]
#[case::chunk_fail(here(|_| drop(Chunks::new().no_end().fail(FunctionError::exited(1)))))]
#[case::chunk_no_end(here(|_| drop(Chunks::new().bad_checksum().no_end())))]
#[case::http(here(|_| drop(Reply::http(100, ""))))]
#[case::http_body(here(|_| drop(Reply::http(204, "x"))))]
#[case::message(here(|_| drop(Reply::json(1).message("x"))))]
#[case::reason(here(|_| drop(Reply::error(ServiceError::TooManyRequestsException).reason("x"))))]
#[case::reason_of_another(here(|_| drop(Reply::json(1).reason("CallerRateLimitExceeded"))))]
#[case::retry_after(here(|_| drop(Reply::json(1).retry_after(Duration::from_secs(1)))))]
#[case::retry_after_in_parts(here(|_| drop(Reply::json(1).retry_after(Duration::from_millis(1)))))]
#[case::type_value(here(|_| drop(Reply::json(1).type_value("User"))))]
#[case::ec2_error_code(here(|_| drop(Reply::json(1).ec2_error_code("x"))))]
#[case::executed_version(here(|_| drop(Reply::json(1).executed_version("live"))))]
#[case::header_name(here(|_| drop(Reply::json(1).header("a b", "x"))))]
#[case::header_value(here(|_| drop(Reply::json(1).header("a", "\n"))))]
#[case::header_of_framing(here(|_| drop(Reply::json(1).header("Content-Length", "1"))))]
#[case::runtime(here(|_| drop(FunctionError::new("E", "m").runtime("x"))))]
#[case::runtime_twice(here(|_| drop(FunctionError::new("E", "m").runtime("go").runtime("rust"))))]
#[case::runtime_of_the_platform(here(|_| drop(FunctionError::out_of_memory().runtime("go"))))]
#[case::at_init(here(|_| drop(FunctionError::new("E", "m").at_init())))]
#[case::stack(here(|_| drop(FunctionError::new("E", "m").stack([]))))]
#[case::stack_of_rust(here(|_| drop(FunctionError::new("E", "m").runtime("rust").stack([]))))]
#[case::cause(here(|_| drop(FunctionError::new("E", "m").runtime("java").cause(FunctionError::out_of_memory()))))]
#[case::cause_of_go(here(|_| drop(FunctionError::new("E", "m").runtime("go").cause(FunctionError::new("E", "m")))))]
#[case::timed_out(here(|_| drop(FunctionError::timed_out(Duration::ZERO))))]
#[case::extension_exited(here(|_| drop(FunctionError::extension_exited("", 1))))]
#[case::cause_twice(here(|_| drop(FunctionError::new("E", "m").runtime("java").cause(FunctionError::new("E", "m")).cause(FunctionError::new("E", "m")))))]
#[case::exited(here(|_| drop(FunctionError::exited(256))))]
#[case::payload_of(here(|_| drop(payload_of(0))))]
#[case::log_normal(here(|_| { let _ = Delay::log_normal(2 * MS, MS); }))]
#[case::delay(here(|_| drop(Reply::json(1).delay(2 * MS..MS))))]
#[case::body_delay(here(|_| drop(Reply::json(1).body_delay(2 * MS..MS))))]
#[case::body_delay_without_a_body(here(|_| drop(Reply::from(Fault::Reset).body_delay(MS))))]
#[case::fault_twice(here(|_| drop(Reply::json(1).fault(Fault::Reset).fault(Fault::Hang))))]
#[case::fault_beyond_the_body(here(|_| drop(Reply::json(1).fault(Fault::TruncateAfter(1)))))]
#[case::status(here(|_| drop(Reply::json(1).status(204))))]
#[case::status_without_a_reply(here(|_| drop(Reply::from(Fault::Reset).status(200))))]
#[case::body_of_a_handler(here(|_| drop(Reply::handle(async |_| Reply::json(1)).body("x"))))]
#[case::without_header(here(|_| drop(Reply::json(1).without_header("content-length"))))]
#[case::timeout(here(|_| drop(Reply::handle(async |_| Reply::json(1)).timeout(Duration::ZERO))))]
#[case::timeout_of_an_error(here(|_| drop(Reply::error(ServiceError::ServiceException).timeout(MS))))]
#[case::log_raw(here(|_| drop(Reply::http(200, "").log_raw("x"))))]
#[case::log(here(|_| drop(Reply::http(200, "").log("x"))))]
#[case::executed_version_of_an_error(here(|_| drop(Reply::error(ServiceError::ServiceException).executed_version("7"))))]
#[case::era(here(|_| drop(FakeLambda::start_with(|builder| builder.era(2016)))))]
#[case::log_format(here(|_| drop(FakeLambda::start_with(|builder| builder.log_format("text")))))]
#[case::replay(here(|_| drop(Chaos::replay([hit(), hit()]))))]
#[case::rate(here(|_| drop(Chaos::new().rate(2.0, Fault::Reset))))]
#[case::rate_of_a_success(here(|_| drop(Chaos::new().rate(0.5, Reply::json(1)))))]
#[case::rates_over_1(here(|_| drop(Chaos::new().rate(0.6, Fault::Reset).rate(0.6, Fault::Hang))))]
#[case::every(here(|_| drop(Chaos::new().every_nth(0, Fault::Reset))))]
#[case::burst(here(|_| drop(Chaos::new().burst(0.1, 0, Fault::Reset))))]
#[case::window(here(|_| drop(Chaos::new().window(0, Fault::Reset))))]
#[case::ramp(here(|_| drop(Chaos::new().ramp(0.0..=0.5, 1, Fault::Reset))))]
#[case::succeed_first(here(|_| drop(Chaos::replay([hit()]).succeed_first(1))))]
#[case::keyed_by_payload(here(|_| drop(Chaos::replay([hit()]).keyed_by_payload())))]
#[case::chaos_on(here(|_| drop(Chaos::new().on("a b"))))]
#[case::hit(here(|_| drop(Hit::new("f", 0, Fault::Reset))))]
#[case::next_run(here(|_| { let mut shrink = Chaos::shrink([hit()]); shrink.next_run(); shrink.next_run(); }))]
#[case::failed(here(|_| Chaos::shrink([hit()]).failed(true)))]
fn a_mistake_in_a_value_panics_at_the_line_of_the_test(#[case] written: Written) {
    written.panics_there(&FakeLambda::start());
}

//! The effect of a hit.

use fake_lambda::{Chaos, Fault, FunctionError, Reply, ServiceError, ThrottleReason};
use rstest::rstest;
use serde_json::json;

use super::{ask, ask_as, bytes, codes};
use crate::transport::FakeLambda;

#[rstest]
#[case::service_error(ServiceError::ServiceException.into())]
#[case::throttle(Reply::error(ServiceError::TooManyRequestsException).reason(ThrottleReason::CallerRateLimitExceeded))]
#[case::function_error(FunctionError::new("ValueError", "no such order").into())]
#[case::unmodeled(Reply::unmodeled_error("BrandNewException", 418))]
#[case::http(Reply::http(502, "<html>bad gateway</html>"))]
fn a_hit_has_the_same_bytes_as_a_scripted_reply(#[case] what: Reply) {
    let (scripted, hit) = (FakeLambda::start(), FakeLambda::start());
    scripted.on("f").reply(what.clone());
    hit.on("f").reply(json!(1));
    hit.chaos(Chaos::new().every_nth(1, what));
    assert_eq!(bytes(&hit, "f"), bytes(&scripted, "f"));
}

#[test]
fn dry_runs_refused_requests_and_undeclared_qualifiers_are_not_hit() {
    let lambda = FakeLambda::start();
    lambda.alias("f:live", "7");
    lambda.on("f").reply(json!(1));
    let chaos = lambda.chaos(Chaos::new().every_nth(1, ServiceError::ServiceException));
    assert_eq!(ask_as(&lambda, "f", "X-Amz-Invocation-Type: DryRun"), "204");
    assert!(ask_as(&lambda, "f", "X-Amz-Invocation-Type: Now").starts_with("400 "));
    assert!(ask(&lambda, "f:beta").starts_with("404 "));
    assert_eq!(codes(&chaos), [""; 0]);
    ask(&lambda, "f");
    // All requests for a target are counted; those for another target are not.
    assert_eq!(
        codes(&chaos),
        [r#"Hit::new("f", 3, ServiceError::ServiceException)"#]
    );
}

#[test]
fn chaos_does_not_hide_that_a_request_is_unscripted() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    let chaos = lambda.chaos(Chaos::new().every_nth(1, ServiceError::ServiceException));
    assert!(ask(&lambda, "resise").starts_with("404 "));
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("was not scripted"), "{report}");
    assert_eq!(codes(&chaos), [""; 0]);
}

#[test]
fn chaos_hits_between_start_and_stop_and_counts_from_the_beginning() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1)).then(json!(2));
    assert_eq!(ask(&lambda, "f"), "200 1");
    let chaos = lambda.chaos(Chaos::new().every_nth(1, Fault::CloseBeforeReply));
    assert_eq!(ask(&lambda, "f"), "none");
    chaos.stop();
    assert_eq!(ask(&lambda, "f"), "200 2");
    assert_eq!(
        codes(&chaos),
        [r#"Hit::new("f", 2, Fault::CloseBeforeReply)"#]
    );
}

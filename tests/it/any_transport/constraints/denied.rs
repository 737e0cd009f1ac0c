//! A caller without the permission.

use fake_lambda::{Chaos, Invocation, ServiceError};
use insta::assert_snapshot;
use rstest::rstest;
use serde_json::json;

use super::said;
use crate::raw;
use crate::transport::FakeLambda;

const DENIED: &str = "403 AccessDeniedException";

#[rstest]
#[case::a_call("resize", "RequestResponse", "resize")]
#[case::an_alias("resize:live", "RequestResponse", "resize:live")]
#[case::an_event("resize", "Event", "resize")]
#[case::a_dry_run("resize", "DryRun", "resize")]
fn a_denied_function_is_a_403_with_the_recorded_text(
    #[case] asked: &str,
    #[case] invocation_type: &str,
    #[case] named: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    let denied = lambda.deny("resize");
    let field = format!("X-Amz-Invocation-Type: {invocation_type}");
    let reply = raw::invoke(&lambda, asked, &[&field], "{}");
    assert_eq!(reply.status(), 403);
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("AccessDeniedException")
    );
    let text = format!(
        "User: arn:aws:sts::123456789012:assumed-role/role/session is not authorized to perform: lambda:InvokeFunction on \
         resource: arn:aws:lambda:us-east-1:123456789012:function:{named} because no identity-based policy allows the \
         lambda:InvokeFunction action"
    );
    assert_eq!(reply.text(), format!(r#"{{"Message":"{text}"}}"#));
    assert_eq!(denied.refused(), 1);
    assert_eq!(
        lambda.only_call().attempts()[0].constraint(),
        Some("denied".to_owned())
    );
}

#[test]
fn only_denied_functions_are_refused_and_only_until_the_stop() {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    let denied = lambda.deny("resize:live");
    let status = |function: &str| raw::invoke(&lambda, function, &[], "{}").status();
    assert_eq!(status("resize:live"), 403);
    assert_eq!(status("resize"), 200);
    assert_eq!(status("pay:live"), 200);
    denied.stop();
    assert_eq!(status("resize:live"), 200);
}

#[test]
fn a_denied_function_needs_no_rule_and_evaluates_none() {
    let lambda = FakeLambda::start();
    let denied = lambda.deny("resize");
    assert_eq!(said(&lambda, "resize"), DENIED);
    let script = lambda
        .on("resize")
        .when(|_: &Invocation| unreachable!("no condition is evaluated"))
        .reply(json!(1));
    assert_eq!(said(&lambda, "resize"), DENIED);
    script.assert_calls(0);
    lambda.seen("resize").assert_calls(2);
    assert_eq!((denied.refused(), denied.peak()), (2, 0));
    assert_snapshot!(lambda.journal(), @r"
    1 resize RequestResponse {}
      attempt 1 → 403 AccessDeniedException (denied)
    2 resize RequestResponse {}
      attempt 1 → 403 AccessDeniedException (denied)
    ");
}

#[test]
fn a_denial_comes_before_throttles_states_versions_and_chaos() {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    let others = [
        lambda.reserve_concurrency("resize", 0),
        lambda.rate_limit(0, 1),
        lambda.pending("resize", 1),
    ];
    let chaos = lambda.chaos(Chaos::new().every_nth(1, ServiceError::ServiceException));
    lambda.publish_version("resize:1");
    let denied = lambda.deny("resize");
    assert_eq!(
        ["resize", "resize:1", "resize:2"].map(|function| said(&lambda, function)),
        [DENIED; 3]
    );
    assert_eq!(denied.refused(), 3);
    assert_eq!(others.map(|other| other.refused()), [0; 3]);
    assert_eq!(chaos.hits(), []);
}

#[test]
fn an_invalid_request_is_refused_before_the_permission_check() {
    let lambda = FakeLambda::start_with(|builder| builder.verify_on_drop(false));
    let denied = lambda.deny("resize");
    assert_eq!(raw::invoke(&lambda, "resize", &[], "no JSON").status(), 400);
    assert_eq!(denied.refused(), 0);
}

#[test]
fn an_accepted_event_is_delivered_to_a_denied_function() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    raw::invoke(&lambda, "resize", &["X-Amz-Invocation-Type: Event"], "{}");
    let denied = lambda.deny("resize");
    lambda.settle_events().block();
    lambda.assert_delivered(1);
    assert_eq!(denied.refused(), 0);
}

#[test]
fn denying_a_function_again_replaces_the_denial() {
    let lambda = FakeLambda::start();
    lambda.on("resize").reply(json!(1));
    let (first, second) = (lambda.deny("resize"), lambda.deny("resize"));
    assert_eq!(said(&lambda, "resize"), DENIED);
    assert_eq!([first.refused(), second.refused()], [1, 1]);
    first.stop();
    assert_eq!(said(&lambda, "resize"), "200");
    let shown = format!("{second:?}");
    assert!(
        shown.starts_with("Constraint { constraint: deny(\"resize\"), "),
        "{shown}"
    );
}

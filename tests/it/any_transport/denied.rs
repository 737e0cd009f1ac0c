//! A caller without the permission.

use rstest::rstest;
use serde_json::json;

use crate::raw;
use crate::transport::FakeLambda;

#[rstest]
#[case::a_call("resize", "RequestResponse", "resize")]
#[case::an_alias("resize:live", "RequestResponse", "resize:live")]
#[case::an_event("resize", "Event", "resize")]
#[case::a_dry_run("resize", "DryRun", "resize")]
fn a_denied_function_is_a_403_in_the_real_words(
    #[case] asked: &str,
    #[case] invocation_type: &str,
    #[case] named: &str,
) {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    let script = lambda.deny("resize");
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
    script.assert_calls(1);
}

#[test]
fn only_what_is_denied_is_refused_and_only_until_it_is_removed() {
    let lambda = FakeLambda::start();
    lambda.on_any().reply(json!(1));
    let denied = lambda.deny("resize:live");
    let status = |function: &str| raw::invoke(&lambda, function, &[], "{}").status();
    assert_eq!(status("resize:live"), 403);
    assert_eq!(status("resize"), 200);
    assert_eq!(status("pay:live"), 200);
    denied.remove();
    assert_eq!(status("resize:live"), 200);
}

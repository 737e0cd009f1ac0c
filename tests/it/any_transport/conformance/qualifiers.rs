//! Versions and aliases.

use fake_lambda::Invocation;
use serde_json::json;

use super::case::{Case, recorded, start};
use crate::transport::FakeLambda;

recorded! {
    runs_that_version: qualifier_latest_executed_version qualifier_version_1 qualifier_version_3_after_update_publish
        alias_by_qualifier alias_by_full_arn_as_functionname;
    splits_the_calls: alias_routing_config;
    is_not_found: alias_not_found;
}

/// A function with versions 1 to 3 and an alias of the first. The function returns the ARN by which
/// it is called, its version, and this `version_id`.
fn versioned(version_id: &str) -> FakeLambda {
    let lambda = start();
    for version in ["1", "2", "3"] {
        lambda.publish_version(format!("function-name:{version}"));
    }
    lambda.alias("function-name:alias1", "1");
    let version_id = version_id.to_owned();
    lambda
        .on("function-name")
        .handle(async move |inv: Invocation| {
            json!({
                "version_id": version_id.clone(),
                "invoked_arn": inv.function_arn(),
                "version_from_ctx": inv.function_version(),
            })
        });
    lambda
}

fn runs_that_version(case: &Case) {
    // Only the code of the function knows its `version_id`.
    let lambda = versioned(case.text("observed.Payload.version_id"));
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

fn splits_the_calls(case: &Case) {
    let lambda = start();
    let first = case.text("observed.FunctionVersion");
    let alias = lambda.alias("function-name:alias1", first);
    let weights = case.at("observed.RoutingConfig.AdditionalVersionWeights");
    for (version, weight) in weights.members() {
        alias.additional_version(version, weight.value().as_f64().unwrap());
    }
    lambda.on("function-name").reply(json!(null));
    let mut hit = Vec::new();
    for _ in 0..20 {
        let reply = crate::raw::invoke(&lambda, "function-name:alias1", &[], "{}");
        hit.push(reply.field("X-Amz-Executed-Version").unwrap().to_owned());
    }
    hit.sort_unstable();
    hit.dedup();
    assert_eq!(hit, ["1", "2"]);
}

fn is_not_found(case: &Case) {
    let lambda = versioned("");
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

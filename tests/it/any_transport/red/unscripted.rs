//! Calls that no rule wants.

use aws_sdk_lambda::config::Region;
use fake_lambda::matchers::{invocation_type, payload_partial};
use fake_lambda::{Invocation, ServiceError, sdk_client};
use serde_json::json;

use super::{invoke, post, red, red_async};
use crate::transport::FakeLambda;

#[test]
fn a_typo_in_the_name() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("charge-card").reply(json!({"paid": true}));
        post(&lambda, "charge-cards", &[], r#"{"order":7}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:charge-cards:$LATEST
    fake-lambda, started at tests/it/any_transport/red/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, charge-cards RequestResponse {"order":7}
        to change: write `charge-cards` in the rule at tests/it/any_transport/red/unscripted.rs:LINE#2, or call `charge-card`; or script both, `lambda.on("charge-cards").reply(..)`
        nearest rule: scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, on charge-card
          ✗ function: the call asked for `charge-cards`, the rule is for `charge-card`

    journal
      1 charge-cards RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn another_qualifier() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("charge-card:live").reply(json!({"paid": true}));
        post(&lambda, "charge-card:beta", &[], r#"{"order":7}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:charge-card:beta
    fake-lambda, started at tests/it/any_transport/red/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, charge-card:beta RequestResponse {"order":7}
        to change: the rule at tests/it/any_transport/red/unscripted.rs:LINE#2 is for `live` alone: call that, or script this one too, `lambda.on("charge-card:beta").reply(..)`
        nearest rule: scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, on charge-card:live
          ✗ qualifier: the call asked for `beta`, the rule is for `live`

    journal
      1 charge-card:beta RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_forgotten_script() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("charge-card").reply(json!({"paid": true}));
        post(&lambda, "charge-card", &[], r#"{"order":7}"#);
        post(&lambda, "send-receipt", &[], r#"{"order":7}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:send-receipt:$LATEST
    fake-lambda, started at tests/it/any_transport/red/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 2, send-receipt RequestResponse {"order":7}
        to change: script it before the call, `lambda.on("send-receipt").reply(..)`, or correct the call
        nearest rule: scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, on charge-card
          ✗ function: the call asked for `send-receipt`, the rule is for `charge-card`

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1 → 200 {"paid":true}
      2 send-receipt RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_script_too_short_for_the_retries() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda
            .on("charge-card")
            .reply(ServiceError::TooManyRequestsException)
            .times(2);
        let _ = invoke(&client, "charge-card", r#"{"order":7}"#).await;
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:charge-card:$LATEST
    fake-lambda, started at tests/it/any_transport/red/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, charge-card RequestResponse {"order":7}
        to change: let the script at tests/it/any_transport/red/unscripted.rs:LINE#2 go on with `.then(..)`, give its last step more `times(..)` or none, or call less often
        nearest rule: scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, on charge-card
          ✗ its script is used up: it answered 2 attempts

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 429 TooManyRequestsException
        attempt 3/3 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn a_string_for_a_number() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("charge-card")
            .when(payload_partial(json!({"order": 7})))
            .when(invocation_type("RequestResponse"))
            .when(|call: &Invocation| call.payload_len() < 100)
            .reply(json!({"paid": true}));
        post(&lambda, "charge-card", &[], r#"{"order":"7"}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:charge-card:$LATEST
    fake-lambda, started at tests/it/any_transport/red/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, charge-card RequestResponse {"order":"7"}
        to change: correct what is sent: $.order expected 7, got "7"; or the condition at tests/it/any_transport/red/unscripted.rs:LINE#3; or script the rest above that line, `lambda.on("charge-card").reply(..)`
        nearest rule: scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, on charge-card when payload_partial({"order":7}), invocation_type(RequestResponse), closure
          ✗ payload_partial({"order":7}): $.order expected 7, got "7"  (tests/it/any_transport/red/unscripted.rs:LINE#3)
          ✓ invocation_type(RequestResponse)
          ✓ closure

    journal
      1 charge-card RequestResponse {"order":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn another_region() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda, |config| {
            config.region(Region::new("eu-west-1"))
        });
        lambda
            .on("arn:aws:lambda:us-east-1:123456789012:function:charge-card")
            .reply(json!({"paid": true}));
        let _ = invoke(&client, "charge-card", r#"{"order":7}"#).await;
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:123456789012:function:charge-card:$LATEST
    fake-lambda, started at tests/it/any_transport/red/unscripted.rs:LINE#1, found 1 problem:

    ✗ unscripted, answered 404 ResourceNotFoundException: call 1, charge-card RequestResponse {"order":7}
        to change: correct the client's region, or leave region and account out of the rule at tests/it/any_transport/red/unscripted.rs:LINE#2
        nearest rule: scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, on charge-card
          ✗ the call asked for region eu-west-1, account 123456789012, the rule is for region us-east-1, account 123456789012

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 404 ResourceNotFoundException (unscripted)
    seed 0
    "#);
}

#[test]
fn an_alias_that_was_never_declared() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.alias("charge-card:live", "7");
        lambda.on("charge-card:beta").reply(json!({"paid": true}));
        post(&lambda, "charge-card:beta", &[], r#"{"order":7}"#);
    });
    insta::assert_snapshot!(text, @r#"
    the client last got 404 ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:123456789012:function:charge-card:beta
    fake-lambda, started at tests/it/any_transport/red/unscripted.rs:LINE#1, found 1 problem:

    ✗ not declared, answered 404 ResourceNotFoundException: call 1, charge-card:beta RequestResponse {"order":7}
        to change: other aliases or versions of this function were declared; declare this one too, with `lambda.alias("charge-card:beta", ..)` or `lambda.publish_version("charge-card:beta")`
        a rule for it never answers: scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, on charge-card:beta

    journal
      1 charge-card:beta RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (qualifier not declared)
    seed 0
    "#);
}

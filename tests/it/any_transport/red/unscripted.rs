//! Calls that match no rule.

use aws_sdk_lambda::config::Region;
use fake_lambda::matchers::{durable_execution_name, invocation_type, payload_partial, tenant_id};
use fake_lambda::{Invocation, ServiceError, sdk_client};
use serde_json::json;

use super::{invoke, post, red, red_async};
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

#[test]
fn a_typo_in_the_name() {
    let text = red(|| {
        let lambda = FakeLambda::start();
        lambda.on("charge-card").reply(json!({"paid": true}));
        post(&lambda, "charge-cards", &[], r#"{"order":7}"#);
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: charge-cards RequestResponse {"order":7}
      help: change `charge-cards` to `charge-card` in the call, or script both
      nearest rule: `charge-card`, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2
        ✗ function: called `charge-cards`, the rule matches `charge-card`

    journal
      1 charge-cards RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: charge-card:beta RequestResponse {"order":7}
      help: call `charge-card:live`, or script every qualifier with `lambda.on("charge-card")`
      nearest rule: `charge-card:live`, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2
        ✗ qualifier: called `beta`, the rule matches `live`

    journal
      1 charge-card:beta RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: call 2 was not scripted and got 404 ResourceNotFoundException: send-receipt RequestResponse {"order":7}
      help: script it before the call: `lambda.on("send-receipt").reply(..)`
      no rule matches `send-receipt`; the nearest is `charge-card`, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1 → 200 {"paid":true}
      2 send-receipt RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: the script was exhausted at attempt 3/3 of call 1, which got 404 ResourceNotFoundException: charge-card RequestResponse {"order":7}
      help: add `.then(..)` after `.times(2)`, raise that number, or make fewer attempts
      rule: `charge-card`, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2
        ✗ exhausted: it answered 2 times

    journal
      1 charge-card RequestResponse {"order":7}
        attempt 1/3 → 429 TooManyRequestsException
        attempt 2/3 → 429 TooManyRequestsException
        attempt 3/3 → 404 ResourceNotFoundException (unscripted)
    "#);
}

#[test]
fn a_call_for_another_tenant() {
    let text = red_async(async {
        let lambda = FakeLambda::start();
        let client = sdk_client!(aws_sdk_lambda, lambda);
        lambda
            .on("charge-card")
            .when(tenant_id("blue"))
            .when(durable_execution_name("order-7"))
            .reply(json!({"paid": true}));
        let call = client.invoke().function_name("charge-card");
        let _ = call.tenant_id("Blue").send_in_time().await;
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: charge-card RequestResponse (empty)
      help: change the request to meet the conditions marked ✗, change the conditions, or add a default rule before this one: `lambda.on("charge-card").reply(..)`
      nearest rule: `charge-card` with 2 conditions, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2
        ✗ tenant_id(blue): expected blue, got Blue (tests/it/any_transport/red/unscripted.rs:LINE#3)
        ✗ durable_execution_name(order-7): no durable execution name was sent (tests/it/any_transport/red/unscripted.rs:LINE#4)

    journal
      1 charge-card RequestResponse (empty) (tenant id "Blue")
        attempt 1/3 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: charge-card RequestResponse {"order":"7"}
      help: send `$.order` as 7, change the condition, or add a default rule before this one: `lambda.on("charge-card").reply(..)`
      nearest rule: `charge-card` with 3 conditions, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2
        ✗ payload_partial({"order":7}): `$.order` expected 7, got "7" (tests/it/any_transport/red/unscripted.rs:LINE#3)
        ✓ invocation_type(RequestResponse)
        ✓ closure

    journal
      1 charge-card RequestResponse {"order":"7"}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: charge-card RequestResponse {"order":7}
      help: set the client's region to `us-east-1`, or write the rule without a region: `lambda.on("charge-card")`
      nearest rule: `charge-card` in region us-east-1, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2
        ✗ region: called in eu-west-1, the rule matches us-east-1

    journal
      1 charge-card RequestResponse {"order":7} (region eu-west-1)
        attempt 1/3 → 404 ResourceNotFoundException (unscripted)
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
    fake-lambda (started at tests/it/any_transport/red/unscripted.rs:LINE#1) found 1 problem

    error: call 1 named a qualifier that was not declared and got 404 ResourceNotFoundException: charge-card:beta RequestResponse {"order":7}
      help: declare it: `lambda.alias("charge-card:beta", ..)`
      the test declares other qualifiers of `charge-card`, so the fake answers 404 for the rest, as AWS does
      rule: `charge-card:beta`, scripted at tests/it/any_transport/red/unscripted.rs:LINE#2, can never answer

    journal
      1 charge-card:beta RequestResponse {"order":7}
        attempt 1 → 404 ResourceNotFoundException (qualifier not declared)
    "#);
}

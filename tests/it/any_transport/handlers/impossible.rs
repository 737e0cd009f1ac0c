//! Replies of handlers that cannot be sent, which is known only when the handler returns them.

use std::collections::BTreeMap;

use fake_lambda::{Context, Fault, FunctionError, Invocation, Reply};
use serde_json::{Value, json};

use super::{EVENT, pay};
use crate::panics::text_of;
use crate::raw;
use crate::transport::FakeLambda;

#[test]
fn a_fault_that_damages_nothing_names_the_handler_and_the_change() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda
            .on("pay")
            .handle(async |_: Invocation| Reply::from(Fault::TruncateAfter(5)));
        for order in 1..=2 {
            let reply = pay(&lambda, &format!(r#"{{"id":{order}}}"#));
            assert_eq!(reply.status(), 418);
            assert!(reply.text().contains("the reply is impossible"), "{reply}");
        }
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/handlers/impossible.rs:LINE#1) found 1 problem

    error: the reply to calls 1 and 2 is impossible: `Fault::TruncateAfter(5)` needs a reply to damage
      help: use `Reply::json(..).fault(Fault::TruncateAfter(5))`
      scripted at tests/it/any_transport/handlers/impossible.rs:LINE#2; the client got 418 FakeLambdaImpossibleReply
      got: pay RequestResponse {"id":1}

    journal
      1 pay RequestResponse {"id":1}
        attempt 1 → 418 FakeLambdaImpossibleReply
      2 pay RequestResponse {"id":2}
        attempt 1 → 418 FakeLambdaImpossibleReply
    "#);
}

#[test]
fn an_output_that_is_not_json_names_its_type() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").handle_json(async |_: Value, _: Context| {
            Ok::<_, FunctionError>(BTreeMap::from([(Some([1, 2]), 3)]))
        });
        pay(&lambda, "{}");
    });
    insta::assert_snapshot!(text, @r"
    fake-lambda (started at tests/it/any_transport/handlers/impossible.rs:LINE#1) found 1 problem

    error: the reply to call 1 is impossible: `BTreeMap<Option<[i32; 2]>, i32>` cannot be written as JSON: key must be a string
      help: return a value that JSON can hold; the keys of its maps must be strings or numbers
      scripted at tests/it/any_transport/handlers/impossible.rs:LINE#2; the client got 418 FakeLambdaImpossibleReply
      got: pay RequestResponse {}

    journal
      1 pay RequestResponse {}
        attempt 1 → 418 FakeLambdaImpossibleReply
    ");
}

#[test]
fn an_impossible_reply_to_an_event_is_reported_and_its_function_fails() {
    let text = text_of(|| {
        let lambda = FakeLambda::start();
        lambda.on("pay").handle(async |_: Invocation| {
            Reply::json(json!(1)).timeout(std::time::Duration::from_secs(1))
        });
        raw::invoke(&lambda, "pay", &[EVENT], "{}");
        lambda.settle_events().block();
    });
    insta::assert_snapshot!(text, @r#"
    fake-lambda (started at tests/it/any_transport/handlers/impossible.rs:LINE#1) found 1 problem

    error: the reply to call 1 is impossible: `timeout(1s)` can never be reached: nothing makes this reply late
      help: reply with `FunctionError::timed_out(..)`, or add a `delay` or `hold`
      scripted at tests/it/any_transport/handlers/impossible.rs:LINE#2; the client had already received its 202
      got: pay Event {}

    journal
      1 pay Event {}
        attempt 1 → 202
          execution 1 → 200 function error {"errorMessage":"RequestId: <request-id> Error: Runtime exited with error: exit status 101","errorType":"Runtime.ExitError"}
          execution 2 after 1m → 200 function error {"errorMessage":"RequestId: <request-id> Error: Runtime exited with error: exit status 101","errorType":"Runtime.ExitError"}
          execution 3 after 3m → 200 function error {"errorMessage":"RequestId: <request-id> Error: Runtime exited with error: exit status 101","errorType":"Runtime.ExitError"}
          RetriesExhausted
    "#);
}

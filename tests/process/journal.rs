//! The report of a drop in a test that fails for a reason of its own, and `FAKE_LAMBDA_JOURNAL`.

use std::time::Duration;

use fake_lambda::{Chaos, FakeLambda, Fault, FunctionError, Gate, Reply, ServiceError};
use rstest::rstest;
use serde_json::json;

use crate::alone::{next_line, role, run, this_test};
use crate::page::begins_as_on_the_page;
use crate::raw::{self, Client};
use crate::text::without_lines;

const VARIABLE: &str = "FAKE_LAMBDA_JOURNAL";

/// Runs a test of this file in a child, with that word in its environment, and returns what its
/// fakes print.
#[track_caller]
fn printed(test: &str, word: Option<&str>) -> String {
    let ended = run(test, "drops", |child| {
        match word {
            Some(word) => child.env(VARIABLE, word),
            None => child.env_remove(VARIABLE),
        };
        child.env("RUST_BACKTRACE", "0");
    });
    let (_, said) = ended.stderr.split_once("the test's own panic").unwrap();
    let start = said.find("fake-lambda (").unwrap_or(said.len());
    without_lines(said[start..].trim_end())
}

/// Panics, as the code under test does after a reply that it does not expect.
fn fails() -> ! {
    panic!("the test's own panic")
}

#[test]
fn a_qualifier_that_is_not_declared() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 2 ended with 404 ResourceNotFoundException (qualifier not declared): Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:live
          help: declare it: `lambda.alias("pay:live", ..)`
          the qualifier `live` is not declared, but other qualifiers of `pay` are

        journal
          1 pay:beta RequestResponse {}
            attempt 1 → 200 {"paid":true} version 1
          2 pay:live RequestResponse {"order":7}
            attempt 1 → 404 ResourceNotFoundException (qualifier not declared)
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    lambda.publish_version("pay:1");
    lambda.alias("pay:beta", "1");
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay:beta", &[], "{}");
    raw::invoke(&lambda, "pay:live", &[], r#"{"order":7}"#);
    fails();
}

#[test]
fn another_region() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 404 ResourceNotFoundException: Functions from 'eu-west-1' are not reachable in this region ('us-east-1')
          help: set the client's region to `eu-west-1`, or change the region in the function's ARN

        journal
          1 pay RequestResponse {} (region eu-west-1)
            attempt 1 → 404 ResourceNotFoundException
        ");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:pay";
    raw::invoke(&lambda, arn, &[], "{}");
    fails();
}

#[test]
fn a_reply_of_another_shape() {
    if role().is_none() {
        let said = printed(this_test!(), None);
        begins_as_on_the_page("was dropped during a panic", &said);
        insta::assert_snapshot!(said, @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 200 {"payed":true}
          rule: "the payment" (`pay`), scripted at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1 → 200 {"payed":true}
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    let rule = lambda.on("pay").named("the payment");
    rule.reply(json!({"payed": true}));
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

/// The code under test unwraps the error.
#[test]
fn an_error_that_the_client_does_not_retry() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 409 ResourceConflictException: The operation cannot be performed at this time. The function is currently in the following state: Pending
          help: script an error that the client retries; it does not retry 409 ResourceConflictException, so step 2 of 2 of the script did not answer
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1/3 → 409 ResourceConflictException
        ");
        return;
    }
    let lambda = FakeLambda::start();
    let script = lambda
        .on("pay")
        .reply(ServiceError::ResourceConflictException);
    script.then(json!({"paid": true}));
    let fields = [
        "amz-sdk-invocation-id: 1",
        "amz-sdk-request: attempt=1; max=3",
    ];
    raw::invoke(&lambda, "pay", &fields, "{}");
    fails();
}

#[test]
fn a_success_with_the_payload_of_a_failed_function() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 200 {"errorMessage":"declined"}
          help: if the function is meant to fail, reply with `FunctionError::new(..)`; this reply is a success
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1 → 200 {"errorMessage":"declined"}
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"errorMessage": "declined"}));
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

#[test]
fn a_function_error_that_the_sdk_returns_as_ok() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 200 function error {"errorMessage":"declined","errorType":"CardError"}
          help: check `function_error()` of the output, because SDKs return a function error as `Ok`
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1 → 200 function error {"errorMessage":"declined","errorType":"CardError"}
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    let declined = FunctionError::new("CardError", "declined");
    lambda.on("pay").reply(declined);
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

#[test]
fn a_log_that_the_call_does_not_ask_for() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 200 1
          help: if the test reads the log, set `log_type(LogType::Tail)` on the call; otherwise none is returned
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1 → 200 1
        ");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(Reply::json(1).log("charging"));
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

#[test]
fn a_call_without_the_qualifier_that_the_test_declares() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 200 {"paid":true}
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2
          version: `$LATEST`, because the call names no qualifier; the test declares `pay:live`

        journal
          1 pay RequestResponse {}
            attempt 1 → 200 {"paid":true}
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    lambda.alias("pay:live", "7");
    lambda.on("pay").reply(json!({"paid": true}));
    let reply = raw::invoke(&lambda, "pay", &[], "{}");
    assert_eq!(reply.field("X-Amz-Executed-Version"), Some("$LATEST"));
    fails(); // it expected version 7
}

#[test]
fn a_pause_that_the_test_does_not_end() {
    if role().is_none() {
        // The pause ends while the fake is dropped, so what the journal shows varies.
        let said = printed(this_test!(), None);
        let (said, _) = said.split_once("\n\njournal").unwrap();
        insta::assert_snapshot!(said, @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: `lambda.pause()` held a request when the test failed
          help: end the pause before the test waits for a reply: `paused.stop()`
          paused at tests/process/journal.rs:LINE#2
        ");
        return;
    }
    let mut client; // still connected when the fake is dropped
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    let _paused = lambda.pause();
    client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    until_called(&lambda, 1);
    fails();
}

#[test]
fn an_outage_that_the_test_does_not_end() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: no request arrived
          help: if the call is not meant to fail, end the outage before it: `outage.stop()`
          outage started at tests/process/journal.rs:LINE#2

        journal: empty, no request arrived
        ");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    let _outage = lambda.outage();
    fails();
}

#[test]
fn an_outage_that_ends_at_its_own_line() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 2 ended with 200 {"paid":true}
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2
          help: if this call is meant to fail, keep the outage in a variable until after it: `let outage = lambda.outage();`
          outage: started at tests/process/journal.rs:LINE#3, ended before this call

        journal
          1 to 2 (2 equal calls) pay RequestResponse {}
            attempt 1 → 200 {"paid":true}
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay", &[], "{}");
    let _ = lambda.outage();
    raw::invoke(&lambda, "pay", &[], "{}");
    fails(); // it expected an error
}

#[test]
fn a_call_before_an_outage() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 200 {"paid":true}
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2
          help: if a later call is not meant to fail, end the outage before it: `outage.stop()`
          outage: started at tests/process/journal.rs:LINE#3, after this call

        journal
          1 pay RequestResponse {}
            attempt 1 → 200 {"paid":true}
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay", &[], "{}");
    let _outage = lambda.outage();
    fails();
}

#[test]
fn a_reply_that_hangs_for_a_client_without_a_timeout() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: dropped with 1 unanswered request
          call 1 is hanging, as scripted at tests/process/journal.rs:LINE#2: pay RequestResponse {}
          help: give the client a timeout

        journal
          1 pay RequestResponse {}
            attempt 1 → no byte, hanging
        ");
        return;
    }
    let mut client; // still connected when the fake is dropped
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(Fault::Hang);
    client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    until_called(&lambda, 1);
    fails();
}

#[test]
fn a_gate_that_was_dropped() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 200 1 (its gate was dropped)
          help: call `gate.open()` before the test waits for the reply; a dropped gate opens
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1 → 200 1 (its gate was dropped)
        ");
        return;
    }
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda.on("pay").reply(Reply::json(json!(1)).hold(&gate));
    drop(gate);
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

#[test]
fn an_attempt_that_a_constraint_refused() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 0): Rate Exceeded.
          constraint: `reserve_concurrency("pay", 0)`, set at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1 → 429 TooManyRequestsException ReservedFunctionConcurrentInvocationLimitExceeded (reserved concurrency 0)
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    lambda.reserve_concurrency("pay", 0);
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

#[test]
fn an_attempt_that_chaos_hit() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 500 ServiceException (chaos: every_nth 1): An error occurred and the request cannot be processed.
          chaos: started at tests/process/journal.rs:LINE#2

        journal
          1 pay RequestResponse {}
            attempt 1 → 500 ServiceException (chaos: every_nth 1)
        chaos hit 1 attempt; the same hits as code:
          lambda.chaos(Chaos::replay([
              Hit::new("pay", 1, ServiceError::ServiceException),
          ]));
        "#);
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    lambda.chaos(Chaos::new().every_nth(1, ServiceError::ServiceException));
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

#[test]
fn a_request_that_the_service_refuses() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 400 InvalidRequestContentException: Could not parse request body into json: Could not parse payload into json: Unexpected end-of-input: expected close marke…
          help: send a payload that is valid JSON

        journal
          1 pay RequestResponse {
            attempt 1 → 400 InvalidRequestContentException
        ");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay", &[], "{");
    fails();
}

#[test]
fn a_call_that_is_not_scripted_where_that_is_allowed() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 1 ended with 404 ResourceNotFoundException (unscripted): Function not found: arn:aws:lambda:us-east-1:123456789012:function:pay:$LATEST
          help: script it before the call: `lambda.on("pay").reply(..)`

        journal
          1 pay RequestResponse {}
            attempt 1 → 404 ResourceNotFoundException (unscripted)
        "#);
        return;
    }
    let lambda = FakeLambda::builder().allow_unscripted().start();
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

#[test]
fn no_request() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: no request arrived for `pay`, scripted at tests/process/journal.rs:LINE#2
          help: if the test made a call, check that its client uses `lambda.endpoint_url()`

        journal: empty, no request arrived
        ");
        return;
    }
    let lambda = FakeLambda::builder().verify_on_drop(false).start();
    lambda.on("pay").reply(json!({"paid": true}));
    fails();
}

#[test]
fn a_request_that_the_journal_has_dropped() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        journal
          … 1 call before
        the journal has dropped 1 call (raise `FakeLambda::builder().journal_bytes(..)`); counts without `matching(..)` are exact
        ");
        return;
    }
    let lambda = FakeLambda::builder().journal_bytes(0).start();
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay", &[], "{}");
    lambda.wait_until_idle().block();
    lambda.outage().stop();
    fails();
}

#[test]
fn the_seed_after_a_failed_assertion() {
    if role().is_none() {
        let said = |test| run(test, "drops", |_| {}).stderr;
        let assertion = said(this_test!());
        let end = "\njournal: as printed above\nseed 7";
        assert!(assertion.contains(end), "{assertion}");
        let verification = said("journal::the_seed_of_a_failed_verification_is_printed_once");
        assert_eq!(verification.matches("seed 7").count(), 1, "{verification}");
        return;
    }
    with_a_random_delay().assert_calls(2);
}

/// The test above runs this too.
#[test]
#[should_panic(expected = "seed 7")]
fn the_seed_of_a_failed_verification_is_printed_once() {
    let lambda = with_a_random_delay();
    raw::invoke(&lambda, "mail", &[], "{}");
    lambda.verify();
}

fn with_a_random_delay() -> FakeLambda {
    let lambda = FakeLambda::builder().seed(7).start();
    let delay = Duration::ZERO..=Duration::from_millis(1);
    lambda.on("pay").reply(Reply::json(1).delay(delay));
    raw::invoke(&lambda, "pay", &[], "{}");
    lambda
}

#[test]
fn problems_unanswered_requests_and_chaos_are_in_one_message() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) also found 1 problem

        error: call 1 was not scripted and got 404 ResourceNotFoundException: pya RequestResponse {}
          help: change `pya` to `pay` in the call, or script both
          nearest rule: `pay`, scripted at tests/process/journal.rs:LINE#2
            ✗ function: called `pya`, the rule matches `pay`

        note: call 2 ended with 500 ServiceException (chaos: every_nth 1): An error occurred and the request cannot be processed.
          chaos: started at tests/process/journal.rs:LINE#4
        note: dropped with 1 unanswered request
          call 3 is hanging, as scripted at tests/process/journal.rs:LINE#3: hang RequestResponse {}
          help: give the client a timeout

        journal
          1 pya RequestResponse {}
            attempt 1 → 404 ResourceNotFoundException (unscripted)
          2 pay RequestResponse {}
            attempt 1 → 500 ServiceException (chaos: every_nth 1)
          3 hang RequestResponse {}
            attempt 1 → no byte, hanging
        chaos hit 1 attempt; the same hits as code:
          lambda.chaos(Chaos::replay([
              Hit::new("pay", 1, ServiceError::ServiceException),
          ]));
        "#);
        return;
    }
    // The client is still connected when the fake is dropped.
    let mut client = None;
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    lambda.on("hang").reply(Fault::Hang);
    raw::invoke(&lambda, "pya", &[], "{}");
    lambda.chaos(
        Chaos::new()
            .every_nth(1, ServiceError::ServiceException)
            .on("pay"),
    );
    raw::invoke(&lambda, "pay", &[], "{}");
    let client = client.insert(Client::connect(&lambda));
    client.send_invoke("hang", &[], "{}");
    until_called(&lambda, 3);
    fails();
}

/// Waits until that many calls are in the journal: a `Wait` counts only those that are answered.
fn until_called(lambda: &FakeLambda, calls: usize) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while lambda.calls().len() < calls {
        assert!(std::time::Instant::now() < deadline, "not all came");
        std::thread::yield_now();
    }
}

#[test]
fn the_journal_is_bounded() {
    if role().is_none() {
        let said = printed(this_test!(), None);
        insta::assert_snapshot!(said.lines().take(8).collect::<Vec<_>>().join("\n"), @r#"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: call 100 ended with 200 1
          rule: `pay`, scripted at tests/process/journal.rs:LINE#2

        journal
          … 80 calls before
          81 pay RequestResponse {"id":80}
        "#);
        assert_eq!(said.lines().count(), 47, "{said}");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(Reply::json(json!(1)));
    for id in 0..100 {
        raw::invoke(&lambda, "pay", &[], json!({"id": id}).to_string());
    }
    fails();
}

/// Fails by itself, with a call that had its answer.
#[test]
fn one_call() {
    if role().is_none() {
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

/// Fails by itself, and with a call that was not scripted.
#[test]
fn one_finding() {
    if role().is_none() {
        return;
    }
    let lambda = FakeLambda::start();
    raw::invoke(&lambda, "pay", &[], "{}");
    fails();
}

/// Passes; prints the words after which `printed` expects the output of the fake.
#[test]
fn no_failure() {
    if role().is_none() {
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay", &[], "{}");
    eprintln!("not the test's own panic");
}

#[test]
fn the_variable_says_when_the_journal_is_printed() {
    if role().is_some() {
        return;
    }
    let [call, finding, passes] = ["one_call", "one_finding", "no_failure"].map(|test| {
        [None, Some("failure"), Some("off"), Some("always")]
            .map(|word| printed(&format!("journal::{test}"), word))
    });
    for said in [&call, &finding, &passes] {
        assert_eq!(said[0], said[1], "`failure` is the default");
    }
    for said in [&call, &finding] {
        assert_eq!(said[1], said[3], "`always` includes `failure`");
    }
    insta::assert_snapshot!(call[1], @r#"
    fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

    note: call 1 ended with 200 {"paid":true}
      rule: `pay`, scripted at tests/process/journal.rs:LINE#2

    journal
      1 pay RequestResponse {}
        attempt 1 → 200 {"paid":true}
    "#);
    assert_eq!(call[2], "");
    insta::assert_snapshot!(finding[1], @r#"
    fake-lambda (started at tests/process/journal.rs:LINE#1) also found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {}
      help: script it before the call: `lambda.on("pay").reply(..)`
      no rule matches `pay`

    journal
      1 pay RequestResponse {}
        attempt 1 → 404 ResourceNotFoundException (unscripted)
    "#);
    insta::assert_snapshot!(finding[2], @r#"
    fake-lambda (started at tests/process/journal.rs:LINE#1) also found 1 problem

    error: call 1 was not scripted and got 404 ResourceNotFoundException: pay RequestResponse {}
      help: script it before the call: `lambda.on("pay").reply(..)`
      no rule matches `pay`
    "#);
    assert_eq!([&passes[1], &passes[2]], ["", ""]);
    insta::assert_snapshot!(passes[3], @r#"
    fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped

    journal
      1 pay RequestResponse {}
        attempt 1 → 200 {"paid":true}
    "#);
}

#[rstest]
#[case::another_word("never")]
#[case::another_case("Off")]
#[case::nothing("")]
fn another_word_panics_at_the_start_and_is_named(#[case] word: &str) {
    let ended = run(
        "journal::starts_with_a_word_of_the_environment",
        "starts",
        |child| {
            child.env(VARIABLE, word);
        },
    );
    ended.panicked_at_the_marked_line();
    let text = format!(
        "error: `FAKE_LAMBDA_JOURNAL` has an invalid value: {word:?}\n  \
         help: set it to `off`, `failure` or `always`, or unset it\n"
    );
    assert!(ended.stderr.contains(&text), "{ended}");
    if word == "never" {
        begins_as_on_the_page("has an invalid value", &text);
    }
}

/// The test above runs this in a child for each word; if it runs on its own, no word is set.
#[test]
fn starts_with_a_word_of_the_environment() {
    next_line!();
    let _lambda = FakeLambda::start();
}

/// The drop does not repeat the journal that the panic printed, and may then have nothing to print.
#[test]
fn a_failed_verification_prints_its_journal_once() {
    if role().is_none() {
        let ended = run(this_test!(), "verifies", |child| {
            child.env_remove(VARIABLE);
        });
        assert_eq!(ended.stderr.matches("fake-lambda (").count(), 1, "{ended}");
        assert_eq!(ended.stderr.matches("\njournal").count(), 1, "{ended}");
        return;
    }
    let lambda = FakeLambda::start();
    raw::invoke(&lambda, "pay", &[], "{}");
    lambda.verify();
}

#[test]
fn an_assertion_of_the_fake_prints_its_journal_once() {
    if role().is_none() {
        let ended = run(this_test!(), "asserts", |child| {
            child.env_remove(VARIABLE);
        });
        assert_eq!(ended.stderr.matches("fake-lambda (").count(), 0, "{ended}");
        assert_eq!(ended.stderr.matches("\njournal").count(), 1, "{ended}");
        return;
    }
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(json!({"paid": true}));
    raw::invoke(&lambda, "pay", &[], "{}");
    lambda.assert_calls(2);
}

#[test]
fn a_gate_that_was_never_opened() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @"
        fake-lambda (started at tests/process/journal.rs:LINE#2) was dropped during a panic

        note: dropped with 1 unanswered request
          call 1 is held by the gate created at tests/process/journal.rs:LINE#1: pay RequestResponse {}
          help: open the gate, or limit the reply with `.timeout(..)`

        journal
          1 pay RequestResponse {}
            attempt 1 → held by a gate
        ");
        return;
    }
    let mut client; // still connected when the fake is dropped
    // A gate opens when it is dropped, so it is declared before the fake and dropped after it.
    let gate = Gate::new();
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(Reply::json(json!(1)).hold(&gate));
    client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    gate.reached(1).block();
    fails();
}

#[test]
fn a_client_whose_timeout_is_shorter_than_the_delay() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @"
        fake-lambda (started at tests/process/journal.rs:LINE#1) was dropped during a panic

        note: dropped with 1 unanswered request
          call 1 is delayed by 3600s, as scripted at tests/process/journal.rs:LINE#2: pay RequestResponse {}
          help: raise the client's timeout, shorten the delay, or limit the reply with `.timeout(..)`

        journal
          1 pay RequestResponse {}
            attempt 1/3 → no answer (still running) (abandoned by the client)
            attempt 2/3 → delayed for 3600s (ran twice: attempt 1/3 is still running it)
        ");
        return;
    }
    let _second; // still connected when the fake is dropped
    let lambda = FakeLambda::start();
    let late = Reply::json(json!(1)).delay(Duration::from_secs(3600));
    lambda.on("pay").reply(late);
    let attempt = |request: &str| {
        let mut client = Client::connect(&lambda);
        client.send_invoke("pay", &["amz-sdk-invocation-id: one", request], "{}");
        client
    };
    let first = attempt("amz-sdk-request: attempt=1; max=3");
    until_called(&lambda, 1);
    drop(first);
    lambda.wait_for_attempts(1).block(); // the fake has detected the disconnect
    _second = attempt("amz-sdk-request: attempt=2; max=3");
    until_attempted(&lambda, 2);
    fails();
}

#[test]
fn a_client_that_gave_up_its_only_attempt() {
    if role().is_none() {
        insta::assert_snapshot!(printed(this_test!(), None), @"
        fake-lambda (started at tests/process/journal.rs:LINE#2) was dropped during a panic

        note: the client gave up before the answer
          call 1 is held by the gate created at tests/process/journal.rs:LINE#1: pay RequestResponse {}
          help: raise the client's timeout, open the gate, or limit the reply with `.timeout(..)`

        journal
          1 pay RequestResponse {}
            attempt 1 → no answer (still running) (abandoned by the client)
        ");
        return;
    }
    // A gate opens when it is dropped, so it is declared first and dropped after the fake.
    let gate = Gate::new();
    let lambda = FakeLambda::start();
    lambda.on("pay").reply(Reply::json(json!(1)).hold(&gate));
    let mut client = Client::connect(&lambda);
    client.send_invoke("pay", &[], "{}");
    gate.reached(1).block();
    drop(client);
    lambda.wait_for_attempts(1).block();
    fails();
}

/// Waits until the first call has that many attempts.
#[track_caller]
fn until_attempted(lambda: &FakeLambda, attempts: usize) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while lambda.calls()[0].attempts().len() < attempts {
        assert!(std::time::Instant::now() < deadline, "not all came");
        std::thread::yield_now();
    }
}

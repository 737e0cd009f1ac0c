//! What an assertion about a report says.

use fake_lambda::sweep::{Mode, Modes, Persistence, Verdict};
use fake_lambda::{FakeLambda, Fault, FunctionError, ServiceError, sweep};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{bounded, careless, correct, invoked, two_functions};
use crate::panics::text_of;

fn careless_report(modes: impl Into<Modes>) -> fake_lambda::sweep::Report {
    sweep(two_functions, careless).modes(modes).run()
}

#[test]
fn the_worst_verdict_comes_first() {
    let modes = Modes::function_errors()
        .and(Fault::Hang)
        .and(Fault::LengthTooShort(1));
    let report = careless_report(modes);
    assert_snapshot!(text_of(|| report.assert()), @r#"
    error: 14 of 24 cells of the sweep have a problem (panics: 2, unbounded: 4, wrong: 8)
      help: return an error in place of the panic
      price, LengthTooShort, once and always: panicked: called `Result::unwrap()` on an `Err` value: Error("EOF whil… at tests/it/in_memory/sweep.rs:LINE#1
      price, Hang, once and always: unbounded: no result
      pay, Hang, once and always: unbounded: no result
      price, function error, once and always: wrong: Ok("paid 0") in place of Ok("paid 42")
      price, timeout, once and always: wrong: Ok("paid 0") in place of Ok("paid 42")
      price, out of memory, once and always: wrong: Ok("paid 0") in place of Ok("paid 42")
      price, response too large, once and always: wrong: Ok("paid 0") in place of Ok("paid 42")

      timeline of price, LengthTooShort, once
        1 call, 1 attempt, in 0.0 ms (on tokio's clock)
        1 |#                                       | price RequestResponse (empty)
          0.0 ms + 0.0 ms: attempt 1/3, 0 bytes in, 13 out → content length 1 byte too short (ran, lost 200 {"amount":42}) (chaos: window 1)
    "#);
}

#[test]
fn other_verdicts_can_be_forbidden() {
    let report = sweep(two_functions, correct)
        .modes(Fault::ResetAfter(1))
        .on(["pay"])
        .run();
    report.assert();
    assert_snapshot!(text_of(|| report.assert_never(Verdict::Repeats)), @r#"
    error: 2 of 2 cells of the sweep have a problem (repeats: 2)
      help: do not repeat a request whose reply was lost, or make the function idempotent
      pay, ResetAfter, once: repeats: Ok("paid 42"), `pay` ran once more
      pay, ResetAfter, always: repeats: Err("pay cannot be called: response error"), `pay` ran 2 times more

      timeline of pay, ResetAfter, once
        2 calls, 3 attempts, in 831.0 ms (on tokio's clock)
        1 |#                                       | price RequestResponse null
          0.0 ms + 0.0 ms: attempt 1/3, 4 bytes in, 13 out → 200 {"amount":42}
        2 |#......................................#| pay RequestResponse {"amount":42}
          0.0 ms + 0.0 ms: attempt 1/3, 13 bytes in, 13 out → reset after 1 byte of the body (ran, lost 200 {"paid":true}) (chaos: window 1)
          waited 831.0 ms
          831.0 ms + 0.0 ms: attempt 2/3, 13 bytes in, 13 out → 200 {"paid":true} (ran twice: attempt 1/3 had run it)
    "#);
}

#[test]
fn a_verdict_can_be_declared() {
    let modes = || Modes::function_errors().and(ServiceError::KmsDisabledException);
    let report = sweep(two_functions, careless)
        .modes(modes())
        .expect("price", Modes::function_errors(), Verdict::Wrong)
        .expect("price", ServiceError::KmsDisabledException, Verdict::Fails)
        .run();
    // The wrong results are declared, and the other declaration is not correct.
    assert_snapshot!(text_of(|| report.assert()), @r#"
    error: 2 of 20 cells of the sweep have a problem (wastes: 1, recovers: 1)
      help: correct the code, or the verdict in `expect`
      price, KMSDisabledException, always: wastes: Err("price: service error"); declared as fails at tests/it/in_memory/sweep/assertions.rs:LINE#1
      price, KMSDisabledException, once: recovers: Ok("paid 42"); declared as fails at tests/it/in_memory/sweep/assertions.rs:LINE#1

      timeline of price, KMSDisabledException, always
        1 call, 3 attempts, in 1169.0 ms (on tokio's clock)
        1 |#.............................#........#| price RequestResponse (empty)
          0.0 ms + 0.0 ms: attempt 1/3, 0 bytes in → 502 KMSDisabledException (chaos: window at least 1)
          waited 900.0 ms
          900.0 ms + 0.0 ms: attempt 2/3, 0 bytes in → 502 KMSDisabledException (chaos: window at least 1)
          waited 269.0 ms
          1169.0 ms + 0.0 ms: attempt 3/3, 0 bytes in → 502 KMSDisabledException (chaos: window at least 1)
    "#);
}

#[test]
fn a_tolerated_function_must_not_change_the_result() {
    let report = sweep(two_functions, correct)
        .modes(ServiceError::TooManyRequestsException)
        .persistence([Persistence::Always])
        .tolerates("pay")
        .run();
    assert_snapshot!(text_of(|| report.assert()), @r#"
    error: 1 of 2 cells of the sweep has a problem (fails: 1)
      help: let the code return `Ok` when `pay` fails, or remove `.tolerates("pay")`
      pay, TooManyRequestsException, always: fails: Err("pay cannot be called: service error"); declared as tolerated

      timeline of pay, TooManyRequestsException, always
        2 calls, 4 attempts, in 1681.0 ms (on tokio's clock)
        1 |#                                       | price RequestResponse null
          0.0 ms + 0.0 ms: attempt 1/3, 4 bytes in, 13 out → 200 {"amount":42}
        2 |#..................#...................#| pay RequestResponse {"amount":42}
          0.0 ms + 0.0 ms: attempt 1/3, 13 bytes in → 429 TooManyRequestsException (chaos: window at least 1)
          waited 831.0 ms
          831.0 ms + 0.0 ms: attempt 2/3, 13 bytes in → 429 TooManyRequestsException (chaos: window at least 1)
          waited 850.0 ms
          1681.0 ms + 0.0 ms: attempt 3/3, 13 bytes in → 429 TooManyRequestsException (chaos: window at least 1)
    "#);
}

#[test]
fn asserting_a_report_without_cells_panics() {
    let report = sweep(two_functions, correct).modes(Modes::events()).run();
    assert_eq!(report.cells().len(), 0);
    assert_snapshot!(text_of(|| report.assert()), @r"
    error: the sweep has no cells: none of its modes occurred
      help: add other modes, as in `Modes::documented()`
      not possible at pay, price: lost event, event delivered twice
    ");
}

#[test]
fn a_declaration_without_cells_panics() {
    let all = || sweep(two_functions, correct).modes(Modes::events().and(Fault::Reset));
    let report = all()
        .expect("pay", Modes::events(), Verdict::Recovers)
        .run();
    assert_snapshot!(text_of(|| report.assert()), @r"
    error: `expect` names cells that the sweep does not have: pay, event delivered twice, lost event
      help: name a mode that occurs at this function, or remove the declaration
      declared at tests/it/in_memory/sweep/assertions.rs:LINE#1
    ");
    let report = all().on(["price"]);
    let report = report.expect("pay", Fault::Reset, Verdict::Recovers).run();
    assert_snapshot!(text_of(|| report.assert()), @r"
    error: `expect` names cells that the sweep does not have: pay, Reset
      help: add the function to `on`, or remove the declaration
      declared at tests/it/in_memory/sweep/assertions.rs:LINE#1
    ");
    let report = all().on(["price"]).tolerates("pay").run();
    assert_snapshot!(text_of(|| report.assert()), @r"
    error: `tolerates` names pay, but the sweep has no cells for it
      help: add the function to `on`, or remove the declaration
    ");
    // One of the modes of a set is enough.
    let set = Modes::events().and(Fault::Reset);
    let verdicts = [Verdict::Recovers, Verdict::Fails];
    all().expect("pay", set, verdicts).run().assert();
}

#[test]
fn the_name_of_a_mode_can_have_a_colon() {
    let mode = Mode::new("busy: try again", FunctionError::new("Busy", "try again"));
    let report = sweep(two_functions, careless)
        .modes(mode)
        .on(["price"])
        .run();
    let text = text_of(|| report.assert());
    let lines: Vec<&str> = text.lines().take(3).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    error: 2 of 2 cells of the sweep have a problem (wrong: 2)
      help: check `function_error()` and the payload before you use them; if another `Ok` is correct, declare it: `.degrades("price")`
      price, busy: try again, once and always: wrong: Ok("paid 0") in place of Ok("paid 42")
    "#);
}

/// An outage occurs at all functions, so its cell does not name one of them.
#[test]
fn a_cell_of_an_outage_can_be_declared() {
    let free = async |lambda: &FakeLambda| -> Result<u64, String> {
        let price = invoked(&bounded(lambda, 1), "price", json!(null)).await;
        Ok(price.map_or(0, |price| price["amount"].as_u64().unwrap_or(0)))
    };
    let outage = || sweep(two_functions, free).modes(Modes::outages());
    let wrong = outage().run();
    assert_snapshot!(text_of(|| wrong.assert()), @r#"
    error: 1 of 1 cells of the sweep has a problem (wrong: 1)
      help: return an error for a call that cannot connect; if another `Ok` is correct, declare it: `.degrades("*")`
      every function, outage, for 5s: wrong: Ok(0) in place of Ok(42)

      timeline of every function, outage, for 5s
        no request has arrived
    "#);
    outage()
        .degrades("*")
        .expect("*", Modes::outages(), Verdict::Recovers)
        .run()
        .assert();
    outage()
        .on(["price"])
        .expect("*", Modes::outages(), Verdict::Wrong)
        .run()
        .assert();
    let failing = sweep(two_functions, correct).modes(Modes::outages());
    let failing = failing.tolerates("*").run();
    assert_snapshot!(text_of(|| failing.assert()), @r#"
    error: 1 of 1 cells of the sweep has a problem (fails: 1)
      help: let the code return `Ok` when all functions fail, or remove `.tolerates("*")`
      every function, outage, for 5s: fails: Err("price cannot be called: dispatch failure"); declared as tolerated

      timeline of every function, outage, for 5s
        no request has arrived
    "#);
}

#[test]
fn a_function_without_a_script_is_reported() {
    let with_refund = async |lambda: &FakeLambda| -> Result<Value, String> {
        let client = bounded(lambda, 1);
        match invoked(&client, "pay", json!(7)).await {
            Ok(paid) => Ok(paid),
            Err(error) => {
                let _ = invoked(&client, "refund", json!(7)).await;
                Err(error)
            }
        }
    };
    let report = sweep(two_functions, with_refund)
        .modes(ServiceError::ServiceException)
        .persistence([Persistence::Once])
        .run();
    assert_snapshot!(text_of(|| report.assert()), @r#"
    error: 1 of 1 cells of the sweep has a problem (gives up: 1)
      help: script every call in the setup of the sweep, as in `lambda.on("refund").reply(..)`; a rule does not answer if its condition fails or its `times(n)` is reached
      pay, ServiceException, once: gives up: Err("pay cannot be called: service error"); calls `refund`, which no rule answers

      timeline of pay, ServiceException, once
        2 calls, 2 attempts, in 0.0 ms (on tokio's clock)
        1 |#                                       | pay RequestResponse 7
          0.0 ms + 0.0 ms: attempt 1/1, 1 byte in → 500 ServiceException (chaos: window 1)
        2 |#                                       | refund RequestResponse 7
          0.0 ms + 0.0 ms: attempt 1/1, 1 byte in → 404 ResourceNotFoundException (unscripted)
    "#);
}

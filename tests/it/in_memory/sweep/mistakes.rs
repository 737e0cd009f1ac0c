//! If a sweep cannot run, it panics at the line of the test.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use fake_lambda::sweep::{Mode, Modes, Persistence, Verdict};
use fake_lambda::{FakeLambda, Fault, Invocation, Reply, ServiceError, sweep};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{correct, two_functions};
use crate::panics::{caught, text_of};

#[track_caller]
fn mistake_of(run: impl FnOnce()) -> String {
    let caught = caught(run);
    assert_eq!(caught.file, file!(), "{}", caught.exact);
    caught.text
}

#[test]
fn the_golden_run_fails() {
    let setup = |lambda: &FakeLambda| {
        lambda.on("price").reply(json!({"amount": 42}));
        lambda.on("pay").reply(ServiceError::KmsDisabledException);
    };
    assert_snapshot!(mistake_of(|| drop(sweep(setup, correct).run())), @r#"
    error: the golden run failed: Err("pay cannot be called: service error")
      help: let the code succeed when no function fails: script every function that it calls

      timeline of the golden run
        2 calls, 4 attempts, in 1681.0 ms (on tokio's clock)
        1 |#                                       | price RequestResponse null
          0.0 ms + 0.0 ms: attempt 1/3, 4 bytes in, 13 out → 200 {"amount":42}
        2 |#..................#...................#| pay RequestResponse {"amount":42}
          0.0 ms + 0.0 ms: attempt 1/3, 13 bytes in → 502 KMSDisabledException
          waited 831.0 ms
          831.0 ms + 0.0 ms: attempt 2/3, 13 bytes in → 502 KMSDisabledException
          waited 850.0 ms
          1681.0 ms + 0.0 ms: attempt 3/3, 13 bytes in → 502 KMSDisabledException
    "#);
}

#[test]
fn the_golden_run_panics() {
    let run = async |_: &FakeLambda| -> Result<(), String> { panic!("no order {}", 7) };
    assert_snapshot!(mistake_of(|| drop(sweep(two_functions, run).run())), @r#"
    error: the golden run panicked at tests/it/in_memory/sweep/mistakes.rs:LINE#1
      help: let the code succeed when no function fails: script every function that it calls
      no order 7

      timeline of the golden run
        no request has arrived
    "#);
}

#[test]
fn the_golden_run_does_not_end() {
    let run = async |_: &FakeLambda| -> Result<(), String> { std::future::pending().await };
    assert_snapshot!(mistake_of(|| drop(sweep(two_functions, run).run())), @r"
    error: the golden run did not return within the patience of the sweep, and called no function of the fake
      help: connect the client to the fake that `run` gets, as in `sdk_client!(aws_sdk_lambda, lambda)`, and await its calls

      timeline of the golden run
        no request has arrived
    ");
}

#[test]
fn the_golden_run_does_not_end_after_a_call() {
    let run = async |lambda: &FakeLambda| -> Result<(), String> {
        let _ = super::invoked(&super::bounded(lambda, 1), "pay", json!(null)).await;
        std::future::pending().await
    };
    assert_snapshot!(mistake_of(|| drop(sweep(two_functions, run).run())), @r#"
    error: the golden run did not return within the patience of the sweep
      help: let the code return, or set a longer `patience`

      timeline of the golden run
        1 call, 1 attempt, in 0.0 ms (on tokio's clock)
        1 |#                                       | pay RequestResponse null
          0.0 ms + 0.0 ms: attempt 1/1, 4 bytes in, 13 out → 200 {"paid":true}
    "#);
}

#[test]
fn the_golden_run_retries_without_a_wait() {
    let run = async |lambda: &FakeLambda| {
        let client = super::bounded(lambda, 1);
        loop {
            if let Ok(paid) = super::invoked(&client, "pay", json!(null)).await {
                return Ok::<_, String>(paid);
            }
        }
    };
    let text = mistake_of(|| drop(sweep(|_: &FakeLambda| {}, run).run()));
    assert_eq!(text.lines().count(), 4 + 50 + 1);
    let first: Vec<&str> = text.lines().take(6).collect();
    assert_snapshot!(first.join("\n"), @r"
    error: the golden run did not return within 1000 attempts
      help: let the code return after fewer attempts, and script every function that it calls

      timeline of the golden run
        1000 calls, 1000 attempts, in 0.0 ms (on tokio's clock)
        1 |#                                       | pay RequestResponse null
    ");
}

#[test]
fn the_golden_run_calls_a_function_without_a_script() {
    let run = async |lambda: &FakeLambda| {
        let _ = super::invoked(&super::bounded(lambda, 1), "prize", json!(null)).await;
        correct(lambda).await
    };
    assert_snapshot!(mistake_of(|| drop(sweep(two_functions, run).run())), @r#"
    error: verification found a problem in the golden run
      help: correct it as the report below says

      fake-lambda (started at tests/it/in_memory/sweep/mistakes.rs:LINE#1) found 1 problem

      error: call 1 was not scripted and got 404 ResourceNotFoundException: prize RequestResponse null
        help: change `prize` to `price` in the call, or script both
        nearest rule: `price`, scripted at tests/it/in_memory/sweep.rs:LINE#1
          ✗ function: called `prize`, the rule matches `price`

      journal
        1 prize RequestResponse null
          attempt 1/1 → 404 ResourceNotFoundException (unscripted)
        2 price RequestResponse null
          attempt 1/3 → 200 {"amount":42}
        3 pay RequestResponse {"amount":42}
          attempt 1/3 → 200 {"paid":true}
    "#);
}

#[test]
fn the_golden_run_makes_no_call() {
    let run = async |_: &FakeLambda| -> Result<(), String> { Ok(()) };
    assert_snapshot!(mistake_of(|| drop(sweep(two_functions, run).run())), @r"
    error: the golden run calls no function of the fake
      help: connect the client to the fake that `run` gets, as in `sdk_client!(aws_sdk_lambda, lambda)`, and await its calls
    ");
}

#[test]
fn the_result_differs_in_every_run() {
    let runs = AtomicUsize::new(0);
    let run = async |lambda: &FakeLambda| {
        let run = runs.fetch_add(1, Ordering::Relaxed);
        let _ = super::invoked(&super::bounded(lambda, 1), "pay", json!(null)).await;
        Ok::<_, String>(run)
    };
    let report = sweep(two_functions, run)
        .modes(ServiceError::KmsDisabledException)
        .persistence([Persistence::Once])
        .run();
    let text = mistake_of(|| report.assert());
    let first: Vec<&str> = text.lines().take(6).collect();
    assert_snapshot!(first.join("\n"), @r"
    error: 1 of 1 cells of the sweep has a problem (wrong: 1)
      help: return a value that is equal in every run, or compare values with `same_if(..)`; without a failure, the code returned Ok(0), then Ok(2)
      pay, KMSDisabledException, once: wrong: Ok(1) in place of Ok(0)

      timeline of pay, KMSDisabledException, once
        1 call, 1 attempt, in 0.0 ms (on tokio's clock)
    ");
}

#[test]
fn the_setup_panics() {
    let setup = |lambda: &FakeLambda| {
        lambda.on("a b").reply(json!(1));
    };
    assert_snapshot!(mistake_of(|| drop(sweep(setup, correct).run())), @"
    error: the setup of the sweep panicked at tests/it/in_memory/sweep/mistakes.rs:LINE#1
      help: correct the script, as the text of the panic says
      error: `a b` is not a valid function name: spaces are not allowed
        help: use a name, `name:qualifier`, partial ARN or ARN; names have letters, digits, `-`, `_` and `.`
    ");
}

/// The closure accepts `null`, the payload of the golden run, and panics for the `[]` that the code
/// sends after a failure.
#[test]
fn a_key_panics() {
    let run = async |lambda: &FakeLambda| {
        let client = super::bounded(lambda, 1);
        match super::invoked(&client, "price", json!(null)).await {
            Ok(price) => Ok(price),
            Err(_) => super::invoked(&client, "pay", json!([])).await,
        }
    };
    let key = |invocation: &Invocation| match &invocation.payload_json() {
        Value::Null => "none",
        other => panic!("no order in {other}"),
    };
    let all = sweep(two_functions, run).modes(Fault::Reset);
    assert_snapshot!(mistake_of(|| drop(all.work(key).run())), @r"
    error: the closure of `work` panicked at tests/it/in_memory/sweep/mistakes.rs:LINE#1
      help: return a key for each request that a function gets, whatever its payload
      no order in []
    ");
}

#[test]
fn the_debug_of_a_result_panics() {
    struct Price(Value);
    impl std::fmt::Debug for Price {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let amount = self.0["amount"].as_u64();
            write!(f, "{}", amount.expect("a price has an amount"))
        }
    }
    let run = async |lambda: &FakeLambda| {
        let client = super::bounded(lambda, 1);
        let price = super::invoked(&client, "price", json!(null)).await;
        Ok::<_, String>(Price(price.unwrap_or_default()))
    };
    let all = || sweep(two_functions, run).modes(Fault::Reset);
    assert_snapshot!(mistake_of(|| drop(all().run())), @r"
    error: `Debug` of a result panicked at tests/it/in_memory/sweep/mistakes.rs:LINE#1
      help: correct the implementation: the sweep prints each result
      a price has an amount
    ");
}

#[test]
fn a_comparison_panics() {
    let all = sweep(two_functions, correct).modes(ServiceError::TooManyRequestsException);
    let all = all.same_if(|_, got| panic!("cannot compare {got}"));
    assert_snapshot!(mistake_of(|| drop(all.run())), @r"
    error: the closure of `same_if` panicked at tests/it/in_memory/sweep/mistakes.rs:LINE#1
      help: return `false` for each result that differs, whatever it contains
      cannot compare paid 42
    ");
}

/// The comparison needs a golden value, which another run makes.
#[test]
fn the_golden_run_fails_when_it_is_repeated() {
    let is_first = AtomicBool::new(true);
    let run = async |lambda: &FakeLambda| match is_first.swap(false, Ordering::Relaxed) {
        true => correct(lambda).await,
        false => Err("the order exists".to_owned()),
    };
    let all = sweep(two_functions, run).modes(Fault::Reset);
    let all = all.same_if(|golden, got| golden == got);
    assert_snapshot!(mistake_of(|| drop(all.run())), @r#"
    error: in a repetition for `same_if`: the golden run failed: Err("the order exists")
      help: let the code succeed when no function fails: script every function that it calls

      timeline of the golden run
        no request has arrived
    "#);
}

#[test]
fn a_setting_names_a_function_that_is_not_called() {
    let all = || sweep(two_functions, correct).modes(Fault::Reset);
    assert_snapshot!(mistake_of(|| drop(all().tolerates("pai").run())), @r#"
    error: `tolerates` names `pai`, which is not a function that the golden run calls
      help: did you mean `pay`?
    "#);
    assert_snapshot!(mistake_of(|| drop(all().degrades("mail").run())), @r#"
    error: `degrades` names `mail`, which is not a function that the golden run calls
      help: use a function that it calls: price, pay
    "#);
    assert_snapshot!(mistake_of(|| drop(all().on(["prize"]).run())), @r#"
    error: `on` names `prize`, which is not a function that the golden run calls
      help: did you mean `price`?
    "#);
    assert_snapshot!(mistake_of(|| drop(all().on(["pay:live"]).run())), @"
    error: `on` names `pay:live`, which is not a function that the golden run calls
      help: use the name without its qualifier: `on` accepts `pay`
    ");
    assert_snapshot!(mistake_of(|| drop(all().degrades("*").run())), @r"
    error: `degrades` got `*`, but the sweep has no mode that occurs at every function
      help: add one, as in `Modes::outages()`, or name a function
    ");
    assert_snapshot!(mistake_of(|| drop(all().modes(Modes::outages()).on(["*"]).run())), @r"
    error: `on` got `*`, which is not a function
      help: remove it: without `on`, modes occur at every function
    ");
    let declared = all().expect("mail", Fault::Reset, Verdict::Fails);
    assert_snapshot!(mistake_of(|| drop(declared.run())), @r#"
    error: `expect` names `mail`, which is not a function that the golden run calls
      help: use a function that it calls: price, pay
    "#);
}

#[test]
fn a_declaration_names_a_mode_that_the_sweep_does_not_have() {
    let all = || sweep(two_functions, correct).modes(Modes::function_errors());
    let declared = all().expect("pay", Fault::Hang, Verdict::Fails);
    assert_snapshot!(mistake_of(|| drop(declared.run())), @r"
    error: `expect` names the mode `Hang`, which the sweep does not have
      help: add it to `modes`, or remove it from `expect`
      declared at tests/it/in_memory/sweep/mistakes.rs:LINE#1
    ");
    let named = Mode::new("out of memori", Fault::Hang);
    let declared = all().expect("pay", named, Verdict::Fails);
    assert_snapshot!(mistake_of(|| drop(declared.run())), @r"
    error: `expect` names the mode `out of memori`, which the sweep does not have
      help: did you mean `out of memory`?
      declared at tests/it/in_memory/sweep/mistakes.rs:LINE#1
    ");
}

#[tokio::test]
async fn a_sweep_does_not_run_inside_of_a_runtime() {
    assert_snapshot!(mistake_of(|| drop(sweep(two_functions, correct).run())), @r#"
    error: `run` of a sweep was called inside of a tokio runtime
      help: use `#[test]` in place of `#[tokio::test]`, or `tokio::task::spawn_blocking`: each cell has a runtime of its own
    "#);
}

#[tokio::test]
async fn a_sweep_runs_where_a_runtime_allows_blocking() {
    let run = || sweep(two_functions, correct).on(["pay"]).run();
    let report = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(!report.cells().is_empty());
}

#[test]
fn settings_are_checked() {
    let all = || sweep(two_functions, correct);
    assert_snapshot!(mistake_of(|| drop(all().modes(Modes::default()))), @r#"
    error: `modes` got no mode
      help: add one, as in `Modes::documented()`
    "#);
    assert_snapshot!(mistake_of(|| drop(all().persistence([]))), @r#"
    error: `persistence` got an empty list
      help: add how often the mode occurs, as in `[Persistence::Once]`
    "#);
    assert_snapshot!(mistake_of(|| drop(all().persistence([Persistence::Burst(0)]))), @r#"
    error: `Burst(0)` hits no attempt
      help: use at least 2 attempts
    "#);
    let mode = || Mode::from(Fault::Reset);
    assert_snapshot!(mistake_of(|| drop(mode().persistence([]))), @r"
    error: `persistence` got an empty list
      help: add how often the mode occurs, as in `[Persistence::Once]`
    ");
    assert_snapshot!(mistake_of(|| drop(mode().persistence([Persistence::Burst(0)]))), @r"
    error: `Burst(0)` hits no attempt
      help: use at least 2 attempts
    ");
    assert_snapshot!(mistake_of(|| drop(mode().persistence([Persistence::Burst(1)]))), @r"
    error: `Burst(1)` is the same as `Once`
      help: use `Persistence::Once`, or at least 2 attempts
    ");
    let for_no_time = Persistence::For(Duration::ZERO);
    assert_snapshot!(mistake_of(|| drop(mode().persistence([for_no_time]))), @r"
    error: `For(0ns)` hits no attempt
      help: use a duration above zero
    ");
    let twice = [Persistence::Once, Persistence::Always, Persistence::Once];
    assert_snapshot!(mistake_of(|| drop(mode().persistence(twice))), @r"
    error: `persistence` got `Once` twice
      help: remove one of them
    ");
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    assert_snapshot!(mistake_of(|| drop(all().patience(days(30)))), @r#"
    error: `patience(2592000s)` is out of range
      help: use a duration above zero and below 30 days
    "#);
    assert_snapshot!(mistake_of(|| drop(all().patience(days(0)))), @r#"
    error: `patience(0ns)` is out of range
      help: use a duration above zero and below 30 days
    "#);
    assert_snapshot!(mistake_of(|| drop(all().expect("pay", Fault::Reset, []))), @r#"
    error: `expect` got no verdict
      help: name at least one
    "#);
    assert_snapshot!(text_of(|| drop(Mode::new("ok", Reply::json(1)))), @r#"
    error: `Mode::new` got a reply that succeeds
      help: use a service error, a function error, a fault or a delay; put successes and handlers in a rule
    "#);
}

/// It would last for the whole run, and a client that returns an error would give up.
#[test]
fn an_outage_has_a_number_of_attempts() {
    let outage = || Modes::outages().iter().next().cloned().unwrap();
    assert_snapshot!(mistake_of(|| drop(outage().persistence([Persistence::Once]))), @r"
    error: an outage cannot have `Once`: it hits no attempt
      help: use a duration, as in `Persistence::For(..)`, or `Persistence::Always`
    ");
    let some = [Persistence::Always, Persistence::Burst(3)];
    assert_snapshot!(mistake_of(|| drop(outage().persistence(some))), @r"
    error: an outage cannot have `Burst(3)`: it hits no attempt
      help: use a duration, as in `Persistence::For(..)`, or `Persistence::Always`
    ");
}

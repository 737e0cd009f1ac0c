//! Each verdict, by a client that deserves it.

use aws_sdk_lambda::types::InvocationType;
use fake_lambda::sweep::Verdict::{
    Fails, GivesUp, Panics, Recovers, Repeats, Tolerates, Unbounded, Wastes, Wrong,
};
use fake_lambda::sweep::{Mode, Modes, Nature, Persistence};
use fake_lambda::{
    FakeLambda, Fault, FunctionError, Invocation, Reply, ServiceError, limits, sdk_client, sweep,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{bounded, correct, invoked, seconds, two_functions, verdicts};
use crate::panics::text_of;

/// A function that returns a price.
fn price(lambda: &FakeLambda) {
    lambda.on("price").reply(json!({"amount": 42}));
}

/// One call, whose failure is an error.
async fn ask(lambda: &FakeLambda) -> Result<Value, String> {
    invoked(&bounded(lambda, 3), "price", json!(null)).await
}

#[test]
fn panics() {
    let unwraps = async |lambda: &FakeLambda| -> Result<Value, String> {
        let price = ask(lambda).await;
        Ok(price.expect("there is always a price"))
    };
    let report = sweep(price, unwraps)
        .modes(ServiceError::ResourceNotFoundException)
        .run();
    assert_eq!(verdicts(&report), [Panics, Panics]);
    let late = sweep(price, async |lambda: &FakeLambda| {
        let price = unwraps(lambda);
        tokio::time::sleep(seconds(3)).await;
        price.await
    });
    let late = late.modes(ServiceError::ResourceNotFoundException).run();
    assert_eq!(late.cells()[0].elapsed(), seconds(3));
    let cell = &report.cells()[0];
    assert!(!cell.is_ok());
    assert_eq!(
        cell.result(),
        r#"panicked: there is always a price: "price cannot be called: service er…"#
    );
}

#[test]
fn unbounded() {
    let waits = async |lambda: &FakeLambda| {
        let client = sdk_client!(aws_sdk_lambda, lambda);
        invoked(&client, "price", json!(null)).await
    };
    let modes = Modes::from(Fault::Hang).and(Fault::StallAfter(1));
    let report = sweep(price, waits)
        .modes(modes.and(seconds(3599)).and(seconds(3600)))
        .persistence([Persistence::Once])
        .run();
    assert_eq!(
        verdicts(&report),
        [Unbounded, Unbounded, Recovers, Unbounded]
    );
    assert_eq!(report.cells()[0].result(), "no result");
    assert_eq!(report.cells()[0].elapsed(), seconds(3600));
    assert_eq!(report.cells()[2].elapsed(), seconds(3599));
}

async fn retries_without_a_wait(lambda: &FakeLambda) -> Result<Value, String> {
    let client = bounded(lambda, 1);
    loop {
        if let Ok(price) = invoked(&client, "price", json!(null)).await {
            return Ok(price);
        }
    }
}

/// The paused clock does not advance while the runtime is busy.
#[test]
fn unbounded_without_a_wait() {
    let report = sweep(price, retries_without_a_wait)
        .modes(ServiceError::ResourceNotFoundException)
        .run();
    assert_eq!(verdicts(&report), [Recovers, Unbounded]);
    let always = &report.cells()[1];
    assert_eq!(always.attempts(), 1_000);
    assert_eq!(always.result(), "no result after 1000 attempts");
    let text = text_of(|| report.assert());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5 + 50 + 1);
    assert_snapshot!(lines[..8].join("\n"), @r"
    error: 1 of 2 cells of the sweep has a problem (unbounded: 1)
      help: limit the number of retries, and wait before each of them
      price, ResourceNotFoundException, always: unbounded: no result after 1000 attempts

      timeline of price, ResourceNotFoundException, always
        1000 calls, 1000 attempts, in 0.0 ms (on tokio's clock)
        1 |#                                       | price RequestResponse null
          0.0 ms + 0.0 ms: attempt 1/1, 4 bytes in → 404 ResourceNotFoundException (chaos: window at least 1)
    ");
    assert_snapshot!(lines[lines.len() - 2..].join("\n"), @r"
    25 |#                                       | price RequestResponse null
    … 951 more lines
    ");
}

/// No attempt reaches the fake, and no time passes for the outage to end.
#[test]
fn unbounded_without_a_wait_during_an_outage() {
    let report = sweep(price, retries_without_a_wait)
        .modes(Modes::outages())
        .run();
    assert_eq!(verdicts(&report), [Unbounded]);
    let outage = &report.cells()[0];
    assert_eq!(outage.result(), "no result after 1000 attempts");
    assert_eq!(outage.attempts(), 0);
}

#[test]
fn a_client_of_many_calls_may_make_ten_times_as_many_attempts() {
    let many = async |lambda: &FakeLambda| -> Result<(), String> {
        let client = bounded(lambda, 1);
        let mut last = Ok(json!(null));
        for _ in 0..130 {
            for _ in 0..8 {
                last = invoked(&client, "price", json!(null)).await;
                if last.is_ok() {
                    break;
                }
            }
        }
        last.map(drop)
    };
    let report = sweep(price, many)
        .modes(ServiceError::ServiceException)
        .persistence([Persistence::Always])
        .run();
    assert_eq!(verdicts(&report), [Fails]);
    assert_eq!(report.cells()[0].attempts(), 8 * 130);
}

/// The calls after the failure have more bytes than a journal keeps by default.
#[test]
fn a_call_that_failed_is_judged_however_long_the_journal_is() {
    let long = async |lambda: &FakeLambda| -> Result<(), String> {
        let client = bounded(lambda, 3);
        invoked(&client, "price", json!(null)).await?;
        // Without the SDK, which would hash all 72 MiB.
        for _ in 0..12 {
            let payload = limits::payload_of(limits::REQUEST);
            let path = "/2015-03-31/functions/store/invocations";
            let length = payload.len();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
            );
            let mut connection = lambda.connect().unwrap();
            connection.write_all(head.as_bytes()).await.unwrap();
            connection.write_all(payload.as_bytes()).await.unwrap();
            let mut reply = String::new();
            connection.read_to_string(&mut reply).await.unwrap();
            assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        }
        Ok(())
    };
    let setup = |lambda: &FakeLambda| {
        price(lambda);
        lambda.on("store").reply(json!(null));
    };
    let report = sweep(setup, long)
        .modes(ServiceError::TooManyRequestsException)
        .persistence([Persistence::Once])
        .on(["price"])
        .run();
    assert_eq!(verdicts(&report), [Recovers]);
    assert_eq!(report.cells()[0].attempts(), 2);
}

/// The sweep waits for events, and such a task would keep their time from passing.
#[test]
fn a_task_that_retries_without_a_wait_ends_with_its_run() {
    let leaves_a_task = async |lambda: &FakeLambda| -> Result<(), String> {
        let client = bounded(lambda, 1);
        let mail = client.invoke().function_name("mail");
        let mail = mail.invocation_type(InvocationType::Event).send();
        mail.await.map_err(|error| error.to_string())?;
        tokio::spawn(async move { while invoked(&client, "price", json!(null)).await.is_err() {} });
        Ok(())
    };
    let setup = |lambda: &FakeLambda| {
        price(lambda);
        lambda.on("mail").reply(Reply::json(()).delay(seconds(1)));
    };
    let report = sweep(setup, leaves_a_task)
        .modes(ServiceError::ResourceNotFoundException)
        .on(["price"])
        .run();
    assert_eq!(verdicts(&report), [Recovers, Wastes]);
    // The event counts toward the limit of 1,000 attempts, and the task makes a few more after it.
    let attempts = report.cells()[1].attempts();
    assert!((999..1_100).contains(&attempts), "{attempts}");
}

#[test]
fn wrong() {
    let free = async |lambda: &FakeLambda| -> Result<u64, String> {
        let price = ask(lambda).await.unwrap_or(json!(null));
        Ok(price["amount"].as_u64().unwrap_or(0))
    };
    let report = sweep(price, free).modes(Modes::function_errors()).run();
    assert_eq!(verdicts(&report), [Wrong; 8]);
    assert_eq!(report.cells()[0].result(), "Ok(0)");

    // A result that is declared as correct is a success.
    let declared = sweep(price, free)
        .modes(Modes::function_errors())
        .degrades("price")
        .run();
    assert_eq!(verdicts(&declared), [Recovers, Tolerates].repeat(4));
}

#[test]
fn repeats() {
    let report = sweep(two_functions, correct)
        .modes(Fault::ResetAfter(1))
        .on(["pay"])
        .run();
    // The SDK runs the function again because its reply was lost, whether or not a later attempt
    // succeeds.
    assert_eq!(verdicts(&report), [Repeats, Repeats]);
    let [once, always] = report.cells() else {
        panic!("two cells")
    };
    assert!(once.is_ok() && !always.is_ok());
    assert_eq!((once.executions(), once.extra_executions()), (2, 1));
    assert_eq!((always.executions(), always.extra_executions()), (3, 2));
}

#[test]
fn an_idempotent_function_repeats_no_work() {
    let setup = |lambda: &FakeLambda| {
        lambda.on("price").reply(json!({"amount": 42}));
        let pay = lambda.on("pay");
        let pay = pay.idempotent_by(|invocation: &Invocation| invocation.payload_json());
        pay.reply(json!({"paid": true}));
    };
    let report = sweep(setup, correct)
        .modes(Fault::ResetAfter(1))
        .on(["pay"])
        .run();
    assert_eq!(verdicts(&report), [Recovers, Fails]);
    assert_eq!(report.cells()[0].extra_executions(), 0);
    // Also while its first execution is late.
    let report = sweep(setup, correct).on(["pay"]).run();
    assert!(!verdicts(&report).contains(&Repeats), "{report}");
}

/// The order is paid, its receipt fails, and the client begins with the payment again.
#[test]
fn repeats_at_a_function_other_than_the_one_that_fails() {
    let order = async |lambda: &FakeLambda| -> Result<Value, String> {
        let client = bounded(lambda, 1);
        let once = async || {
            invoked(&client, "pay", json!({"order": 7})).await?;
            invoked(&client, "mail", json!({"order": 7})).await
        };
        match once().await {
            Ok(sent) => Ok(sent),
            Err(_) => once().await,
        }
    };
    let setup = |lambda: &FakeLambda| {
        lambda.on("pay").reply(json!({"paid": true}));
        lambda.on("mail").reply(json!("sent"));
    };
    let report = sweep(setup, order)
        .modes(ServiceError::ServiceException)
        .persistence([Persistence::Once])
        .run();
    assert_eq!(verdicts(&report), [Recovers, Repeats]);
    let mail = &report.cells()[1];
    assert_eq!((mail.executions(), mail.extra_executions()), (1, 1));
    assert_eq!(mail.calls_after_failure(), 2);
}

#[test]
fn work_is_the_same_if_its_key_is() {
    // Each attempt of the application has another payload.
    let order = async |lambda: &FakeLambda| -> Result<Value, String> {
        let client = bounded(lambda, 1);
        let mut last = Err("no attempt".to_owned());
        for attempt in 0..2 {
            last = invoked(&client, "price", json!({"order": 7, "attempt": attempt})).await;
            if last.is_ok() {
                break;
            }
        }
        last
    };
    let lost = || Fault::ResetAfter(1);
    let by_payload = sweep(price, order).modes(lost()).run();
    assert_eq!(verdicts(&by_payload), [Recovers, Fails]);
    let by_order = sweep(price, order)
        .modes(lost())
        .work(|invocation: &Invocation| invocation.payload_json()["order"].clone())
        .run();
    assert_eq!(verdicts(&by_order), [Repeats, Repeats]);
}

#[test]
fn gives_up() {
    let once = async |lambda: &FakeLambda| invoked(&bounded(lambda, 1), "price", json!(null)).await;
    let modes = Modes::from(ServiceError::TooManyRequestsException).and(Fault::Reset);
    let report = sweep(price, once)
        .modes(modes.and(ServiceError::KmsDisabledException))
        .run();
    assert_eq!(
        verdicts(&report),
        [GivesUp, Fails, GivesUp, Fails, Fails, Fails]
    );
}

#[test]
fn wastes() {
    // The status is 502, so the SDK tries a disabled key three times.
    let report = sweep(price, ask)
        .modes(ServiceError::KmsDisabledException)
        .run();
    assert_eq!(verdicts(&report), [Recovers, Wastes]);
    assert_eq!(report.cells()[1].attempts(), 3);
    let text = report.to_string();
    let line = "wastes     KMSDisabledException: failed, 2 useless attempts, within ";
    assert!(text.contains(line), "{text}");

    // The user says that it is temporary.
    let mode = Mode::from(ServiceError::KmsDisabledException).nature(Nature::Temporary);
    let declared = sweep(price, ask).modes(mode).run();
    assert_eq!(verdicts(&declared), [Recovers, Fails]);
}

#[test]
fn fails() {
    let declined = Mode::new("declined", FunctionError::new("CardDeclined", "no funds"));
    let report = sweep(two_functions, correct)
        .modes(Modes::from(declined).and(ServiceError::ResourceNotFoundException))
        .on(["pay"])
        .run();
    assert_eq!(verdicts(&report), [Fails; 4]);
    assert_eq!(report.cells()[0].result(), r#"Err("pay failed")"#);
}

#[test]
fn recovers() {
    let report = sweep(price, ask)
        .modes(ServiceError::TooManyRequestsException)
        .persistence([
            Persistence::Once,
            Persistence::Burst(2),
            Persistence::Burst(3),
            Persistence::For(seconds(10)),
        ])
        .run();
    assert_eq!(verdicts(&report), [Recovers, Recovers, Fails, Fails]);
    let attempts: Vec<_> = report.cells().iter().map(|cell| cell.attempts()).collect();
    assert_eq!(attempts, [2, 3, 3, 3]);
}

#[test]
fn tolerates() {
    let with_default = async |lambda: &FakeLambda| -> Result<String, String> {
        let client = bounded(lambda, 3);
        let price = invoked(&client, "price", json!(null)).await?;
        // Whether the mail was sent does not matter.
        let _ = invoked(&client, "mail", json!("paid")).await;
        Ok(price.to_string())
    };
    let setup = |lambda: &FakeLambda| {
        price(lambda);
        lambda.on("mail").reply(json!(null));
    };
    let modes = || Modes::from(ServiceError::ResourceNotFoundException).and(Fault::Hang);
    let report = sweep(setup, with_default)
        .modes(modes())
        .tolerates("mail")
        .run();
    let [.., once, always, hangs_once, hangs] = &verdicts(&report)[..] else {
        panic!("eight cells")
    };
    assert_eq!([once, always], [&Recovers, &Tolerates]);
    assert_eq!([hangs_once, hangs], [&Recovers, &Tolerates]);
    report.assert();
}

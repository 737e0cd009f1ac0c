//! Each verdict, by a client that deserves it.

use fake_lambda::sweep::Verdict::{
    Fails, GivesUp, Panics, Recovers, Repeats, Tolerates, Unbounded, Wastes, Wrong,
};
use fake_lambda::sweep::{Mode, Modes, Nature, Persistence};
use fake_lambda::{FakeLambda, Fault, FunctionError, Invocation, ServiceError, sdk_client, sweep};
use serde_json::{Value, json};

use super::{bounded, correct, invoked, seconds, two_functions, verdicts};

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

#[test]
fn wrong() {
    let free = async |lambda: &FakeLambda| -> Result<u64, String> {
        let price = ask(lambda).await.unwrap_or(json!(null));
        Ok(price["amount"].as_u64().unwrap_or(0))
    };
    let report = sweep(price, free).modes(Modes::function_errors()).run();
    assert_eq!(verdicts(&report), [Wrong; 8]);
    assert_eq!(report.cells()[0].result(), "Ok(0)");

    // Declared as correct, it is a success.
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
    // The SDK runs the function again because its reply was lost, in the end with success or not.
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
}

/// The order is paid, its receipt fails, and the client begins with the payment again.
#[test]
fn repeats_at_another_function_than_the_one_that_fails() {
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

//! Edits during a pause.

use fake_lambda::FakeLambda;
use serde_json::json;

use crate::any_transport::scripts::is_waiting;
use crate::raw::Client;
use crate::waits::until;

#[test]
fn a_pause_holds_requests_until_every_guard_is_dropped() {
    let lambda = FakeLambda::start();
    let old = lambda.on("f").reply(json!("old"));
    let pauses = [lambda.pause(), lambda.handle().pause()];
    let mut client = Client::connect(&lambda);
    client.send_invoke("f", &[], "{}");
    until(|| is_waiting(&lambda));
    insta::assert_snapshot!(lambda.journal(), @r#"
    1 f RequestResponse {}
      attempt 1 → waiting
    "#);
    old.remove();
    let [one, other] = pauses;
    drop(one);
    lambda.on("f").reply(json!("half-way")).remove();
    assert!(is_waiting(&lambda));
    lambda.on("f").reply(json!("new"));
    drop(other);
    assert_eq!(client.read_reply().body, b"\"new\"");
    assert!(!is_waiting(&lambda));
    old.assert_calls(0);
}

#[test]
fn requests_held_by_a_pause_consume_steps_in_the_order_of_arrival() {
    for _ in 0..50 {
        let lambda = FakeLambda::start();
        lambda.on("f").reply(json!(1)).then(json!(2));
        let paused = lambda.pause();
        let mut first = Client::connect(&lambda);
        first.send_invoke("f", &[], "{}");
        until(|| !lambda.journal().calls().is_empty());
        paused.stop();
        let mut second = Client::connect(&lambda);
        second.send_invoke("f", &[], "{}");
        assert_eq!(
            (first.read_reply().text(), second.read_reply().text()),
            ("1", "2")
        );
    }
}

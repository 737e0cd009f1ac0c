//! The events' clock while a reply is held.

use fake_lambda::{FakeLambda, Gate, Reply};
use serde_json::json;

use crate::any_transport::events::{boom, seconds, send};
use crate::waits::begun;

#[test]
fn time_stands_still_while_a_function_runs() {
    let lambda = FakeLambda::start();
    let gate = Gate::new();
    lambda
        .on("slow")
        .reply(Reply::from(boom()).hold(&gate))
        .then(json!(1));
    lambda.on("f").reply(boom());
    send(&lambda, "f", "{}");
    send(&lambda, "slow", "{}");
    gate.reached(1).block();
    let advanced = begun(lambda.advance(seconds(60)));
    lambda.seen("f").assert_executions(1);
    gate.open();
    advanced.block();
    lambda.seen("f").assert_executions(2);
    lambda.seen("slow").assert_event_retry_delays([seconds(60)]);
}

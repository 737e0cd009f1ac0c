//! Many calls, of which the journal keeps as many as its limits allow.

use fake_lambda::Handle;
use serde_json::json;

use crate::raw::Client;
use crate::transport::FakeLambda;

const CALLS: u64 = 100_000;

/// Sends calls with payloads of 1 KiB, a hundred at a time before reading their replies.
fn call_often(lambda: &Handle) {
    let mut client = Client::connect(lambda);
    let payload = fake_lambda::limits::payload_of(1_024);
    let head = "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nContent-Length: 1024\r\n\r\n";
    let hundred = format!("{head}{payload}").repeat(100);
    for _ in 0..CALLS / 100 {
        client.send(hundred.as_bytes());
        for _ in 0..100 {
            assert_eq!(client.read_reply().status(), 200);
        }
    }
    lambda.wait_until_idle().block();
}

fn kept_bytes(lambda: &Handle) -> usize {
    let heads_and_payloads = |call: &fake_lambda::Call| {
        let invocation = call.first();
        let fields = invocation.headers();
        let head: usize = fields
            .map(|(name, value)| name.len() + value.len() + 4)
            .sum();
        head + invocation.payload_len()
    };
    lambda.calls().iter().map(heads_and_payloads).sum()
}

#[test]
fn with_a_hundred_thousand_calls_limits_hold_and_counts_are_exact() {
    const BYTES: usize = 4 * 1024 * 1024;
    let lambda = FakeLambda::start_with(|builder| builder.journal_bytes(BYTES));
    let script = lambda.on("f").reply(json!(1));
    call_often(&lambda);
    lambda.assert_calls(CALLS);
    lambda.assert_attempts(CALLS);
    script.assert_calls(CALLS);
    lambda.seen("f").assert_attempts(CALLS);
    let calls = lambda.calls();
    let dropped = CALLS - calls.len() as u64;
    assert_eq!(calls[0].number(), dropped + 1);
    let kept = kept_bytes(&lambda);
    assert!(kept <= BYTES, "{kept} bytes are kept");
    assert!(kept > BYTES / 4, "only {kept} bytes are kept");
    let report = lambda.try_assert_calls(1).unwrap_err().to_string();
    let first = report.lines().next();
    assert_eq!(first, Some("error: expected 1 call, got 100000"));
    assert!(
        report.contains(&format!(
            "\n  … {dropped} calls before\n  {} to ",
            dropped + 1
        )),
        "{report}"
    );
    assert_eq!(
        report.lines().last().unwrap(),
        format!(
            "the journal has dropped {dropped} calls (raise `FakeLambda::builder().journal_bytes(..)`); counts without `matching(..)` are exact"
        )
    );
}

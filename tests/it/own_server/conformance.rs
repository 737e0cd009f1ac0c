//! Recorded AWS answers while replies are held, and the recorded answer to a GET.

use std::sync::{Arc, Mutex};

use fake_lambda::{FakeLambda, Gate, Invocation, Reply, ServiceError};
use serde_json::json;

use crate::any_transport::conformance::case::{Case, in_the_recorders_account, recorded};
use crate::any_transport::conformance::json::Json;
use crate::raw;

const EVENT: &str = "X-Amz-Invocation-Type: Event";

recorded! {
    runs_what_is_queued_as_configured_now: async_queue_uses_updated_config;
    goes_back_to_the_queue: async_throttled_event_is_requeued;
    is_answered_in_xml: get_on_the_path_of_invoke;
}

/// A reply that records that this variant of the function ran.
fn variant(variant: u32, noted: &Arc<Mutex<Vec<String>>>) -> Reply {
    let noted = noted.clone();
    Reply::handle(async move |inv: Invocation| {
        let event = inv.payload_json();
        let event = event.as_str().unwrap();
        noted
            .lock()
            .unwrap()
            .push(format!("{event}--variant-{variant}"));
        json!(null)
    })
}

fn runs_what_is_queued_as_configured_now(case: &Case) {
    let lambda = in_the_recorders_account(FakeLambda::builder()).start();
    let noted = Arc::new(Mutex::new(Vec::new()));
    let send = |event: &str| {
        let event = json!(event).to_string();
        let reply = raw::invoke(&lambda, "function-name", &[EVENT], event);
        assert_eq!(reply.status(), 202, "{reply}");
    };
    // The first runs the old code; meanwhile the others find no free environment.
    let gate = Gate::new();
    let busy = Reply::error(ServiceError::TooManyRequestsException).in_queue();
    let old = lambda
        .on("function-name")
        .reply(variant(1, &noted).hold(&gate))
        .times(1)
        .then(busy);
    let recorded = case.at("observed").items();
    let events = recorded.iter().map(|line| {
        let line = line.text().unwrap();
        line.split_once("--variant").unwrap().0
    });
    let (before, after): (Vec<_>, Vec<_>) = events.partition(|event| !event.ends_with("after"));
    before.into_iter().for_each(send);
    gate.reached(1).block();
    old.remove();
    lambda.on("function-name").reply(variant(2, &noted));
    after.into_iter().for_each(send);
    gate.open();
    lambda.settle_events().block();
    let mut noted = noted.lock().unwrap().clone();
    noted.sort();
    let recorded: Vec<_> = recorded.iter().filter_map(Json::text).collect();
    assert_eq!(noted, recorded);
}

fn goes_back_to_the_queue(case: &Case) {
    assert_eq!(case.text("observed.both Events"), "202");
    let lambda = in_the_recorders_account(FakeLambda::builder()).start();
    let reserved = case.at("request.ReservedConcurrentExecutions").number();
    lambda.reserve_concurrency("function-name", reserved.unwrap() as u32);
    let gate = Gate::new();
    let held = Reply::json(json!(1)).hold(&gate);
    lambda.on("function-name").reply(held);
    for _ in 0..2 {
        let reply = raw::invoke(&lambda, "function-name", &[EVENT], "{}");
        assert_eq!(reply.status(), 202, "{reply}");
    }
    // Meanwhile, another caller immediately gets the error that keeps the event in the queue.
    let reply = raw::invoke(&lambda, "function-name", &[], "{}");
    let body = Json::parse(&reply.body);
    let reason = body.at("Reason").and_then(Json::text).unwrap();
    let said = format!("{} {reason}", reply.status());
    assert_eq!(case.text("observed.sync invoke meanwhile"), said);
    gate.open();
    lambda.settle_events().block();
    let [first, second] = &lambda.deliveries()[..] else {
        panic!("{}", lambda.journal());
    };
    assert_eq!(
        (first.executions().len(), second.executions().len()),
        (1, 2)
    );
    assert_eq!(second.executions()[0].status(), 429);
    lambda.assert_delivered(2);
}

fn is_answered_in_xml(case: &Case) {
    let lambda = FakeLambda::start();
    let mut client = raw::Client::connect(&lambda);
    client.send(
        b"GET /2015-03-31/functions/function-name/invocations HTTP/1.1\r\nHost: lambda\r\n\r\n",
    );
    let reply = client.read_reply();
    assert_eq!(
        u64::from(reply.status()),
        case.at("observed.HTTPStatusCode").number().unwrap()
    );
    assert_eq!(reply.text(), case.text("observed.body"));
    assert_eq!(reply.body.len(), 130);
    let fields = reply.head.lines().skip(1);
    let mut names: Vec<_> = fields
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    names.sort_unstable();
    let recorded = case.at("observed.headers").items();
    let mut recorded: Vec<_> = recorded.iter().filter_map(|name| name.text()).collect();
    recorded.sort_unstable();
    assert_eq!(names, recorded);
    let report = lambda.try_verify().unwrap_err().to_string();
    assert!(report.contains("was not an Invoke request"), "{report}");
}

//! Tests of the queue without a function: a list gives the result of each execution.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;

use super::{
    Delivery, Destination, EventCondition, EventConfig, EventLimits, EventQueue, ExecutionEnd,
    Function, Inner, Moment, Origin, Purpose, Stage,
};
use crate::aws::target::Target;

/// The result of an execution: a success, a function error, or a throttle.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Ok,
    Fails,
    Throttled,
}
use Step::{Fails, Ok as Good, Throttled};

impl Step {
    pub(super) fn end(self) -> ExecutionEnd {
        let ran = |failed, payload: &'static [u8]| ExecutionEnd::Ran {
            is_replay: false,
            payload: payload.into(),
            version: "$LATEST".into(),
            failed,
        };
        match self {
            Good => ran(false, br#"{"ok": true}"#),
            Fails => ran(true, br#"{"errorMessage":"boom","errorType":"E"}"#),
            Throttled => ExecutionEnd::Refused {
                status: 429,
                code: Some("TooManyRequestsException".into()),
                message: "Rate Exceeded.".into(),
                reason: None,
                unscripted: false,
            },
        }
    }
}

pub(super) const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";
const BUS: &str = "arn:aws:events:us-east-1:123456789012:event-bus/b";
const BUCKET: &str = "arn:aws:s3:::bucket";

pub(super) fn events(configure: impl FnOnce(&mut EventConfig)) -> EventQueue<()> {
    let limits = EventLimits {
        events: 1_000,
        bytes: 1 << 20,
    };
    let mut events = EventQueue::new(limits, false);
    configure(events.configs.entry(&target()));
    events
}

fn target() -> Target {
    "f".parse().unwrap()
}

pub(super) fn to(arn: &str) -> Option<Destination> {
    Some(Destination::parse(arn, Purpose::Failures).unwrap())
}

pub(super) fn accept(events: &mut EventQueue<()>, payload: &'static str) {
    let function = Function {
        described: "f".into(),
        name: "f".into(),
        arn: "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
    };
    let delivery = Inner {
        number: events.next_number(),
        origin: Origin::Call {
            call: 1,
            attempt: 0,
        },
        rule: None,
        is_duplicate: false,
        function: function.into(),
        target: Arc::new(target()),
        request_id: "0d1c".into(),
        sender_id: None,
        payload: payload.into(),
        print_limit: 1_024,
        accepted_at: events.now(),
        executions: Vec::new(),
        state: Stage::Queued(events.now()),
        record: None,
        dead_letter: None,
    };
    events.accept(delivery, ());
}

/// Runs what is due; each execution has the result of the next step, and the last one repeats.
pub(super) fn run(events: &mut EventQueue<()>, steps: &[Step]) {
    let mut steps = steps.iter();
    let mut step = Good;
    while let Some(due) = events.take_due() {
        step = steps.next().copied().unwrap_or(step);
        events.executed(due.number, None, step.end());
    }
}

/// One event, run until it ends.
fn delivered(configure: impl FnOnce(&mut EventConfig), steps: &[Step]) -> Delivery {
    let mut events = events(configure);
    accept(&mut events, r#"{"id": 7}"#);
    events.settle();
    run(&mut events, steps);
    assert_eq!(events.unsettled(), 0);
    events.deliveries().remove(0)
}

pub(super) fn seconds(delivery: &Delivery) -> Vec<u64> {
    let executions = delivery.executions().iter();
    executions.map(|one| one.after().as_secs()).collect()
}

fn age(config: &mut EventConfig, seconds: u64) {
    config.try_age(Duration::from_secs(seconds)).unwrap();
}

#[rstest]
#[case::success(|_: &mut EventConfig| (), &[Good], &[0], EventCondition::Success)]
#[case::retried_after_one_and_two_minutes(|_: &mut EventConfig| (), &[Fails], &[0, 60, 180], EventCondition::RetriesExhausted)]
#[case::success_at_last(|_: &mut EventConfig| (), &[Fails, Fails, Good], &[0, 60, 180], EventCondition::Success)]
#[case::one_retry(|c: &mut EventConfig| c.try_retries(1).unwrap(), &[Fails], &[0, 60], EventCondition::RetriesExhausted)]
#[case::no_retry(|c: &mut EventConfig| c.try_retries(0).unwrap(), &[Fails], &[0], EventCondition::RetriesExhausted)]
#[case::an_age_of_60_s_is_one_run(|c: &mut EventConfig| age(c, 60), &[Fails], &[0], EventCondition::EventAgeExceeded)]
#[case::an_age_of_90_s_is_two(|c: &mut EventConfig| age(c, 90), &[Fails], &[0, 60], EventCondition::EventAgeExceeded)]
#[case::an_age_of_180_s_is_two(|c: &mut EventConfig| age(c, 180), &[Fails], &[0, 60], EventCondition::EventAgeExceeded)]
#[case::an_age_of_181_s_is_three(|c: &mut EventConfig| age(c, 181), &[Fails], &[0, 60, 180], EventCondition::RetriesExhausted)]
#[case::a_throttle_does_not_count(|c: &mut EventConfig| c.try_retries(0).unwrap(), &[Throttled, Throttled, Fails], &[0, 1, 3], EventCondition::RetriesExhausted)]
#[case::waits_start_again_after_a_run(|_: &mut EventConfig| (), &[Throttled, Throttled, Fails, Throttled, Good], &[0, 1, 3, 63, 64], EventCondition::Success)]
#[case::a_throttled_event_ends_before_an_execution_that_would_be_too_late(|c: &mut EventConfig| age(c, 60), &[Throttled], &[0, 1, 3, 7, 15, 31], EventCondition::EventAgeExceeded)]
fn an_event_runs_at_its_scheduled_times(
    #[case] configure: fn(&mut EventConfig),
    #[case] steps: &[Step],
    #[case] times: &[u64],
    #[case] condition: EventCondition,
) {
    let delivery = delivered(configure, steps);
    assert_eq!(seconds(&delivery), times);
    assert_eq!(delivery.condition(), Some(condition));
}

#[test]
fn six_hours_of_throttling_are_80_executions_with_waits_up_to_5_minutes() {
    let delivery = delivered(|_: &mut EventConfig| (), &[Throttled]);
    let waits: Vec<u64> = delivery.waits().iter().map(Duration::as_secs).collect();
    assert_eq!(waits[..11], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    assert_eq!(waits.len() + 1, delivery.executions().len());
    assert_eq!(delivery.executions().len(), 80);
    assert_eq!(delivery.invoke_count(), 0);
    assert!(delivery.executions().last().unwrap().after() < Duration::from_secs(21_600));
    assert_eq!(delivery.condition(), Some(EventCondition::EventAgeExceeded));
}

#[test]
fn the_clock_advances_only_as_far_as_allowed() {
    let mut events = events(|_| ());
    accept(&mut events, "1");
    run(&mut events, &[Fails]);
    assert_eq!(events.now(), Moment::START);
    assert!(events.is_still());
    for (advanced, executions) in [(59, 1), (1, 2), (119, 2), (1, 3)] {
        let goal = events.advance(Duration::from_secs(advanced));
        assert!(!events.has_reached(goal) && events.has_due());
        run(&mut events, &[Fails]);
        assert!(events.has_reached(goal));
        assert_eq!(events.now(), goal);
        assert!(events.is_still());
        let delivery = &events.deliveries()[0];
        assert_eq!(delivery.executions().len(), executions);
    }
    assert_eq!(events.unsettled(), 0);
}

#[test]
fn the_clock_stands_still_while_something_runs() {
    let mut events = events(|_| ());
    accept(&mut events, "1");
    accept(&mut events, "2");
    let first = events.take_due().unwrap();
    let second = events.take_due().unwrap();
    events.executed(first.number, None, Fails.end());
    let goal = events.advance(Duration::from_secs(60));
    assert!(events.take_due().is_none(), "the second still runs");
    assert_eq!(events.now(), Moment::START);
    events.executed(second.number, None, Good.end());
    assert_eq!(events.take_due().unwrap().number, 1);
    assert_eq!(events.now(), goal);
}

#[test]
fn events_due_at_the_same_time_run_in_the_order_of_queueing() {
    let mut events = events(|_| ());
    for _ in 0..3 {
        accept(&mut events, "1");
    }
    run(&mut events, &[Fails]);
    events.advance(Duration::from_secs(60));
    let mut order = Vec::new();
    while let Some(due) = events.take_due() {
        order.push(due.number);
    }
    assert_eq!(order, [1, 2, 3]);
}

#[test]
fn a_changed_configuration_applies_to_queued_events() {
    let mut events = events(|_| ());
    accept(&mut events, "1");
    run(&mut events, &[Fails]);
    events.configs.entry(&target()).on_failure = to(QUEUE);
    events.configs.entry(&target()).try_retries(1).unwrap();
    events.settle();
    run(&mut events, &[Fails]);
    let delivery = &events.deliveries()[0];
    assert_eq!(seconds(delivery), [0, 60]);
    assert_eq!(delivery.record().unwrap().destination(), QUEUE);
}

#[test]
fn a_shortened_age_applies_before_the_next_execution() {
    let mut events = events(|_| ());
    accept(&mut events, "1");
    run(&mut events, &[Fails]);
    age(events.configs.entry(&target()), 60);
    events.settle();
    let due = events.take_due().unwrap();
    assert!(events.is_too_old(due.number));
    let ended = events.end(due.number, EventCondition::EventAgeExceeded);
    assert_eq!(ended.unwrap().executions().len(), 1);
}

#[test]
fn ended_events_over_the_limit_are_dropped_but_open_ones_never() {
    let limits = EventLimits {
        events: 2,
        bytes: 1 << 20,
    };
    let mut events = EventQueue::new(limits, false);
    for _ in 0..5 {
        accept(&mut events, "1");
    }
    run(&mut events, &[Good, Good, Good, Fails]);
    assert_eq!(events.deliveries().len(), 4);
    assert_eq!(events.unsettled(), 2);
}

#[test]
fn only_the_queued_events_of_the_function_count_toward_its_capacity() {
    let mut events = events(|config| config.capacity = Some(3));
    let other: Target = "g".parse().unwrap();
    events.configs.entry(&other).capacity = Some(1);
    let is_full = |events: &EventQueue<()>| [events.is_full(&target()), events.is_full(&other)];
    for _ in 0..3 {
        assert_eq!(is_full(&events), [false; 2]);
        accept(&mut events, "{}");
    }
    let qualified: Target = "f:live".parse().unwrap();
    assert_eq!(is_full(&events), [true, false]);
    assert!(
        events.is_full(&qualified),
        "the qualifiers share the queue of the function"
    );
    let due = events.take_due().unwrap();
    assert_eq!(
        is_full(&events),
        [false; 2],
        "an event that runs does not wait"
    );
    events.executed(due.number, None, Fails.end());
    assert_eq!(is_full(&events), [true, false], "its retry does");
    run(&mut events, &[Good]);
    assert_eq!(is_full(&events), [false; 2]);
    events.settle();
    run(&mut events, &[Good]);
    assert_eq!((events.unsettled(), is_full(&events)), (0, [false; 2]));
}

#[test]
fn a_record_is_written_as_recorded() {
    let delivery = delivered(|config| config.on_failure = to(QUEUE), &[Fails]);
    let record = delivery.record().unwrap();
    assert_eq!(
        record.text(),
        r#"{"version":"1.0","timestamp":"2025-01-01T00:03:00.000Z","requestContext":{"requestId":"0d1c","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"id": 7},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorMessage":"boom","errorType":"E"}}"#
    );
    assert_eq!(record.json()["requestPayload"]["id"], 7);
    assert_eq!(
        (record.event_bridge_event(), record.object_key()),
        (None, None)
    );
}

#[test]
fn a_success_has_no_function_error_and_goes_to_its_own_destination() {
    let configure = |config: &mut EventConfig| {
        config.on_success = to(BUS);
        config.on_failure = to(QUEUE);
        config.dead_letters = to(QUEUE);
    };
    let delivery = delivered(configure, &[Good]);
    assert_eq!(delivery.dead_letter(), None);
    assert_eq!(
        delivery.record().unwrap().event_bridge_event().unwrap(),
        r#"{"version":"0","id":"6f009ac7-76cc-4a7a-8452-d9ab557d0a9b","detail-type":"Lambda Function Invocation Result - Success","source":"lambda","account":"123456789012","time":"2025-01-01T00:00:00Z","region":"us-east-1","resources":["arn:aws:events:us-east-1:123456789012:event-bus/b","arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"],"detail":{"version":"1.0","timestamp":"2025-01-01T00:00:00.000Z","requestContext":{"requestId":"0d1c","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST","condition":"Success","approximateInvokeCount":1},"requestPayload":{"id": 7},"responseContext":{"statusCode":200,"executedVersion":"$LATEST"},"responsePayload":{"ok": true}}}"#
    );
}

#[test]
fn a_bucket_gets_an_object_named_by_function_and_time() {
    let delivery = delivered(|config| config.on_failure = to(BUCKET), &[Fails]);
    let key = delivery.record().unwrap().object_key();
    assert_eq!(
        key,
        Some(
            "aws/lambda/async/f/2025/01/01/2025-01-01T00.03.00-6f009ac7-76cc-4a7a-8452-d9ab557d0a9b"
        )
    );
}

#[test]
fn an_event_that_never_ran_has_no_response() {
    let configure = |config: &mut EventConfig| {
        age(config, 60);
        config.on_failure = to(QUEUE);
        config.dead_letters = to(QUEUE);
    };
    let delivery = delivered(configure, &[Throttled]);
    let text = delivery.record().unwrap().text();
    assert!(text.ends_with(r#""condition":"EventAgeExceeded","approximateInvokeCount":0},"requestPayload":{"id": 7}}"#), "{text}");
    let letter = delivery.dead_letter().unwrap();
    assert_eq!(
        (letter.error_code(), letter.error_message()),
        (429, "Rate Exceeded.")
    );
}

#[test]
fn a_dead_letter_is_the_sent_event_with_three_attributes() {
    let delivery = delivered(|config| config.dead_letters = to(QUEUE), &[Fails]);
    let letter = delivery.dead_letter().unwrap();
    assert_eq!(letter.destination(), QUEUE);
    assert_eq!(letter.body(), r#"{"id": 7}"#);
    assert_eq!(
        letter.attributes(),
        [
            ("RequestID", "String", "0d1c".to_owned()),
            ("ErrorCode", "Number", "200".to_owned()),
            ("ErrorMessage", "String", "boom".to_owned()),
        ]
    );
}

#[rstest]
#[case::nothing("", "{}")]
#[case::a_scalar("1e999", "1e999")]
#[case::a_byte_order_mark("\u{feff}[1]", "[1]")]
#[case::not_json("{no", r#""{no""#)]
fn a_record_contains_the_payload_as_json(#[case] payload: &'static str, #[case] text: &str) {
    let mut events = events(|config| config.on_success = to(QUEUE));
    accept(&mut events, payload);
    run(&mut events, &[Good]);
    let delivery = events.deliveries().remove(0);
    let record = delivery.record().unwrap().text().to_owned();
    let expected = format!(r#""requestPayload":{text},"responseContext""#);
    assert!(record.contains(&expected), "{record}");
}

#[test]
fn settling_that_has_ended_does_not_apply_to_an_event_accepted_later() {
    for earlier in [0, 1] {
        let mut events = events(|_| ());
        (0..earlier).for_each(|_| accept(&mut events, "1"));
        events.settle();
        if let Some(due) = events.take_due() {
            events.executed(due.number, None, Step::Ok.end());
            events.rest();
        }
        accept(&mut events, "2");
        run(&mut events, &[Step::Fails]);
        assert_eq!((events.unsettled(), events.now()), (1, Moment::START));
    }
}

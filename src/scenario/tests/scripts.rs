//! Rules, event configurations, constraints and chaos of every kind, and the method calls that
//! script them.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::replies::{delay, fault, json, reply, text};
use crate::api::fake::Handle;
use crate::aws::service_error::ServiceError;
use crate::aws::words::{InvocationType, LogType, Operation};
use crate::behavior::chaos::{AttemptPattern, Chaos, Effect, Hit, effect_of};
use crate::ground::location::Location;
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::reply::Reply;
use crate::request::matchers::{self, Condition};

/// A rule as the methods accept it.
#[derive(Clone, Debug)]
pub(super) struct RuleCase {
    target: Option<&'static str>,
    conditions: Vec<Condition>,
    steps: Vec<(Reply, Option<u64>)>,
    expected: [Option<(u64, Option<u64>)>; 4],
    name: Option<&'static str>,
}

const TARGETS: [&str; 8] = [
    "f",
    "f:live",
    "f:7",
    "f:$LATEST",
    "g",
    "arn:aws:lambda:us-east-1:123456789012:function:f:live",
    "function:123456789012:live",
    "eu-west-1:function:function",
];

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        json().prop_map(matchers::payload_is),
        json().prop_map(matchers::payload_partial),
        json().prop_map(matchers::client_context_partial),
        select(InvocationType::ALL).prop_map(matchers::invocation_type),
        select(LogType::ALL).prop_map(matchers::log_type),
        select(Operation::ALL).prop_map(matchers::operation),
        Just(matchers::signing_region("eu-west-1")),
        Just(matchers::access_key_id("AKIA")),
        select(vec!["blue", "red"]).prop_map(matchers::tenant_id),
        select(vec!["order-7", ""]).prop_map(matchers::durable_execution_name),
        text().prop_map(|text| matchers::header_contains("user-agent", text)),
        (1_u32..3).prop_map(matchers::attempt),
    ]
}

pub(super) fn rule() -> impl Strategy<Value = RuleCase> {
    let count = || option::of((0..3_u64, option::of(3..5_u64)));
    (
        option::weighted(0.9, select(TARGETS.to_vec())),
        vec(condition(), 0..3),
        vec((reply(), option::of(1..3_u64)), 1..4),
        [count(), count(), count(), count()],
        option::of(select(vec!["", "a \"name\""])),
    )
        .prop_map(|(target, conditions, steps, expected, name)| RuleCase {
            target,
            conditions,
            steps,
            expected,
            name,
        })
}

pub(super) fn declare(lambda: &Handle, declared: &[&str]) {
    for text in declared {
        match *text {
            "split" => {
                let alias = lambda.alias("f:live", "7").additional_version("8", 0.25);
                alias.additional_version("$LATEST", 0.1);
            }
            "plain" => drop(lambda.alias("g:live", "$LATEST")),
            version => lambda.publish_version(version),
        }
    }
}

/// Scripts the rule with method calls.
pub(super) fn script(lambda: &Handle, rule: &RuleCase) {
    let mut steps = rule.steps.iter().cloned();
    let (first, times) = steps.next().unwrap();
    let begun = rule
        .target
        .map_or_else(|| lambda.on_any(), |target| lambda.on(target));
    let begun = match rule.name {
        Some(name) => begun.named(name),
        None => begun,
    };
    let conditions = rule.conditions.iter().cloned();
    let mut script = conditions
        .fold(begun, |rule, condition| rule.when(condition))
        .reply(first);
    script = times.map_or_else(|| script.clone(), |times| script.times(times));
    for (reply, times) in steps {
        script = script.then(reply);
        script = times.map_or_else(|| script.clone(), |times| script.times(times));
    }
    let [calls, attempts, delivered, dead_lettered] = rule.expected;
    match calls {
        Some((least, Some(most))) => drop(script.expect_calls(least..=most)),
        Some((least, None)) => drop(script.expect_calls(least..)),
        None => {}
    }
    match attempts {
        Some((least, Some(_))) => drop(script.expect_attempts(least)),
        Some((most, None)) => drop(script.expect_attempts(..=most)),
        None => {}
    }
    if let Some((least, _)) = delivered {
        script.expect_delivered(least..);
    }
    if let Some((number, _)) = dead_lettered {
        script.expect_dead_lettered(number);
    }
}

/// An event configuration as the methods accept it.
#[derive(Clone, Debug)]
pub(super) struct ConfigCase {
    target: &'static str,
    retries: Option<u32>,
    age: Option<u64>,
    capacity: Option<usize>,
    arns: [Option<&'static str>; 3],
}

pub(super) fn config_case() -> impl Strategy<Value = ConfigCase> {
    let arn = || {
        option::of(select(vec![
            "arn:aws:sqs:us-east-1:123456789012:queue",
            "arn:aws:sns:us-east-1:123456789012:topic",
        ]))
    };
    (
        select(TARGETS.to_vec()),
        option::of(0..=2_u32),
        option::of(60..=21_600_u64),
        option::of(0..4_usize),
        [arn(), arn(), arn()],
    )
        .prop_map(|(target, retries, age, capacity, arns)| ConfigCase {
            target,
            retries,
            age,
            capacity,
            arns,
        })
}

pub(super) fn configure(lambda: &Handle, case: &ConfigCase) {
    let config = lambda.event_invoke_config(case.target);
    let [on_success, on_failure, dead_letter_queue] = case.arns;
    case.retries
        .map(|retries| config.maximum_retry_attempts(retries));
    case.age
        .map(|age| config.maximum_event_age(Duration::from_secs(age)));
    case.capacity.map(|events| config.queue_capacity(events));
    on_success.map(|arn| config.on_success(arn));
    on_failure.map(|arn| config.on_failure(arn));
    dead_letter_queue.map(|arn| config.dead_letter_queue(arn));
}

/// A constraint as the methods accept it; the time that a test takes changes none of them.
#[derive(Clone, Debug)]
pub(super) enum ConstraintCase {
    Denied,
    Required(bool),
    Reserved(u32),
    Account,
    Rate(bool, u32),
    Lasting(bool, Option<u64>),
    Starts(bool, Delay),
}

pub(super) fn any_constraint() -> impl Strategy<Value = ConstraintCase> {
    prop_oneof![
        Just(ConstraintCase::Denied),
        any::<bool>().prop_map(ConstraintCase::Required),
        select(vec![0, 20, 900]).prop_map(ConstraintCase::Reserved),
        Just(ConstraintCase::Account),
        (any::<bool>(), 1..60_u32)
            .prop_map(|(of_caller, burst)| ConstraintCase::Rate(of_caller, burst)),
        (any::<bool>(), option::of(1..3_u64))
            .prop_map(|(is_pending, attempts)| ConstraintCase::Lasting(is_pending, attempts)),
        (any::<bool>(), delay())
            .prop_map(|(is_cold, delay)| ConstraintCase::Starts(is_cold, delay)),
    ]
}

pub(super) fn constraint(lambda: &Handle, case: &ConstraintCase) {
    const HOUR: Duration = Duration::from_secs(3_600);
    match *case {
        ConstraintCase::Denied => lambda.deny("f:7"),
        ConstraintCase::Required(true) => lambda.require_tenant_id("g"),
        ConstraintCase::Required(false) => lambda.durable("g"),
        ConstraintCase::Reserved(executions) => lambda.reserve_concurrency("g", executions),
        ConstraintCase::Account => lambda.account_concurrency(1_000),
        ConstraintCase::Rate(true, burst) => lambda.rate_limit(0, burst),
        ConstraintCase::Rate(false, burst) => lambda.function_rate_limit("f", 1e-9, burst),
        ConstraintCase::Lasting(true, Some(attempts)) => lambda.pending("f:live", attempts),
        ConstraintCase::Lasting(true, None) => lambda.pending("h", HOUR),
        ConstraintCase::Lasting(false, Some(attempts)) => lambda.updating("f", attempts),
        ConstraintCase::Lasting(false, None) => lambda.updating("h", HOUR),
        ConstraintCase::Starts(true, delay) => lambda.cold_starts("f", delay),
        ConstraintCase::Starts(false, delay) => lambda.snap_start("f:7", 0, delay),
    };
}

/// A reply that is not a plain success, a fault that damages any reply, or a delay of any reply.
fn effect() -> BoxedStrategy<Effect> {
    let late = (fault(), delay()).prop_map(|(fault, delay)| Reply::from(fault).delay(delay));
    let is_accepted = |reply: &Reply| {
        let when = AttemptPattern::EveryNth(1);
        let chaos = Chaos::new().try_with(when, effect_of(reply.clone()), Location::here());
        chaos.is_ok()
    };
    let reply = prop_oneof![
        3 => reply().prop_filter("it succeeds", is_accepted),
        1 => late.prop_filter("its numbers are wrong", is_accepted),
        1 => Just(Fault::TruncateAfter(1).into()),
        1 => Just(ServiceError::ServiceException.into()),
    ];
    prop_oneof![5 => reply.prop_map(effect_of), 1 => delay().prop_map(effect_of)].boxed()
}

fn hit(target: &str, attempt: u64, what: Effect) -> Hit {
    Hit::try_new(target.parse().unwrap(), attempt, what, Location::here()).unwrap()
}

pub(super) fn chaos() -> impl Strategy<Value = Chaos> {
    let replay = [effect(), effect(), effect()].prop_map(|[one, other, keyed]| {
        let keyed = hit("f", 2, keyed).keyed_by_payload(r#"{"size": "xl", "n": 1}"#);
        Chaos::replay([hit("f", 3, one), hit("f:live", 1, other), keyed])
    });
    let whats = [effect(), effect(), effect(), effect(), effect()];
    let flags = (any::<bool>(), any::<bool>());
    let modes = (option::of(0..3_u64), flags, 0..3_u64, whats);
    let modes = modes.prop_map(|(seed, (is_scoped, is_keyed), spared, whats)| {
        let chaos = seed.map_or_else(Chaos::new, Chaos::seeded);
        let when = [
            AttemptPattern::Rate(0.1),
            AttemptPattern::EveryNth(5),
            AttemptPattern::Burst {
                rate: 0.05,
                attempts: 2,
            },
            AttemptPattern::Window((2..=3).into()),
            AttemptPattern::Ramp {
                from: 0.0,
                to: 0.5,
                attempts: 10,
            },
        ];
        let modes = when.into_iter().zip(whats);
        let chaos = modes.fold(chaos, |chaos, (when, what)| {
            chaos.try_with(when, what, Location::here()).unwrap()
        });
        let mut chaos = chaos.succeed_first(spared);
        if is_keyed {
            chaos = chaos.keyed_by_payload();
        }
        if is_scoped {
            chaos.on("f").on("g:live")
        } else {
            chaos
        }
    });
    prop_oneof![3 => modes, 1 => replay]
}

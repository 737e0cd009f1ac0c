use std::time::Duration;

use rstest::rstest;

use super::{Chaos, ChaosSet, Effect, Hit, Numbered};
use crate::aws::service_error::ServiceError;
use crate::aws::target::Target;
use crate::ground::location::Location;
use crate::reply::delay::Delay;
use crate::reply::fault::Fault;
use crate::reply::reply::Reply;

const ERROR: ServiceError = ServiceError::ServiceException;

/// A request's target, with region and account.
fn target(text: &str) -> Target {
    let target: Target = text.parse().unwrap();
    Target {
        region: target.region.or(Some("us-east-1".into())),
        account: target.account.or(Some("123456789012".into())),
        ..target
    }
}

/// An attempt of that number at its target, the first of its call.
fn numbered(target: &Target, at_target: u64) -> Numbered<'_> {
    Numbered {
        target,
        at_target,
        at_function: at_target,
        in_call: 1,
        payload: None,
    }
}

fn started(all: impl IntoIterator<Item = Chaos>) -> ChaosSet {
    let mut set = ChaosSet::new("us-east-1".into(), "123456789012".into());
    for chaos in all {
        set.add(chaos, 0, Location::here());
    }
    set
}

/// The hits among this many first attempts at a target.
fn hits_at(text: &str, attempts: u64, chaos: Chaos) -> Vec<Hit> {
    let (set, target) = (started([chaos]), target(text));
    let hits = (1..=attempts).filter_map(|attempt| set.draw(&numbered(&target, attempt), |_| true));
    hits.map(|drawn| (*drawn.hit).clone()).collect()
}

/// The numbers of the attempts that are hit.
fn numbers(attempts: u64, chaos: Chaos) -> Vec<u64> {
    let hits = hits_at("f", attempts, chaos);
    hits.iter().map(Hit::attempt).collect()
}

#[rstest]
#[case::every(Chaos::new().every_nth(3, ERROR), &[3, 6, 9], "every_nth 3")]
#[case::every_one(Chaos::new().every_nth(1, ERROR).succeed_first(8), &[9, 10], "every_nth 1")]
#[case::window(Chaos::new().window(4..=6, ERROR), &[4, 5, 6], "window 4 to 6")]
#[case::one(Chaos::new().window(2, ERROR), &[2], "window 2")]
#[case::from(Chaos::new().window(9.., ERROR), &[9, 10], "window at least 9")]
#[case::certain(Chaos::seeded(7).rate(1.0, ERROR).succeed_first(8), &[9, 10], "rate 1, seed 7")]
#[case::endless_bursts(Chaos::seeded(7).burst(1.0, 2, ERROR).succeed_first(9), &[10], "burst of 2 at rate 1, seed 7")]
#[case::ramp_down(Chaos::seeded(7).ramp(1.0..=0.0, 2, ERROR), &[1], "ramp 1 to 0 over 2, seed 7")]
#[case::replay(Chaos::replay([Hit::new("f", 4, ERROR), Hit::new("g", 5, ERROR)]), &[4], "replay")]
fn a_mode_hits_its_attempts_and_gives_the_reason(
    #[case] chaos: Chaos,
    #[case] attempts: &[u64],
    #[case] reason: &str,
) {
    let hits = hits_at("f", 10, chaos);
    let numbers: Vec<u64> = hits.iter().map(Hit::attempt).collect();
    assert_eq!(numbers, attempts);
    assert!(
        hits.iter().all(|hit| hit.reason() == reason),
        "{:?}",
        hits[0].reason()
    );
}

#[test]
fn a_rate_is_the_share_of_the_attempts_that_are_hit() {
    for seed in 0..20 {
        let hits = numbers(10_000, Chaos::seeded(seed).rate(0.1, ERROR)).len();
        assert!((900..1_100).contains(&hits), "seed {seed}: {hits}");
    }
}

#[test]
fn a_rate_of_zero_hits_nothing() {
    assert_eq!(numbers(10_000, Chaos::seeded(7).rate(0.0, ERROR)), [0; 0]);
}

#[test]
fn an_added_rate_does_not_change_the_hits_of_earlier_rates() {
    let alone = hits_at("f", 10_000, Chaos::seeded(7).rate(0.5, ERROR));
    let both = Chaos::seeded(7).rate(0.5, ERROR).rate(0.5, Fault::Reset);
    let (first, second): (Vec<_>, Vec<_>) = hits_at("f", 10_000, both)
        .into_iter()
        .partition(|hit| hit.to_string().contains("ServiceError"));
    assert_eq!(first, alone);
    assert_eq!(first.len() + second.len(), 10_000);
}

#[test]
fn a_burst_has_its_length_and_starts_at_its_rate() {
    let hits = numbers(100_000, Chaos::seeded(7).burst(0.001, 5, ERROR));
    let mut lengths = vec![1];
    for pair in hits.windows(2) {
        match pair[1] - pair[0] {
            1 => *lengths.last_mut().unwrap() += 1,
            _ => lengths.push(1),
        }
    }
    assert!((70..130).contains(&lengths.len()), "{}", lengths.len());
    assert!(lengths.iter().all(|length| *length >= 5), "{lengths:?}");
    assert!(lengths.iter().filter(|length| **length == 5).count() > lengths.len() / 2);
}

#[test]
fn a_ramp_rises_linearly_and_then_stays_constant() {
    let hits = numbers(30_000, Chaos::seeded(7).ramp(0.0..=0.5, 20_000, ERROR));
    let within = |from: u64, to: u64| hits.iter().filter(|hit| (from..to).contains(hit)).count();
    // The mean rates of the two halves are 1/8 and 3/8.
    assert!((1_150..1_350).contains(&within(0, 10_000)));
    assert!((3_600..3_900).contains(&within(10_000, 20_000)));
    assert!((4_850..5_150).contains(&within(20_000, 30_001)));
}

#[test]
fn hits_depend_on_seed_and_target_and_are_the_same_in_every_run() {
    let chaos = |seed| Chaos::seeded(seed).rate(0.2, ERROR);
    let at = |text, seed| {
        let hits = hits_at(text, 40, chaos(seed));
        hits.iter().map(Hit::attempt).collect::<Vec<_>>()
    };
    // Fixed values, because a seed in a user's test must keep its meaning.
    assert_eq!(at("f", 7), [12, 15, 20, 24, 26, 27, 32, 38]);
    let others = [
        at("f", 8),
        at("f:live", 7),
        at("f:$LATEST", 7),
        at("g", 7),
        at("eu-west-1:f", 7),
    ];
    for (index, other) in others.iter().enumerate() {
        assert_ne!(*other, at("f", 7), "{index}");
        assert!(!others[..index].contains(other), "{index}");
    }
}

#[test]
fn the_fakes_region_and_account_do_not_change_the_hits() {
    let mut elsewhere = ChaosSet::new("eu-west-1".into(), "210987654321".into());
    elsewhere.add(Chaos::seeded(7).rate(0.2, ERROR), 0, Location::here());
    let target = Target {
        region: Some("eu-west-1".into()),
        account: Some("210987654321".into()),
        ..target("f")
    };
    let hits = (1..=40).filter_map(|attempt| elsewhere.draw(&numbered(&target, attempt), |_| true));
    let hits: Vec<Hit> = hits.map(|drawn| (*drawn.hit).clone()).collect();
    assert_eq!(hits, hits_at("f", 40, Chaos::seeded(7).rate(0.2, ERROR)));
}

#[rstest]
#[case::the_function("f", &["f", "f:live"])]
#[case::a_qualifier("f:live", &["f:live"])]
#[case::unqualified("f:$LATEST", &["f"])]
fn chaos_on_a_target_hits_the_requests_that_a_rule_for_it_matches(
    #[case] on: &str,
    #[case] hit: &[&str],
) {
    let set = started([Chaos::new().every_nth(1, ERROR).on(on)]);
    let all = ["f", "f:live", "g"];
    let drawn = all
        .into_iter()
        .filter(|text| set.draw(&numbered(&target(text), 1), |_| true).is_some());
    assert_eq!(drawn.collect::<Vec<_>>(), hit);
}

#[test]
fn the_newest_chaos_that_hits_wins_and_a_stopped_one_does_not_hit() {
    let mut set = started([Chaos::new().every_nth(1, ERROR)]);
    let newer = set.add(Chaos::new().window(1, Fault::Reset), 0, Location::here());
    let code = |set: &ChaosSet, attempt| {
        set.draw(&numbered(&target("f"), attempt), |_| true)
            .unwrap()
            .hit
            .to_string()
    };
    assert_eq!(code(&set, 1), r#"Hit::new("f", 1, Fault::Reset)"#);
    assert_eq!(
        code(&set, 2),
        r#"Hit::new("f", 2, ServiceError::ServiceException)"#
    );
    set.stop(newer);
    assert_eq!(
        code(&set, 1),
        r#"Hit::new("f", 1, ServiceError::ServiceException)"#
    );
}

#[test]
fn two_chaos_with_one_seed_hit_different_attempts() {
    let chaos = || Chaos::seeded(7).rate(0.1, ERROR);
    let set = started([chaos(), chaos()]);
    let hits = (1..=10_000).filter(|attempt| {
        set.draw(&numbered(&target("f"), *attempt), |_| true)
            .is_some()
    });
    // 1 - 0.9 * 0.9 of all.
    assert!((1_750..2_050).contains(&hits.count()));
}

#[test]
fn chaos_without_a_seed_uses_the_seed_of_the_fake() {
    let mut set = ChaosSet::new("us-east-1".into(), "123456789012".into());
    set.add(Chaos::new().rate(0.2, ERROR), 7, Location::here());
    let hits = (1..=40).filter(|attempt| {
        set.draw(&numbered(&target("f"), *attempt), |_| true)
            .is_some()
    });
    assert_eq!(
        hits.collect::<Vec<_>>(),
        numbers(40, Chaos::seeded(7).rate(0.2, ERROR))
    );
}

#[rstest]
#[case::error(ERROR.into(), r#"Hit::new("f", 1, ServiceError::ServiceException)"#)]
#[case::throttle(
    Reply::error(ServiceError::TooManyRequestsException).reason("CallerRateLimitExceeded"),
    r#"Hit::new("f", 1, Reply::error(ServiceError::TooManyRequestsException).reason(ThrottleReason::CallerRateLimitExceeded))"#
)]
#[case::damage(Fault::TruncateAfter(5).into(), r#"Hit::new("f", 1, Fault::TruncateAfter(5))"#)]
#[case::paced(
    Fault::Dribble { bytes: 2, every: std::time::Duration::from_micros(1_500) }.into(),
    r#"Hit::new("f", 1, Fault::Dribble { bytes: 2, every: Duration::from_nanos(1500000) })"#
)]
fn a_hit_prints_as_the_code_that_makes_it(#[case] what: Reply, #[case] code: &str) {
    assert_eq!(Hit::new("f", 1, what).to_string(), code);
}

#[test]
fn a_hit_whose_effect_has_no_short_code_names_its_line() {
    let line = line!() + 1;
    let hit = Hit::new("f", 1, Reply::error(ERROR).message("mine"));
    let code = format!("Hit::new(\"f\", 1, /* written at src/behavior/chaos/tests.rs:{line}:");
    assert!(hit.to_string().starts_with(&code), "{hit}");
}

#[test]
fn a_hit_of_another_region_names_its_arn_and_is_replayed_there() {
    let elsewhere = "arn:aws:lambda:eu-west-1:123456789012:function:f:live";
    let hits = hits_at(elsewhere, 1, Chaos::new().every_nth(1, ERROR));
    assert_eq!(hits[0].target(), elsewhere);
    let code = Hit::new(hits[0].target(), 1, ERROR);
    assert_eq!(hits_at(elsewhere, 1, Chaos::replay([code])), hits);
    assert_eq!(hits_at("f:live", 1, Chaos::replay(hits)), []);
}

/// The payloads, sorted, whose calls are hit at their first attempt if they arrive in this order.
fn hit_payloads(payloads: &[String], chaos: Chaos) -> Vec<String> {
    let (set, target) = (started([chaos]), target("f"));
    let hit = payloads.iter().zip(1..).filter(|(payload, at_target)| {
        let attempt = Numbered {
            payload: Some(payload.as_str().into()),
            ..numbered(&target, *at_target)
        };
        set.draw(&attempt, |_| true).is_some()
    });
    let mut hit: Vec<String> = hit.map(|(payload, _)| payload.clone()).collect();
    hit.sort();
    hit
}

#[test]
fn keyed_by_payload_the_order_of_arrival_changes_nothing() {
    let chaos = || Chaos::seeded(7).rate(0.2, ERROR);
    let payloads: Vec<String> = (1..=40).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
    let reversed: Vec<String> = payloads.iter().rev().cloned().collect();
    let hit = hit_payloads(&payloads, chaos().keyed_by_payload());
    // Literal ids, since a seed in a user's test must keep its meaning.
    let expected = [16, 22, 25, 33, 34, 3, 5, 8].map(|id| format!(r#"{{"id":{id}}}"#));
    assert_eq!(hit, expected);
    assert_eq!(hit, hit_payloads(&reversed, chaos().keyed_by_payload()));
    assert_ne!(
        hit_payloads(&payloads, chaos()),
        hit_payloads(&reversed, chaos())
    );
}

#[test]
fn keyed_by_payload_a_rate_is_the_share_of_the_payloads() {
    let payloads: Vec<String> = (0..10_000).map(|id| id.to_string()).collect();
    let hit = hit_payloads(
        &payloads,
        Chaos::seeded(7).rate(0.1, ERROR).keyed_by_payload(),
    );
    assert!((900..1_100).contains(&hit.len()), "{}", hit.len());
}

#[rstest]
#[case::json(r#"{"b": 1, "a": [1, 2]}"#, r##"r#"{"a":[1,2],"b":1}"#"##)]
#[case::empty("", r#"r"{}""#)]
#[case::hashes(r##"{"a":"\"#"}"##, r####"r##"{"a":"\"#"}"##"####)]
#[case::not_json("a", r#"r"a""#)]
fn a_hit_prints_its_payload_as_code(#[case] payload: &str, #[case] code: &str) {
    let hit = Hit::new("f", 1, Fault::Reset).keyed_by_payload(payload);
    let expected = format!(r#"Hit::new("f", 1, Fault::Reset).keyed_by_payload({code})"#);
    assert_eq!(hit.to_string(), expected);
}

#[test]
fn a_hit_names_the_length_and_the_start_of_a_long_payload() {
    let payload = format!(r#"{{"text":"{}"}}"#, "é".repeat(1_000));
    let hit = Hit::new("f", 1, Fault::Reset).keyed_by_payload(&payload);
    let start = format!(r#"{{"text":"{}…"#, "é".repeat(25));
    let expected =
        format!(r#"Hit::new("f", 1, Fault::Reset).keyed_by_payload(/* 2011 bytes: {start} */)"#);
    assert_eq!(hit.to_string(), expected);
}

#[test]
fn a_drawn_delay_is_settled_by_the_hit_and_replayed() {
    let (short, long) = (Duration::from_millis(5), Duration::from_millis(50));
    let hits = hits_at(
        "f",
        10,
        Chaos::seeded(7).every_nth(5, Delay::from(short..long)),
    );
    let Effect::Delay(delay) = hits[0].what() else {
        panic!("{hits:?}")
    };
    let drawn = delay.drawn(0);
    assert!((short..long).contains(&drawn), "{drawn:?}");
    let code = format!(
        r#"Hit::new("f", 5, Delay::from(Duration::from_nanos({})))"#,
        drawn.as_nanos()
    );
    assert_eq!(hits[0].to_string(), code);
    assert_eq!(
        hits[0].reason(),
        format!("delay {drawn:?}, every_nth 5, seed 7")
    );
    assert_ne!(
        format!("{:?}", hits[1].what()),
        format!("{:?}", hits[0].what())
    );
    assert_eq!(hits_at("f", 10, Chaos::replay(hits.clone())), hits);
}

mod shrinking {
    use super::{Chaos, ERROR, Hit};
    use crate::behavior::chaos::Shrink;

    fn hits(attempts: impl IntoIterator<Item = u64>) -> Vec<Hit> {
        let attempts = attempts.into_iter();
        attempts
            .map(|attempt| Hit::new("f", attempt, ERROR))
            .collect()
    }

    /// The remaining hits of the first `many`, and the number of runs, if `fails` decides which
    /// lists fail.
    fn shrunk(many: u64, fails: impl Fn(&[u64]) -> bool) -> (Vec<u64>, usize) {
        let mut shrink = Chaos::shrink(hits(1..=many));
        let mut runs = 0;
        while let Some(chaos) = shrink.next_run() {
            runs += 1;
            let run: Vec<u64> = super::numbers(many, chaos);
            shrink.failed(fails(&run));
        }
        (shrink.hits().iter().map(Hit::attempt).collect(), runs)
    }

    #[test]
    fn a_planted_pair_is_found_among_a_hundred() {
        for (first, second) in [(1, 2), (1, 100), (37, 62), (50, 51), (99, 100)] {
            let (left, runs) = shrunk(100, |run| run.contains(&first) && run.contains(&second));
            assert_eq!(left, [first, second]);
            assert!(runs < 80, "{runs} runs for {first} and {second}");
        }
    }

    #[test]
    fn the_shrunk_list_fails_but_not_without_any_one_hit() {
        // Three consecutive hits fail, as with a call of three attempts; so do any five.
        let fails =
            |run: &[u64]| run.len() >= 5 || run.windows(3).any(|three| three[2] - three[0] == 2);
        let (left, _) = shrunk(30, fails);
        assert!(fails(&left), "{left:?}");
        for index in 0..left.len() {
            let mut less = left.clone();
            less.remove(index);
            assert!(!fails(&less), "{left:?} without {}", left[index]);
        }
    }

    #[test]
    fn a_single_hit_is_found() {
        assert_eq!(shrunk(64, |run| run.contains(&41)).0, [41]);
        assert_eq!(shrunk(1, |run| run.contains(&1)).0, [1]);
    }

    #[test]
    fn all_hits_stay_if_all_matter() {
        assert_eq!(shrunk(9, |run| run.len() == 9).0.len(), 9);
    }

    #[test]
    fn a_test_that_fails_without_hits_shrinks_to_no_hits() {
        assert_eq!(shrunk(64, |_| true), (vec![], 2));
        assert_eq!(shrunk(0, |_| true), (vec![], 1));
    }

    #[test]
    #[should_panic(expected = "the test does not fail with the whole list (3 hits)")]
    fn a_list_that_does_not_fail_panics() {
        shrunk(3, |_| false);
    }

    #[test]
    #[should_panic(expected = "was called again before the last run ended")]
    fn a_second_run_before_the_first_is_reported_panics() {
        let mut shrink: Shrink = Chaos::shrink(hits(1..=3));
        let _ = shrink.next_run();
        let _ = shrink.next_run();
    }

    #[test]
    #[should_panic(expected = "`failed` was called without a run")]
    fn a_report_without_a_run_panics() {
        Chaos::shrink(hits(1..=3)).failed(true);
    }
}

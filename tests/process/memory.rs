//! The memory that the journal keeps for calls of any kind, measured as the growth of a process,
//! which Linux reports.

use std::fs;

use fake_lambda::{FakeLambda, Invocation};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde_json::json;

use crate::alone::{ROLE, role, run, this_test};
use crate::raw::Client;

const CAP: usize = 6 * 1024 * 1024;

/// How much is sent, as a multiple of the cap.
const TIMES_CAP: usize = 2;

/// The sizes of each call of a mix: of its head, its payload and its computed reply in bytes, and
/// its attempts.
type Mix = Vec<[usize; 4]>;

fn mixes() -> impl Strategy<Value = Mix> {
    let head = prop_oneof![0..200_usize, 1_000..60_000_usize];
    let payload = prop_oneof![0..100_usize, 1_000..200_000_usize];
    let reply = prop_oneof![0..100_usize, 1_000..200_000_usize];
    let attempts = prop_oneof![4 => Just(1_usize), 1 => 2..6_usize, 1 => 100..2_000_usize];
    let call = (head, payload, reply, attempts);
    let call = call.prop_map(|(head, payload, reply, attempts)| match attempts {
        // Many attempts of one call must be small, or one call would be larger than the cap.
        100.. => [head.min(100), payload.min(100), reply.min(100), attempts],
        _ => [head, payload, reply, attempts],
    });
    prop_oneof![
        proptest::collection::vec(call, 1..6),
        // Mixes of one kind of call each.
        Just(vec![[10_000, 0, 0, 1]]),
        Just(vec![[0, 20_000, 0, 1]]),
        Just(vec![[0, 0, 20_000, 1]]),
        Just(vec![[0, 0, 0, 1]]),
        Just(vec![[0, 0, 0, 3]]),
    ]
}

#[test]
fn memory_stays_within_the_cap_and_a_tenth_for_any_mix() {
    if let Some(mix) = role() {
        return keeps(&mix);
    }
    let config = ProptestConfig {
        cases: 10,
        failure_persistence: None,
        max_shrink_iters: 0,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    };
    let test = this_test!();
    proptest!(config, |(mix in mixes())| {
        let ended = run(test, &serde_json::to_string(&mix).unwrap(), |_| {});
        ended.succeeded();
        let grown = ended.stdout.lines().find_map(|line| line.strip_prefix("grown: "));
        let grown: usize = grown.unwrap().parse().unwrap();
        prop_assert!(grown <= CAP + CAP / 10, "{grown} bytes are kept\n{ended}");
    });
}

/// Sends the calls of the mix in turn until `TIMES_CAP` times the cap is sent, and prints by how
/// many bytes the process has grown.
fn keeps(mix: &str) {
    let mix: Mix = serde_json::from_str(mix).unwrap_or_else(|_| panic!("{ROLE} is a mix"));
    let lambda = FakeLambda::builder()
        .journal_calls(usize::MAX)
        .journal_bytes(CAP)
        .start();
    lambda.on("f").handle(async |invocation: Invocation| {
        let length = invocation.header("x-reply").unwrap().parse().unwrap();
        json!("x".repeat(length))
    });
    let mut client = Client::connect(&lambda);
    let mut requests = mix.iter().map(|[head, payload, reply, _]| {
        format!(
            "POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nX-Reply: {reply}\r\nX-Long: {}\r\nContent-Length: {}\r\n",
            "y".repeat(*head),
            payload + 2
        )
    });
    let heads: Vec<String> = requests.by_ref().collect();
    let bodies: Vec<String> = mix
        .iter()
        .map(|[_, payload, _, _]| format!("\r\n\"{}\"", "z".repeat(*payload)))
        .collect();
    // Allocates the client's buffers and the allocator's first pages before the measurement.
    for (head, body) in heads.iter().zip(&bodies) {
        client.send(format!("{head}{body}").as_bytes());
        client.read_reply();
    }
    let before = resident_bytes();
    let mut sent = 0;
    let mut number = 0;
    while sent < TIMES_CAP * CAP {
        for (index, sizes) in mix.iter().enumerate() {
            number += 1;
            for _ in 0..sizes[3] {
                let id = format!("Amz-Sdk-Invocation-Id: {number}\r\n");
                client.send(format!("{}{id}{}", heads[index], bodies[index]).as_bytes());
                client.read_reply();
                // An attempt takes about 2 KiB in addition to what was sent.
                sent += 2_048 + sizes[..3].iter().sum::<usize>();
            }
        }
    }
    lambda.wait_until_idle().block();
    println!("\ngrown: {}", resident_bytes().saturating_sub(before));
    println!("kept: {} calls", lambda.calls().len());
}

fn resident_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
    kib.parse::<usize>().unwrap() * 1_024
}

//! Request ids and trace ids.

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::invoke;
use crate::raw::Client;
use crate::transport::FakeLambda;

#[test]
fn a_request_id_is_a_lower_case_uuid_of_version_4_and_new_for_each_attempt() {
    let lambda = FakeLambda::start_with(|builder| builder.allow_unscripted());
    lambda.on("f").reply(json!(1));
    let mut client = Client::connect(&lambda);
    let mut seen = HashSet::new();
    let labels = ["f", "f", "f:live", "g", "f!", "f"];
    for label in labels {
        let reply = client.invoke(label, "", b"{}");
        let id = reply.field("x-amzn-RequestId").unwrap();
        assert!(is_uuid_4(id), "{id}");
        assert!(seen.insert(id.to_owned()), "{id} came twice");
    }
    let told = lambda.journal().calls();
    let told: HashSet<_> = told
        .iter()
        .map(|call| call.first().request_id().to_owned())
        .collect();
    assert_eq!(told, seen);
}

#[test]
fn requests_to_other_regions_and_accounts_and_invalid_ones_have_ids_of_their_own() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let mut client = Client::connect(&lambda);
    let mut ids = Vec::new();
    for (region, account) in [
        ("us-east-1", "123456789012"),
        ("us-east-1", "999999999999"),
        ("eu-west-1", "123456789012"),
    ] {
        let label = format!("arn%3Aaws%3Alambda%3A{region}%3A{account}%3Afunction%3Af");
        let reply = client.invoke(&label, "", b"{}");
        ids.push(reply.field("x-amzn-RequestId").unwrap().to_owned());
    }
    // Two attempts of one call.
    for fields in ["amz-sdk-invocation-id: 1f2e\r\n"; 2] {
        let reply = client.invoke("f!", fields, b"{}");
        ids.push(reply.field("x-amzn-RequestId").unwrap().to_owned());
    }
    let different: HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "{ids:#?}");
    lambda.try_verify().unwrap_err();
}

#[test]
fn request_ids_depend_on_the_seed_and_the_attempts_at_the_target() {
    let ids = |seed: u64, others: usize| {
        let lambda = FakeLambda::start_with(|builder| builder.seed(seed));
        lambda.on_any().reply(json!(1));
        let mut client = Client::connect(&lambda);
        for _ in 0..others {
            client.invoke("g", "", b"{}");
        }
        [(); 3].map(|()| {
            client
                .invoke("f", "", b"{}")
                .field("x-amzn-RequestId")
                .unwrap()
                .to_owned()
        })
    };
    assert_eq!(ids(7, 0), ids(7, 0));
    assert_eq!(
        ids(7, 0),
        ids(7, 2),
        "calls of another function change nothing"
    );
    let different: HashSet<_> = ids(7, 0).into_iter().chain(ids(8, 0)).collect();
    assert_eq!(different.len(), 6);
}

#[test]
fn a_trace_id_has_the_form_of_2025_and_begins_with_the_time() {
    let lambda = FakeLambda::start();
    lambda.on("f").reply(json!(1));
    let before = seconds_now();
    let reply = invoke(&lambda, "f", "", b"{}");
    let after = seconds_now();
    let trace = reply.field("X-Amzn-Trace-Id").unwrap();
    let shape: String = trace
        .chars()
        .map(|c| {
            if c.is_ascii_hexdigit() && !c.is_ascii_uppercase() {
                'x'
            } else {
                c
            }
        })
        .collect();
    // `Parent`, `Sampled` and `Lineage` also contain letters that are hexadecimal digits.
    assert_eq!(
        shape,
        "Root=x-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx;Pxrxnt=xxxxxxxxxxxxxxxx;Sxmplxx=x;Linxxgx=x:xxxxxxxx:x"
    );
    assert!(
        trace.contains(";Parent=")
            && trace.contains(";Sampled=0;Lineage=1:")
            && trace.ends_with(":0"),
        "{trace}"
    );
    let root = trace.strip_prefix("Root=1-").unwrap();
    let seconds = u64::from_str_radix(&root[..8], 16).unwrap();
    assert!((before..=after).contains(&seconds), "{trace}");
}

fn is_uuid_4(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => b"89ab".contains(&byte),
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

fn seconds_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[test]
fn a_valid_request_id_of_the_client_is_used() {
    let lambda = FakeLambda::start();
    lambda
        .on("f")
        .handle(async |invocation: fake_lambda::Invocation| json!(invocation.request_id()));
    let id = "0A1b2c3d-0000-4000-8000-00000000ffff";
    let reply = invoke(&lambda, "f", &format!("x-amzn-RequestId: {id}\r\n"), b"{}");
    assert_eq!(
        (reply.field("x-amzn-RequestId"), reply.text()),
        (Some(id), &*format!("\"{id}\""))
    );

    let reply = invoke(&lambda, "f", "x-amzn-RequestId: seven\r\n", b"{}");
    assert_eq!(
        (reply.status(), reply.field("x-amzn-RequestId")),
        (400, Some("seven"))
    );
    assert_eq!(
        reply.text(),
        "{\"Type\":\"User\",\"message\":\"Invalid Request ID: The 'x-amzn-RequestId' header must be a valid UUID format string.\"}"
    );
}

//! Valid HTTP requests that are not Invoke requests.

use rstest::rstest;
use serde_json::Value;

use super::{OK, all_bytes, entries, request, start, still_answers};
use crate::raw::{Client, Reply};

#[rstest]
#[case::the_root("GET", "/")]
#[case::another_path("POST", "/2015-03-31/functions")]
#[case::another_operation("POST", "/2015-03-31/functions/f/versions")]
#[case::another_date("POST", "/2016-03-31/functions/f/invocations")]
#[case::more_path_after_it("POST", "/2015-03-31/functions/f/invocations/1")]
#[case::no_function("POST", "/2015-03-31/functions//invocations")]
#[case::a_doubled_slash_in_front("POST", "//2015-03-31/functions/f/invocations")]
#[case::a_doubled_slash_inside("POST", "/2015-03-31/functions/f//invocations")]
#[case::a_doubled_slash_at_the_end("POST", "/2015-03-31/functions/f/invocations//")]
#[case::put("PUT", "/2015-03-31/functions/f/invocations")]
#[case::post_in_lower_case("post", "/2015-03-31/functions/f/invocations")]
#[case::options("OPTIONS", "*")]
fn a_request_that_is_not_invoke_is_denied_and_reported(#[case] method: &str, #[case] target: &str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(format!("{method} {target} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes());
    let reply = client.read_reply();
    assert_eq!(reply.head.lines().next(), Some("HTTP/1.1 403 Forbidden"));
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("AccessDeniedException")
    );
    assert_eq!(
        String::from_utf8(reply.body).unwrap(),
        r#"{"Message":"Unable to determine service/operation name to be authorized"}"#
    );
    // The connection stays open, and the body was read.
    client.send(&request("f", "{}"));
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(
        entries(&lambda)[0],
        format!("{method} {target} → 403 AccessDeniedException (not an Invoke request)")
    );
    lambda.assert_calls(1);
    let report = lambda.try_verify().unwrap_err().to_string();
    let told = format!(
        "journal entry 1 was not an Invoke request and got 403 AccessDeniedException: {method} {target}\n"
    );
    assert!(report.contains(&told), "{report}");
}

#[rstest]
#[case::of_the_root("/")]
#[case::of_an_invoke_path("/2015-03-31/functions/f/invocations")]
fn no_body_follows_the_reply_to_head(#[case] target: &str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(format!("HEAD {target} HTTP/1.1\r\n\r\n").as_bytes());
    client.send(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
    let bytes = all_bytes(&mut client);
    let heads: Vec<_> = bytes.split_inclusive("\r\n\r\n").collect();
    assert_eq!(heads.len(), 2, "{bytes}");
    for head in heads {
        assert!(head.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{bytes}");
        let is_there = |length: &str| head.contains(&format!("\r\nContent-Length: {length}\r\n"));
        assert!(is_there("73") || is_there("130"), "{bytes}");
        assert!(head.ends_with("\r\n\r\n"), "{bytes}");
    }
    assert!(lambda.try_verify().is_err());
}

#[rstest]
#[case::a_slash_at_the_end("/2015-03-31/functions/f/invocations/")]
#[case::an_escaped_letter("/2015-03-31/functions/%66/invocations")]
#[case::a_query_without_a_qualifier("/2015-03-31/functions/f/invocations?a=b&c")]
#[case::an_empty_query("/2015-03-31/functions/f/invocations/?")]
fn every_spelling_of_the_invoke_path_is_accepted(#[case] target: &str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(format!("POST {target} HTTP/1.1\r\n\r\n").as_bytes());
    assert_eq!(client.read_reply().stable(), OK);
    assert_eq!(
        entries(&lambda),
        ["f RequestResponse (empty) attempt 1 → 200 {\"ok\":true}"]
    );
}

#[rstest]
#[case::not_hexadecimal("%zz")]
#[case::cut_off("f%2")]
#[case::not_utf_8("%ff")]
fn an_invalid_percent_escape_is_refused_as_an_invalid_name(#[case] name: &str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(&request(name, "{}"));
    let reply = client.read_reply();
    assert_eq!(
        (reply.status(), reply.field("x-amzn-ErrorType")),
        (400, Some("ValidationException"))
    );
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let shown = name.replace("%ff", "\u{fffd}");
    let start = format!(
        "1 validation error detected: Value '{shown}' at 'functionName' failed to satisfy constraint: "
    );
    let message = body["message"].as_str().unwrap();
    assert!(message.starts_with(&start), "{message}");
    let entry = format!("{shown} RequestResponse {{}} attempt 1 → 400 ValidationException");
    assert_eq!(entries(&lambda), [entry]);
    assert!(lambda.try_verify().is_err());
}

#[rstest]
#[case::asynchronous("/2014-11-13/functions/f/invoke-async", "InvokeAsync")]
#[case::asynchronous_with_a_slash("/2014-11-13/functions/f/invoke-async/", "InvokeAsync")]
fn an_unsupported_operation_gets_a_501(#[case] target: &str, #[case] operation: &str) {
    let lambda = start();
    let mut client = Client::connect(&lambda);
    client.send(format!("POST {target} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes());
    let reply: Reply = client.read_reply();
    assert_eq!(
        reply.head.lines().next(),
        Some("HTTP/1.1 501 Not Implemented")
    );
    assert_eq!(reply.field("x-amzn-ErrorType"), Some("FakeLambdaNotFaked"));
    assert_eq!(
        String::from_utf8(reply.body).unwrap(),
        format!(r#"{{"Message":"fake-lambda does not fake {operation}"}}"#)
    );
    still_answers(&lambda);
    assert_eq!(
        entries(&lambda)[0],
        format!("f → 501 FakeLambdaNotFaked ({operation} is not faked)")
    );
    let report = lambda.try_verify().unwrap_err().to_string();
    let told = format!(
        "journal entry 1 used `{operation}`, which is not faked, and got 501 FakeLambdaNotFaked: f\n  \
         help: call `Invoke`, or keep this request out of the test\n"
    );
    assert!(report.contains(&told), "{report}");
}

//! The facts of the service model about the two operations, as far as a reply can show them.

use fake_lambda::{Chunks, FunctionError, Invocation, Reply, ServiceError, ThrottleReason};
use serde_json::{Value, json};

use super::case::{Case, recorded, start};
use super::json::Json;
use crate::raw;
use crate::streams::messages;

recorded! {
    has_these_errors: model_errors_invoke;
    has_these_errors_before_a_stream: model_errors_invokewithresponsestream;
    has_these_events: model_stream_response;
    has_these_reasons: model_throttle_reasons;
    checks_by_these_patterns: model_patterns;
    reads_these_fields: model_invoke_request_headers;
}

fn has_these_errors(case: &Case) {
    let modeled: Vec<_> = ServiceError::ALL
        .iter()
        .filter(|error| error.modeled())
        .collect();
    let errors = case.at("observed.errors").items();
    assert_eq!(
        Some(errors.len() as u64),
        case.at("observed.count").number()
    );
    assert_eq!(modeled.len(), errors.len());
    let lambda = start();
    let mut client = raw::Client::connect(&lambda);
    for fact in errors {
        let name = fact.at("name").unwrap().text().unwrap();
        let error = **modeled
            .iter()
            .find(|error| error.code() == name)
            .unwrap_or_else(|| panic!("there is no {name}"));
        let members = fact.at("body_members").unwrap().items();
        let members: Vec<_> = members.iter().filter_map(Json::text).collect();
        let mut reply = Reply::error(error);
        // Members that a reply has only if a script sets them.
        if members.contains(&"Reason") {
            reply = reply
                .reason(ThrottleReason::CallerRateLimitExceeded)
                .retry_after(std::time::Duration::from_secs(1));
        }
        if members.contains(&"EC2ErrorCode") {
            reply = reply.ec2_error_code("Client.Unknown");
        }
        lambda.on("f").reply(reply);
        let reply = client.invoke("f", "", b"{}");
        assert_eq!(
            Some(u64::from(reply.status())),
            fact.at("http").unwrap().number(),
            "{name}"
        );
        assert_eq!(reply.field("x-amzn-ErrorType"), Some(name));
        let body = Json::parse(&reply.body);
        let (mut sent, mut modeled) = (body.names(), members);
        sent.sort_unstable();
        modeled.sort_unstable();
        assert_eq!(sent, modeled, "{name}");
        for (_, field) in fact.at("header_members").unwrap().members() {
            assert!(reply.field(field.text().unwrap()).is_some(), "{reply}");
        }
    }
}

/// Each error has the status of the model, and the same bytes as if Invoke returned it.
fn has_these_errors_before_a_stream(case: &Case) {
    let errors = case.at("observed.errors").items();
    let count = case.at("observed.count").number();
    assert_eq!(Some(errors.len() as u64), count);
    let lambda = start();
    let mut client = raw::Client::connect(&lambda);
    for fact in errors {
        let name = fact.at("name").unwrap().text().unwrap();
        let error: ServiceError = name.parse().unwrap();
        lambda.on("f").reply(error);
        client.send_streamed("f", &[]);
        let streamed = client.read_reply();
        let status = fact.at("http").unwrap().number();
        assert_eq!(Some(u64::from(streamed.status())), status, "{name}");
        let invoked = client.invoke("f", "", b"");
        assert_eq!(streamed.masked(), invoked.masked());
    }
}

fn has_these_events(case: &Case) {
    let lambda = start();
    let chunks = Chunks::new()
        .send("Hel")
        .fail(FunctionError::new("E", "boom"));
    lambda.on("f").reply(Reply::stream(chunks));
    let mut client = raw::Client::connect(&lambda);
    client.send_streamed("f", &["X-Amz-Log-Type: Tail"]);
    let reply = client.read_reply();
    let response = case.at("observed.response");
    for member in ["ExecutedVersion", "ResponseStreamContentType"] {
        let place = response.at(member).unwrap().items();
        let field = place[1].text().unwrap();
        assert!(reply.field(field).is_some(), "{field}");
    }
    let messages = messages(&reply.body);
    let events = case.at("observed.events");
    let names = messages
        .iter()
        .map(|message| message.split_once(": ").unwrap().0);
    assert!(names.eq(events.names()), "{messages:?}");
    let end = Json::parse(messages[1].split_once(": ").unwrap().1.as_bytes());
    assert_eq!(end.names(), events.at("InvokeComplete").unwrap().names());
}

fn has_these_reasons(case: &Case) {
    let lambda = start();
    for reason in case.at("observed.ThrottleReason").items() {
        let reason = reason.text().unwrap();
        lambda
            .on("f")
            .reply(Reply::error(ServiceError::TooManyRequestsException).reason(reason));
        let reply = raw::invoke(&lambda, "f", &[], "{}");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["Reason"], reason);
    }
}

fn checks_by_these_patterns(case: &Case) {
    let lambda = start();
    lambda.on("f").reply(json!(1));
    let names = case.at("observed.NamespacedFunctionName");
    let qualifiers = case.at("observed.NumericLatestPublishedOrAliasQualifier");
    let words = |member: &str| {
        let set = case
            .at("observed")
            .at(member)
            .and_then(|set| set.at("enum"))
            .unwrap();
        set.items()
            .iter()
            .filter_map(Json::text)
            .collect::<Vec<_>>()
    };
    let message = |label: &str, fields: &str| {
        let reply = raw::Client::connect(&lambda).invoke(label, fields, b"{}");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        body["message"].as_str().unwrap().to_owned()
    };
    for (label, limits) in [("f!", names), ("f?Qualifier=!", qualifiers)] {
        let pattern = limits.at("pattern").unwrap().text().unwrap();
        assert!(message(label, "").ends_with(pattern));
    }
    let too_long =
        |limits: &Json| "a".repeat(limits.at("max").unwrap().number().unwrap() as usize + 1);
    assert!(message(&too_long(names), "").contains("at 'functionName'"));
    let label = format!("f?Qualifier={}", too_long(qualifiers));
    assert!(message(&label, "").contains("at 'qualifier'"));
    for (member, field) in [
        ("InvocationType", "X-Amz-Invocation-Type"),
        ("LogType", "X-Amz-Log-Type"),
    ] {
        for word in words(member) {
            let reply = raw::invoke(&lambda, "f", &[&format!("{field}: {word}")], "{}");
            assert!(reply.status() < 300, "{reply}");
        }
        let text = message("f", &format!("{field}: Nope\r\n"));
        for word in words(member) {
            assert!(text.contains(word), "{text}");
        }
    }
}

fn reads_these_fields(case: &Case) {
    let field_of = |member: &str| {
        let place = case.at("observed").at(member).unwrap().items();
        place[1].text().unwrap()
    };
    let lambda = start();
    lambda.on("f").handle(async |inv: Invocation| {
        json!([
            inv.function_name(),
            inv.invocation_type().as_ref(),
            inv.log_type().as_ref(),
            inv.client_context(),
            inv.durable_execution_name(),
            inv.payload_json(),
            inv.qualifier(),
            inv.tenant_id(),
        ])
    });
    let fields = [
        ("InvocationType", "RequestResponse"),
        ("LogType", "Tail"),
        ("ClientContext", "e30="),
        ("DurableExecutionName", "durable"),
        ("TenantId", "tenant"),
    ];
    let fields: String = fields
        .iter()
        .map(|(member, value)| format!("{}: {value}\r\n", field_of(member)))
        .collect();
    let label = format!("f?{}=live", field_of("Qualifier"));
    let reply = raw::Client::connect(&lambda).invoke(&label, &fields, b"[1]");
    assert_eq!(
        reply.text(),
        r#"["f","RequestResponse","Tail",{},"durable",[1],"live","tenant"]"#
    );
    assert_eq!(
        case.at("observed").names().len(),
        8,
        "a member that the fake does not read"
    );
}

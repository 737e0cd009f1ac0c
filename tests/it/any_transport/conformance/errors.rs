//! Service errors of an existing function: throttles, conflicts, keys, file systems, permissions.

use fake_lambda::{Reply, ServiceError, ThrottleReason};
use serde_json::Value;

use super::case::{Case, filled, recorded, start};
use crate::raw;

recorded! {
    throttles: throttle_reserved_zero_1 throttle_reserved_busy throttle_body_raw_reserved throttle_body_raw_account
        throttle_body_raw_caller_rate;
    says_so_by_itself: code_artifact_user_pending code_artifact_user_failed pending_conflict
        doc_pending_conflict doc_efs_mount_failure doc_kms_disabled doc_snap_start_not_ready
        ec2_access_denied_text invalid_zip_file_text;
    has_no_network_interface: eni_limit_reached_body_raw;
    ends_with_these_bytes: kms_access_denied_body_end;
    says_so_of_kms: kms_access_denied_text;
    says_what_is_scripted: service_exception_kms update_in_progress_conflict efs_connectivity capacity_provider_latest_refused;
    reads_as_java_printed_it: service_exception_sdk_v1 service_exception_2015;
    denies: access_denied_invoke;
    lacks_its_role: role_cannot_be_assumed;
}

fn error_of(code: &str) -> ServiceError {
    let error = ServiceError::ALL.iter().find(|error| error.code() == code);
    *error.unwrap_or_else(|| panic!("there is no {code}"))
}

fn throttles(case: &Case) {
    let reason = match case.observed("body") {
        Some(body) => {
            let body: Value = serde_json::from_str(body.text().unwrap()).unwrap();
            body["Reason"].as_str().unwrap().to_owned()
        }
        None => case.text("observed.Reason").to_owned(),
    };
    let reason: ThrottleReason = reason.parse().unwrap();
    let lambda = start();
    lambda
        .on("function-name")
        .reply(Reply::error(ServiceError::TooManyRequestsException).reason(reason));
    let reply = case.invoke(&lambda, "{}");
    case.assert_answer(&reply);
    assert_eq!(reply.status(), 429);
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("TooManyRequestsException")
    );
    assert_eq!(reply.field("Retry-After"), None);
}

/// The text is the fake's default for that error.
fn says_so_by_itself(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(error_of(case.text("observed.code")));
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

/// Body and text are the fake's defaults for that error.
fn has_no_network_interface(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(ServiceError::EniLimitReachedException);
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

/// Only the end of the body was recorded.
fn ends_with_these_bytes(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(error_of(case.text("observed.code")));
    let reply = case.invoke(&lambda, "{}");
    case.assert_head(&reply);
    assert!(
        reply.text().ends_with(case.text("observed.body_end")),
        "{reply}"
    );
}

/// The caller is allowed to invoke the function, so the text does not name the caller.
fn lacks_its_role(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(Reply::role_cannot_be_assumed());
    case.assert_answer(&case.invoke(&lambda, "{}"));
}

/// Only the text was recorded.
fn says_so_of_kms(case: &Case) {
    let lambda = start();
    lambda
        .on("function-name")
        .reply(ServiceError::KmsAccessDeniedException);
    let reply = case.invoke(&lambda, "{}");
    assert_eq!(
        reply.field("x-amzn-ErrorType"),
        Some("KMSAccessDeniedException")
    );
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["Message"], case.text("observed.message"));
}

/// The text is one of several that this error has, or names the recorder's resources.
fn says_what_is_scripted(case: &Case) {
    let (code, message) = match case.observed("Error") {
        Some(_) => (
            "observed.Error.Code",
            filled(case.text("observed.Error.Message"), ""),
        ),
        None => ("observed.code", case.text("observed.message").to_owned()),
    };
    let lambda = start();
    lambda
        .on("function-name")
        .reply(Reply::error(error_of(case.text(code))).message(message));
    // The record's `Qualifier` is a description, not a value to send.
    let reply = raw::invoke(&lambda, "function-name", &[], "{}");
    case.assert_answer(&reply);

    if let Some(other) = case.observed("or NoPublishedVersionException") {
        let lambda = start();
        lambda
            .on("function-name")
            .reply(ServiceError::NoPublishedVersionException);
        let reply = raw::invoke(&lambda, "function-name", &[], "{}");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["Message"].as_str(), other.text());
    }
}

/// Compares the recorded text of an error in the Java SDK with the parts of the fake's reply.
fn reads_as_java_printed_it(case: &Case) {
    let text = case.observed("text").map_or_else(
        || case.text("observed.message"),
        |text| text.text().unwrap(),
    );
    let (message, rest) = text.split_once(" (").unwrap();
    let lambda = start();
    lambda
        .on("function-name")
        .reply(Reply::error(ServiceError::ServiceException).message(message));
    let reply = case.invoke(&lambda, "{}");
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let printed = format!(
        "{} (Service: AWSLambda; Status Code: {}; Error Code: {};",
        body["Message"].as_str().unwrap(),
        reply.status(),
        reply.field("x-amzn-ErrorType").unwrap(),
    );
    assert!(
        rest.starts_with("Service: AWSLambda; Status Code: "),
        "{rest}"
    );
    assert!(text.starts_with(&printed), "{text}\n{printed}");
}

fn denies(case: &Case) {
    let lambda = start();
    lambda
        .on("hello-world")
        .reply(ServiceError::AccessDeniedException);
    let reply = raw::invoke(&lambda, "hello-world:$LATEST", &[], "{}");
    case.assert_answer(&reply);
}

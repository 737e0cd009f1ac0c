//! Every error of the facts, as the AWS SDK gets it and as bytes.

use std::collections::BTreeMap;

use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::operation::invoke::InvokeError;
use fake_lambda::{ServiceError, sdk_client};
use rstest::rstest;
use serde_json::Value;

use super::{FUNCTION, call, fact, facts, text};
use crate::transport::FakeLambda;
use crate::waits::SendInTime as _;

/// A predicate that returns `true` for one variant of the SDK's error.
type Variant = fn(&InvokeError) -> bool;

/// One list of cases for two tests, so that both test the same errors.
///
/// `is` is the predicate of the SDK's own variant; an error without one arrives as `Unhandled` with
/// its code.
macro_rules! service_errors {
    ($($case:ident: $error:ident $(is $is:ident)?;)+) => {
        const CASES: &[(ServiceError, Option<Variant>)] =
            &[$((ServiceError::$error, variant!($($is)?))),+];

        #[rstest]
        $(#[case::$case(ServiceError::$error, variant!($($is)?))])+
        #[tokio::test]
        async fn the_sdk_returns_the_variant_of_the_error_and_retries_as_measured(
            #[case] error: ServiceError,
            #[case] is_its_variant: Option<Variant>,
        ) {
            assert_sdk_sees(error, is_its_variant).await;
        }

        #[rstest]
        $(#[case::$case(ServiceError::$error)])+
        fn the_error_has_these_bytes_and_no_others(#[case] error: ServiceError) {
            let lambda = FakeLambda::start();
            lambda.on(FUNCTION).reply(error);
            assert_eq!(call(&lambda).masked(), bytes_of(fact(error)));
        }
    };
}

macro_rules! variant {
    () => {
        None
    };
    ($is:ident) => {
        Some(InvokeError::$is as Variant)
    };
}

service_errors! {
    code_artifact_user_deleted: CodeArtifactUserDeletedException is is_code_artifact_user_deleted_exception;
    code_artifact_user_failed: CodeArtifactUserFailedException is is_code_artifact_user_failed_exception;
    code_artifact_user_pending: CodeArtifactUserPendingException is is_code_artifact_user_pending_exception;
    durable_execution_already_started: DurableExecutionAlreadyStartedException is is_durable_execution_already_started_exception;
    ec2_access_denied: Ec2AccessDeniedException is is_ec2_access_denied_exception;
    ec2_throttled: Ec2ThrottledException is is_ec2_throttled_exception;
    ec2_unexpected: Ec2UnexpectedException is is_ec2_unexpected_exception;
    efsio: EfsioException is is_efsio_exception;
    efs_mount_connectivity: EfsMountConnectivityException is is_efs_mount_connectivity_exception;
    efs_mount_failure: EfsMountFailureException is is_efs_mount_failure_exception;
    efs_mount_timeout: EfsMountTimeoutException is is_efs_mount_timeout_exception;
    eni_limit_reached: EniLimitReachedException is is_eni_limit_reached_exception;
    eni_not_ready: EniNotReadyException is is_eni_not_ready_exception;
    invalid_parameter_value: InvalidParameterValueException is is_invalid_parameter_value_exception;
    invalid_request_content: InvalidRequestContentException is is_invalid_request_content_exception;
    invalid_runtime: InvalidRuntimeException is is_invalid_runtime_exception;
    invalid_security_group_id: InvalidSecurityGroupIdException is is_invalid_security_group_id_exception;
    invalid_subnet_id: InvalidSubnetIdException is is_invalid_subnet_id_exception;
    invalid_zip_file: InvalidZipFileException is is_invalid_zip_file_exception;
    kms_access_denied: KmsAccessDeniedException is is_kms_access_denied_exception;
    kms_disabled: KmsDisabledException is is_kms_disabled_exception;
    kms_invalid_state: KmsInvalidStateException is is_kms_invalid_state_exception;
    kms_not_found: KmsNotFoundException is is_kms_not_found_exception;
    mode_not_supported: ModeNotSupportedException is is_mode_not_supported_exception;
    no_published_version: NoPublishedVersionException is is_no_published_version_exception;
    recursive_invocation: RecursiveInvocationException is is_recursive_invocation_exception;
    request_too_large: RequestTooLargeException is is_request_too_large_exception;
    resource_conflict: ResourceConflictException is is_resource_conflict_exception;
    resource_not_found: ResourceNotFoundException is is_resource_not_found_exception;
    resource_not_ready: ResourceNotReadyException is is_resource_not_ready_exception;
    runtime_alias_deleted: RuntimeAliasDeletedException;
    runtime_version_deleted: RuntimeVersionDeletedException;
    s3_files_mount_connectivity: S3FilesMountConnectivityException is is_s3_files_mount_connectivity_exception;
    s3_files_mount_failure: S3FilesMountFailureException is is_s3_files_mount_failure_exception;
    s3_files_mount_timeout: S3FilesMountTimeoutException is is_s3_files_mount_timeout_exception;
    serialized_request_entity_too_large: SerializedRequestEntityTooLargeException
        is is_serialized_request_entity_too_large_exception;
    service: ServiceException is is_service_exception;
    service_quota_exceeded: ServiceQuotaExceededException is is_service_quota_exceeded_exception;
    snap_start: SnapStartException is is_snap_start_exception;
    snap_start_not_ready: SnapStartNotReadyException is is_snap_start_not_ready_exception;
    snap_start_regeneration_failure: SnapStartRegenerationFailureException is is_snap_start_regeneration_failure_exception;
    snap_start_timeout: SnapStartTimeoutException is is_snap_start_timeout_exception;
    subnet_ip_address_limit_reached: SubnetIpAddressLimitReachedException is is_subnet_ip_address_limit_reached_exception;
    too_many_requests: TooManyRequestsException is is_too_many_requests_exception;
    unsupported_media_type: UnsupportedMediaTypeException is is_unsupported_media_type_exception;

    request_entity_too_large: RequestEntityTooLargeException;
    validation: ValidationException;
    access_denied: AccessDeniedException;
    expired_token: ExpiredTokenException;
    unrecognized_client: UnrecognizedClientException;
    invalid_signature: InvalidSignatureException;
    missing_authentication_token: MissingAuthenticationTokenException;
    incomplete_signature: IncompleteSignatureException;
    throttling: ThrottlingException;
    invalid_client_token_id: InvalidClientTokenId;
    opt_in_required: OptInRequired;
    request_expired: RequestExpired;
    internal_failure: InternalFailure;
    service_unavailable: ServiceUnavailable;
}

#[test]
fn every_error_of_the_facts_has_its_case() {
    let cases: Vec<&str> = CASES.iter().map(|(error, _)| error.code()).collect();
    let facts: Vec<&str> = facts("errors").map(|fact| text(fact, "name")).collect();
    assert_eq!(cases, facts);
    let of_the_model = CASES.iter().filter(|(error, _)| error.modeled());
    assert_eq!(of_the_model.clone().count(), 45, "modeled");
    assert_eq!(cases.len() - of_the_model.clone().count(), 14, "common");
    let retried = of_the_model.filter(|(error, _)| fact(*error)["rust_retries"] == true);
    assert_eq!(retried.count(), 17, "modeled and retried");
    for (error, variant) in CASES {
        assert_eq!(
            fact(*error)["in_rust_sdk"],
            variant.is_some(),
            "{error} has a variant"
        );
    }
}

/// Checks the error that the SDK returns if a rule always replies with this one.
async fn assert_sdk_sees(error: ServiceError, is_its_variant: Option<Variant>) {
    let fact = fact(error);
    let lambda = FakeLambda::start();
    let script = lambda.on(FUNCTION).reply(error);
    let client = sdk_client!(aws_sdk_lambda, lambda);

    let failure = client
        .invoke()
        .function_name(FUNCTION)
        .send_in_time()
        .await
        .unwrap_err();

    let reply = failure.raw_response().expect("the fake has replied");
    assert_eq!(fact["status"], reply.status().as_u16());
    let seen = failure.as_service_error().expect("the reply is an error");
    if let Some(is_its_variant) = is_its_variant {
        assert!(is_its_variant(seen), "{seen:?}");
    }
    assert_eq!(seen.code(), Some(text(fact, "name")));
    assert_eq!(seen.message(), Some(text(fact, "message")));
    let attempts = if fact["rust_retries"] == true { 3 } else { 1 };
    script.assert_calls(1);
    script.assert_attempts(attempts);
    let call = lambda.only_call();
    let attempt = call.attempts().last().expect("a call has an attempt");
    assert_eq!(attempt.error_code(), Some(text(fact, "name")));
    assert_eq!(attempt.error_message(), seen.message());
}

/// The bytes of a fact: members in ASCII order, as in a `BTreeMap`.
fn bytes_of(fact: &Value) -> String {
    let mut members = BTreeMap::from([(text(fact, "message_member"), &fact["message"])]);
    if fact["type_value"] != "absent" {
        members.insert("Type", &fact["type_value"]);
    }
    let body = serde_json::to_string(&members).unwrap();
    let status = fact["status"].as_u64().unwrap();
    format!(
        "HTTP/1.1 {status} {phrase}\r\n\
         Date: <date>\r\n\
         Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\
         Connection: keep-alive\r\n\
         x-amzn-RequestId: <request-id>\r\n\
         x-amzn-ErrorType: {name}\r\n\
         \r\n\
         {body}",
        phrase = reason_phrase(status),
        length = body.len(),
        name = text(fact, "name"),
    )
}

/// The phrases of RFC 9110, except for 413: AWS was recorded sending the phrase of RFC 2616.
fn reason_phrase(status: u64) -> &'static str {
    match status {
        400 => "Bad Request",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => panic!("no fact had status {status} when this was written"),
    }
}

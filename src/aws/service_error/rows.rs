//! The table: one row per error, in the form that `row.rs` explains.
//!
//! First the model's errors in the model's order, then others that AWS sends or documents. A new
//! error is one row here and its fact in `fixtures/aws/service_errors.json`; a fact without a row
//! fails a test, which prints the row to add.

use super::Evidence;
use super::Evidence::{ModelOnly, Observed};
use super::row::TypeMember::{Absent, Null, User};
use super::row::{Lasting, Row};

service_errors! {
    $
    /// An error that Lambda sends in place of the function's result: HTTP 4xx or 5xx.
    ///
    /// Variants are named as in the AWS SDK for Rust, if it has the error, so that a search finds
    /// code, SDK and tests; [`code`](Self::code) is the name on the wire, which differs in case for
    /// some errors. For an error that is not listed here, use
    /// `Reply::unmodeled_error(code, status)`.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// let error = ServiceError::Ec2ThrottledException;
    /// assert_eq!(error.to_string(), "EC2ThrottledException");
    /// assert_eq!(error.status(), 502);
    /// assert!(error.sdk_retries());
    /// ```
    ServiceError;

    /// The code artifact user that Lambda keeps for the function no longer exists.
    CodeArtifactUserDeletedException = "CodeArtifactUserDeletedException", 409,
        "message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the function's package must be updated"),
        "The Lambda function couldn't be invoked because its code artifact user has been \
         deleted. Wait for Lambda to provision a new code artifact user, or update the \
         function's code package to recreate it.";
    /// Lambda could not set up the function's code artifact user.
    CodeArtifactUserFailedException = "CodeArtifactUserFailedException", 409,
        "message", User(ModelOnly), [], modeled, undocumented, not_retried, Observed,
        permanent("the function's package must be corrected"),
        "ERROR: Lambda cannot initialize the provided container image. Verify the image.";
    /// Lambda is still setting up the function's code artifact user; this was a 500 in 2022.
    CodeArtifactUserPendingException = "CodeArtifactUserPendingException", 409,
        "message", User(ModelOnly), [], modeled, undocumented, not_retried, Observed,
        temporary("the setup ends by itself"),
        "INFO: Lambda is initializing your function. It will be ready to invoke shortly.";
    /// The function has already started a durable execution with this name.
    DurableExecutionAlreadyStartedException = "DurableExecutionAlreadyStartedException", 409,
        "Message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the name stays taken"),
        "The durable execution with the specified name has already been started. Each durable \
         execution name must be unique within the function. Use a different name or check the \
         status of the existing execution.";
    /// The execution role lacks the EC2 permissions that a function in a VPC needs.
    Ec2AccessDeniedException = "EC2AccessDeniedException", 502,
        "Message", User(ModelOnly), [], modeled, documented, retried, Observed,
        permanent("the execution role must be changed"),
        "Lambda was not able to access EC2's API using the Lambda Execution Role to set up \
         the Lambda function.";
    /// EC2 throttled Lambda while it joined the function to its VPC.
    Ec2ThrottledException = "EC2ThrottledException", 502,
        "Message", User(ModelOnly), [], modeled, documented, retried, Observed,
        temporary("EC2 throttles only for a while"),
        "Lambda was throttled while using the Lambda Execution Role to set up for the Lambda \
         function.";
    /// EC2 gave Lambda an unexpected error; `EC2ErrorCode` holds EC2's own name for it.
    Ec2UnexpectedException = "EC2UnexpectedException", 502,
        "Message", User(ModelOnly), ["EC2ErrorCode"], modeled, documented, retried, ModelOnly,
        temporary("EC2 gave no lasting reason"),
        "Lambda received an unexpected Amazon EC2 client exception while setting up for the \
         Lambda function.";
    /// The function was stopped because reading or writing its EFS file system failed or hung.
    EfsioException = "EFSIOException", 410,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, Documented,
        permanent("the function ran and its file system failed"),
        "This function instance was stopped because Lambda detected an IO process that was \
         taking too long.";
    /// Lambda could not reach the function's EFS file system over the network.
    EfsMountConnectivityException = "EFSMountConnectivityException", 408,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, Observed,
        temporary("a connection can succeed later"),
        "The function couldn't connect to the Amazon EFS file system with access point \
         arn:aws:elasticfilesystem:us-east-2:123456789012:access-point/fsap-015cxmplb72b405fd. \
         Check your network configuration and try again.";
    /// Lambda could not mount the function's EFS file system: permissions or configuration.
    EfsMountFailureException = "EFSMountFailureException", 403,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, Documented,
        permanent("permissions or the mount must be corrected"),
        "The function could not mount the EFS file system with access point \
         arn:aws:elasticfilesystem:us-east-2:123456789012:access-point/fsap-015cxmplb72b405fd.";
    /// Lambda reached the function's EFS file system, but mounting it took too long.
    EfsMountTimeoutException = "EFSMountTimeoutException", 408,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, Documented,
        temporary("a later mount can be faster"),
        "The function could not mount the EFS file system with access point \
         {arn:aws:elasticfilesystem:us-east-2:123456789012:access-point/fsap-015cxmplb72b405fd} \
         due to mount time out.";
    /// The function's VPC has reached its limit of network interfaces, so Lambda could not add one.
    EniLimitReachedException = "ENILimitReachedException", 502,
        "Message", User(Observed), [], modeled, documented, retried, Observed,
        permanent("network interfaces must be freed"),
        "Lambda was not able to create an ENI in the VPC of the Lambda function because the \
         limit for Network Interfaces has been reached.";
    /// The network interface that joins the function to its VPC is not ready yet.
    EniNotReadyException = "ENINotReadyException", 502,
        "Message", User(ModelOnly), [], modeled, undocumented, retried, ModelOnly,
        temporary("the interface becomes ready by itself"),
        "Lambda couldn't invoke the Lambda function because the elastic network interface (ENI) \
         configured for its VPC connection isn't ready yet. Wait a few moments and try the \
         request again. For more information about VPC configuration, see Configuring a Lambda \
         function to access resources in a VPC.";
    /// A parameter is not valid for the function, such as two qualifiers that disagree.
    InvalidParameterValueException = "InvalidParameterValueException", 400,
        "message", User(Observed), [], modeled, documented, not_retried, Observed,
        permanent("the request must be changed"),
        "The derived qualifier from the function name does not match the specified qualifier.";
    /// The payload is not JSON, or a header such as the client context cannot be read.
    InvalidRequestContentException = "InvalidRequestContentException", 400,
        "message", User(Observed), [], modeled, documented, not_retried, Observed,
        permanent("the request must be changed"),
        "Could not parse request body into json: Could not parse payload into json: Unexpected \
         character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, \
         Object or token 'null', 'true' or 'false')\n at [Source: REDACTED \
         (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]";
    /// The function's runtime, or this version of it, is not supported.
    InvalidRuntimeException = "InvalidRuntimeException", 502,
        "Message", Null(ModelOnly), [], modeled, documented, retried, ModelOnly,
        permanent("the function's runtime must be changed"),
        "The runtime or runtime version specified is not supported.";
    /// The function's VPC configuration names a security group that is not valid.
    InvalidSecurityGroupIdException = "InvalidSecurityGroupIDException", 502,
        "Message", User(ModelOnly), [], modeled, documented, retried, ModelOnly,
        permanent("the function's configuration must be corrected"),
        "The security group ID provided in the Lambda function VPC configuration is not valid.";
    /// The function's VPC configuration names a subnet that is not valid.
    InvalidSubnetIdException = "InvalidSubnetIDException", 502,
        "Message", User(ModelOnly), [], modeled, documented, retried, ModelOnly,
        permanent("the function's configuration must be corrected"),
        "The subnet ID provided in the Lambda function VPC configuration is not valid.";
    /// Lambda could not unpack the function's deployment package.
    InvalidZipFileException = "InvalidZipFileException", 502,
        "Message", Null(ModelOnly), [], modeled, documented, retried, Observed,
        permanent("the function's package must be corrected"),
        "Lambda was not able to unzip the file";
    /// KMS did not let Lambda decrypt the function's environment variables.
    KmsAccessDeniedException = "KMSAccessDeniedException", 502,
        "Message", Null(Observed), [], modeled, documented, retried, Observed,
        permanent("the key's permissions must be changed"),
        "Lambda was unable to decrypt the environment variables because KMS access was denied. \
         Please check the function's KMS key settings. KMS Exception: AccessDeniedExceptionKMS \
         Message: The ciphertext refers to a customer master key that does not exist, does not \
         exist in this region, or you are not allowed to access.";
    /// The KMS key of the function's environment variables is disabled.
    KmsDisabledException = "KMSDisabledException", 502,
        "Message", Null(ModelOnly), [], modeled, documented, retried, Documented,
        permanent("the key must be enabled"),
        "Lambda was unable to decrypt the environment variables because the KMS key used is \
         disabled. Please check the function's KMS key settings.";
    /// The KMS key of the function's environment variables is in a state that prevents decryption.
    KmsInvalidStateException = "KMSInvalidStateException", 502,
        "Message", Null(ModelOnly), [], modeled, documented, retried, ModelOnly,
        permanent("the key's state must be changed"),
        "Lambda couldn't decrypt the environment variables because the state of the KMS key used \
         is not valid for Decrypt. Check the function's KMS key settings.";
    /// The KMS key of the function's environment variables does not exist.
    KmsNotFoundException = "KMSNotFoundException", 502,
        "Message", Null(ModelOnly), [], modeled, documented, retried, ModelOnly,
        permanent("the key must be created or replaced"),
        "Lambda couldn't decrypt the environment variables because the KMS key was not found. \
         Check the function's KMS key settings.";
    /// The function cannot be invoked with the requested invocation type.
    ModeNotSupportedException = "ModeNotSupportedException", 400,
        "message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the request must be changed"),
        "The Lambda function doesn't support the invocation mode requested. For example, calling \
         Invoke with InvocationType=RequestResponse on a function configured for \
         asynchronous-only invocation, or vice versa. For more information about invocation \
         types, see Invoking Lambda functions.";
    /// The function runs only published versions, and none was published.
    NoPublishedVersionException = "NoPublishedVersionException", 400,
        "Message", User(ModelOnly), [], modeled, undocumented, not_retried, Documented,
        permanent("a version must be published"),
        "The function can't be invoked because no published version exists. For functions with \
         capacity provider configuration, either publish a version to $LATEST.PUBLISHED, or \
         specify a published version qualifier.";
    /// Lambda stopped the function because it kept causing its own invocation.
    RecursiveInvocationException = "RecursiveInvocationException", 400,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, ModelOnly,
        permanent("the loop must be removed"),
        "Lambda has detected your function being invoked in a recursive loop with other Amazon \
         Web Services resources and stopped your function's invocation.";
    /// The payload is over the limit; AWS sends [`Self::RequestEntityTooLargeException`] instead.
    RequestTooLargeException = "RequestTooLargeException", 413,
        "message", User(ModelOnly), [], modeled, documented, not_retried, ModelOnly,
        permanent("the request must be smaller"),
        "The request payload exceeded the Invoke request body JSON input quota. For more \
         information, see Lambda quotas.";
    /// The function is being created or updated and cannot be invoked until that is finished.
    ResourceConflictException = "ResourceConflictException", 409,
        "message", User(Observed), [], modeled, documented, not_retried, Documented,
        temporary("the creation or update of the function ends by itself"),
        "The operation cannot be performed at this time. The function is currently in the \
         following state: Pending";
    /// The function, version or alias does not exist.
    ResourceNotFoundException = "ResourceNotFoundException", 404,
        "Message", User(Observed), [], modeled, documented, not_retried, Observed,
        permanent("the function must be created, or its name corrected"),
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:my-function:$LATEST";
    /// The idle function lost its VPC connection, and Lambda is creating it again.
    ResourceNotReadyException = "ResourceNotReadyException", 502,
        "message", Null(ModelOnly), [], modeled, documented, retried, ModelOnly,
        temporary("Lambda restores the connection by itself"),
        "The function is inactive and its VPC connection is no longer available. Wait for the \
         VPC connection to reestablish and try again.";
    /// The runtime alias that the function uses was withdrawn.
    RuntimeAliasDeletedException = "RuntimeAliasDeletedException", 409,
        "message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the function's runtime must be changed"),
        "The runtime alias for your function is no longer available. Update your function to use \
         an available runtime alias.";
    /// The runtime version that the function uses was withdrawn.
    RuntimeVersionDeletedException = "RuntimeVersionDeletedException", 409,
        "message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the function's runtime must be changed"),
        "The runtime version used by your function is no longer available. Update your function \
         to use an available runtime version or runtime alias.";
    /// Lambda could not reach the function's S3 Files access point over the network.
    S3FilesMountConnectivityException = "S3FilesMountConnectivityException", 408,
        "Message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        temporary("a connection can succeed later"),
        "The Lambda function couldn't make a network connection to the configured S3 Files \
         access point.";
    /// Lambda could not mount the function's S3 Files access point: permissions or configuration.
    S3FilesMountFailureException = "S3FilesMountFailureException", 403,
        "Message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("permissions or the mount must be corrected"),
        "The Lambda function couldn't mount the configured S3 Files access point due to a \
         permission or configuration issue.";
    /// Lambda reached the function's S3 Files access point, but mounting it took too long.
    S3FilesMountTimeoutException = "S3FilesMountTimeoutException", 408,
        "Message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        temporary("a later mount can be faster"),
        "The Lambda function made a network connection to the configured S3 Files access point, \
         but the mount operation timed out.";
    /// The request is over the limit after Lambda serialized it.
    SerializedRequestEntityTooLargeException = "SerializedRequestEntityTooLargeException", 413,
        "message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the request must be smaller"),
        "The request payload exceeded the maximum allowed size for serialized request entities.";
    /// Lambda itself failed.
    ServiceException = "ServiceException", 500,
        "Message", Null(ModelOnly), [], modeled, documented, retried, Observed,
        temporary("Lambda recovers by itself"),
        "An error occurred and the request cannot be processed.";
    /// The invocation would exceed a service quota of the account.
    ServiceQuotaExceededException = "ServiceQuotaExceededException", 402,
        "Message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the quota must be raised"),
        "The request would exceed a service quota. For more information about Lambda service \
         quotas, see Lambda quotas. To request a quota increase, see Requesting a quota increase \
         in the Service Quotas User Guide.";
    /// The function's own hook failed while a snapshot was restored.
    SnapStartException = "SnapStartException", 400,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, ModelOnly,
        permanent("the function's hook must be corrected"),
        "The afterRestore() runtime hook encountered an error. For more information, check the \
         Amazon CloudWatch logs.";
    /// Lambda is still creating the function's snapshot; the function is not `Active` yet.
    SnapStartNotReadyException = "SnapStartNotReadyException", 409,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, Documented,
        temporary("Lambda finishes the snapshot by itself"),
        "Lambda is initializing your function. It will be ready to invoke once your function \
         state becomes ACTIVE.";
    /// Lambda, which periodically creates the function's snapshot again, failed to do so.
    SnapStartRegenerationFailureException = "SnapStartRegenerationFailureException", 409,
        "Message", User(ModelOnly), [], modeled, undocumented, not_retried, ModelOnly,
        permanent("the function must be updated if Lambda's own retries fail"),
        "Lambda couldn't regenerate the SnapStart snapshot for the function. SnapStart-enabled \
         functions periodically regenerate snapshots when their underlying runtime or \
         dependencies change; this regeneration failed. Wait for Lambda to retry, or update the \
         function's configuration to trigger a new snapshot. For more information, see Lambda \
         SnapStart.";
    /// Restoring the function's snapshot took too long.
    SnapStartTimeoutException = "SnapStartTimeoutException", 408,
        "Message", User(ModelOnly), [], modeled, documented, not_retried, ModelOnly,
        temporary("a later restore can be faster"),
        "Lambda couldn't restore the snapshot within the timeout limit.";
    /// A subnet of the function has no free address, so Lambda could not join it to the VPC.
    SubnetIpAddressLimitReachedException = "SubnetIPAddressLimitReachedException", 502,
        "Message", User(ModelOnly), [], modeled, documented, retried, ModelOnly,
        permanent("addresses must be freed, or a subnet added"),
        "Lambda couldn't set up VPC access for the Lambda function because one or more \
         configured subnets has no available IP addresses.";
    /// A rate or concurrency limit was reached: [`Reason`](crate::aws::words::ThrottleReason) says
    /// which.
    TooManyRequestsException = "TooManyRequestsException", 429,
        "message", User(Observed), ["Reason", "Retry-After"], modeled, documented, retried, Observed,
        temporary("the rate or the concurrency falls again"),
        "Rate Exceeded.";
    /// According to the service model, the request's `Content-Type` is not JSON; in fact AWS
    /// accepts the other types that SDKs send.
    UnsupportedMediaTypeException = "UnsupportedMediaTypeException", 415,
        "message", User(ModelOnly), [], modeled, documented, not_retried, ModelOnly,
        permanent("the request must be changed"),
        "The content type of the Invoke request body is not JSON.";

    // Not in the model: the SDKs have no types for these.

    /// The payload is over the limit of its invocation type.
    RequestEntityTooLargeException = "RequestEntityTooLargeException", 413,
        "Message", Absent, [], unmodeled, undocumented, not_retried, Observed,
        permanent("the request must be smaller"),
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
    /// A name, qualifier or header violates its pattern, length or set of values.
    ValidationException = "ValidationException", 400,
        "message", Absent, [], unmodeled, undocumented, not_retried, Observed,
        permanent("the request must be changed"),
        "1 validation error detected: Value 'my-function!' at 'functionName' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: \
         (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?\
         (\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
    /// The caller is not allowed to invoke the function, or the path names no operation.
    AccessDeniedException = "AccessDeniedException", 403,
        "Message", Absent, [], unmodeled, undocumented, not_retried, Observed,
        permanent("the caller needs a permission"),
        "User: arn:aws:sts::123456789012:assumed-role/role/session is not authorized to perform: \
         lambda:InvokeFunction on resource: \
         arn:aws:lambda:us-east-1:123456789012:function:my-function because no identity-based \
         policy allows the lambda:InvokeFunction action";
    /// The session token of temporary credentials has expired.
    ExpiredTokenException = "ExpiredTokenException", 403,
        "message", Absent, [], unmodeled, undocumented, not_retried, Observed,
        permanent("the caller needs new credentials"),
        "The security token included in the request is expired";
    /// The access key of the request is unknown.
    UnrecognizedClientException = "UnrecognizedClientException", 403,
        "message", Absent, [], unmodeled, undocumented, not_retried, Observed,
        permanent("the caller needs other credentials"),
        "The security token included in the request is invalid.";
    /// The signature does not match the request, or it was made at a time too far from AWS's clock.
    InvalidSignatureException = "InvalidSignatureException", 403,
        "message", Absent, [], unmodeled, undocumented, not_retried, Observed,
        permanent("the signature or the caller's clock must be corrected"),
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details.";
    /// The request is not signed.
    MissingAuthenticationTokenException = "MissingAuthenticationTokenException", 403,
        "message", Absent, [], unmodeled, undocumented, not_retried, Observed,
        permanent("the request must be signed"),
        "Missing Authentication Token";
    /// A part of the `Authorization` header is missing; recorded from API Gateway, not from Lambda.
    IncompleteSignatureException = "IncompleteSignatureException", 403,
        "message", Absent, [], unmodeled, undocumented, not_retried, Documented,
        permanent("the signature must be completed"),
        "Authorization header requires 'Credential' parameter. Authorization header requires \
         'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
         Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
    /// Requests arrive too fast; recorded from Lambda's control plane, not from Invoke.
    ThrottlingException = "ThrottlingException", 400,
        "message", Absent, [], unmodeled, undocumented, retried, Observed,
        temporary("the rate falls again"),
        "Rate exceeded";
    /// An unknown access key; AWS sends [`Self::UnrecognizedClientException`] instead.
    InvalidClientTokenId = "InvalidClientTokenId", 403,
        "Message", Absent, [], unmodeled, undocumented, not_retried, Documented,
        permanent("the caller needs other credentials"),
        "The security token included in the request is invalid.";
    /// The account has not subscribed to the service.
    OptInRequired = "OptInRequired", 403,
        "Message", Absent, [], unmodeled, undocumented, not_retried, Documented,
        permanent("the account must subscribe to the service"),
        "The AWS access key ID needs a subscription for the service";
    /// The request's date is more than 15 minutes in the past or in the future.
    RequestExpired = "RequestExpired", 400,
        "Message", Absent, [], unmodeled, undocumented, not_retried, Documented,
        permanent("the request must be signed again, or the clock corrected"),
        "The request reached the service more than 15 minutes after the date stamp on the \
         request or more than 15 minutes after the request expiration date (such as for \
         pre-signed URLs), or the date stamp on the request is more than 15 minutes in the \
         future.";
    /// The service failed for a reason it does not name.
    InternalFailure = "InternalFailure", 500,
        "Message", Absent, [], unmodeled, undocumented, retried, Documented,
        temporary("the service recovers by itself"),
        "The request processing has failed because of an unknown error, exception or failure.";
    /// The service is temporarily unavailable.
    ServiceUnavailable = "ServiceUnavailable", 503,
        "Message", Absent, [], unmodeled, undocumented, retried, Documented,
        temporary("the service recovers by itself"),
        "The request has failed due to a temporary failure of the server.";
}

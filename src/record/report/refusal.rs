//! What to change in a request that the service itself refuses.

use crate::request::invocation::RefusedPart;

/// What to send instead.
pub(super) fn change_of(part: RefusedPart) -> &'static str {
    match part {
        RefusedPart::ReservedHeader => "remove the reserved header from the request",
        RefusedPart::FunctionName => {
            "correct the function name in the call (a name with letters, digits, `-`, `_` and `.`, \
             `name:qualifier`, or an ARN)"
        }
        RefusedPart::Qualifier => {
            "correct the qualifier in the call (a version number, `$LATEST`, or an alias with \
             letters, digits, `-` and `_`)"
        }
        RefusedPart::InvocationType => {
            "set the invocation type of the call to `RequestResponse`, `Event` or `DryRun`"
        }
        RefusedPart::StreamInvocationType => {
            "set the invocation type of the call to `RequestResponse` or `DryRun`, or use `invoke` \
             for an `Event`"
        }
        RefusedPart::LogType => "set the log type of the call to `Tail` or `None`",
        RefusedPart::TenantId => {
            "correct the tenant id of the call (at most 256 letters, digits, spaces and `._:/=+-@`)"
        }
        RefusedPart::DurableName => {
            "correct the durable execution name of the call (at most 64 letters, digits, `-` and \
             `_`)"
        }
        RefusedPart::Authorization => "send only one `Authorization` header",
        RefusedPart::Signature => {
            "sign the request with the credentials passed to `require_signature`, and do not change it after signing"
        }
        RefusedPart::TwoQualifiers => {
            "name the same qualifier in the function name and in `qualifier(..)`, or remove one of \
             the two"
        }
        RefusedPart::Region => {
            "set the client's region to that of the function's ARN, or change the region in the ARN"
        }
        RefusedPart::LongContext => "shorten the client context",
        RefusedPart::RequestId => {
            "send a UUID in the header `x-amzn-RequestId`, or remove this header"
        }
        RefusedPart::ClientContext => "send a client context that is a JSON object in base64",
        RefusedPart::LongPayload => "send a shorter payload",
        RefusedPart::Payload => "send a payload that is valid JSON",
    }
}

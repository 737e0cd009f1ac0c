//! The service's checks of a request before it looks up a function, in its order.

use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;

use crate::aws::era::Era;
use crate::aws::limits::REQUEST;
use crate::aws::service_error::ServiceError;
use crate::aws::signature::{ALGORITHM, Keys, not_a_parameter};
use crate::aws::target::{
    NAME_LIMIT, NAME_PATTERN, QUALIFIER_LIMIT, QUALIFIER_PATTERN, Target, is_qualifier, parts_of,
};
use crate::aws::words::{InvocationType, LogType, Operation};
use crate::ground::head::Head;
use crate::ground::json;

use super::credential::region_of;
use super::particulars::Elsewhere;
use super::{RefusedPart, Validity};

/// The header fields that only AWS's own private links send.
const RESERVED: [&str; 5] = [
    "x-amzn-cipher-suite",
    "x-amzn-tls-version",
    "x-amzn-vpc-id",
    "x-amzn-vpce-config",
    "x-amzn-vpce-id",
];

/// The header fields that the service model restricts by a pattern and a length. Each entry has
/// the name, the member, the part, the maximum number of characters, the pattern, and the
/// characters that the pattern allows besides letters and digits.
/// No refusal of them was recorded; it is assumed to be like that of a function name.
const RESTRICTED: [(&str, &str, RefusedPart, usize, &str, &str); 2] = [
    (
        "x-amz-tenant-id",
        "tenantId",
        RefusedPart::TenantId,
        256,
        r"[a-zA-Z0-9\._:\/=+\-@ ]+",
        "._:/=+-@ ",
    ),
    (
        "x-amz-durable-execution-name",
        "durableExecutionName",
        RefusedPart::DurableName,
        64,
        "[a-zA-Z0-9-_]+",
        "-_",
    ),
];

/// The part that is refused, the error, and its message.
type Refusal = (RefusedPart, ServiceError, String);

/// The most bytes of base64 in a client context.
const CLIENT_CONTEXT_LIMIT: usize = 3_583;

/// The values that the endpoint fills in if a request omits them, and the endpoint's requirements.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) region: Arc<str>,
    pub(crate) account: Arc<str>,
    pub(crate) checks_payload: bool,
    pub(crate) era: Era,
    pub(crate) keys: Keys,
    /// The most bytes of a body to print.
    pub(crate) print_limit: usize,
}

#[cfg(test)]
impl Defaults {
    /// The defaults of the crate's own unit tests.
    pub(crate) fn of_a_test() -> Self {
        Self {
            region: "us-east-1".into(),
            account: "123456789012".into(),
            checks_payload: true,
            era: Era::TODAY,
            keys: Keys::default(),
            print_limit: 1_024,
        }
    }
}

/// The properties of a checked request.
pub(super) struct Checked {
    pub(super) validity: Validity,
    pub(super) target: Option<Target>,
    /// Which parts of the target are not the fake's own.
    pub(super) elsewhere: Elsewhere,
    pub(super) invocation_type: InvocationType,
    pub(super) log_type: LogType,
    /// Whether the service's size limits apply to its payload and to its answer.
    pub(super) is_limited: bool,
    pub(super) era: Era,
    /// Whether the client sent its own request id.
    pub(super) has_own_id: bool,
}

impl Checked {
    /// A request without anything to check.
    pub(super) fn only(validity: Validity) -> Self {
        Self {
            validity,
            target: None,
            elsewhere: Elsewhere::default(),
            invocation_type: InvocationType::RequestResponse,
            log_type: LogType::None,
            is_limited: true,
            era: Era::TODAY,
            has_own_id: false,
        }
    }
}

/// Checks reserved headers and then the syntax, with all complaints in one message; then the
/// signature, a qualifier that contradicts itself, another region, header values and the payload.
/// No recording shows the position of the last two in the service's order.
pub(super) fn check(
    operation: Operation,
    head: &Head,
    label: &str,
    asked: Option<&str>,
    payload: &[u8],
    defaults: &Defaults,
) -> Checked {
    let mut checked = Checked {
        is_limited: defaults.checks_payload,
        era: defaults.era,
        ..Checked::only(Validity::Valid)
    };
    let own_id = head.field("x-amzn-requestid");
    checked.has_own_id = own_id.is_some();
    let mut complaints = Vec::new();
    if label.len() > NAME_LIMIT {
        let text = too_long(label, "functionName", NAME_LIMIT);
        complaints.push((RefusedPart::FunctionName, text));
    }
    let target = parts_of(label);
    if target.is_none() {
        let text = no_match(label, "functionName", NAME_PATTERN);
        complaints.push((RefusedPart::FunctionName, text));
    }
    if let Some(qualifier) = asked {
        if qualifier.len() > QUALIFIER_LIMIT {
            let text = too_long(qualifier, "qualifier", QUALIFIER_LIMIT);
            complaints.push((RefusedPart::Qualifier, text));
        }
        if !is_qualifier(qualifier) {
            let text = no_match(qualifier, "qualifier", QUALIFIER_PATTERN);
            complaints.push((RefusedPart::Qualifier, text));
        }
    }
    // For `invocationType` and `logType`, the order of the words inside the brackets is not known.
    let (words, type_part) = match operation {
        Operation::Invoke => (
            "Event, RequestResponse, DryRun",
            RefusedPart::InvocationType,
        ),
        Operation::InvokeWithResponseStream => {
            ("RequestResponse, DryRun", RefusedPart::StreamInvocationType)
        }
    };
    match (word_of(head, "x-amz-invocation-type"), operation) {
        (Some(Ok(word @ InvocationType::Event)), Operation::InvokeWithResponseStream) => {
            let text = no_word(word.as_str(), "invocationType", words);
            complaints.push((type_part, text));
        }
        (Some(Ok(word)), _) => checked.invocation_type = word,
        (Some(Err(text)), _) => {
            complaints.push((type_part, no_word(&text, "invocationType", words)));
        }
        (None, _) => {}
    }
    match word_of(head, "x-amz-log-type") {
        Some(Ok(word)) => checked.log_type = word,
        Some(Err(text)) => {
            let text = no_word(&text, "logType", "Tail, None");
            complaints.push((RefusedPart::LogType, text));
        }
        None => {}
    }
    for (name, member, part, limit, pattern, allowed) in RESTRICTED {
        // An empty value counts as absent, as in the other fields.
        let Some(value) = head.field(name).filter(|value| !value.is_empty()) else {
            continue;
        };
        // Only Invoke has this member.
        if member == "durableExecutionName" && operation != Operation::Invoke {
            continue;
        }
        let value = String::from_utf8_lossy(value);
        if value.chars().count() > limit {
            complaints.push((part, too_long(&value, member, limit)));
        }
        let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || allowed.contains(letter);
        if !value.chars().all(is_allowed) {
            complaints.push((part, no_match(&value, member, pattern)));
        }
    }
    let here = region_of(head, &defaults.region);
    let mut contradicts_itself = false;
    checked.target = target
        .filter(|_| label.len() <= NAME_LIMIT)
        .map(|mut target| {
            target.region.get_or_insert_with(|| here.clone());
            target
                .account
                .get_or_insert_with(|| defaults.account.clone());
            match (&target.qualifier, asked) {
                (Some(own), Some(asked)) => contradicts_itself = **own != *asked,
                (None, Some(asked)) => target.qualifier = Some(asked.into()),
                (_, None) => {}
            }
            target
        });
    if let Some(target) = &checked.target {
        checked.elsewhere = Elsewhere {
            region: target.region.as_ref() != Some(&defaults.region),
            account: target.account.as_ref() != Some(&defaults.account),
        };
    }
    let elsewhere = checked
        .target
        .as_ref()
        .and_then(|target| target.region.clone())
        .filter(|region| *region != here);
    let mut why = None;
    let refusal = if let Some(name) = reserved_field(head) {
        why = Some(format!("the request has the header `{name}`"));
        let text = "The request includes reserved HTTP headers. Reserved headers are required only for Lambda private link requests.";
        // The code was not recorded; this is the one of the other refusals with this status.
        let error = ServiceError::AccessDeniedException;
        Some((RefusedPart::ReservedHeader, error, text.to_owned()))
    } else if let Some((part, _)) = complaints.first() {
        let texts: Vec<&str> = complaints.iter().map(|(_, text)| &**text).collect();
        let plural = if complaints.len() == 1 { "" } else { "s" };
        let text = format!(
            "{} validation error{plural} detected: {}",
            complaints.len(),
            texts.join("; ")
        );
        Some((*part, ServiceError::ValidationException, text))
    } else if let Some(value) = doubled_authorization(head) {
        why = Some("the request has two values of `Authorization`".to_owned());
        let part = match defaults.keys.are_required() {
            true => RefusedPart::Signature,
            false => RefusedPart::Authorization,
        };
        // Recorded up to the colon in 2022, without the code.
        let text = not_a_parameter(ALGORITHM, &value);
        Some((part, ServiceError::IncompleteSignatureException, text))
    } else if let Some((error, text, reason)) =
        (defaults.keys).refusal(head, payload, &defaults.region, SystemTime::now)
    {
        why = Some(reason);
        Some((RefusedPart::Signature, error, text))
    } else if contradicts_itself {
        let text =
            "The derived qualifier from the function name does not match the specified qualifier.";
        let error = ServiceError::InvalidParameterValueException;
        Some((RefusedPart::TwoQualifiers, error, text.to_owned()))
    } else if let Some(elsewhere) = elsewhere {
        let text =
            format!("Functions from '{elsewhere}' are not reachable in this region ('{here}')");
        let error = ServiceError::ResourceNotFoundException;
        Some((RefusedPart::Region, error, text))
    } else if let Some(length) = long_context(head).filter(|_| own_id.is_none_or(is_uuid)) {
        why = Some(format!(
            "the client context has {length} bytes of base64, and the limit is {CLIENT_CONTEXT_LIMIT}"
        ));
        let text = format!(
            "Client context is too long: {length} bytes of Base64, the limit is {CLIENT_CONTEXT_LIMIT} bytes."
        );
        let error = ServiceError::InvalidRequestContentException;
        Some((RefusedPart::LongContext, error, text))
    } else {
        refused_headers(head, own_id).or_else(|| {
            if defaults.checks_payload && !payload.is_empty() {
                refused_payload(payload, checked.invocation_type, defaults.era)
            } else {
                None
            }
        })
    };
    if let Some((part, error, message)) = refusal {
        checked.validity = Validity::Refused {
            error,
            message,
            why,
            part,
        };
    }
    checked
}

/// The name of the first reserved header field, as the client wrote it.
fn reserved_field(head: &Head) -> Option<&str> {
    if RESERVED.iter().all(|name| head.field(name).is_none()) {
        return None;
    }
    let mut names = head.fields().map(|(name, _)| name);
    names.find(|name| {
        RESERVED
            .iter()
            .any(|reserved| name.eq_ignore_ascii_case(reserved))
    })
}

/// The values of `Authorization`, joined by a comma, if there is more than one signature.
fn doubled_authorization(head: &Head) -> Option<String> {
    let mut values = head.values("authorization");
    let (first, second) = (values.next()?, values.next());
    // A second signature repeats the name of the algorithm. The second letter of that name, `W`, is
    // rare in the rest of a signature, so nearly every request needs no closer look.
    let rest = first.get(ALGORITHM.len()..).unwrap_or_default();
    if second.is_none() && !rest.contains(&b'W') {
        return None;
    }
    let all = [first].into_iter().chain(second).chain(values);
    let joined = all
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(", ");
    let algorithms = joined
        .split([' ', ','])
        .filter(|part| *part == ALGORITHM)
        .count();
    (algorithms > 1).then_some(joined)
}

/// Header values that the service refuses with a message of their own.
fn refused_headers(head: &Head, own_id: Option<&[u8]>) -> Option<Refusal> {
    let refused = |part, text: &str| {
        let error = ServiceError::InvalidRequestContentException;
        Some((part, error, text.to_owned()))
    };
    if own_id.is_some_and(|id| !is_uuid(id)) {
        return refused(
            RefusedPart::RequestId,
            "Invalid Request ID: The 'x-amzn-RequestId' header must be a valid UUID format string.",
        );
    }
    // SDKs send an empty value for an empty client context; it counts as absent.
    match head.field("x-amz-client-context") {
        Some(context) if !context.is_empty() && !is_client_context(context) => {
            let text = "Client context must be a valid Base64-encoded JSON object.";
            refused(RefusedPart::ClientContext, text)
        }
        _ => None,
    }
}

/// The length of a client context that is over the limit. No recording shows how the service
/// refuses one; the code and the text are this crate's.
fn long_context(head: &Head) -> Option<usize> {
    let length = head.field("x-amz-client-context")?.len();
    (length > CLIENT_CONTEXT_LIMIT).then_some(length)
}

/// Returns `true` if the value is base64 of JSON.
fn is_client_context(context: &[u8]) -> bool {
    let decoded = base64::engine::general_purpose::STANDARD.decode(context);
    decoded.is_ok_and(|decoded| json::check(&decoded).is_ok())
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn refused_payload(payload: &[u8], invocation_type: InvocationType, era: Era) -> Option<Refusal> {
    let length = payload.len();
    let too_long = |text| {
        let error = ServiceError::RequestEntityTooLargeException;
        Some((RefusedPart::LongPayload, error, text))
    };
    if length > REQUEST {
        return too_long(if era.names_the_length() {
            format!(
                "{length} byte payload is too large for the {invocation_type} invocation type (limit {REQUEST} bytes)"
            )
        } else {
            format!("Request must be smaller than {REQUEST} bytes for the InvokeFunction operation")
        });
    }
    let limit = era.event_limit();
    if invocation_type == InvocationType::Event && length > limit {
        return too_long(format!(
            "{length} byte payload is too large for the Event invocation type (limit {limit} bytes)"
        ));
    }
    let error = json::check(payload).err()?;
    let (words, column) = era.parser_says(error.to_string(), error.column(), payload);
    let text = format!(
        "{}{words}\n at [Source: {}; line: {}, column: {column}]",
        era.not_json(),
        era.json_source(payload),
        error.line(),
    );
    let error = ServiceError::InvalidRequestContentException;
    Some((RefusedPart::Payload, error, text))
}

fn word_of<W: std::str::FromStr>(head: &Head, name: &str) -> Option<Result<W, String>> {
    let value = String::from_utf8_lossy(head.field(name)?);
    (!value.is_empty()).then(|| value.parse().map_err(|_| value.into_owned()))
}

fn failed(value: &str, member: &str) -> String {
    format!("Value '{value}' at '{member}' failed to satisfy constraint: Member must")
}

fn no_match(value: &str, member: &str, pattern: &str) -> String {
    format!(
        "{} satisfy regular expression pattern: {pattern}",
        failed(value, member)
    )
}

fn too_long(value: &str, member: &str, limit: usize) -> String {
    format!(
        "{} have length less than or equal to {limit}",
        failed(value, member)
    )
}

fn no_word(value: &str, member: &str, words: &str) -> String {
    format!(
        "{} satisfy enum value set: [{words}]",
        failed(value, member)
    )
}

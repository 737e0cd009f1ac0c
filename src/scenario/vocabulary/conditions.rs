//! The conditions of a rule.

use super::super::entry::{Argument, ArgumentEntry, Code, KindEntry, ObjectEntry, Single};
use super::super::print::Out;
use super::super::shape::Takes;
use super::values::Within;
use crate::aws::words::{InvocationType, LogType, Operation};
use crate::request::matchers::{self, Condition, Known};

static CONDITIONS: ObjectEntry<Condition> = ObjectEntry {
    noun: "a condition",
    about: "A condition: a matcher of `matchers` and its argument.",
    kinds: &[
        &PAYLOAD_IS,
        &PAYLOAD_PARTIAL,
        &CLIENT_CONTEXT_PARTIAL,
        &INVOCATION_TYPE,
        &LOG_TYPE,
        &OPERATION,
        &TENANT_ID,
        &DURABLE_EXECUTION_NAME,
        &ATTEMPT,
        &SIGNING_REGION,
        &ACCESS_KEY_ID,
        &HEADER_CONTAINS,
    ],
};

impl Argument for Condition {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| CONDITIONS.object()),
        read: |value| Ok(CONDITIONS.read(value)?.written(value.location())),
        write,
    };
}

fn write(condition: &Condition, code: &mut Code) -> Out {
    let Some(known) = condition.known() else {
        let (label, location) = (condition.label(), condition.written_at());
        code.push(format!("a condition, `{label}`, written at {location}"));
        return Out::nothing();
    };
    let json = |json: &serde_json::Value| ExpectedJson(json.clone());
    match known {
        Known::PayloadIs(value) => PAYLOAD_IS.write(json(value), code),
        Known::PayloadPartial(value) => PAYLOAD_PARTIAL.write(json(value), code),
        Known::ClientContextPartial(value) => CLIENT_CONTEXT_PARTIAL.write(json(value), code),
        Known::InvocationType(word) => INVOCATION_TYPE.write(*word, code),
        Known::LogType(word) => LOG_TYPE.write(*word, code),
        Known::Operation(word) => OPERATION.write(*word, code),
        Known::TenantId(id) => TENANT_ID.write(id.to_string(), code),
        Known::DurableExecutionName(name) => DURABLE_EXECUTION_NAME.write(name.to_string(), code),
        Known::Attempt(number) => ATTEMPT.write(Within(*number), code),
        Known::SigningRegion(region) => SIGNING_REGION.write(region.to_string(), code),
        Known::AccessKeyId(id) => ACCESS_KEY_ID.write(id.to_string(), code),
        Known::HeaderContains { name, text } => {
            HEADER_CONTAINS.write((name.to_string(), text.to_string()), condition, code)
        }
    }
}

static PAYLOAD_IS: Single<Condition, ExpectedJson> = Single {
    word: "payload_is",
    about: "The payload equals this JSON value.",
    make: |json| Ok(Condition::payload_is(json.0)),
};

static PAYLOAD_PARTIAL: Single<Condition, ExpectedJson> = Single {
    word: "payload_partial",
    about: "The payload contains this JSON value.",
    make: |json| Ok(Condition::payload_partial(json.0)),
};

static CLIENT_CONTEXT_PARTIAL: Single<Condition, ExpectedJson> = Single {
    word: "client_context_partial",
    about: "The decoded client context contains this JSON value.",
    make: |json| Ok(Condition::client_context_partial(json.0)),
};

static INVOCATION_TYPE: Single<Condition, InvocationType> = Single {
    word: "invocation_type",
    about: "The invocation type is this one.",
    make: |word| Ok(matchers::invocation_type(word)),
};

static LOG_TYPE: Single<Condition, LogType> = Single {
    word: "log_type",
    about: "The log type is this one.",
    make: |word| Ok(matchers::log_type(word)),
};

static OPERATION: Single<Condition, Operation> = Single {
    word: "operation",
    about: "The operation is this one.",
    make: |word| Ok(matchers::operation(word)),
};

static TENANT_ID: Single<Condition, String> = Single {
    word: "tenant_id",
    about: "The tenant id is exactly this one.",
    make: |id| Ok(matchers::tenant_id(id)),
};

static DURABLE_EXECUTION_NAME: Single<Condition, String> = Single {
    word: "durable_execution_name",
    about: "The name of the durable execution is exactly this one.",
    make: |name| Ok(matchers::durable_execution_name(name)),
};

static ATTEMPT: Single<Condition, Within<u32, 1, { u32::MAX as u64 }>> = Single {
    word: "attempt",
    about: "The SDK's number of the attempt, from 1, is this one.",
    make: |number| Ok(matchers::attempt(number.0)),
};

static SIGNING_REGION: Single<Condition, String> = Single {
    word: "signing_region",
    about: "The request is signed for this region.",
    make: |region| Ok(matchers::signing_region(region)),
};

static ACCESS_KEY_ID: Single<Condition, String> = Single {
    word: "access_key_id",
    about: "The request is signed with this access key id.",
    make: |id| Ok(matchers::access_key_id(id)),
};

static HEADER_CONTAINS: KindEntry<Condition, (String, String)> = KindEntry {
    about: "",
    parts: &[
        (
            "header_contains",
            "A header field of this name contains the text.",
        ),
        ("text", "The text that the value contains."),
    ],
    make: |(name, text)| Ok(matchers::header_contains(name, text)),
    options: None,
};

/// A JSON value to compare a payload or a client context with.
struct ExpectedJson(serde_json::Value);

impl Argument for ExpectedJson {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Json,
        read: |value| match serde_json::from_str(&value.compact()) {
            Ok(json) => Ok(Self(json)),
            Err(error) => {
                let error = error.to_string();
                let error = error.split(" at line ").next().unwrap_or_default();
                // The text is valid JSON, so an escape is half of a surrogate pair.
                let help = match error.contains("escape") {
                    true => "write both halves of a surrogate pair, or the character itself",
                    false => "use a smaller value",
                };
                Err(value.problem(format!("cannot be compared: {error}; {help}")))
            }
        },
        write: |json, _| Out::plain(&json.0),
    };
}

//! Conditions as data, and their labels.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::aws::words::{InvocationType, LogType, Operation};

/// A condition that is not user code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Known {
    AccessKeyId(Arc<str>),
    Attempt(u32),
    ClientContextPartial(Arc<Value>),
    DurableExecutionName(Arc<str>),
    HeaderContains { name: Arc<str>, text: Arc<str> },
    InvocationType(InvocationType),
    LogType(LogType),
    Operation(Operation),
    PayloadIs(Arc<Value>),
    PayloadPartial(Arc<Value>),
    SigningRegion(Arc<str>),
    TenantId(Arc<str>),
}

/// The function's name and its arguments: `payload_is({"id":7})`.
impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessKeyId(id) => write!(f, "access_key_id({id})"),
            Self::Attempt(number) => write!(f, "attempt({number})"),
            Self::ClientContextPartial(value) => write!(f, "client_context_partial({value})"),
            Self::DurableExecutionName(name) => write!(f, "durable_execution_name({name})"),
            Self::HeaderContains { name, text } => write!(f, "header_contains({name}, {text})"),
            Self::InvocationType(word) => write!(f, "invocation_type({word})"),
            Self::LogType(word) => write!(f, "log_type({word})"),
            Self::Operation(word) => write!(f, "operation({word})"),
            Self::PayloadIs(value) => write!(f, "payload_is({value})"),
            Self::PayloadPartial(value) => write!(f, "payload_partial({value})"),
            Self::SigningRegion(region) => write!(f, "signing_region({region})"),
            Self::TenantId(id) => write!(f, "tenant_id({id})"),
        }
    }
}

//! One request as the service understands it, or the reason why the service refuses it.
//!
//! An [`Invocation`] is data about a request, before any decision. Every request that reaches the
//! fake becomes one, including requests that no Lambda endpoint would understand, so that nothing a
//! client sends is lost.

mod credential;
mod execution;
mod log;
mod particulars;
mod read;
mod request_id;
mod validation;

use std::any::type_name;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::particulars::Elsewhere;
pub(crate) use self::particulars::{ClientContext, Particulars};
pub(crate) use self::request_id::RequestId;
pub(crate) use self::validation::Defaults;
use crate::aws::era::Era;
use crate::aws::service_error::ServiceError;
use crate::aws::target::Target;
use crate::aws::versions::Resolved;
use crate::aws::words::{InvocationType, LogType, Operation};
use crate::ground::count::plural;
use crate::ground::cut::short_type;
use crate::ground::head::Head;
use crate::ground::message::Message;
use crate::request::operation::Requested;

/// One request to the fake. Conditions and handlers receive it, and the journal keeps it.
///
/// Cheap to clone: clones share the bytes. If the body is not what the test expects,
/// [`payload_json`](Self::payload_json) and [`payload_as`](Self::payload_as) panic at the caller's
/// line.
#[derive(Clone)]
pub struct Invocation {
    request: Arc<Request>,
    request_id: RequestId,
    /// The version of its qualifier.
    version: Resolved,
    /// The ARN of its execution, if its function is durable.
    durable_execution: Option<Arc<str>>,
    /// Whether it is an accepted event, in the form that its function gets.
    is_execution: bool,
    /// The connection that carried it, where the fake knows it.
    connection: Option<NonZeroU64>,
}

/// The parts that were read from the request; shared by all clones.
#[derive(Debug)]
struct Request {
    head: Head,
    payload: Bytes,
    requested: Requested,
    validity: Validity,
    /// The function label of the path, percent-decoded; `None` if there is a target.
    label: Option<Box<str>>,
    /// Present if the request names a function that the service could look up; region and account
    /// are filled in.
    target: Option<Target>,
    /// Whether the region and the account of the target are not the fake's own.
    elsewhere: Elsewhere,
    invocation_type: InvocationType,
    log_type: LogType,
    attempt: Option<u32>,
    max_attempts: Option<u32>,
    is_limited: bool,
    era: Era,
    has_own_id: bool,
    print_limit: usize,
    written: log::Written,
}

/// The part of a request that the service refuses; the first one if there are several.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RefusedPart {
    ReservedHeader,
    FunctionName,
    Qualifier,
    InvocationType,
    /// The invocation type, for an operation that does not accept `Event`.
    StreamInvocationType,
    LogType,
    TenantId,
    DurableName,
    /// Two values of `Authorization`, where no signature is required.
    Authorization,
    Signature,
    /// Different qualifiers in the function name and in the query.
    TwoQualifiers,
    /// A function in a region that the client does not call.
    Region,
    /// A client context over the limit.
    LongContext,
    RequestId,
    ClientContext,
    /// A payload over the limit.
    LongPayload,
    Payload,
}

/// Whether the service accepts a request, before it looks up a function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Validity {
    Valid,
    /// The service refuses it, whatever the function does.
    Refused {
        error: ServiceError,
        message: String,
        /// A reason that the service does not send; its first line is the short form.
        why: Option<String>,
        part: RefusedPart,
    },
    /// Bytes that no HTTP server would accept, and the status of the answer.
    Malformed {
        status: u16,
        why: String,
    },
    /// The client disconnected before its request was complete.
    Incomplete {
        why: String,
    },
}

impl Invocation {
    /// Returns the function's name without region, account and qualifier; empty if the request
    /// names no function.
    ///
    /// A name that the service would refuse is returned whole, percent-decoded.
    pub fn function_name(&self) -> &str {
        match (&self.request.target, &self.request.label) {
            (Some(target), _) => &target.name,
            (None, Some(label)) => label,
            (None, None) => "",
        }
    }

    /// Whether the service refuses it for its signature.
    pub(crate) fn is_badly_signed(&self) -> bool {
        match self.validity() {
            Validity::Refused { part, .. } => *part == RefusedPart::Signature,
            Validity::Valid | Validity::Malformed { .. } | Validity::Incomplete { .. } => false,
        }
    }

    /// Returns the requested version or alias, from the name, the ARN or the `Qualifier` query.
    pub fn qualifier(&self) -> Option<&str> {
        self.request.target.as_ref()?.qualifier.as_deref()
    }

    /// Returns the ARN that a handler sees as `invoked_function_arn`: qualified only if the caller
    /// qualified it. If the service would refuse the function's name, this is the name itself.
    pub fn function_arn(&self) -> String {
        match &self.request.target {
            Some(target) => format!(
                "arn:aws:lambda:{}:{}:function:{target}",
                target.region.as_deref().unwrap_or_default(),
                target.account.as_deref().unwrap_or_default()
            ),
            None => self.function_name().to_owned(),
        }
    }

    /// Returns the version that runs: the version of a declared alias, or else a numeric qualifier,
    /// or else `$LATEST`.
    pub fn function_version(&self) -> &str {
        match (&self.version, self.qualifier()) {
            (Resolved::Version(version), _) => version,
            (_, Some(asked)) if asked.bytes().all(|byte| byte.is_ascii_digit()) => asked,
            _ => "$LATEST",
        }
    }

    /// Returns the region of the ARN, or else of the signature's credential scope, or else the
    /// builder's; empty if the request has no valid function name.
    pub fn region(&self) -> &str {
        self.request
            .target
            .as_ref()
            .and_then(|target| target.region.as_deref())
            .unwrap_or_default()
    }

    /// Returns the account of the function name, or else the builder's; empty if the request has no
    /// valid function name.
    pub fn account(&self) -> &str {
        self.request
            .target
            .as_ref()
            .and_then(|target| target.account.as_deref())
            .unwrap_or_default()
    }

    /// Returns the invocation type; `RequestResponse` by default.
    pub fn invocation_type(&self) -> InvocationType {
        self.request.invocation_type
    }

    /// Returns the log type; `None` by default.
    pub fn log_type(&self) -> LogType {
        self.request.log_type
    }

    /// Returns the body as it was sent; empty if the client sent none.
    pub fn payload(&self) -> Bytes {
        self.request.payload.clone()
    }

    /// Returns the length of the body in bytes.
    pub fn payload_len(&self) -> usize {
        self.request.payload.len()
    }

    /// Returns the body as JSON; an empty body is `{}`, as a function gets it.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("echo").handle(async |invocation: Invocation| invocation.payload_json());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the body is not JSON that a [`serde_json::Value`] can hold. The service accepts
    /// more: nesting deeper than 127 levels, lone surrogates, `1e999`.
    #[track_caller]
    pub fn payload_json(&self) -> Value {
        match self.try_payload_json() {
            Ok(value) => value,
            Err(error) => panic!(
                "{}",
                Message::new(
                    format!(
                        "the payload of this invocation of `{}` is not a valid `serde_json::Value`: {error}",
                        self.described()
                    ),
                    format!(
                        "use `payload()`, which returns its {}",
                        plural(self.payload_len() as u64, "byte")
                    ),
                )
            ),
        }
    }

    /// Returns the body as your own type; an empty body is `{}`, as a function gets it.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, Reply};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Order {
    ///     id: u64,
    /// }
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").handle(async |invocation: Invocation| Reply::json(invocation.payload_as::<Order>().id));
    /// ```
    ///
    /// If callers can also send something else, write the function with
    /// [`handle_json`](crate::Rule::handle_json) instead.
    ///
    /// # Panics
    ///
    /// Panics if the body is not a valid `T`, with the path of the invalid member.
    #[track_caller]
    pub fn payload_as<T: DeserializeOwned>(&self) -> T {
        let mut json = serde_json::Deserializer::from_slice(self.json_payload());
        let read = serde_path_to_error::deserialize(&mut json).map_err(|error| error.to_string());
        let read = read.and_then(|value| match json.end() {
            Ok(()) => Ok(value),
            Err(error) => Err(error.to_string()),
        });
        match read {
            Ok(value) => value,
            Err(error) => panic!(
                "{}",
                Message::new(
                    format!(
                        "the payload of this invocation of `{}` is not a valid `{}`: {error}",
                        self.described(),
                        short_type(type_name::<T>())
                    ),
                    match self.payload_len() {
                        0 => "send a payload; the function receives an empty payload as `{}`",
                        _ => "correct the payload or the type; `payload()` gives its bytes",
                    },
                )
            ),
        }
    }

    pub(crate) fn try_payload_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(self.json_payload())
    }

    /// The body as a function gets it: an empty one is `{}`.
    pub(crate) fn json_payload(&self) -> &[u8] {
        match self.payload_bytes() {
            [] => b"{}",
            payload => payload,
        }
    }

    /// Returns the tenant, for a function with tenant isolation.
    pub fn tenant_id(&self) -> Option<&str> {
        self.header("x-amz-tenant-id")
    }

    /// Returns the name of the requested durable execution.
    pub fn durable_execution_name(&self) -> Option<&str> {
        self.header("x-amz-durable-execution-name")
    }

    /// Returns the id of this attempt's answer in `x-amzn-RequestId`: a lower-case UUID, different
    /// for each attempt.
    ///
    /// A client that sends that header itself gets its value back.
    pub fn request_id(&self) -> &str {
        let own = if self.request.has_own_id {
            self.header("x-amzn-requestid")
        } else {
            None
        };
        own.unwrap_or_else(|| self.request_id.as_str())
    }

    /// Returns the id that all attempts of one call share (`amz-sdk-invocation-id`).
    pub fn invocation_id(&self) -> Option<&str> {
        self.header("amz-sdk-invocation-id")
    }

    /// Returns the SDK's number of the attempt, from 1 (`amz-sdk-request: attempt=2; max=3`).
    pub fn attempt(&self) -> Option<u32> {
        self.request.attempt
    }

    /// Returns the SDK's maximum number of attempts.
    pub fn max_attempts(&self) -> Option<u32> {
        self.request.max_attempts
    }

    /// Returns the access key id of the signature; `None` without a complete SigV4 credential in
    /// `Authorization`.
    pub fn access_key_id(&self) -> Option<&str> {
        Some(self.credential_scope()?[0])
    }

    /// Returns the region of the signature's credential scope; `None` without a complete SigV4
    /// credential in `Authorization`.
    pub fn signing_region(&self) -> Option<&str> {
        Some(self.credential_scope()?[2])
    }

    /// Returns the first header field with this name, in any casing; `None` if there is none or its
    /// value is not UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.request.head.field(name)?).ok()
    }

    /// Returns all header fields in the order and with the casing in which they were sent.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.request.head.fields()
    }

    /// Returns the method as sent, such as `POST`.
    pub fn method(&self) -> &str {
        self.request.head.method()
    }

    /// Returns the request target as sent: path and query, percent-encoded.
    pub fn path_and_query(&self) -> &str {
        self.request.head.target()
    }

    fn credential_scope(&self) -> Option<[&str; 5]> {
        credential::credential_scope(&self.request.head)
    }

    /// Returns the operation by which the caller invokes the function.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, Invocation, Operation};
    /// use serde_json::json;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("chat").handle(async |invocation: Invocation| match invocation.operation() {
    ///     Operation::InvokeWithResponseStream => json!("in chunks"),
    ///     _ => json!("as one payload"),
    /// });
    /// ```
    pub fn operation(&self) -> Operation {
        match self.request.requested {
            Requested::Call(operation) => operation,
            // Neither conditions nor handlers nor calls of the journal have such a request.
            Requested::InvokeAsync | Requested::Unknown => Operation::Invoke,
        }
    }

    /// Returns `true` if the caller gets the answer in chunks.
    pub(crate) fn is_streamed(&self) -> bool {
        self.operation() == Operation::InvokeWithResponseStream
    }

    /// The action that the request asks for.
    pub(crate) fn requested(&self) -> Requested {
        self.request.requested
    }

    /// Whether the service accepts the request.
    pub(crate) fn validity(&self) -> &Validity {
        &self.request.validity
    }

    pub(crate) fn target(&self) -> Option<&Target> {
        self.request.target.as_ref()
    }

    /// Returns `true` for a request of an operation that rules answer, refused or not: these count
    /// as calls.
    pub(crate) fn is_invoke(&self) -> bool {
        self.request.requested.is_call()
    }

    pub(crate) fn head(&self) -> &Head {
        &self.request.head
    }

    pub(crate) fn payload_bytes(&self) -> &[u8] {
        &self.request.payload
    }

    /// Its approximate size in memory, with its payload.
    pub(crate) fn kept_bytes(&self) -> usize {
        /// For the allocator, and for the parts of the target other than its name.
        const OVERHEAD: usize = 512;
        let Request {
            head,
            payload,
            label,
            target,
            validity,
            ..
        } = &*self.request;
        let message = match validity {
            Validity::Valid => 0,
            Validity::Refused { message, why, .. } => {
                message.len() + why.as_ref().map_or(0, String::len)
            }
            Validity::Malformed { why, .. } | Validity::Incomplete { why } => why.len(),
        };
        OVERHEAD
            + size_of::<Request>()
            + head.kept_bytes()
            + label.as_ref().map_or(0, |label| label.len())
            + target.as_ref().map_or(0, |target| target.name.len())
            + message
            + self.durable_execution.as_ref().map_or(0, |arn| arn.len())
            + payload.len()
    }

    /// The year whose answers it gets.
    pub(crate) fn era(&self) -> Era {
        self.request.era
    }

    /// The most bytes to print of its body and of its answer.
    pub(crate) fn print_limit(&self) -> usize {
        self.request.print_limit
    }

    /// Whether the service's size limit applies to its answer.
    pub(crate) fn is_limited(&self) -> bool {
        self.request.is_limited
    }

    pub(crate) fn set_version(&mut self, version: Resolved) {
        self.version = version;
    }

    /// Sets the ARN of its durable execution, which contains the name that the client chose, or
    /// else `own_name`, and `id`.
    pub(crate) fn set_durable_execution(&mut self, own_name: &RequestId, id: &RequestId) {
        let Some(target) = &self.request.target else {
            return;
        };
        let name = self.durable_execution_name();
        let arn = format!(
            "arn:aws:lambda:{}:{}:function:{}:{}/durable-execution/{}/{}",
            self.region(),
            self.account(),
            target.name,
            self.function_version(),
            name.filter(|name| !name.is_empty())
                .unwrap_or_else(|| own_name.as_str()),
            id.as_str(),
        );
        self.durable_execution = Some(arn.into());
    }

    pub(crate) fn durable_execution_arn(&self) -> Option<Arc<str>> {
        self.durable_execution.clone()
    }

    /// The version that the declared versions and aliases give for its qualifier.
    pub(crate) fn version(&self) -> &Resolved {
        &self.version
    }

    /// Notes the connection that carried it, counted from 1.
    pub(crate) fn on_connection(mut self, number: u64) -> Self {
        self.connection = NonZeroU64::new(number);
        self
    }

    pub(crate) fn connection(&self) -> Option<u64> {
        self.connection.map(NonZeroU64::get)
    }

    pub(crate) fn set_request_id(&mut self, id: RequestId) {
        self.request_id = id;
    }

    /// The target as a report writes it, or else the function label, or else the request line, or
    /// the first bytes if the request line cannot be read.
    pub(crate) fn described(&self) -> String {
        match (&self.request.target, &self.request.label) {
            (Some(target), _) => target.to_string(),
            // Decoded, so it can contain a line break, which must not break a line of the journal.
            (None, Some(label)) => {
                let letters = label.chars();
                let printable = |letter: char| match letter.is_control() {
                    true => letter.escape_default().to_string(),
                    false => letter.to_string(),
                };
                letters.map(printable).collect()
            }
            (None, None) if self.method().is_empty() => {
                format!("`{}`", self.request.head.beginning())
            }
            (None, None) => format!("{} {}", self.method(), self.path_and_query()),
        }
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Particulars {
            region,
            account,
            log_type,
            client_context,
            tenant_id,
            durable_execution_name,
        } = self.particulars();
        fn given<T: fmt::Debug>(value: &Option<T>) -> Option<&dyn fmt::Debug> {
            value.as_ref().map(|value| value as &dyn fmt::Debug)
        }
        let given = [
            ("region", given(&region)),
            ("account", given(&account)),
            ("log_type", given(&log_type)),
            ("client_context", given(&client_context)),
            ("tenant_id", given(&tenant_id)),
            ("durable_execution_name", given(&durable_execution_name)),
        ];
        let mut debug = f.debug_struct("Invocation");
        debug
            .field("target", &self.described())
            .field("invocation_type", &self.request.invocation_type);
        for (name, value) in given {
            if let Some(value) = value {
                debug.field(name, value);
            }
        }
        debug
            .field("attempt", &self.request.attempt)
            .field("payload_len", &self.payload_len())
            .finish_non_exhaustive()
    }
}

//! One request as the service would understand it, or why the service would refuse it.
//!
//! An [`Invocation`] is data: what was asked, with nothing decided yet. Every request that reaches the fake becomes one, also
//! those that no Lambda endpoint would understand, so that nothing a client sent is lost.

mod credential;
mod execution;
mod log;
mod read;
mod request_id;
mod validation;

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::request_id::RequestId;
pub(crate) use self::validation::Defaults;
use crate::aws::era::Era;
use crate::aws::service_error::ServiceError;
use crate::aws::target::Target;
use crate::aws::versions::Resolved;
use crate::aws::words::{InvocationType, LogType};
use crate::ground::count::plural;
use crate::ground::head::Head;
use crate::ground::message::Message;
use crate::request::operation::Operation;

/// One request to the fake: what conditions and handlers are asked with, and what the journal keeps.
///
/// Cheap to clone: the bytes are shared. The accessors that can fail on what the client sent, such as
/// [`payload_json`](Self::payload_json) and [`payload_as`](Self::payload_as), say so at the caller's line.
#[derive(Clone)]
pub struct Invocation {
    request: Arc<Request>,
    request_id: RequestId,
    /// The version that its qualifier comes to.
    version: Resolved,
    payload: Option<Bytes>,
    /// Whether it is an accepted event, as its function gets it.
    is_execution: bool,
}

/// What was read from the request; shared by every clone.
#[derive(Debug)]
struct Request {
    head: Head,
    operation: Operation,
    validity: Validity,
    /// The function label of the path, percent-decoded, as the client wrote it.
    label: Option<Box<str>>,
    /// Present for everything that names a function the service could look up; region and account are filled in.
    target: Option<Target>,
    invocation_type: InvocationType,
    log_type: LogType,
    attempt: Option<u32>,
    max_attempts: Option<u32>,
    payload_length: usize,
    is_limited: bool,
    era: Era,
    has_own_id: bool,
    print_limit: usize,
    written: log::Written,
}

/// Whether the service takes a request, before it looks at any function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Validity {
    Valid,
    /// The service refuses it, whatever the function does.
    Refused {
        error: ServiceError,
        message: String,
        /// What the service does not tell; its first line says it in short.
        why: Option<String>,
    },
    /// Bytes that no HTTP server would accept, with the status they are answered with.
    Malformed {
        status: u16,
        why: String,
    },
    /// The client left before its request was whole.
    Incomplete {
        why: String,
    },
}

impl Invocation {
    /// The function's name without region, account and qualifier; empty when the request names no function.
    ///
    /// A name the service would refuse is given as the client wrote it.
    pub fn function_name(&self) -> &str {
        match (&self.request.target, &self.request.label) {
            (Some(target), _) => &target.name,
            (None, Some(label)) => label,
            (None, None) => "",
        }
    }

    /// The version or alias that was asked for, in the name, the ARN or the `Qualifier` query.
    pub fn qualifier(&self) -> Option<&str> {
        self.request.target.as_ref()?.qualifier.as_deref()
    }

    /// The ARN a handler would see as `invoked_function_arn`: qualified only when the caller qualified it.
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

    /// The version that runs: what a declared alias comes to, else a numeric qualifier, else `$LATEST`.
    pub fn function_version(&self) -> &str {
        match (&self.version, self.qualifier()) {
            (Resolved::Version(version), _) => version,
            (_, Some(asked)) if asked.bytes().all(|byte| byte.is_ascii_digit()) => asked,
            _ => "$LATEST",
        }
    }

    /// The region of the ARN, else of the signature's credential scope, else the builder's.
    pub fn region(&self) -> &str {
        self.request
            .target
            .as_ref()
            .and_then(|target| target.region.as_deref())
            .unwrap_or_default()
    }

    /// The account of the function name, else the builder's.
    pub fn account(&self) -> &str {
        self.request
            .target
            .as_ref()
            .and_then(|target| target.account.as_deref())
            .unwrap_or_default()
    }

    /// `RequestResponse` unless the caller said otherwise.
    pub fn invocation_type(&self) -> InvocationType {
        self.request.invocation_type
    }

    /// `None` unless the caller asked for the log tail.
    pub fn log_type(&self) -> LogType {
        self.request.log_type
    }

    /// The body as it was sent; empty when the client sent none.
    ///
    /// # Panics
    ///
    /// At the caller's line when the journal has dropped this payload to stay under its byte limit.
    #[track_caller]
    pub fn payload(&self) -> Bytes {
        match &self.payload {
            Some(payload) => payload.clone(),
            None => panic!(
                "{}",
                Message::new(
                    format!(
                        "the payload of this invocation of `{}` ({}) is no longer kept: the journal was over its byte limit",
                        self.described(),
                        plural(self.request.payload_length as u64, "byte")
                    ),
                    "raise the limit with `FakeLambda::builder().journal_bytes(..)`",
                )
            ),
        }
    }

    /// How many bytes the body has, also when the journal no longer keeps it.
    pub fn payload_len(&self) -> usize {
        self.request.payload_length
    }

    /// The body as JSON; an empty body is `{}`, as a function would get it.
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
    /// At the caller's line when the body is no JSON that a [`serde_json::Value`] can hold (the service takes more: nesting
    /// deeper than 128, lone surrogates, `1e999`), or when the journal has dropped it.
    #[track_caller]
    pub fn payload_json(&self) -> Value {
        let payload = self.payload();
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
                        plural(payload.len() as u64, "byte")
                    ),
                )
            ),
        }
    }

    /// The body as a type of the test's own; an empty body is `{}`, as a function would get it.
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
    /// A function whose callers may send something else is better written with [`handle_json`](crate::Rule::handle_json).
    ///
    /// # Panics
    ///
    /// At the caller's line when the body is not a valid `T`, with the path of the member that is wrong, or when the journal has dropped it.
    #[track_caller]
    pub fn payload_as<T: DeserializeOwned>(&self) -> T {
        // For its panic, when the journal has dropped it.
        let _ = self.payload();
        let mut json = serde_json::Deserializer::from_slice(self.json_payload());
        let read = serde_path_to_error::deserialize(&mut json).map_err(|error| error.to_string());
        let read = read.and_then(|value| match json.end() {
            Ok(()) => Ok(value),
            Err(error) => Err(error.to_string()),
        });
        match read {
            Ok(value) => value,
            Err(error) => panic!(
                "error: the payload of this invocation of `{}` is not a valid `{}`: {error}\n  \
                 help: correct the payload or the type; `payload()` gives its bytes",
                self.described(),
                type_name::<T>(),
            ),
        }
    }

    pub(crate) fn try_payload_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(self.json_payload())
    }

    /// The body as a function gets it: an empty one is `{}`.
    pub(crate) fn json_payload(&self) -> &[u8] {
        match self.kept_payload() {
            None | Some([]) => b"{}",
            Some(payload) => payload,
        }
    }

    /// The tenant of a function with tenant isolation.
    pub fn tenant_id(&self) -> Option<&str> {
        self.header("x-amz-tenant-id")
    }

    /// The name of the durable execution asked for.
    pub fn durable_execution_name(&self) -> Option<&str> {
        self.header("x-amz-durable-execution-name")
    }

    /// The id this attempt is answered with in `x-amzn-RequestId`: a lower-case UUID, different for each attempt.
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

    /// The id that all attempts of one call share (`amz-sdk-invocation-id`).
    pub fn invocation_id(&self) -> Option<&str> {
        self.header("amz-sdk-invocation-id")
    }

    /// The attempt's number as the SDK gives it, from 1 (`amz-sdk-request: attempt=2; max=3`).
    pub fn attempt(&self) -> Option<u32> {
        self.request.attempt
    }

    /// How many attempts the SDK says it would make at most.
    pub fn max_attempts(&self) -> Option<u32> {
        self.request.max_attempts
    }

    /// The access key id of the signature; `None` for an unsigned request.
    pub fn access_key_id(&self) -> Option<&str> {
        Some(self.credential_scope()?[0])
    }

    /// The region of the signature's credential scope; `None` for an unsigned request.
    pub fn signing_region(&self) -> Option<&str> {
        Some(self.credential_scope()?[2])
    }

    /// The first header field of that name, whatever its casing; `None` too when its value is not visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.request.head.field(name)?).ok()
    }

    /// Every header field in the order sent, names in the casing the client used.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.request.head.fields()
    }

    /// The method, as the `http` crate spells it.
    pub fn method(&self) -> &str {
        self.request.head.method()
    }

    /// The request target as sent: path and query, percent-encoded.
    pub fn path_and_query(&self) -> &str {
        self.request.head.target()
    }

    fn credential_scope(&self) -> Option<[&str; 5]> {
        credential::credential_scope(&self.request.head)
    }

    /// What it asks the service to do.
    pub(crate) fn operation(&self) -> Operation {
        self.request.operation
    }

    /// Whether the service takes it.
    pub(crate) fn validity(&self) -> &Validity {
        &self.request.validity
    }

    pub(crate) fn target(&self) -> Option<&Target> {
        self.request.target.as_ref()
    }

    /// Whether the request is an Invoke request, refused or not: what counts as a call.
    pub(crate) fn is_invoke(&self) -> bool {
        self.request.operation == Operation::Invoke
    }

    pub(crate) fn head(&self) -> &Head {
        &self.request.head
    }

    pub(crate) fn kept_payload(&self) -> Option<&[u8]> {
        self.payload.as_deref()
    }

    /// Whether the journal still has its payload.
    pub(crate) fn is_kept(&self) -> bool {
        self.payload.is_some()
    }

    pub(crate) fn drop_payload(&mut self) {
        self.payload = None;
    }

    /// The year whose answers it gets.
    pub(crate) fn era(&self) -> Era {
        self.request.era
    }

    /// The most bytes that are printed of its body and of what answers it.
    pub(crate) fn print_limit(&self) -> usize {
        self.request.print_limit
    }

    /// Whether what answers it is held to the service's limit.
    pub(crate) fn is_limited(&self) -> bool {
        self.request.is_limited
    }

    pub(crate) fn set_version(&mut self, version: Resolved) {
        self.version = version;
    }

    /// What the versions and aliases that were declared make of its qualifier.
    pub(crate) fn version(&self) -> &Resolved {
        &self.version
    }

    pub(crate) fn set_request_id(&mut self, id: RequestId) {
        self.request_id = id;
    }

    /// The target as a report writes it, or the request line where there is none, or the first bytes where that cannot be read.
    pub(crate) fn described(&self) -> String {
        match (&self.request.target, &self.request.label) {
            (Some(target), _) => target.to_string(),
            // Decoded, so it may hold a line break, which must not break a line of the journal.
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
        f.debug_struct("Invocation")
            .field("target", &self.described())
            .field("invocation_type", &self.request.invocation_type)
            .field("attempt", &self.request.attempt)
            .field("payload_len", &self.request.payload_length)
            .finish_non_exhaustive()
    }
}

//! The result of one attempt: the scripted reply, applied to the request.
//!
//! The journal stores an [`Outcome`], and `reply::response` derives the status, header fields and
//! body from the same value, so the journal and the response always agree. How they are spelled on
//! the wire is not decided here.

mod alterations;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub(crate) use self::alterations::{Alterations, Held, Pause};
use crate::aws::function_error::FunctionError;
use crate::aws::limits::RESPONSE;
use crate::aws::service_error::ServiceError;
use crate::aws::start::Start;
use crate::aws::versions::latest;
use crate::aws::words::{InvocationType, LogType, ThrottleReason};
use crate::reply::chunks::End;
use crate::reply::fault::Fault;
use crate::reply::reply::{Answer, ErrorReply, Handler, Reply};
use crate::reply::stream::Stream;
use crate::request::invocation::Invocation;

/// AWS's message about a request that matches none of its operations.
pub(crate) const NO_OPERATION: &str = "Unable to determine service/operation name to be authorized";

/// The size of a shared text in addition to its bytes.
const SHARED: usize = 32;

/// The answer to an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) kind: OutcomeKind,
    pub(crate) headers: Vec<(Arc<str>, Arc<str>)>,
    /// The ARN of the durable execution that the function runs, or will run.
    pub(crate) durable_execution: Option<Arc<str>>,
    /// How it differs from a plain reply that is sent whole; `None` if it does not.
    pub(crate) alterations: Option<Box<Alterations>>,
}

#[derive(Clone, Debug)]
pub(crate) enum OutcomeKind {
    /// 200, the function ran.
    Ran {
        body: Bytes,
        /// How it failed, if it did.
        failure: Option<FailureKind>,
        version: Arc<str>,
        /// The lines that the reply adds to the function's log.
        log: Option<Arc<str>>,
        /// The lines in which the runtime reports the error, if the caller requested the log.
        error_log: Option<Arc<str>>,
        /// How long the script makes the run take.
        took: Duration,
        start: Start,
    },
    /// 202, the event is queued.
    Accepted,
    /// 204, the call would have been allowed.
    DryRun,
    /// The service refused the request; the function did not run.
    Error(ErrorReply),
    /// An error with a name that the service model does not have.
    Unmodeled {
        code: Arc<str>,
        status: u16,
        message: Option<Arc<str>>,
    },
    /// An HTTP response that Lambda itself would not send.
    Http { status: u16, body: Bytes },
    /// No HTTP response at all.
    Nothing,
}

/// The value of `X-Amz-Function-Error` for a function that failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FailureKind {
    /// For an error that the function itself raised, in the years in which AWS sent this value.
    Handled,
    Unhandled,
}

impl FailureKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "Handled",
            Self::Unhandled => "Unhandled",
        }
    }
}

/// The action to take for an attempt.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Send this.
    Send(Outcome),
    /// Run the handler, then send the outcome of its reply.
    Run(Handler),
    /// Hold the reply back, then send it.
    Hold(Box<Held>),
    /// Wait until the environment has started, then continue with the inner action, which never
    /// sends immediately.
    Start(Duration, Box<Decision>),
}

impl Decision {
    /// Applies `reply` to `invocation`.
    ///
    /// An Event is accepted before the function runs: instead of the 202, its caller can only get
    /// an error of the service, a plain HTTP reply or a fault. The event's executions are separate
    /// invocations, which get the function's result.
    pub(crate) fn of(reply: &Reply, invocation: &Invocation) -> Self {
        let is_event = invocation.invocation_type() == InvocationType::Event;
        let kind = match &reply.answer {
            _ if is_event && !invocation.is_execution() && reply.accepts_event() => {
                OutcomeKind::Accepted
            }
            Answer::Handler(handler) => {
                return Self::Run(handler.under(reply));
            }
            Answer::Payload(_) | Answer::FunctionError(_) | Answer::Stream(_) | Answer::Live(_)
                if invocation.invocation_type() == InvocationType::DryRun =>
            {
                OutcomeKind::DryRun
            }
            Answer::Live(_) => ran(reply, invocation, Bytes::new(), None),
            Answer::Stream(_) if invocation.is_streamed() => {
                ran(reply, invocation, Bytes::new(), None)
            }
            Answer::Stream(chunks) => match chunks.end() {
                End::Failed(error) => failed(reply, invocation, error),
                End::Complete | End::Missing if is_too_long(chunks.length(), invocation) => {
                    failed(reply, invocation, &FunctionError::response_too_large())
                }
                End::Complete | End::Missing => ran(reply, invocation, chunks.joined(), None),
            },
            Answer::Payload(body) if is_too_long(body.len(), invocation) => {
                failed(reply, invocation, &FunctionError::response_too_large())
            }
            Answer::Payload(body) => ran(reply, invocation, body.clone(), None),
            Answer::FunctionError(error) => failed(reply, invocation, error),
            Answer::Error(error) => OutcomeKind::Error(about(error, invocation)),
            Answer::Unmodeled {
                code,
                status,
                message,
            } => OutcomeKind::Unmodeled {
                code: code.clone(),
                status: *status,
                message: message.clone(),
            },
            Answer::Http { status, body } => OutcomeKind::Http {
                status: *status,
                body: body.clone(),
            },
            Answer::Fault(_) => OutcomeKind::Nothing,
        };
        let outcome = Outcome {
            alterations: Alterations::of(reply, &kind, invocation),
            durable_execution: match kind {
                OutcomeKind::Ran { .. } | OutcomeKind::Accepted => {
                    invocation.durable_execution_arn()
                }
                OutcomeKind::DryRun
                | OutcomeKind::Error(_)
                | OutcomeKind::Unmodeled { .. }
                | OutcomeKind::Http { .. }
                | OutcomeKind::Nothing => None,
            },
            kind,
            headers: reply.headers.clone(),
        };
        Held::of(reply, invocation, outcome)
    }

    /// The outcome, if it is already known.
    pub(crate) fn outcome_mut(&mut self) -> Option<&mut Outcome> {
        match self {
            Self::Send(outcome) => Some(outcome),
            Self::Hold(held) => Some(&mut held.outcome),
            Self::Start(_, then) => then.outcome_mut(),
            Self::Run(_) => None,
        }
    }

    /// The same action after an environment has started, which takes this time.
    pub(crate) fn after_start(self, length: Duration) -> Self {
        let then = match self {
            // Held, so that the journal records it when it is released.
            Self::Send(outcome) => Self::Hold(Box::new(Held {
                pauses: Vec::new(),
                outcome,
                late: None,
            })),
            other @ (Self::Run(_) | Self::Hold(_) | Self::Start(..)) => other,
        };
        Self::Start(length, Box::new(then))
    }

    /// Returns `true` if the function runs while the caller waits.
    pub(crate) fn runs_function(&self) -> bool {
        match self {
            Self::Send(outcome) => outcome.has_run(),
            Self::Hold(held) => held.outcome.has_run(),
            Self::Run(_) => true,
            Self::Start(_, then) => then.runs_function(),
        }
    }
}

impl Outcome {
    pub(crate) fn error(error: ServiceError, message: impl Into<Arc<str>>) -> Self {
        Self::of(OutcomeKind::Error(ErrorReply {
            message: Some(message.into()),
            ..ErrorReply::new(error)
        }))
    }

    pub(crate) fn of(kind: OutcomeKind) -> Self {
        Self {
            kind,
            headers: Vec::new(),
            durable_execution: None,
            alterations: None,
        }
    }

    /// A refusal of bytes that no HTTP server accepts, with a message of this crate, because AWS's
    /// messages are not known.
    pub(crate) fn malformed(status: u16, why: &str) -> Self {
        let body = format!("fake-lambda: {why}\n").into();
        Self {
            headers: vec![("Content-Type".into(), "text/plain".into())],
            ..Self::of(OutcomeKind::Http { status, body })
        }
    }

    /// The answer to a GET on the path of an operation, as recorded in 2016: XML, without a content
    /// type and without the header of the error.
    pub(crate) fn no_operation_in_xml() -> Self {
        let error = ServiceError::AccessDeniedException;
        let body = format!("<{error}>\n  <Message>{NO_OPERATION}</Message>\n</{error}>\n");
        let alterations = Alterations {
            body: Some(body.into()),
            without: vec!["Content-Type".into(), "x-amzn-ErrorType".into()],
            ..Alterations::default()
        };
        Self {
            alterations: Some(Box::new(alterations)),
            ..Self::error(error, NO_OPERATION)
        }
    }

    /// A fault instead of a reply.
    pub(crate) fn fault_alone(fault: Fault) -> Self {
        Self {
            alterations: Some(Box::new(Alterations::with_fault(fault))),
            ..Self::of(OutcomeKind::Nothing)
        }
    }

    /// The status of the reply, whether or not it arrives; `None` if there is no reply.
    pub(crate) fn status(&self) -> Option<u16> {
        let usual = match &self.kind {
            OutcomeKind::Ran { .. } => 200,
            OutcomeKind::Accepted => 202,
            OutcomeKind::DryRun => 204,
            OutcomeKind::Error(reply) => reply.error.status(),
            OutcomeKind::Unmodeled { status, .. } | OutcomeKind::Http { status, .. } => *status,
            OutcomeKind::Nothing => return None,
        };
        let changed = self
            .alterations
            .as_ref()
            .and_then(|alterations| alterations.status);
        Some(changed.unwrap_or(usual))
    }

    /// The fault on the wire, if there is one.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.alterations.as_ref()?.fault
    }

    /// The answer in chunks, if its caller gets it that way.
    pub(crate) fn stream(&self) -> Option<&Stream> {
        self.alterations.as_ref()?.stream.as_ref()
    }

    /// Returns `true` if its body is a stream of frames.
    pub(crate) fn is_stream(&self) -> bool {
        self.alterations.as_ref().is_some_and(|it| it.is_stream())
    }

    /// Drops the chunks: the journal records each chunk separately, when it is sent.
    pub(crate) fn forget_chunks(&mut self) {
        if !self.is_stream() {
            return;
        }
        if let OutcomeKind::Ran { body, .. } | OutcomeKind::Http { body, .. } = &mut self.kind {
            *body = Bytes::new();
        }
        let alterations = self.alterations.get_or_insert_default();
        if let Some(body) = &mut alterations.body {
            *body = Bytes::new();
        }
        alterations.stream = Some(Stream::Sent);
    }

    /// Records that the function failed after its answer had begun.
    pub(crate) fn fail(&mut self, error: &FunctionError, invocation: &Invocation) {
        let payload = error.body(invocation.request_id(), invocation.era());
        if let OutcomeKind::Ran {
            body,
            failure,
            error_log,
            log,
            ..
        } = &mut self.kind
        {
            (*body, *failure) = (payload, Some(FailureKind::Unhandled));
            if invocation.log_type() == LogType::Tail && log.is_none() {
                *error_log = error.log_lines(invocation.request_id()).map(Arc::from);
            }
        }
    }

    /// Returns `true` if the function ran, as far as the service knows.
    pub(crate) fn has_run(&self) -> bool {
        matches!(self.kind, OutcomeKind::Ran { .. })
    }

    /// Returns `true` if an idempotent function did no work for it.
    pub(crate) fn is_replay(&self) -> bool {
        let alterations = self.alterations.as_ref();
        alterations.is_some_and(|alterations| alterations.is_replay)
    }

    /// Returns `true` if the function ran and failed.
    pub(crate) fn is_function_error(&self) -> bool {
        matches!(
            self.kind,
            OutcomeKind::Ran {
                failure: Some(_),
                ..
            }
        )
    }

    /// The error's code, if this is a service error or an unmodeled error.
    pub(crate) fn code(&self) -> Option<&str> {
        match &self.kind {
            OutcomeKind::Error(reply) => Some(reply.error.code()),
            OutcomeKind::Unmodeled { code, .. } => Some(code),
            OutcomeKind::Ran { .. }
            | OutcomeKind::Accepted
            | OutcomeKind::DryRun
            | OutcomeKind::Http { .. }
            | OutcomeKind::Nothing => None,
        }
    }

    pub(crate) fn message(&self) -> Option<&str> {
        match &self.kind {
            OutcomeKind::Error(reply) => Some(reply.text()),
            OutcomeKind::Unmodeled { message, .. } => message.as_deref(),
            OutcomeKind::Ran { .. }
            | OutcomeKind::Accepted
            | OutcomeKind::DryRun
            | OutcomeKind::Http { .. }
            | OutcomeKind::Nothing => None,
        }
    }

    pub(crate) fn reason(&self) -> Option<ThrottleReason> {
        match &self.kind {
            OutcomeKind::Error(reply) => reply.reason,
            OutcomeKind::Ran { .. }
            | OutcomeKind::Accepted
            | OutcomeKind::DryRun
            | OutcomeKind::Unmodeled { .. }
            | OutcomeKind::Http { .. }
            | OutcomeKind::Nothing => None,
        }
    }

    /// The body that replaces the usual one, or else the payload of a function that ran or the body
    /// of a plain HTTP reply.
    pub(crate) fn body(&self) -> Option<&Bytes> {
        if let Some(body) = self
            .alterations
            .as_ref()
            .and_then(|alterations| alterations.body.as_ref())
        {
            return Some(body);
        }
        match &self.kind {
            OutcomeKind::Ran { body, .. } | OutcomeKind::Http { body, .. } => Some(body),
            OutcomeKind::Accepted
            | OutcomeKind::DryRun
            | OutcomeKind::Error(_)
            | OutcomeKind::Unmodeled { .. }
            | OutcomeKind::Nothing => None,
        }
    }

    /// Returns `true` if the reply adds lines to the function's log.
    pub(crate) fn has_log(&self) -> bool {
        matches!(&self.kind, OutcomeKind::Ran { log: Some(_), .. })
    }

    /// The same outcome without the log, for the journal: the log of a handler can differ between
    /// runs.
    pub(crate) fn without_log(&self) -> Self {
        let mut kept = self.clone();
        if let OutcomeKind::Ran { log, error_log, .. } = &mut kept.kind {
            (*log, *error_log) = (None, None);
        }
        kept
    }

    /// The same outcome, with the kind of start (such as warm) of the outcome that it replaces.
    pub(crate) fn replacing(mut self, other: &Self) -> Self {
        if let (OutcomeKind::Ran { start, .. }, OutcomeKind::Ran { start: was, .. }) =
            (&mut self.kind, &other.kind)
        {
            *start = *was;
        }
        self
    }

    /// Its approximate size in memory, without what it shares with the script. A body that a
    /// handler computed is not shared, so it counts.
    pub(crate) fn kept_bytes(&self, is_computed: bool) -> usize {
        // Nearly all replies share everything.
        if let OutcomeKind::Ran {
            failure: None,
            log: None,
            error_log: None,
            ..
        } = &self.kind
        {
            if !is_computed && self.headers.is_empty() && self.alterations.is_none() {
                return 0;
            }
        }
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| {
            size_of::<(Arc<str>, Arc<str>)>() + SHARED + name.len() + value.len()
        });
        let alterations = self.alterations.as_ref().map_or(0, |alterations| {
            size_of::<Alterations>() + alterations.without.len() * size_of::<Arc<str>>()
        });
        let (body, logs) = match &self.kind {
            OutcomeKind::Ran {
                body,
                failure,
                log,
                error_log,
                ..
            } => {
                // The body of an error is written for its invocation.
                let own = is_computed || failure.is_some();
                (Some(body).filter(|_| own), [log, error_log])
            }
            OutcomeKind::Http { body, .. } => (Some(body).filter(|_| is_computed), [&None, &None]),
            OutcomeKind::Accepted
            | OutcomeKind::DryRun
            | OutcomeKind::Error(_)
            | OutcomeKind::Unmodeled { .. }
            | OutcomeKind::Nothing => (None, [&None, &None]),
        };
        let replaced = self.alterations.as_ref().filter(|_| is_computed);
        let replaced = replaced.and_then(|alterations| alterations.body.as_ref());
        let bodies = body.into_iter().chain(replaced).map(Bytes::len);
        let texts = logs.into_iter().flatten().map(|log| log.len());
        let texts = texts.chain(self.message().map(str::len));
        headers.sum::<usize>()
            + alterations
            + bodies
                .chain(texts)
                .map(|length| SHARED + length)
                .sum::<usize>()
    }
}

/// Returns `true` if an answer of this length to this invocation is over the service's limit for
/// answers that are not streamed.
fn is_too_long(length: usize, invocation: &Invocation) -> bool {
    length > RESPONSE && invocation.is_limited() && !invocation.is_streamed()
}

fn failed(reply: &Reply, invocation: &Invocation, error: &FunctionError) -> OutcomeKind {
    let body = error.body(invocation.request_id(), invocation.era());
    let is_handled = invocation.era().has_handled() && error.is_of_the_function();
    let failure = match is_handled {
        true => FailureKind::Handled,
        false => FailureKind::Unhandled,
    };
    let mut failed = ran(reply, invocation, body, Some(failure));
    let is_logged = invocation.log_type() == LogType::Tail && reply.log.is_none();
    if let (OutcomeKind::Ran { error_log, .. }, true) = (&mut failed, is_logged) {
        *error_log = error.log_lines(invocation.request_id()).map(Arc::from);
    }
    failed
}

fn ran(
    reply: &Reply,
    invocation: &Invocation,
    body: Bytes,
    failure: Option<FailureKind>,
) -> OutcomeKind {
    OutcomeKind::Ran {
        body,
        failure,
        version: version_of(reply, invocation),
        log: reply.log.clone(),
        error_log: None,
        took: Duration::ZERO,
        start: Start::Warm,
    }
}

/// The error with the function's own name in its text, if AWS puts it there and the test set no
/// text.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the table of errors is the only place that names them all"
)]
fn about(reply: &ErrorReply, invocation: &Invocation) -> ErrorReply {
    let text = match reply.error {
        _ if reply.message.is_some() => None,
        ServiceError::ResourceNotFoundException => Some(not_found(invocation)),
        ServiceError::AccessDeniedException => Some(denied(invocation)),
        // All other errors have one text for all functions.
        _ => None,
    };
    ErrorReply {
        message: text.map(Arc::from).or_else(|| reply.message.clone()),
        ..reply.clone()
    }
}

/// AWS's message to a caller that is not allowed to invoke a function.
pub(crate) fn denied(invocation: &Invocation) -> String {
    format!(
        "User: arn:aws:sts::{account}:assumed-role/role/session is not authorized to perform: lambda:InvokeFunction on \
         resource: {arn} because no identity-based policy allows the lambda:InvokeFunction action",
        account = invocation.account(),
        arn = invocation.function_arn()
    )
}

/// AWS's message about a function, version or alias that does not exist; since 2025 with `:$LATEST`
/// if the request has no qualifier.
pub(crate) fn not_found(invocation: &Invocation) -> String {
    let names_latest = invocation.qualifier().is_none() && invocation.era().names_latest();
    let latest = if names_latest { ":$LATEST" } else { "" };
    format!("Function not found: {}{latest}", invocation.function_arn())
}

/// The version that ran: set by the test, or else derived from the request.
fn version_of(reply: &Reply, invocation: &Invocation) -> Arc<str> {
    match &reply.executed_version {
        Some(version) => version.clone(),
        None => match invocation.function_version() {
            "$LATEST" => latest(),
            version => version.into(),
        },
    }
}

//! Conditions: what a rule, or a query such as `lambda.matching(..)`, requires of an invocation.
//!
//! Except for `header_contains`, the conditions in this module are about Lambda, its SDKs and their
//! signatures, and reports show why one of them failed. For HTTP itself use any `wiremock::Match`,
//! or a closure. A condition only inspects the request; the fake decides which rule answers, and
//! holds no lock while it evaluates a condition.

mod difference;
mod into_condition;
mod known;
mod mismatch;
mod request;

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub(crate) use self::difference::member as member_path;
pub(crate) use self::into_condition::CLOSURE;
pub use self::into_condition::IntoCondition;
pub(crate) use self::known::Known;
pub(crate) use self::mismatch::{Change, Mismatch};
pub use self::request::{
    access_key_id, durable_execution_name, header_contains, log_type, operation, signing_region,
    tenant_id,
};
use crate::aws::words::InvocationType;
use crate::ground::cut::cut;
use crate::ground::json::value_of;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::ground::panics::{self, CaughtPanic};
use crate::request::invocation::Invocation;

/// The code of a condition.
type Test = dyn Fn(&ConditionInput<'_>) -> Verdict + Send + Sync;

/// One condition of a rule or of a query such as [`matching`](crate::Handle::matching), created by
/// the functions of [`matchers`](crate::request::matchers) or from a `wiremock::Match` or a
/// closure.
#[derive(Clone)]
#[must_use = "a condition does nothing by itself: use `lambda.on(..).when(condition)` or `lambda.matching(condition)`"]
pub struct Condition {
    label: Arc<str>,
    written_at: Location,
    /// `None` for code.
    known: Option<Known>,
    /// Whether it can be evaluated again for a report; user code can count its evaluations.
    can_repeat: bool,
    test: Arc<Test>,
}

/// The result of a condition.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Yes,
    /// With the reason, if there is more to say than that it failed.
    No(Option<Box<Mismatch>>),
}

impl Verdict {
    /// A failure for this reason.
    pub(crate) fn no(why: impl Into<Mismatch>) -> Self {
        Self::No(Some(Box::new(why.into())))
    }
}

/// The most bytes of a condition's label, which contains the test's arguments.
const LABEL_LIMIT: usize = 200;

/// The input of conditions: an invocation, and values that several conditions can share.
pub(crate) struct ConditionInput<'a> {
    pub(crate) invocation: &'a Invocation,
    /// The payload as JSON, or the reason why it is not valid JSON.
    payload: OnceCell<Result<Value, String>>,
    /// Whether the reasons of the verdicts are omitted.
    is_brief: Cell<bool>,
    #[cfg(feature = "wiremock")]
    request: OnceCell<Result<wiremock::Request, String>>,
}

impl<'a> ConditionInput<'a> {
    pub(crate) fn new(invocation: &'a Invocation) -> Self {
        Self {
            invocation,
            payload: OnceCell::new(),
            is_brief: Cell::new(false),
            #[cfg(feature = "wiremock")]
            request: OnceCell::new(),
        }
    }

    fn payload(&self) -> Result<&Value, &String> {
        let read = || {
            let payload = self.invocation.try_payload_json();
            payload.map_err(|error| format!("the payload is not valid JSON: {error}"))
        };
        self.payload.get_or_init(read).as_ref()
    }

    /// A failure, with its reason unless reasons are omitted.
    fn no<W: Into<Mismatch>>(&self, why: impl FnOnce() -> W) -> Verdict {
        match self.is_brief.get() {
            true => Verdict::No(None),
            false => Verdict::no(why()),
        }
    }

    /// The same request as a wiremock request, or the reason why it cannot be one.
    #[cfg(feature = "wiremock")]
    fn request(&self) -> Result<&wiremock::Request, String> {
        self.request
            .get_or_init(|| into_condition::wiremock_request(self.invocation))
            .as_ref()
            .map_err(String::clone)
    }
}

impl Condition {
    /// A condition of this crate.
    #[track_caller]
    fn new(
        known: Known,
        test: impl Fn(&ConditionInput<'_>) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        Self::of(known, Arc::new(test))
    }

    #[track_caller]
    fn of(known: Known, test: Arc<Test>) -> Self {
        Self {
            label: cut(&known.to_string(), LABEL_LIMIT).into(),
            written_at: Location::here(),
            known: Some(known),
            can_repeat: true,
            test,
        }
    }

    /// A condition that is code, of the user or of wiremock.
    #[track_caller]
    fn unknown(
        label: &str,
        can_repeat: bool,
        test: impl Fn(&ConditionInput<'_>) -> Verdict + Send + Sync + 'static,
    ) -> Self {
        Self {
            label: cut(label, LABEL_LIMIT).into(),
            written_at: Location::here(),
            known: None,
            can_repeat,
            test: Arc::new(test),
        }
    }

    /// The same condition, written in a file.
    pub(crate) fn written(mut self, written_at: Location) -> Self {
        self.written_at = written_at;
        self
    }

    /// The condition as data; `None` for code.
    pub(crate) fn known(&self) -> Option<&Known> {
        self.known.as_ref()
    }

    pub(crate) fn can_repeat(&self) -> bool {
        self.can_repeat
    }

    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    pub(crate) fn written_at(&self) -> &Location {
        &self.written_at
    }

    /// Returns `true` if its rule answers DryRun calls itself, so that they do not get the 204 of a
    /// permitted call.
    pub(crate) fn answers_dry_runs(&self) -> bool {
        matches!(
            self.known,
            Some(Known::InvocationType(InvocationType::DryRun))
        )
    }

    pub(crate) fn evaluate(&self, input: &ConditionInput<'_>) -> Verdict {
        (self.test)(input)
    }

    /// Returns `true` if it is met. The reason for a failure is not computed.
    pub(crate) fn is_met(&self, input: &ConditionInput<'_>) -> bool {
        let was_brief = input.is_brief.replace(true);
        let verdict = self.evaluate(input);
        input.is_brief.set(was_brief);
        verdict == Verdict::Yes
    }

    /// The verdict, or the text of its panic.
    pub(crate) fn try_evaluate(&self, input: &ConditionInput<'_>) -> Result<Verdict, CaughtPanic> {
        panics::catch(|| self.evaluate(input))
    }

    /// The verdict for a report, or the text of the condition's panic. The panic is not printed,
    /// because the report mentions it.
    pub(crate) fn evaluate_for_report(
        &self,
        input: &ConditionInput<'_>,
    ) -> Result<Verdict, CaughtPanic> {
        panics::catch_quietly(|| self.evaluate(input))
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition")
            .field("label", &self.label)
            .field("written_at", &self.written_at)
            .finish_non_exhaustive()
    }
}

/// Matches if the payload equals this JSON value: members in any order, numbers by value, nothing
/// missing and nothing added.
///
/// The value is a `serde_json::Value`, your own type, or anything else that can be serialized.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::payload_is};
/// use serde_json::json;
///
/// #[derive(serde::Serialize)]
/// struct Order {
///     id: u64,
/// }
///
/// let lambda = FakeLambda::start();
/// lambda.on("pay").when(payload_is(json!({"id": 7}))).reply(json!({"paid": true}));
/// lambda.on("pay").when(payload_is(Order { id: 8 })).reply(json!({"paid": false}));
/// ```
///
/// # Panics
///
/// Panics if `expected` cannot be written as JSON, or is nested deeper than 127 levels.
#[track_caller]
pub fn payload_is(expected: impl Serialize) -> Condition {
    Condition::payload_is(value_of(&expected))
}

/// Matches if the payload contains this JSON value: it has every given member with the given value,
/// and can have others.
///
/// Accepts the same values as [`payload_is`]. Arrays are compared item by item, and the payload's
/// array can be longer, as with wiremock's `body_partial_json`.
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::payload_partial};
/// use serde_json::json;
///
/// let lambda = FakeLambda::start();
/// lambda.on("resize").when(payload_partial(json!({"size": "xl"}))).reply(json!({"queue": "big"}));
/// ```
///
/// # Panics
///
/// Panics if `expected` cannot be written as JSON, or is nested deeper than 127 levels.
#[track_caller]
pub fn payload_partial(expected: impl Serialize) -> Condition {
    Condition::payload_partial(value_of(&expected))
}

/// Matches if the decoded client context contains this JSON value, by the rules of
/// [`payload_partial`].
///
/// ```
/// use fake_lambda::{FakeLambda, matchers::client_context_partial};
/// use serde_json::json;
///
/// let lambda = FakeLambda::start();
/// lambda.on("pay").when(client_context_partial(json!({"custom": {"tenant": "a"}}))).reply(json!(1));
/// ```
///
/// # Panics
///
/// Panics if `expected` cannot be written as JSON, or is nested deeper than 127 levels.
#[track_caller]
pub fn client_context_partial(expected: impl Serialize) -> Condition {
    Condition::client_context_partial(value_of(&expected))
}

/// The conditions of `payload_is`, `payload_partial` and `client_context_partial`, for values that
/// were parsed from JSON text.
impl Condition {
    #[track_caller]
    pub(crate) fn payload_is(expected: Value) -> Self {
        let expected = Arc::new(expected);
        let known = Known::PayloadIs(expected.clone());
        Self::new(known, move |input| compare(input, &expected, true))
    }

    #[track_caller]
    pub(crate) fn payload_partial(expected: Value) -> Self {
        let expected = Arc::new(expected);
        let known = Known::PayloadPartial(expected.clone());
        Self::new(known, move |input| compare(input, &expected, false))
    }

    #[track_caller]
    pub(crate) fn client_context_partial(expected: Value) -> Self {
        let expected = Arc::new(expected);
        let known = Known::ClientContextPartial(expected.clone());
        Self::new(known, move |input| {
            match (
                input.invocation.client_context(),
                input
                    .invocation
                    .header("x-amz-client-context")
                    .filter(|sent| !sent.is_empty()),
            ) {
                (Some(context), _) => verdict(difference::partial(&expected, &context)),
                (None, Some(_)) if input.invocation.is_execution() => {
                    input.no(|| "the function of an Event gets no client context".to_owned())
                }
                (None, Some(_)) => {
                    input.no(|| "the client context is not base64-encoded JSON".to_owned())
                }
                (None, None) => input.no(|| "no client context was sent".to_owned()),
            }
        })
    }
}

/// Matches an invocation type: an [`InvocationType`], the AWS SDK's type, or its name.
///
/// A rule with `invocation_type("DryRun")` answers DryRun calls itself. A DryRun call that no such
/// rule answers gets a 204 if its target has any rule.
///
/// ```
/// use fake_lambda::{FakeLambda, ServiceError, matchers::invocation_type};
///
/// let lambda = FakeLambda::start();
/// lambda.on("resize").when(invocation_type("DryRun")).reply(ServiceError::AccessDeniedException);
/// ```
///
/// # Panics
///
/// Panics if AWS has no such invocation type.
#[track_caller]
pub fn invocation_type(word: impl AsRef<str>) -> Condition {
    let expected: InvocationType = match word.as_ref().parse() {
        Ok(word) => word,
        Err(unknown) => panic!("{}", unknown.message()),
    };
    let known = Known::InvocationType(expected);
    Condition::new(known, move |input| {
        let got = input.invocation.invocation_type();
        if got == expected {
            Verdict::Yes
        } else {
            input.no(|| Mismatch::expected(expected, got))
        }
    })
}

/// Matches the SDK's number of the attempt, from 1.
///
/// A client that sends no `amz-sdk-request` header never matches.
///
/// ```
/// use fake_lambda::{FakeLambda, ServiceError, matchers::attempt};
/// use serde_json::json;
///
/// let lambda = FakeLambda::start();
/// lambda.on("resize").reply(json!({"ok": true}));
/// lambda.on("resize").when(attempt(1)).reply(ServiceError::ServiceException);
/// ```
///
/// # Panics
///
/// Panics if `number` is 0.
#[track_caller]
pub fn attempt(number: u32) -> Condition {
    assert!(
        number > 0,
        "{}",
        Message::new(
            "`attempt(0)` can never match",
            "count attempts from 1, as SDKs do"
        )
    );
    Condition::new(Known::Attempt(number), move |input| {
        match input.invocation.attempt() {
            Some(attempt) if attempt == number => Verdict::Yes,
            Some(attempt) => {
                input.no(|| Mismatch::expected(format_args!("attempt {number}"), attempt))
            }
            None => input.no(|| "the client sent no `amz-sdk-request` header".to_owned()),
        }
    })
}

/// Compares the payload; `whole` allows no additional member.
fn compare(input: &ConditionInput<'_>, expected: &Value, whole: bool) -> Verdict {
    let payload = match input.payload() {
        Ok(payload) => payload,
        Err(why) => return input.no(|| why.clone()),
    };
    if difference::is_same(expected, payload, whole) {
        return Verdict::Yes;
    }
    if input.is_brief.get() {
        return Verdict::No(None);
    }
    verdict(match whole {
        true => difference::exact(expected, payload),
        false => difference::partial(expected, payload),
    })
}

fn verdict(difference: Option<Mismatch>) -> Verdict {
    match difference {
        None => Verdict::Yes,
        Some(difference) => Verdict::no(difference),
    }
}

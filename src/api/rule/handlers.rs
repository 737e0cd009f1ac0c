//! Rules that a function answers: async closures of the test.

use serde::de::DeserializeOwned;

use super::{Rule, Script};
use crate::reply::reply::{HandlerResult, IntoReply, Reply};
use crate::request::context::Context;
use crate::request::invocation::Invocation;

impl Rule {
    /// Answers with what an async closure makes of each invocation.
    ///
    /// It runs on the fake's own thread, outside every lock: it may wait, use the fake through
    /// [`handle()`](crate::FakeLambda::handle), and run beside other invocations. State it changes is shared state: use an
    /// atomic or a mutex in place of `let mut`. A closure with several kinds of answer says `-> Reply`; one that uses `?` says
    /// `Ok::<_, FunctionError>(..)` at its end. When the client leaves, the closure runs on, as a function does:
    /// [`Attempt::is_running`](crate::Attempt::is_running) and [`has_run`](crate::Attempt::has_run) say so. For an Event the caller gets its
    /// 202 at once.
    ///
    /// A panic is a mistake in the test, not an error of AWS: the client gets 418 `FakeLambdaPanicked`, which no SDK retries, and verification
    /// reports it once for each call, with its place.
    ///
    /// ```
    /// use fake_lambda::{FakeLambda, FunctionError, Invocation, Reply, ServiceError};
    /// use serde_json::json;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// let lambda = FakeLambda::start();
    /// let served = AtomicU32::new(0);
    /// lambda.on("pay").handle(async move |invocation: Invocation| -> Reply {
    ///     match served.fetch_add(1, Ordering::Relaxed) {
    ///         0 => ServiceError::TooManyRequestsException.into(),
    ///         _ => json!({"paid": invocation.payload_json()["order"]}).into(),
    ///     }
    /// });
    /// lambda.on("check").handle(async |invocation: Invocation| {
    ///     let id = invocation.payload_json()["id"].as_u64().ok_or(FunctionError::new("KeyError", "id"))?;
    ///     Ok::<_, FunctionError>(json!({"id": id}))
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// At this line when the fake was dropped.
    #[track_caller]
    pub fn handle<F, R>(self, handler: F) -> Script
    where
        F: AsyncFn(Invocation) -> R + Send + Sync + 'static,
        R: IntoReply,
    {
        self.reply(Reply::handle(handler))
    }

    /// Answers with what an async function makes of each event: typed input, typed output, and an error that is a function error.
    ///
    /// It is [`handle`](Self::handle) as a function is written for Lambda's runtime for Rust: the event is deserialised, `Ok` is
    /// serialised in the order of its fields, and `Err` is what [`IntoFunctionError`](crate::IntoFunctionError) makes of it: any error at all, a
    /// `Box<dyn Error>` and a `String` included, or a [`FunctionError`](crate::FunctionError) of another runtime. The [`Context`] has the
    /// request id, the deadline, the ARN, the client context and the log. To bound its time, give the rule
    /// [`Reply::handle_json(..).timeout(..)`](Reply::timeout).
    ///
    /// ```
    /// use fake_lambda::{Context, FakeLambda, FunctionError, Runtime};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Deserialize)]
    /// struct Order {
    ///     id: u64,
    ///     cents: Option<u64>,
    /// }
    ///
    /// #[derive(Serialize)]
    /// struct Receipt {
    ///     order: u64,
    ///     cents: u64,
    /// }
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("pay").handle_json(async |order: Order, context: Context| -> Result<Receipt, FunctionError> {
    ///     context.log(format!("order {}", order.id));
    ///     let free = || FunctionError::new("FreeOrder", "nothing to pay").runtime(Runtime::Node);
    ///     Ok(Receipt { order: order.id, cents: order.cents.ok_or_else(free)? })
    /// });
    ///
    /// // a function will do, and any error
    /// async fn refund(order: Order, _: Context) -> Result<(), Box<dyn std::error::Error>> {
    ///     Err(format!("order {} is not paid", order.id).into())
    /// }
    /// lambda.on("refund").handle_json(refund);
    /// ```
    ///
    /// # What the event cannot be read as
    ///
    /// The closure is not asked. The caller gets the function error of Lambda's runtime for Rust, `DeserializeError`, with the path of
    /// the first value that is wrong; and since a test rarely means that, verification fails with the same words. A handler that
    /// is to refuse events takes a [`serde_json::Value`] and says so itself:
    ///
    /// ```
    /// use fake_lambda::{Context, FakeLambda, FunctionError};
    /// use serde_json::Value;
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("strict").handle_json(async |event: Value, _: Context| -> Result<u64, FunctionError> {
    ///     Ok(serde_json::from_value(event)?)
    /// });
    /// ```
    ///
    /// An output that is not JSON, such as a map whose keys are not strings, is reported like a panic of the handler.
    ///
    /// # Panics
    ///
    /// At this line when the fake was dropped.
    #[track_caller]
    pub fn handle_json<F, I, R>(self, handler: F) -> Script
    where
        F: AsyncFn(I, Context) -> R + Send + Sync + 'static,
        I: DeserializeOwned + 'static,
        R: HandlerResult + 'static,
    {
        self.reply(Reply::handle_json(handler))
    }
}

//! Rules whose replies are computed by async closures of the test.

use serde::de::DeserializeOwned;

use super::{Rule, Script};
use crate::aws::function_error::IntoFunctionError;
use crate::reply::chunk_sender::ChunkSender;
use crate::reply::reply::{HandlerResult, IntoReply, Reply};
use crate::request::context::Context;
use crate::request::invocation::Invocation;

impl Rule {
    /// Answers each request with the result of an async closure.
    ///
    /// The closure runs on the fake's thread (with a fake in memory, on the client's runtime),
    /// concurrently with other requests and without any lock; only on a fake that is mounted on a
    /// `wiremock::MockServer` do other requests wait for it. It can wait, and it can use the fake
    /// through a [`handle()`](crate::FakeLambda::handle). It is an `AsyncFn`, so change state
    /// through an atomic or a mutex.
    ///
    /// A closure that returns several kinds of reply needs the return type `-> Reply`. A closure
    /// that uses `?` ends with `Ok::<_, FunctionError>(..)`. The error of a `Result` is a reply as
    /// well: for any other error type, use [`handle_json`](Self::handle_json).
    ///
    /// The closure keeps running after the client disconnects, as a function does; see
    /// [`Attempt::is_running`](crate::Attempt::is_running) and
    /// [`has_run`](crate::Attempt::has_run). For an Event the caller gets its 202 immediately.
    ///
    /// A panic is a mistake in the test, not an error of AWS: the client gets 418
    /// `FakeLambdaPanicked`, which no SDK retries, and verification reports it with its calls and
    /// its location. A reply that cannot be sent is reported in the same way, as 418
    /// `FakeLambdaImpossibleReply`.
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
    /// Panics if the fake was dropped.
    #[track_caller]
    pub fn handle<F, R>(self, handler: F) -> Script
    where
        F: AsyncFn(Invocation) -> R + Send + Sync + 'static,
        R: IntoReply,
    {
        self.reply(Reply::handle(handler))
    }

    /// Answers each request with the result of an async function: typed input, typed output, and an
    /// error that becomes a function error.
    ///
    /// This is [`handle`](Self::handle) in the form of a function for Lambda's Rust runtime. The
    /// closure always takes two arguments, the payload and the [`Context`]; write `_: Context` if
    /// it does not use the second. The payload is deserialized, and an `Ok` value is serialized
    /// with its fields in their order. An `Err` value is converted by
    /// [`IntoFunctionError`](crate::IntoFunctionError): it can be any error, including a
    /// `Box<dyn Error>` and a `String`, or a [`FunctionError`](crate::FunctionError) of another
    /// runtime. The [`Context`] has the request id, the deadline, the function's name, version and
    /// ARN, the client context, the log, and the whole [`Invocation`]. To give the function a
    /// timeout, reply with [`Reply::handle_json(..).timeout(..)`](Reply::timeout).
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
    /// // a plain async function also works, with any error type
    /// async fn refund(order: Order, _: Context) -> Result<(), Box<dyn std::error::Error>> {
    ///     Err(format!("order {} is not paid", order.id).into())
    /// }
    /// lambda.on("refund").handle_json(refund);
    /// ```
    ///
    /// [`lambda_handler!`](crate::lambda_handler) turns an existing handler for `lambda_runtime` or
    /// `lambda_http` into such a function.
    ///
    /// # Payloads that do not deserialize
    ///
    /// The closure is not called. The caller gets the function error of Lambda's Rust runtime: the
    /// type is `&lambda_runtime::deserializer::DeserializeError`, and the message names the path of
    /// the first invalid value. A test rarely intends this, so verification fails as well. To
    /// reject payloads on purpose, take a [`serde_json::Value`] and return an error:
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
    /// An output that cannot be serialized as JSON, such as a map whose keys are structs, is
    /// reported like a panic of the handler.
    ///
    /// # Panics
    ///
    /// Panics if the fake was dropped.
    #[track_caller]
    pub fn handle_json<F, I, R>(self, handler: F) -> Script
    where
        F: AsyncFn(I, Context) -> R + Send + Sync + 'static,
        I: DeserializeOwned + 'static,
        R: HandlerResult + 'static,
    {
        self.reply(Reply::handle_json(handler))
    }

    /// Answers each request with the chunks that an async closure sends.
    ///
    /// This is [`handle`](Self::handle) for a function that streams. The caller of
    /// `InvokeWithResponseStream` gets the head of the reply with the first chunk. An `Err` value
    /// ends the stream as [`Chunks::fail`](crate::Chunks::fail) does, and so does a
    /// [timeout](Reply::timeout). The caller of `Invoke` gets all chunks as one payload, or the
    /// error as a function error. A panic after the first chunk ends the stream with the error code
    /// `FakeLambdaPanicked`.
    ///
    /// ```
    /// use fake_lambda::{ChunkSender, FakeLambda, Invocation};
    ///
    /// let lambda = FakeLambda::start();
    /// lambda.on("chat").handle_stream(async |invocation: Invocation, out: ChunkSender| {
    ///     let prompt = invocation.payload_json();
    ///     let words = prompt["prompt"].as_str().ok_or("no prompt")?;
    ///     for word in words.split(' ') {
    ///         out.send(word.to_owned()).await;
    ///     }
    ///     Ok::<_, &str>(())
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the fake was dropped, or if the function is [idempotent](Self::idempotent_by).
    #[track_caller]
    pub fn handle_stream<F, E>(self, handler: F) -> Script
    where
        F: AsyncFn(Invocation, ChunkSender) -> Result<(), E> + Send + Sync + 'static,
        E: IntoFunctionError + 'static,
    {
        self.reply(Reply::handle_stream(handler))
    }
}

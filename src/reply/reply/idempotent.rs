//! Replies of a function that recognizes a request that it has already received.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::time::sleep;

use super::handlers::{Failure, Handler, Run};
use super::{Answer, Reply, ReplyOptions};
use crate::aws::function_error::FunctionError;
use crate::ground::draws::hashed;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::request::context::Context;
use crate::request::invocation::Invocation;

/// The executions of an idempotent function, by key; they do not expire.
pub(crate) struct Memory {
    key: Box<dyn Fn(&Invocation) -> String + Send + Sync>,
    known: Mutex<FxHashMap<String, Known>>,
}

/// The state of a key.
enum Known {
    InProgress,
    /// The result, which is replayed.
    Done(Reply),
}

/// An execution in progress. If it is dropped before it is done, the key is forgotten.
struct Execution<'a> {
    memory: &'a Memory,
    key: String,
    is_done: bool,
}

impl Memory {
    pub(crate) fn by(key: impl Fn(&Invocation) -> String + Send + Sync + 'static) -> Self {
        Self {
            key: Box::new(key),
            known: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<String, Known>> {
        // No user code runs under this lock.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the execution of this key, or returns the reply to a request that starts none.
    fn begin(&self, key: String) -> Result<Execution<'_>, Box<Reply>> {
        let mut known = self.lock();
        match known.get(&key) {
            Some(Known::Done(reply)) => return Err(Box::new(reply.clone())),
            Some(Known::InProgress) => {
                let text = format!("Execution already in progress with idempotency key: {key}");
                let error = FunctionError::new("IdempotencyAlreadyInProgressError", text);
                return Err(Box::new(error.into()));
            }
            None => {}
        }
        known.insert(key.clone(), Known::InProgress);
        Ok(Execution {
            memory: self,
            key,
            is_done: false,
        })
    }
}

impl Execution<'_> {
    fn done(mut self, reply: Reply) {
        self.is_done = true;
        let mut known = self.memory.lock();
        known.insert(self.key.clone(), Known::Done(reply));
    }
}

impl Drop for Execution<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.memory.lock().remove(&self.key);
        }
    }
}

impl Reply {
    /// This reply, changed so that the function recognizes keys. A reply for which the function
    /// does not run stays as it is, and a stream is refused.
    pub(crate) fn remembered(
        self,
        memory: &Arc<Memory>,
        written_at: &Location,
    ) -> Result<Self, Message> {
        let (is_of_runtime, written_at) = match &self.answer {
            Answer::Payload(_) | Answer::FunctionError(_) => (false, written_at.clone()),
            Answer::Handler(handler) => match handler.run {
                Run::Reply(_) | Run::Idempotent(..) => {
                    (handler.is_of_runtime, handler.written_at.clone())
                }
                Run::Stream(_) => return Err(not_remembered()),
            },
            Answer::Stream(_) | Answer::Live(_) => return Err(not_remembered()),
            Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Fault(_) => return Ok(self),
        };
        // The gate and the delay are part of the execution, so `execute` waits for them.
        let options = self.options.as_deref().map(|options| {
            Arc::new(ReplyOptions {
                gate: None,
                delay: None,
                ..options.clone()
            })
        });
        Ok(Self {
            options,
            headers: self.headers.clone(),
            ..Self::new(Answer::Handler(Handler {
                run: Run::Idempotent(memory.clone(), Arc::new(self)),
                written_at,
                options: None,
                headers: Vec::new(),
                is_of_runtime,
            }))
        })
    }

    /// The result of the execution, or the known one of its key.
    pub(crate) async fn execute(&self, memory: &Memory, context: Context) -> Result<Self, Failure> {
        let key = (memory.key)(context.invocation());
        if key == "null" && context.invocation().payload_bytes().trim_ascii() != b"null" {
            return Err(Failure::Impossible(no_key()));
        }
        let execution = match memory.begin(key) {
            Ok(execution) => execution,
            Err(known) => return Ok(known.replayed()),
        };
        let invocation = context.invocation().clone();
        let mut reply = match &self.answer {
            Answer::Handler(Handler {
                run: Run::Reply(run),
                ..
            }) => run(context).await?,
            Answer::Handler(_)
            | Answer::Payload(_)
            | Answer::FunctionError(_)
            | Answer::Stream(_)
            | Answer::Live(_)
            | Answer::Error(_)
            | Answer::Unmodeled { .. }
            | Answer::Http { .. }
            | Answer::Fault(_) => Self {
                options: self.options.as_deref().map(on_the_wire),
                ..self.clone()
            },
        };
        if let Answer::Stream(_) | Answer::Live(_) = reply.answer {
            return Err(Failure::Impossible(not_remembered()));
        }
        let mut gate_was_dropped = false;
        if let Some(options) = &self.options {
            if let Some(gate) = &options.gate {
                gate_was_dropped = gate.hold(invocation.described()).await;
            }
            let draw = hashed(&[invocation.drawn_id(), "head"]);
            let delay = options
                .delay
                .map_or(Duration::ZERO, |delay| delay.drawn(draw));
            let late = delay.saturating_add(options.chaos_delay);
            if !late.is_zero() {
                sleep(late).await;
            }
        }
        if let Answer::Payload(_) = reply.answer {
            let own = reply.options.take();
            execution.done(reply.clone());
            reply.options = own;
        }
        if gate_was_dropped {
            reply.options_mut().gate_was_dropped = true;
        }
        Ok(reply)
    }

    /// The same result, for which the function did no work.
    fn replayed(mut self) -> Self {
        let options = ReplyOptions {
            is_replay: true,
            ..ReplyOptions::default()
        };
        self.options = Some(Arc::new(options));
        self
    }
}

fn not_remembered() -> Message {
    Message::new(
        "an idempotent function cannot stream its reply",
        "reply with a whole payload, or remove `.idempotent_by(..)`",
    )
}

fn no_key() -> Message {
    Message::new(
        "its key is `null`, which would make all such requests equal",
        "correct the closure in `.idempotent_by(..)`, or the payload that the client sends",
    )
}

/// The options of a reply that has been waited for.
fn on_the_wire(options: &ReplyOptions) -> Arc<ReplyOptions> {
    Arc::new(ReplyOptions {
        body_delay: options.body_delay,
        fault: options.fault,
        status: options.status,
        body: options.body.clone(),
        without: options.without.clone(),
        ..ReplyOptions::default()
    })
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.lock().len();
        f.debug_struct("Memory").field("keys", &keys).finish()
    }
}

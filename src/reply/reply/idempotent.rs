//! Replies of a function that recognizes a request that it has already received.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::handlers::{Failure, Handler, Run};
use super::{Answer, Memory, Reply, ReplyOptions};
use crate::ground::draws::hashed;
use crate::ground::location::Location;
use crate::ground::message::Message;
use crate::request::context::Context;

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
        "the key of the request is `null`, so all such requests would be equal",
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

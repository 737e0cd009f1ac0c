//! Running the test's async closures: as local tasks, with panics caught and the one being polled marked.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::task::JoinHandle;

use crate::exchange::{Exchange, panic_text};
use crate::invocation::Invocation;
use crate::place::Place;
use crate::reply::{self, Handler, Reply};

/// A handler at work; it goes on when nobody waits for it any more, as a function does.
pub(crate) struct Running(JoinHandle<Reply>);

impl Running {
    pub(crate) fn start(
        handler: &Handler,
        invocation: Invocation,
        exchange: Arc<Exchange>,
    ) -> Self {
        let run = handler.run.clone();
        Self(tokio::task::spawn_local(Marked {
            // The closure is called inside the task, so that a panic before its first await is caught too.
            future: Box::pin(async move { run(invocation).await }),
            exchange,
            written_at: handler.written_at.clone(),
        }))
    }

    /// The reply, or the text of the panic.
    pub(crate) async fn result(&mut self) -> Result<Reply, String> {
        (&mut self.0)
            .await
            .map_err(|error| match error.try_into_panic() {
                Ok(panic) => panic_text(&*panic),
                Err(_) => "it was cancelled".to_owned(),
            })
    }
}

/// A future that says when it is being polled.
struct Marked {
    future: reply::Running,
    exchange: Arc<Exchange>,
    written_at: Place,
}

impl Future for Marked {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Reply> {
        self.exchange.polling(Some(self.written_at.clone()));
        let poll = self.future.as_mut().poll(context);
        self.exchange.polling(None);
        poll
    }
}

//! Sends an answer in chunks: the function produces them, and the connection writes them.

use std::io;
use std::time::{Duration, SystemTime};

use super::connection::Connection;
use super::function_stream::{Function, Item, leave, produce};
use crate::exchange::Arrived;
use crate::reply::chunked::{Chunked, Piece};
use crate::reply::fault::Ending;
use crate::reply::outcome::Outcome;
use crate::reply::response::{Envelope, Response};
use crate::reply::transmission::Transmission;

impl Connection {
    /// Sends an answer in chunks. Returns how the connection continues, or an error if it ended
    /// first.
    pub(super) async fn stream(
        &mut self,
        arrived: &Arrived,
        outcome: Outcome,
        closes: bool,
    ) -> io::Result<Ending> {
        let exchange = self.exchange.clone();
        exchange.watch();
        let alterations = outcome.alterations.as_deref();
        let fault = alterations.and_then(|alterations| alterations.fault);
        let body_delay = alterations.map_or(Duration::ZERO, |alterations| alterations.body_delay);
        let envelope = Envelope {
            request_id: arrived.invocation.request_id(),
            log_result: None,
            now: SystemTime::now(),
            era: arrived.invocation.era(),
            closes,
            without_body: false,
        };
        let response = Response::of(&outcome, envelope);
        let (head, is_followed) = Transmission::stream_head(&response, fault, body_delay);
        let mut function = Function::new(&exchange, arrived, outcome);
        let own = || (exchange.clone(), arrived.without_decision());
        let usual = match self.wire.perform(head).await {
            Ok(ending) if is_followed => ending,
            ended => {
                leave(own(), Box::pin(async { function })).await;
                return ended;
            }
        };
        let mut body = Chunked::new(fault);
        loop {
            let mut produced = produce(function);
            let Some((back, item)) = self.unless_left(arrived, produced.as_mut()).await else {
                let function = async {
                    let (mut function, item) = produced.await;
                    function.discard(item);
                    function
                };
                leave(own(), Box::pin(function)).await;
                return Err(io::ErrorKind::ConnectionAborted.into());
            };
            function = back;
            let is_end = matches!(item, Item::End(_));
            let piece = function.piece(item, &mut body, usual);
            if let Some(fault) = piece.fault {
                exchange.stream_cut(arrived, fault);
            }
            let is_last = piece.ending.is_some();
            if is_last && !is_end {
                // Before the client gets the last byte, so that the journal is complete then.
                leave(own(), Box::pin(async { function })).await;
                return self.send_piece(piece).await;
            }
            let sent = self.send_piece(piece).await;
            if is_last || (is_end && sent.is_err()) {
                return sent;
            }
            if let Err(error) = sent {
                leave(own(), Box::pin(async { function })).await;
                return Err(error);
            }
        }
    }

    async fn send_piece(&mut self, piece: Piece) -> io::Result<Ending> {
        let piece = Transmission {
            opening: Vec::new(),
            rest: piece.steps,
            ending: piece.ending.unwrap_or(Ending::KeepAlive),
        };
        self.wire.perform(piece).await
    }
}

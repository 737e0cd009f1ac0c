//! The chunks of a running handler, on their way to its client.

use std::fmt;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

/// Sends the chunks of a handler; see [`Rule::handle_stream`](crate::Rule::handle_stream).
///
/// Cheap to clone. What is sent after the handler has returned is discarded.
#[derive(Clone)]
pub struct ChunkSender(mpsc::Sender<SentChunk>);

/// A chunk, and a sender whose drop signals that the chunk was written.
struct SentChunk {
    bytes: Bytes,
    is_written: oneshot::Sender<()>,
}

/// The other end of the senders of one handler.
pub(crate) struct ChunkReceiver {
    chunks: mpsc::Receiver<SentChunk>,
    /// The chunk that is being written.
    current: Option<oneshot::Sender<()>>,
}

impl ChunkSender {
    /// Sends a chunk, and returns after it was written to the client's connection.
    ///
    /// While the client does not read, this waits. If the client has disconnected, it does not
    /// wait: as on AWS, the function continues, and what it sends is discarded. A caller of
    /// `Invoke` gets all chunks at the end.
    pub async fn send(&self, chunk: impl Into<Bytes>) {
        let (is_written, written) = oneshot::channel();
        let chunk = SentChunk {
            bytes: chunk.into(),
            is_written,
        };
        if self.0.send(chunk).await.is_ok() {
            // The drop of `is_written` ends this wait; nothing is ever sent through it.
            let _ = written.await;
        }
    }

    pub(crate) fn channel() -> (Self, ChunkReceiver) {
        let (sender, chunks) = mpsc::channel(1);
        let receiver = ChunkReceiver {
            chunks,
            current: None,
        };
        (Self(sender), receiver)
    }
}

impl ChunkReceiver {
    /// The next chunk, after the last one was written; `None` if there are no more senders.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        self.current = None;
        let SentChunk { bytes, is_written } = self.chunks.recv().await?;
        self.current = Some(is_written);
        Some(bytes)
    }

    /// The next chunk, if it was already sent.
    pub(crate) fn next_sent(&mut self) -> Option<Bytes> {
        self.current = None;
        let SentChunk { bytes, is_written } = self.chunks.try_recv().ok()?;
        self.current = Some(is_written);
        Some(bytes)
    }
}

impl fmt::Debug for ChunkSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChunkSender")
    }
}

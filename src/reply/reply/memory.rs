//! What an idempotent function remembers.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::Reply;
use crate::aws::function_error::FunctionError;
use crate::request::invocation::Invocation;

/// The executions of an idempotent function, by key; they do not expire.
pub(crate) struct Memory {
    pub(super) key: Box<dyn Fn(&Invocation) -> String + Send + Sync>,
    known: Mutex<FxHashMap<String, Known>>,
}

/// The state of a key.
enum Known {
    InProgress,
    /// The result, which is replayed.
    Done(Reply),
}

/// An execution in progress. If it is dropped before it is done, the key is forgotten.
pub(super) struct Execution<'a> {
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
    pub(super) fn begin(&self, key: String) -> Result<Execution<'_>, Box<Reply>> {
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
    pub(super) fn done(mut self, reply: Reply) {
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

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.lock().len();
        f.debug_struct("Memory").field("keys", &keys).finish()
    }
}

//! Our fake, as the other modules need it.

use fake_lambda::FakeLambda;
use serde_json::json;

/// Starts the fake with its default limits.
pub(crate) fn start() -> FakeLambda {
    FakeLambda::builder().start()
}

/// Starts the fake so that it keeps every payload.
pub(crate) fn start_uncapped() -> FakeLambda {
    FakeLambda::builder().journal_bytes(usize::MAX).start()
}

/// Starts the fake in memory.
#[cfg(feature = "in-memory")]
pub(crate) fn start_in_memory() -> FakeLambda {
    FakeLambda::in_memory()
}

/// Scripts one function to answer `{"ok":true}`.
pub(crate) fn script(lambda: &FakeLambda, function: &str) {
    lambda.on(function).reply(json!({"ok": true}));
}

//! Whether code may block its thread.

use tokio::runtime::Handle;

use crate::ground::panics::catch_quietly;

/// Returns `true` outside of a tokio runtime and inside `spawn_blocking`, and `false` in a task.
pub(crate) fn may_block() -> bool {
    let Ok(runtime) = Handle::try_current() else {
        return true;
    };
    // Tokio itself refuses to block in a task, with a panic.
    catch_quietly(|| runtime.block_on(async {})).is_ok()
}

#[cfg(test)]
mod tests {
    use tokio::task::spawn_blocking;

    use super::may_block;

    #[test]
    fn a_thread_without_a_runtime_may_block() {
        assert!(may_block());
    }

    #[tokio::test]
    async fn a_task_may_not_block_but_spawn_blocking_may() {
        assert!(!may_block());
        assert!(spawn_blocking(may_block).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_task_on_a_multi_thread_runtime_may_not_block_but_spawn_blocking_may() {
        assert!(!may_block());
        assert!(spawn_blocking(may_block).await.unwrap());
    }
}

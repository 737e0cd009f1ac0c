//! The clock by which one fake measures time, and whether tokio's clock is paused.

use std::time::Instant;

use tokio::runtime::Handle;
use tokio::time::Instant as TokioInstant;

/// The clock that shows when requests come, how long they wait and when a limit ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Clock {
    /// The system's clock.
    Real,
    /// The clock of the tokio runtime in which the caller runs; a test can pause it.
    #[cfg(feature = "in-memory")]
    Tokio,
}

impl Clock {
    /// The current time. Outside of a runtime, tokio's clock shows the system's time, which can be
    /// before a time read in the runtime: subtract with saturation.
    pub(crate) fn now(self) -> Instant {
        match self {
            Self::Real => Instant::now(),
            #[cfg(feature = "in-memory")]
            Self::Tokio => tokio::time::Instant::now().into_std(),
        }
    }

    /// Returns `true` if a test can pause it.
    pub(crate) fn is_virtual(self) -> bool {
        self != Self::Real
    }
}

/// Returns `true` if the clock of the current runtime is paused: it then shows the same moment
/// twice, although time has passed in between.
pub(crate) fn is_paused() -> bool {
    if Handle::try_current().is_err() {
        return false;
    }
    let shown = TokioInstant::now();
    let begun = Instant::now();
    while Instant::now() == begun {
        std::hint::spin_loop();
    }
    TokioInstant::now() == shown
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::runtime::Builder;
    use tokio::time;

    use super::is_paused;

    #[test]
    fn a_clock_is_paused_from_pause_until_resume() {
        assert!(!is_paused());
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().build().unwrap();
        runtime.block_on(async {
            assert!(!is_paused());
            time::pause();
            assert!(is_paused());
            time::advance(Duration::from_secs(60)).await;
            assert!(is_paused());
            time::resume();
            assert!(!is_paused());
        });
        let _entered = runtime.enter();
        assert!(!is_paused());
    }

    #[test]
    fn a_runtime_without_timers_has_no_paused_clock() {
        let runtime = Builder::new_current_thread().build().unwrap();
        assert!(!runtime.block_on(async { is_paused() }));
    }
}

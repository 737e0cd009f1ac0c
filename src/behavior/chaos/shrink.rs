//! Reduces a list of failing hits to one from which no hit can be removed.

use super::{Chaos, Hit};

use crate::ground::count::plural;
use crate::ground::message::Message;

/// Finds the few hits among many that are enough to make a test fail, by replaying smaller and
/// smaller parts of them; created by [`Chaos::shrink`].
///
/// It does not run the test itself, so it works with synchronous and asynchronous bodies. Each
/// [`next_run`](Self::next_run) returns a [`Chaos`] with which to run the whole body, with a new
/// fake; report to [`failed`](Self::failed) whether the body failed. When there are no more runs,
/// [`hits`](Self::hits) is a list that fails, and that does not fail if any one of its hits is
/// removed. Finding a pair among a hundred takes about fifty runs; in the worst case, the number of
/// runs grows with the square of the number of hits.
///
/// ```
/// use fake_lambda::{Chaos, FakeLambda, Hit, ServiceError, sdk_client};
/// use serde_json::json;
///
/// /// Returns `true` if an order is lost despite the retries.
/// async fn loses_an_order(chaos: Chaos) -> bool {
///     let lambda = FakeLambda::start();
///     lambda.on("pay").reply(json!({"paid": true}));
///     lambda.chaos(chaos);
///     let client = sdk_client!(aws_sdk_lambda, lambda); // three attempts per call
///     let mut lost = false;
///     for _ in 0..5 {
///         lost |= client.invoke().function_name("pay").send().await.is_err();
///     }
///     lost
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let hits = [1, 3, 5, 6, 7, 9].map(|attempt| Hit::new("pay", attempt, ServiceError::ServiceException));
/// let mut shrink = Chaos::shrink(hits);
/// while let Some(chaos) = shrink.next_run() {
///     shrink.failed(loses_an_order(chaos).await);
/// }
/// let attempts: Vec<u64> = shrink.hits().iter().map(Hit::attempt).collect();
/// assert_eq!(attempts, [5, 6, 7]);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it shrinks nothing by itself: `while let Some(chaos) = shrink.next_run() { shrink.failed(..) }`"]
pub struct Shrink {
    /// The shortest list known to fail; before the first run, the given list.
    hits: Vec<Hit>,
    /// The number of parts that the list is cut into.
    parts: usize,
    stage: Phase,
    /// Whether a run was returned whose result has not been reported yet.
    running: bool,
}

/// The question that the next run answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Whether the whole list fails.
    Whole,
    /// Whether it fails without any hit.
    None,
    /// Whether one part fails by itself.
    Part(usize),
    /// Whether the list without one part fails.
    Without(usize),
    Done,
}

impl Shrink {
    pub(super) fn new(hits: Vec<Hit>) -> Self {
        Self {
            hits,
            parts: 2,
            stage: Phase::Whole,
            running: false,
        }
    }

    /// Returns the chaos for the next run of the test; `None` if the list cannot be shortened
    /// further.
    ///
    /// The first run has the whole list, the second has no hits.
    ///
    /// # Panics
    ///
    /// Panics if the result of the last run was not reported to [`failed`](Self::failed), or if two
    /// hits of the list are for the same attempt.
    #[track_caller]
    pub fn next_run(&mut self) -> Option<Chaos> {
        assert!(
            !self.running,
            "{}",
            Message::new(
                "`next_run` was called again before the last run ended",
                "report that run with `shrink.failed(true)` or `shrink.failed(false)`",
            )
        );
        let hits = self.candidate()?;
        self.running = true;
        Some(Chaos::replay(hits))
    }

    /// Reports whether the test failed in the run that [`next_run`](Self::next_run) returned.
    ///
    /// # Panics
    ///
    /// Panics if there was no such run. Also panics if the first run, with the whole list, did not
    /// fail: then something other than these hits made the test fail, and there is nothing to
    /// shrink.
    #[track_caller]
    pub fn failed(&mut self, failed: bool) {
        assert!(
            self.running,
            "{}",
            Message::new("`failed` was called without a run", "call `next_run` first",)
        );
        assert!(
            failed || self.stage != Phase::Whole,
            "{}",
            Message::new(
                format!(
                    "the test does not fail with the whole list ({})",
                    plural(self.hits.len() as u64, "hit")
                ),
                "look for another cause; these hits do not make the test fail",
            )
        );
        self.running = false;
        if failed {
            self.hits = self.candidate().expect("a run was given out for it");
            self.parts = match self.stage {
                Phase::Without(_) => (self.parts - 1).max(2),
                Phase::Whole | Phase::None | Phase::Part(_) | Phase::Done => 2,
            };
        }
        self.stage = self.stage_after(failed);
    }

    /// Returns the shortest list that is known to fail, in the given order; before the first run,
    /// the given list. An empty list means that the test also fails without any hit.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// The hits of the next run.
    fn candidate(&self) -> Option<Vec<Hit>> {
        let cut = |part: usize| part * self.hits.len() / self.parts;
        let hits = &self.hits;
        match self.stage {
            Phase::Whole => Some(hits.clone()),
            Phase::None => Some(Vec::new()),
            Phase::Part(part) => Some(hits[cut(part)..cut(part + 1)].to_vec()),
            Phase::Without(part) => Some([&hits[..cut(part)], &hits[cut(part + 1)..]].concat()),
            Phase::Done => None,
        }
    }

    /// The ddmin algorithm of Zeller and Hildebrandt: each part by itself, then, for each part, the
    /// list without it, then smaller parts.
    fn stage_after(&mut self, failed: bool) -> Phase {
        match self.stage {
            Phase::Whole if self.hits.is_empty() => Phase::Done,
            Phase::Whole => Phase::None,
            Phase::None if failed => Phase::Done,
            // The run fails with this single hit and passes without it.
            _ if self.hits.len() == 1 => Phase::Done,
            _ if failed && matches!(self.stage, Phase::Without(_)) && self.parts > 2 => {
                Phase::Without(0)
            }
            _ if failed => Phase::Part(0),
            Phase::None => Phase::Part(0),
            Phase::Part(part) if part + 1 < self.parts => Phase::Part(part + 1),
            // With two parts, the complement of one is the other.
            Phase::Part(_) if self.parts > 2 => Phase::Without(0),
            Phase::Without(part) if part + 1 < self.parts => Phase::Without(part + 1),
            _ if self.parts >= self.hits.len() => Phase::Done,
            Phase::Part(_) | Phase::Without(_) | Phase::Done => {
                self.parts = (self.parts * 2).min(self.hits.len());
                Phase::Part(0)
            }
        }
    }
}

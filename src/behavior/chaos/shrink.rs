//! From a list of hits with which something fails to one of which none can be left out.

use super::{Chaos, Hit};

use crate::ground::message::Message;

/// Finds the few hits that matter among many, by replaying ever fewer of them; made by [`Chaos::shrink`].
///
/// It never runs the test itself, so it suits a synchronous body and an asynchronous one. Each [`next_run`](Self::next_run) is a chaos to
/// run the whole body with, at a fake of its own; [`failed`](Self::failed) takes whether it failed with that. When there is no further run,
/// [`hits`](Self::hits) is a list that fails, and does so no more without any one of its hits. A pair among a hundred takes some sixty runs; at
/// worst, where nearly all of them matter, it takes the square of their number.
///
/// ```
/// use fake_lambda::{Chaos, FakeLambda, Hit, ServiceError, sdk_client};
/// use serde_json::json;
///
/// /// Whether a customer loses an order, with retries and all.
/// async fn loses_an_order(chaos: Chaos) -> bool {
///     let lambda = FakeLambda::start();
///     lambda.on("pay").reply(json!({"paid": true}));
///     lambda.chaos(chaos);
///     let client = sdk_client!(aws_sdk_lambda, lambda); // three attempts a call
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
    /// The shortest list known to fail; before the first run, the list that is said to.
    hits: Vec<Hit>,
    /// Into how many parts the list is cut.
    parts: usize,
    stage: Phase,
    /// Whether a run was given out and its end not told yet.
    running: bool,
}

/// What the next run is to tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Whether the whole list fails at all.
    Whole,
    /// Whether it fails without any hit.
    None,
    /// Whether one part alone fails.
    Part(usize),
    /// Whether all but one part fail.
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

    /// The chaos to run the test with next; `None` when the list is as short as it can be.
    ///
    /// The first run is the whole list, the second none of it.
    ///
    /// # Panics
    ///
    /// At this line when [`failed`](Self::failed) has not been told of the run before.
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

    /// Says whether the test failed in the run that [`next_run`](Self::next_run) gave.
    ///
    /// # Panics
    ///
    /// At this line when there was no such run, and when it was the first, with the whole list, and did not fail: then something else than these
    /// hits made the test fail, and there is nothing to shrink.
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
                format!("the test does not fail with all {} hits", self.hits.len()),
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

    /// The shortest list that is known to fail; sorted as it was given.
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

    /// Zeller and Hildebrandt's ddmin: each part alone, then all without each part, then smaller parts.
    fn stage_after(&mut self, failed: bool) -> Phase {
        match self.stage {
            Phase::Whole if self.hits.is_empty() => Phase::Done,
            Phase::Whole => Phase::None,
            Phase::None if failed => Phase::Done,
            // One hit that fails, and does not when left out.
            _ if self.hits.len() == 1 => Phase::Done,
            _ if failed && matches!(self.stage, Phase::Without(_)) && self.parts > 2 => {
                Phase::Without(0)
            }
            _ if failed => Phase::Part(0),
            Phase::None => Phase::Part(0),
            Phase::Part(part) if part + 1 < self.parts => Phase::Part(part + 1),
            // Of two parts, all without the one is the other.
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

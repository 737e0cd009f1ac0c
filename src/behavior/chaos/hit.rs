//! One attempt that chaos hits.

use std::fmt;
use std::sync::Arc;

use super::what::HitKind;
use crate::aws::target::{Target, target_of};
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};
use crate::reply::fault::Fault;
use crate::reply::reply::{IntoReply, Reply};

/// One attempt that chaos hits: its target, its number at that target, and the effect.
///
/// It prints as the code that creates it, so that the hits of a failed test can be pasted into the
/// next one. An effect that is longer than a [`ServiceError`](crate::ServiceError), a [`Fault`] or
/// a throttle with its reason prints as the line where it was written.
///
/// ```
/// use fake_lambda::{Fault, Hit};
///
/// let hit = Hit::new("resize:live", 3, Fault::Reset);
/// assert_eq!(hit.to_string(), r#"Hit::new("resize:live", 3, Fault::Reset)"#);
/// ```
///
/// Two hits are equal if they print the same, whatever their reasons.
#[derive(Clone)]
pub struct Hit {
    /// Without region and account if these are the fake's own.
    pub(super) target: Target,
    pub(super) attempt: u64,
    pub(super) what: HitKind,
    pub(super) reason: Arc<str>,
}

impl Hit {
    /// Creates a hit on the attempt with this number at that target. The effect `what` is a
    /// [`ServiceError`](crate::ServiceError), a [`FunctionError`](crate::FunctionError), a
    /// [`Fault`], or a [`Reply`] with one.
    ///
    /// The target matches exactly: `resize` is the function called without a qualifier. Region and
    /// account are the fake's own unless the target names others. Attempts are counted from 1,
    /// including retries.
    ///
    /// # Panics
    ///
    /// Panics if the text does not name a function, if `attempt` is 0, or if `what` succeeds or is
    /// a handler.
    #[track_caller]
    pub fn new(target: impl AsRef<str>, attempt: u64, what: impl IntoReply) -> Self {
        let target = target_of(target.as_ref());
        accepted(Self::try_new(
            target,
            attempt,
            what.into_reply(),
            Location::here(),
        ))
    }

    pub(crate) fn try_new(
        target: Target,
        attempt: u64,
        what: Reply,
        written_at: Location,
    ) -> Result<Self, Message> {
        if attempt == 0 {
            return Err(Message::new(
                format!("`Hit::new(\"{target}\", 0, ..)` can never hit"),
                "count attempts from 1",
            ));
        }
        Ok(Self {
            target,
            attempt,
            what: HitKind::of(what, "Hit::new", written_at)?,
            reason: "replay".into(),
        })
    }

    /// The target as it was written.
    pub(crate) fn written_target(&self) -> &Target {
        &self.target
    }

    /// Returns the function and its qualifier, `resize:live`; the ARN if region or account are not
    /// the fake's own.
    pub fn target(&self) -> String {
        let Target {
            region, account, ..
        } = &self.target;
        let arn = match region.is_some() && account.is_some() {
            true => "arn:aws:lambda:",
            false => "",
        };
        let parts = [region, account].into_iter().flatten();
        let parts: String = parts.map(|part| format!("{part}:")).collect();
        let function = if parts.is_empty() { "" } else { "function:" };
        format!("{arn}{parts}{function}{}", self.target)
    }

    /// Returns the number of the attempt at its target, from 1.
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// Returns the reason of the hit as the journal prints it: `rate 0.1, seed 7`.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The reply that answers instead of the script, unless the hit damages the script's reply.
    pub(crate) fn reply(&self) -> &Reply {
        &self.what.reply
    }

    /// The fault that damages the script's reply.
    pub(crate) fn damage(&self) -> Option<Fault> {
        self.what.damage()
    }

    pub(super) fn meets_with(&self, other: &Self) -> bool {
        (&self.target, self.attempt) == (&other.target, other.attempt)
    }
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.meets_with(other) && self.what.code == other.what.code
    }
}

impl Eq for Hit {}

/// The code that creates it: `Hit::new("resize", 3, Fault::Reset)`.
impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Hit::new(\"{}\", {}, {})",
            self.target(),
            self.attempt,
            self.what.code
        )
    }
}

impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

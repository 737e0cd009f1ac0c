//! One attempt that chaos hits.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::mode::Draws;
use super::what::{Effect, HitKind, IntoEffect, effect_of};
use crate::aws::target::{Target, target_of};
use crate::ground::cut::cut;
use crate::ground::json::canonical;
use crate::ground::location::Location;
use crate::ground::message::{Message, accepted};
use crate::reply::fault::Fault;

/// The longest payload that is printed whole, in bytes.
const MAX_PAYLOAD: usize = 400;

/// How much of a longer payload is printed, in bytes.
const MAX_START: usize = 60;

/// One attempt that chaos hits: its target, its number at that target, and the effect.
///
/// It prints as the code that creates it, so that the hits of a failed test can be pasted into
/// another test. Two parts print as a comment, to be replaced by hand:
///
/// - an effect, as the line where it was written, unless it is a
///   [`ServiceError`](crate::ServiceError), a throttle with its reason, a [`Fault`] or a
///   [`Delay`](crate::Delay), which print as code;
/// - a payload of over 400 bytes, as its length and its start.
///
/// ```
/// use fake_lambda::{Fault, Hit};
///
/// let hit = Hit::new("resize:live", 3, Fault::Reset);
/// assert_eq!(hit.to_string(), r#"Hit::new("resize:live", 3, Fault::Reset)"#);
/// ```
///
/// Two hits are equal if they have the same target, attempt and payload and their effects print the
/// same, whatever their reasons.
///
/// A hit of chaos that is [keyed by payload](crate::Chaos::keyed_by_payload) also has the payload.
/// It hits the attempt of that number within each call that has the payload: see
/// [`keyed_by_payload`](Self::keyed_by_payload).
#[derive(Clone)]
pub struct Hit {
    /// The target as it was written; in a hit that a fake made, without region and account if these
    /// are the fake's own.
    pub(super) target: Target,
    pub(super) attempt: u64,
    /// The payload, with its members in a fixed order; absent if the attempts at the target are
    /// counted.
    pub(super) payload: Option<Arc<str>>,
    pub(super) what: HitKind,
    pub(super) reason: Arc<str>,
}

impl Hit {
    /// Creates a hit on the attempt with this number at that target. The effect `what` is a
    /// [`ServiceError`](crate::ServiceError), a [`FunctionError`](crate::FunctionError), a
    /// [`Fault`], a [`Delay`](crate::Delay) of the script's own reply, or a
    /// [`Reply`](crate::Reply) that is an error or plain HTTP, or has a fault, another status or
    /// body, a missing header, or another number of deliveries.
    ///
    /// The target matches exactly: `resize` is the function called without a qualifier. Region and
    /// account are the fake's own unless the target names others. Attempts are counted from 1,
    /// including retries.
    ///
    /// # Panics
    ///
    /// Panics if `target` does not name a function, if `attempt` is 0, or if `what` succeeds, is a
    /// handler or a stream, or has an invalid number or range.
    #[track_caller]
    pub fn new(target: impl AsRef<str>, attempt: u64, what: impl IntoEffect) -> Self {
        let target = target_of(target.as_ref());
        accepted(Self::try_new(
            target,
            attempt,
            effect_of(what),
            Location::here(),
        ))
    }

    pub(crate) fn try_new(
        target: Target,
        attempt: u64,
        what: Effect,
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
            payload: None,
            what: HitKind::of(what, "Hit::new", written_at)?,
            reason: "replay".into(),
        })
    }

    /// Restricts the hit to calls that have this payload; its attempt is then counted within the
    /// call.
    ///
    /// Chaos that is [keyed by payload](crate::Chaos::keyed_by_payload) prints its hits in this
    /// form, so that a replay hits the same calls in whatever order they come. JSON is compared
    /// member by member; the order of the members and the white space between them do not matter.
    /// An empty payload is `{}`.
    ///
    /// ```
    /// use fake_lambda::{Fault, Hit};
    ///
    /// let hit = Hit::new("pay", 1, Fault::Reset).keyed_by_payload(r#"{"order": 7}"#);
    /// assert_eq!(hit.to_string(), r##"Hit::new("pay", 1, Fault::Reset).keyed_by_payload(r#"{"order":7}"#)"##);
    /// ```
    pub fn keyed_by_payload(mut self, payload: impl AsRef<[u8]>) -> Self {
        self.payload = Some(key_of(payload.as_ref()));
        self
    }

    /// The target as it was written.
    pub(crate) fn written_target(&self) -> &Target {
        &self.target
    }

    /// Returns the function and its qualifier, `resize:live`, or a full or partial ARN if the
    /// target names a region or an account; a hit that a fake made omits them if they are the
    /// fake's own.
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

    /// Returns the number of the attempt at its target, from 1; with a [`payload`](Self::payload),
    /// its number within its call.
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// Returns the payload of the calls that the hit is restricted to, with its members in a fixed
    /// order; `None` if attempts are counted at the target.
    pub fn payload(&self) -> Option<&str> {
        self.payload.as_deref()
    }

    /// Returns the reason for the hit as the journal prints it: `rate 0.1, seed 7`.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The effect on the attempt.
    pub(crate) fn what(&self) -> &Effect {
        &self.what.what
    }

    /// The fault that damages the script's reply.
    pub(crate) fn damage(&self) -> Option<Fault> {
        self.what.damage()
    }

    /// Draws the length if the effect is a delay, and adds it to the reason.
    pub(super) fn settle(&mut self, draws: Draws) {
        let Effect::Delay(delay) = *self.what() else {
            return;
        };
        let length = delay.drawn(draws.number(usize::MAX, self.attempt));
        self.what = HitKind::late(length.into());
        self.reason = format!("delay {length:?}, {}", self.reason).into();
    }

    /// The attempts that it hits.
    pub(super) fn key(&self) -> (&Target, Option<&str>, u64) {
        (&self.target, self.payload(), self.attempt)
    }

    /// The message about a hit on the same attempt as an earlier one.
    pub(super) fn repeats(&self, first: &Self) -> Message {
        Message::new(
            format!("`{self}` and `{first}` are for the same attempt"),
            "keep one of the two",
        )
    }
}

/// The indices of the first two hits on the same attempt.
pub(super) fn on_one_attempt(hits: &[Hit]) -> Option<(usize, usize)> {
    let mut known = FxHashMap::default();
    let mut hits = hits.iter().enumerate();
    hits.find_map(|(second, hit)| {
        let first = known.insert(hit.key(), second)?;
        Some((first, second))
    })
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key() && self.what.code == other.what.code
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
        )?;
        match &self.payload {
            None => Ok(()),
            Some(payload) if payload.len() > MAX_PAYLOAD => {
                let (length, start) = (payload.len(), cut(payload, MAX_START));
                write!(f, ".keyed_by_payload(/* {length} bytes: {start} */)")
            }
            Some(payload) => {
                let hashes = "#".repeat(hashes_around(payload));
                write!(f, ".keyed_by_payload(r{hashes}\"{payload}\"{hashes})")
            }
        }
    }
}

/// The text by which chaos distinguishes payloads: the canonical JSON, or else the payload itself.
pub(super) fn key_of(payload: &[u8]) -> Arc<str> {
    let payload = if payload.is_empty() { b"{}" } else { payload };
    match canonical(payload) {
        Some(json) => json.into(),
        None => String::from_utf8_lossy(payload).into(),
    }
}

/// How many `#` a raw string needs on either side.
fn hashes_around(text: &str) -> usize {
    let mut after_quotes = text.split('"').skip(1);
    let first = after_quotes.next().map(leading_hashes);
    let most = after_quotes.map(leading_hashes).max().max(first);
    most.map_or(0, |most| most + 1)
}

fn leading_hashes(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'#').count()
}

impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

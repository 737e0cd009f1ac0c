//! The advice under a paused tokio clock: every timeout passes before a real socket can answer.

const CURE: &str = "run this test without `start_paused`";
const WHY: &str = "tokio's clock is paused, so a client that uses a socket times out immediately";

/// The change, if the paused clock explains the failure.
pub(super) fn cure() -> String {
    format!("{CURE}; {WHY}")
}

/// The advice as a note, if the paused clock could explain the failure.
pub(super) fn note() -> String {
    format!("note: {WHY}: {CURE}")
}

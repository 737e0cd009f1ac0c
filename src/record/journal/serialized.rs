//! The journal as data, for JSON and YAML snapshots.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Attempt, BodyText, Call, Journal};
use crate::reply::outcome::OutcomeKind;

impl Serialize for Journal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_seq(Some(self.entries.len()))?;
        for entry in &self.entries {
            entries.serialize_element(entry)?;
        }
        entries.end()
    }
}

impl Serialize for Call {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let first = self.first();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("call", &self.number)?;
        if first.is_invoke() {
            map.serialize_entry("function", first.function_name())?;
            if let Some(qualifier) = first.qualifier() {
                map.serialize_entry("qualifier", qualifier)?;
            }
            map.serialize_entry("invocation_type", first.invocation_type().as_str())?;
            match first.kept_payload() {
                Some(payload) => map.serialize_entry("payload", &BodyText::of(first, payload))?,
                None => map.serialize_entry("dropped_payload_bytes", &first.payload_len())?,
            }
        } else {
            map.serialize_entry("request", &first.described())?;
        }
        map.serialize_entry("attempts", &self.attempts)?;
        map.end()
    }
}

impl Serialize for Attempt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(number) = self.invocation.attempt() {
            map.serialize_entry("attempt", &number)?;
        }
        if let Some(most) = self.invocation.max_attempts() {
            map.serialize_entry("max_attempts", &most)?;
        }
        if let Some(outcome) = &self.outcome {
            if let Some(fault) = outcome.fault() {
                map.serialize_entry("fault", &fault.to_string())?;
                map.serialize_entry("ran", &outcome.has_run())?;
            }
            if let Some(status) = outcome.status() {
                map.serialize_entry("status", &status)?;
            }
            if let Some(code) = outcome.code() {
                map.serialize_entry("error", code)?;
            }
            if let Some(reason) = outcome.reason() {
                map.serialize_entry("reason", reason.as_str())?;
            }
            if let Some(constraint) = self.constraint() {
                map.serialize_entry("constraint", &constraint)?;
            }
            if self.is_function_error() {
                map.serialize_entry("function_error", &true)?;
            }
            if let Some(body) = outcome.body() {
                map.serialize_entry("payload", &BodyText::of(&self.invocation, body))?;
            }
            if let OutcomeKind::Ran { version, .. } = &outcome.kind {
                map.serialize_entry("executed_version", &**version)?;
            }
        }
        if let Some(hit) = &self.hit {
            map.serialize_entry("chaos", hit.reason())?;
            if let Some(fault) = hit.damage().filter(|_| self.could_not_happen) {
                map.serialize_entry("could_not_happen", &fault.to_string())?;
            }
        }
        let marks = [
            ("waiting", self.is_waiting()),
            (
                "gate_dropped",
                self.outcome
                    .as_ref()
                    .and_then(|outcome| outcome.alterations.as_ref())
                    .is_some_and(|alterations| alterations.gate_was_dropped),
            ),
            ("abandoned", self.is_abandoned()),
            ("cut", self.is_cut()),
            ("unscripted", self.unscripted),
        ];
        for (mark, _) in marks.into_iter().filter(|(_, is_so)| *is_so) {
            map.serialize_entry(mark, &true)?;
        }
        if !self.deliveries.is_empty() {
            map.serialize_entry("deliveries", &self.deliveries)?;
        }
        map.end()
    }
}

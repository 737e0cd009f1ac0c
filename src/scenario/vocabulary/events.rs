//! The handling of events.

use std::time::Duration;

use super::super::entry::{AnyKind as _, Argument, ArgumentEntry, KindEntry, Options, Verb, with};
use super::super::shape::Takes;
use super::values::{AtLeast, Within};
use crate::aws::target::Target;
use crate::behavior::events::EventConfig;

/// The event settings of a function, or of one of its qualifiers.
pub(in crate::scenario) type TargetConfig = (Target, EventConfig);

impl Argument for TargetConfig {
    const ENTRY: ArgumentEntry<Self> = ArgumentEntry {
        takes: || Takes::Object(|| CONFIG.object("a configuration of events")),
        read: |value| CONFIG.read(value),
        write: |of, code| CONFIG.write((of.0.clone(),), of, code),
    };
}

static CONFIG: KindEntry<TargetConfig, (Target,)> = KindEntry {
    about: "How a function treats its events, as `event_invoke_config` sets it; an omitted key changes nothing.",
    parts: &[(
        "event_invoke_config",
        "The function, or one of its qualifiers.",
    )],
    make: |(target,)| Ok((target, EventConfig::default())),
    options: Some(&Options(&[&[
        &Verb::<TargetConfig, Within<u32, 0, 2>> {
            word: "maximum_retry_attempts",
            about: "The number of retries of an event whose function failed.",
            set: |mut of, retries| of.1.try_retries(retries.0).map(|()| of),
            get: |of| of.1.retries.map(Within),
        },
        &Verb::<TargetConfig, Duration> {
            word: "maximum_event_age",
            about: "The age at which an event is discarded, from `60s` to `6h`.",
            set: |mut of, age| of.1.try_age(age).map(|()| of),
            get: |of| of.1.age,
        },
        &Verb::<TargetConfig, AtLeast<usize, 0>> {
            word: "queue_capacity",
            about: "The number of events that can wait for the function; further ones are lost.",
            set: |of, events| with(of, |of| of.1.capacity = Some(events.0)),
            get: |of| of.1.capacity.map(Within),
        },
        &Verb::<TargetConfig, String> {
            word: "on_success",
            about: "The ARN for the record of an event whose function succeeded.",
            set: |mut of, arn| of.1.try_on_success(&arn).map(|()| of),
            get: |of| Some(of.1.on_success.as_ref()?.arn.to_string()),
        },
        &Verb::<TargetConfig, String> {
            word: "on_failure",
            about: "The ARN for the record of an event that failed permanently.",
            set: |mut of, arn| of.1.try_on_failure(&arn).map(|()| of),
            get: |of| Some(of.1.on_failure.as_ref()?.arn.to_string()),
        },
        &Verb::<TargetConfig, String> {
            word: "dead_letter_queue",
            about: "The ARN of the queue or topic for an event that failed permanently.",
            set: |mut of, arn| of.1.try_dead_letter_queue(&arn).map(|()| of),
            get: |of| Some(of.1.dead_letters.as_ref()?.arn.to_string()),
        },
    ]])),
};

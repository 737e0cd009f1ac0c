//! The event settings by function and qualifier, and the service's defaults.

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::destination::{Destination, DestinationKind, Purpose};
use crate::aws::target::Target;
use crate::ground::message::Message;

/// The maximum number of retries after function errors, which is also the default.
const MOST_RETRIES: u32 = 2;

/// The minimum and maximum age of an event; the maximum is the default.
const AGES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(21_600)];

/// The settings of functions and qualifiers. Each step of a delivery reads them, so a change also
/// applies to queued events.
#[derive(Debug, Default)]
pub(crate) struct EventConfigs(FxHashMap<Arc<str>, Vec<(Target, EventConfig)>>);

/// The settings of one function or one of its qualifiers.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventConfig {
    pub(crate) retries: Option<u32>,
    pub(crate) age: Option<Duration>,
    pub(crate) capacity: Option<usize>,
    pub(crate) dead_letters: Option<Destination>,
    pub(crate) on_failure: Option<Destination>,
    pub(crate) on_success: Option<Destination>,
}

/// The settings that apply to one event.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// How often a function that failed runs again.
    pub(crate) retries: u32,
    /// The maximum age of an event.
    pub(crate) age: Duration,
    /// The number of events that can wait for the function; more are lost.
    pub(crate) capacity: Option<usize>,
    pub(crate) dead_letters: Option<Destination>,
    pub(crate) on_failure: Option<Destination>,
    pub(crate) on_success: Option<Destination>,
}

/// The reason why a setting is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ConfigError {
    Retries,
    /// Not between the bounds.
    Age,
    /// The service counts ages in whole seconds.
    AgeInSeconds,
}

impl EventConfigs {
    /// The settings of exactly this function and qualifier, to be changed.
    pub(crate) fn entry(&mut self, target: &Target) -> &mut EventConfig {
        let of_name = self.0.entry(target.name.clone()).or_default();
        let index = of_name.iter().position(|(known, _)| known == target);
        let index = index.unwrap_or_else(|| {
            // Those with a qualifier come first, and newer ones before older ones, which is the
            // order of rules.
            let index = match target.qualifier {
                Some(_) => 0,
                None => of_name.partition_point(|(known, _)| known.qualifier.is_some()),
            };
            of_name.insert(index, (target.clone(), EventConfig::default()));
            index
        });
        &mut of_name[index].1
    }

    /// Applies the settings that are present in `config`, and keeps the rest.
    pub(crate) fn add(&mut self, target: &Target, config: EventConfig) {
        let known = self.entry(target);
        *known = config.or(known);
    }

    /// The settings of each function and qualifier, sorted by function name. Adding them again in
    /// this order gives the same result.
    pub(crate) fn all(&self) -> Vec<(Target, EventConfig)> {
        let mut functions: Vec<_> = self.0.iter().collect();
        functions.sort_by_key(|(name, _)| *name);
        let all = functions.into_iter();
        // The newer ones are stored before the older ones.
        all.flat_map(|(_, configs)| configs.iter().rev().cloned())
            .collect()
    }

    /// The number of retries for an event of this function and qualifier, and the target for which
    /// it is set; `None` if the default applies.
    pub(crate) fn retries_of(&self, request: &Target) -> Option<(u32, &Target)> {
        let of_name = self.0.get(&request.name)?.iter();
        let mut covering = of_name.filter(|(target, _)| target.covers(request));
        covering.find_map(|(target, config)| Some((config.retries?, target)))
    }

    /// The settings for an event of this function and qualifier: for each setting, the most
    /// specific one.
    pub(crate) fn resolve(&self, request: &Target) -> Settings {
        let of_name = self.0.get(&request.name).map(Vec::as_slice);
        let mut found = EventConfig::default();
        for (target, config) in of_name.unwrap_or_default() {
            if target.covers(request) {
                found = found.or(config);
            }
        }
        Settings {
            retries: found.retries.unwrap_or(MOST_RETRIES),
            age: found.age.unwrap_or(AGES[1]),
            capacity: found.capacity,
            dead_letters: found.dead_letters,
            on_failure: found.on_failure,
            on_success: found.on_success,
        }
    }
}

impl Settings {
    /// Returns `true` if the record of an event can be sent to a function.
    pub(super) fn invokes_function(&self) -> bool {
        let destinations = [&self.on_failure, &self.on_success].into_iter().flatten();
        let mut kinds = destinations.map(|destination| destination.kind);
        kinds.any(|kind| kind == DestinationKind::Lambda)
    }
}

impl EventConfig {
    /// The number of retries where none is set, which is also the most.
    pub(crate) const fn default_retries() -> u32 {
        MOST_RETRIES
    }

    /// Sets [`maximum_retry_attempts`](crate::EventInvokeConfig::maximum_retry_attempts), or
    /// returns why it is refused.
    pub(crate) fn try_retries(&mut self, retries: u32) -> Result<(), Message> {
        let set = self.set_retries(retries);
        set.map_err(|error| error.message(&format!("maximum_retry_attempts({retries})")))
    }

    /// Sets [`maximum_event_age`](crate::EventInvokeConfig::maximum_event_age), or returns why it
    /// is refused.
    pub(crate) fn try_age(&mut self, age: Duration) -> Result<(), Message> {
        let set = self.set_age(age);
        set.map_err(|error| error.message(&format!("maximum_event_age({age:?})")))
    }

    /// Sets [`on_success`](crate::EventInvokeConfig::on_success), or returns why it is refused.
    pub(crate) fn try_on_success(&mut self, arn: &str) -> Result<(), Message> {
        self.on_success = Some(destination("on_success", arn, Purpose::Successes)?);
        Ok(())
    }

    /// Sets [`on_failure`](crate::EventInvokeConfig::on_failure), or returns why it is refused.
    pub(crate) fn try_on_failure(&mut self, arn: &str) -> Result<(), Message> {
        self.on_failure = Some(destination("on_failure", arn, Purpose::Failures)?);
        Ok(())
    }

    /// Sets [`dead_letter_queue`](crate::EventInvokeConfig::dead_letter_queue), or returns why it
    /// is refused.
    pub(crate) fn try_dead_letter_queue(&mut self, arn: &str) -> Result<(), Message> {
        self.dead_letters = Some(destination("dead_letter_queue", arn, Purpose::DeadLetters)?);
        Ok(())
    }

    fn set_retries(&mut self, retries: u32) -> Result<(), ConfigError> {
        if retries > MOST_RETRIES {
            return Err(ConfigError::Retries);
        }
        self.retries = Some(retries);
        Ok(())
    }

    fn set_age(&mut self, age: Duration) -> Result<(), ConfigError> {
        if !(AGES[0]..=AGES[1]).contains(&age) {
            return Err(ConfigError::Age);
        }
        if age.subsec_nanos() != 0 {
            return Err(ConfigError::AgeInSeconds);
        }
        self.age = Some(age);
        Ok(())
    }

    /// These settings, and those of `other` where a setting is absent.
    fn or(self, other: &Self) -> Self {
        Self {
            retries: self.retries.or(other.retries),
            age: self.age.or(other.age),
            capacity: self.capacity.or(other.capacity),
            dead_letters: self.dead_letters.or_else(|| other.dead_letters.clone()),
            on_failure: self.on_failure.or_else(|| other.on_failure.clone()),
            on_success: self.on_success.or_else(|| other.on_success.clone()),
        }
    }
}

fn destination(verb: &str, arn: &str, purpose: Purpose) -> Result<Destination, Message> {
    let destination = Destination::parse(arn, purpose);
    destination.map_err(|error| error.message(&format!("{verb}({arn:?})")))
}

impl ConfigError {
    /// `written` is the call with its argument.
    pub(crate) fn message(self, written: &str) -> Message {
        match self {
            Self::Retries => Message::new(
                format!("`{written}` is out of range"),
                format!("use 0 to {MOST_RETRIES}"),
            ),
            Self::Age => {
                let [least, most] = AGES.map(|age| age.as_secs());
                Message::new(
                    format!("`{written}` is out of range"),
                    format!("use {least} to {most} seconds"),
                )
            }
            Self::AgeInSeconds => Message::new(
                format!("`{written}` is not a whole number of seconds"),
                "use whole seconds",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::{ConfigError, EventConfigs};
    use crate::aws::target::Target;
    use crate::behavior::events::destination::{Destination, Purpose};

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn unset_settings_have_the_services_defaults() {
        let settings = EventConfigs::default().resolve(&target("f"));
        assert_eq!((settings.retries, settings.age), (2, seconds(21_600)));
        assert_eq!(settings.on_success, None);
        assert_eq!(settings.on_failure, None);
        assert_eq!(settings.dead_letters, None);
        assert_eq!(settings.capacity, None);
    }

    #[test]
    fn each_setting_of_a_qualifier_overrides_that_of_its_function() {
        let mut configs = EventConfigs::default();
        let queue = Destination::parse("arn:aws:sqs:us-east-1:123456789012:q", Purpose::Failures);
        let config = configs.entry(&target("f"));
        config.set_retries(0).unwrap();
        config.on_failure = Some(queue.clone().unwrap());
        configs.entry(&target("f:live")).set_retries(1).unwrap();
        configs.entry(&target("g")).set_age(seconds(60)).unwrap();

        let live = configs.resolve(&target("f:live"));
        assert_eq!((live.retries, live.on_failure), (1, queue.clone().ok()));
        let other = configs.resolve(&target("f:old"));
        assert_eq!((other.retries, other.on_failure), (0, queue.ok()));
        assert_eq!(configs.resolve(&target("g:live")).age, seconds(60));
        assert_eq!(configs.resolve(&target("h")).retries, 2);
    }

    #[test]
    fn a_setting_can_be_changed_and_the_newer_of_two_equally_specific_targets_wins() {
        let mut configs = EventConfigs::default();
        configs.entry(&target("f")).set_retries(0).unwrap();
        configs.entry(&target("f")).set_retries(1).unwrap();
        assert_eq!(configs.resolve(&target("f")).retries, 1);
        let arn = target("arn:aws:lambda:us-east-1:123456789012:function:f");
        configs.entry(&arn).set_retries(2).unwrap();
        assert_eq!(configs.resolve(&arn).retries, 2);
    }

    #[rstest]
    #[case::least(seconds(60), Ok(()))]
    #[case::most(seconds(21_600), Ok(()))]
    #[case::too_young(seconds(59), Err(ConfigError::Age))]
    #[case::too_old(seconds(21_601), Err(ConfigError::Age))]
    #[case::not_whole(Duration::from_millis(60_500), Err(ConfigError::AgeInSeconds))]
    fn an_age_must_be_one_that_the_service_accepts(
        #[case] age: Duration,
        #[case] expected: Result<(), ConfigError>,
    ) {
        assert_eq!(
            EventConfigs::default().entry(&target("f")).set_age(age),
            expected
        );
    }

    #[test]
    fn three_retries_are_too_many() {
        let error = EventConfigs::default().entry(&target("f")).set_retries(3);
        assert_eq!(error, Err(ConfigError::Retries));
    }
}

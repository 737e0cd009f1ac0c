//! Questions about what happened: the same ones for a whole fake, one script and one target.
//!
//! Every assertion panics at the caller's line and has a `try_` twin that returns the report instead.

use std::sync::Arc;

use crate::count::Count;
use crate::exchange::{Exchange, State};
use crate::fake::Handle;
use crate::finding::RuleLabel;
use crate::journal::{Call, Tally};
use crate::report::{self, Report, Subject};
use crate::rule::{Script, Seen, possible};
use crate::script::RuleId;
use crate::target::Target;
use crate::wait::Wait;
use crate::words::nearest;

/// What a question is about.
#[derive(Clone)]
enum Scope {
    Fake,
    Rule(RuleId),
    Target(Target),
}

impl Scope {
    fn tally(&self, state: &State) -> Tally {
        match self {
            Self::Fake => state.log.counters.total(),
            Self::Rule(rule) => state.log.counters.of_rule(*rule),
            Self::Target(target) => state.log.counters.of_target(target),
        }
    }

    fn calls(&self, state: &State) -> Vec<Call> {
        let belongs = |call: &&Call| match self {
            Self::Fake => true,
            Self::Rule(rule) => call
                .attempts
                .iter()
                .any(|attempt| attempt.rule == Some(*rule)),
            Self::Target(target) => call
                .first()
                .target()
                .is_some_and(|asked| target.covers(asked)),
        };
        state
            .log
            .entries()
            .filter(|call| call.first().is_invoke())
            .filter(belongs)
            .cloned()
            .collect()
    }

    fn subject(&self, state: &State) -> Subject {
        match self {
            Self::Fake => Subject::Fake,
            Self::Rule(rule) => Subject::Rule(RuleLabel::of(*rule, &state.rules[*rule])),
            Self::Target(target) => {
                let called: Vec<String> = state
                    .log
                    .counters
                    .targets()
                    .map(Target::to_string)
                    .collect();
                let text = target.to_string();
                // Another qualifier of the same function is nearer than any other name.
                let same_name = state
                    .log
                    .counters
                    .targets()
                    .find(|called| called.name == target.name && called.to_string() != text);
                let others = called.iter().map(String::as_str);
                let near = match same_name {
                    Some(called) => Some(called.to_string()),
                    None => nearest(&text, others).map(str::to_owned),
                };
                Subject::Target {
                    near: near.filter(|_| self.tally(state).calls == 0),
                    text,
                }
            }
        }
    }

    fn check(
        &self,
        exchange: &Exchange,
        what: &str,
        count: Count,
        number: fn(&Tally) -> u64,
    ) -> Result<(), Report> {
        let failed = exchange.read(|state| {
            let got = number(&self.tally(state));
            if count.contains(got) {
                return None;
            }
            let others = match self {
                Self::Rule(rule) => state.others(*rule),
                _ => Vec::new(),
            };
            Some((self.subject(state), got, others, state.log.journal()))
        });
        match failed {
            None => Ok(()),
            Some((subject, got, others, journal)) => Err(report::miscount(
                &subject, what, count, got, &others, &journal,
            )),
        }
    }

    #[track_caller]
    fn only_call(&self, exchange: &Exchange) -> Call {
        if let Err(report) = self.check(exchange, "call", Count::from(1), |tally| tally.calls) {
            panic!("{report}");
        }
        match exchange.read(|state| self.calls(state)).pop() {
            Some(call) => call,
            None => panic!(
                "the journal no longer keeps the only call: raise its limit with `FakeLambda::builder().journal_calls(..)`"
            ),
        }
    }

    #[track_caller]
    fn wait(
        self,
        exchange: &Arc<Exchange>,
        what: &'static str,
        wanted: u64,
        number: fn(&Tally) -> u64,
    ) -> Wait {
        let subject = exchange.read(|state| self.subject(state));
        let text = report::awaited(wanted, what, &subject);
        Wait::new(exchange.clone(), text, move |state| {
            let got = number(&self.tally(state));
            (got < wanted).then(|| format!("got {got} so far"))
        })
    }
}

macro_rules! questions {
    ($type:ty, $whose:literal, |$self:ident| $scope:expr) => {
        #[doc = concat!("What happened, asked of ", $whose, ".")]
        impl $type {
            /// The calls, oldest first; those the journal has dropped are missing.
            pub fn calls(&$self) -> Vec<Call> {
                $self.exchange.read(|state| $scope.calls(state))
            }

            /// The one call there was.
            ///
            /// # Panics
            ///
            /// At this line when there was none, or more than one.
            #[track_caller]
            pub fn only_call(&$self) -> Call {
                $scope.only_call(&$self.exchange)
            }

            /// Asserts how many calls there were: a number or a range. One `client.send()` is one call, however often the SDK retried it.
            ///
            /// # Panics
            ///
            /// At this line when there were more or fewer, or no number of calls is in the range.
            #[track_caller]
            pub fn assert_calls(&$self, count: impl Into<Count>) {
                if let Err(report) = $self.try_assert_calls(count) {
                    panic!("{report}");
                }
            }

            /// What [`assert_calls`](Self::assert_calls) would panic with.
            ///
            /// # Errors
            ///
            /// The report, when there were more or fewer.
            ///
            /// # Panics
            ///
            /// At this line when no number of calls is in the range.
            #[track_caller]
            pub fn try_assert_calls(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "assert_calls");
                $scope.check(&$self.exchange, "call", count, |tally| tally.calls)
            }

            /// Asserts how many attempts there were, retries included: HTTP requests.
            ///
            /// # Panics
            ///
            /// At this line when there were more or fewer, or no number of attempts is in the range.
            #[track_caller]
            pub fn assert_attempts(&$self, count: impl Into<Count>) {
                if let Err(report) = $self.try_assert_attempts(count) {
                    panic!("{report}");
                }
            }

            /// What [`assert_attempts`](Self::assert_attempts) would panic with.
            ///
            /// # Errors
            ///
            /// The report, when there were more or fewer.
            ///
            /// # Panics
            ///
            /// At this line when no number of attempts is in the range.
            #[track_caller]
            pub fn try_assert_attempts(&$self, count: impl Into<Count>) -> Result<(), Report> {
                let count = possible(count.into(), "assert_attempts");
                $scope.check(&$self.exchange, "attempt", count, |tally| tally.attempts)
            }

            /// Waits until that many calls have had an attempt answered or abandoned.
            #[track_caller]
            pub fn wait_for_calls(&$self, calls: u64) -> Wait {
                $scope.wait(&$self.exchange, "call", calls, |tally| tally.finished_calls)
            }

            /// Waits until that many attempts were answered or abandoned, so that what the journal says of them is final.
            #[track_caller]
            pub fn wait_for_attempts(&$self, attempts: u64) -> Wait {
                $scope.wait(&$self.exchange, "attempt", attempts, |tally| tally.finished_attempts)
            }
        }
    };
}

questions!(Handle, "the whole fake", |self| Scope::Fake);
questions!(Script, "one rule: what it answered", |self| Scope::Rule(
    self.rule
));
questions!(Seen, "one target: what was sent to it", |self| {
    Scope::Target(self.target.clone())
});

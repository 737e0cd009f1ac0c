//! Destinations of records and dead letters: ARNs that are parsed once, where they are written. An
//! invalid ARN is refused there.

use std::sync::Arc;

use crate::aws::target::Target;
use crate::ground::message::Message;
use crate::ground::nearest::words;

/// The longest ARN that a configuration accepts, in bytes.
const LIMIT: usize = 350;

words! {
    /// The kind of resource that an invocation record is sent to: the service in its ARN.
    "kind of destination" => DestinationKind {
        /// An EventBridge event bus, `arn:aws:events:<region>:<account>:event-bus/<name>`.
        EventBridge = "events",
        /// A function, `arn:aws:lambda:<region>:<account>:function:<name>`; the fake invokes it.
        Lambda = "lambda",
        /// An S3 bucket, `arn:aws:s3:::<name>`; for failures only.
        S3 = "s3",
        /// A standard SNS topic, `arn:aws:sns:<region>:<account>:<name>`.
        Sns = "sns",
        /// A standard SQS queue, `arn:aws:sqs:<region>:<account>:<name>`.
        Sqs = "sqs",
    }
}

/// A resource that accepts records.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Destination {
    pub(crate) kind: DestinationKind,
    pub(crate) arn: Arc<str>,
}

/// The purpose of a destination.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    DeadLetters,
    Failures,
    Successes,
}

/// The reason why an ARN is not a valid destination.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum DestinationError {
    NoArn,
    TooLong(usize),
    /// Not the name of a service that can be a destination for this purpose or another.
    Service(String, Purpose),
    /// The region, the account or the name is not valid for the service.
    Form(DestinationKind),
    Fifo,
    /// The service can be a destination, but not for this purpose.
    Purpose(DestinationKind, Purpose),
}

impl Destination {
    /// Parses the ARN of a resource that can serve this purpose.
    pub(crate) fn parse(arn: &str, purpose: Purpose) -> Result<Self, DestinationError> {
        if arn.len() > LIMIT {
            return Err(DestinationError::TooLong(arn.len()));
        }
        let mut parts = arn.splitn(6, ':');
        let mut part = || parts.next().ok_or(DestinationError::NoArn);
        let (prefix, partition, service) = (part()?, part()?, part()?);
        let (region, account, resource) = (part()?, part()?, part()?);
        if prefix != "arn" || !partition.starts_with("aws") {
            return Err(DestinationError::NoArn);
        }
        let kind: DestinationKind = service
            .parse()
            .map_err(|_| DestinationError::Service(service.to_owned(), purpose))?;
        if !purpose.takes(kind) {
            return Err(DestinationError::Purpose(kind, purpose));
        }
        let is_placed = is_word(region, 32) && is_account(account);
        let fits = match kind {
            DestinationKind::EventBridge => {
                let name = resource.strip_prefix("event-bus/");
                is_placed && name.is_some_and(|name| is_name(name, 256, "-_./"))
            }
            DestinationKind::Lambda => {
                is_placed && resource.starts_with("function:") && arn.parse::<Target>().is_ok()
            }
            DestinationKind::S3 => {
                region.is_empty() && account.is_empty() && is_name(resource, 63, "-.")
            }
            DestinationKind::Sns => is_placed && is_queue(resource, 256),
            DestinationKind::Sqs => is_placed && is_queue(resource, 80),
        };
        if !fits {
            return Err(DestinationError::Form(kind));
        }
        if matches!(kind, DestinationKind::Sns | DestinationKind::Sqs)
            && resource.ends_with(".fifo")
        {
            return Err(DestinationError::Fifo);
        }
        Ok(Self {
            kind,
            arn: arn.into(),
        })
    }
}

impl Purpose {
    /// Returns `true` if resources of this kind can serve the purpose.
    fn takes(self, kind: DestinationKind) -> bool {
        match self {
            Self::DeadLetters => matches!(kind, DestinationKind::Sns | DestinationKind::Sqs),
            Self::Failures => true,
            Self::Successes => kind != DestinationKind::S3,
        }
    }

    /// `` `sns` or `sqs` ``: the services of the resources that can serve the purpose.
    fn services(self) -> String {
        let kinds = DestinationKind::ALL.iter();
        let kinds = kinds.filter(|kind| self.takes(**kind));
        let names: Vec<String> = kinds.map(|kind| format!("`{kind}`")).collect();
        let (last, others) = names.split_last().expect("every purpose has a service");
        format!("{} or {last}", others.join(", "))
    }
}

fn is_word(text: &str, limit: usize) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=limit).contains(&text.len()) && text.bytes().all(is_letter)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(text: &str, limit: usize, signs: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || signs.contains(letter);
    (1..=limit).contains(&text.len()) && text.chars().all(is_letter)
}

/// Returns `true` for the name of a queue or topic, with or without the suffix of a FIFO.
fn is_queue(text: &str, limit: usize) -> bool {
    text.len() <= limit && is_name(text.strip_suffix(".fifo").unwrap_or(text), limit, "-_")
}

impl DestinationError {
    /// `written` is the call with its argument.
    pub(crate) fn message(&self, written: &str) -> Message {
        match self {
            Self::NoArn => Message::new(
                format!("`{written}` is not an ARN"),
                "write it as in `arn:aws:sqs:us-east-1:123456789012:name`",
            ),
            Self::TooLong(length) => Message::new(
                format!("the ARN has {length} bytes"),
                format!("use at most {LIMIT} bytes: the service accepts no more"),
            ),
            Self::Service(service, purpose) => Message::new(
                format!("`{service}` is not a service that takes records"),
                format!("use an ARN of {}", purpose.services()),
            ),
            Self::Form(kind) => {
                let form = match kind {
                    DestinationKind::EventBridge => {
                        "arn:aws:events:us-east-1:123456789012:event-bus/name"
                    }
                    DestinationKind::Lambda => {
                        "arn:aws:lambda:us-east-1:123456789012:function:name"
                    }
                    DestinationKind::S3 => "arn:aws:s3:::name",
                    DestinationKind::Sns => "arn:aws:sns:us-east-1:123456789012:name",
                    DestinationKind::Sqs => "arn:aws:sqs:us-east-1:123456789012:name",
                };
                Message::new(
                    format!("`{written}` is not a resource of `{kind}`"),
                    format!("write it as in `{form}`"),
                )
            }
            Self::Fifo => Message::new(
                format!("`{written}` is a FIFO queue or topic, to which Lambda does not send"),
                "use a standard queue or topic",
            ),
            Self::Purpose(kind, Purpose::DeadLetters) => Message::new(
                format!("`{kind}` does not take dead letters"),
                format!(
                    "use an ARN of {}, or `on_failure` for this one",
                    Purpose::DeadLetters.services()
                ),
            ),
            Self::Purpose(kind, Purpose::Failures | Purpose::Successes) => Message::new(
                format!("`{kind}` takes records of failures only"),
                "use `on_failure`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Purpose::{DeadLetters, Failures, Successes};
    use super::{Destination, DestinationKind, Purpose};

    #[rstest]
    #[case::queue("arn:aws:sqs:us-east-1:123456789012:done", DestinationKind::Sqs)]
    #[case::topic("arn:aws-cn:sns:cn-north-1:123456789012:done_2", DestinationKind::Sns)]
    #[case::bus(
        "arn:aws:events:us-east-1:123456789012:event-bus/default",
        DestinationKind::EventBridge
    )]
    #[case::function(
        "arn:aws:lambda:us-east-1:123456789012:function:after:live",
        DestinationKind::Lambda
    )]
    #[case::bucket("arn:aws:s3:::my.bucket-1", DestinationKind::S3)]
    fn a_failure_goes_to_every_kind(#[case] arn: &str, #[case] kind: DestinationKind) {
        let destination = Destination::parse(arn, Failures).unwrap();
        assert_eq!((destination.kind, &*destination.arn), (kind, arn));
    }

    #[rstest]
    #[case::empty("", Failures, "is not an ARN")]
    #[case::name("done", Failures, "is not an ARN")]
    #[case::partition("arn:gcp:sqs:us-east-1:123456789012:done", Failures, "is not an ARN")]
    #[case::url(
        "https://sqs.us-east-1.amazonaws.com/123456789012/done",
        Failures,
        "is not an ARN"
    )]
    #[case::service(
        "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        Failures,
        "`kinesis` is not a service that takes records"
    )]
    #[case::service_for_failures(
        "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        Failures,
        "use an ARN of `events`, `lambda`, `s3`, `sns` or `sqs`"
    )]
    #[case::service_for_successes(
        "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        Successes,
        "use an ARN of `events`, `lambda`, `sns` or `sqs`"
    )]
    #[case::service_for_dead_letters(
        "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        DeadLetters,
        "use an ARN of `sns` or `sqs`"
    )]
    #[case::no_region(
        "arn:aws:sqs::123456789012:done",
        Failures,
        "is not a resource of `sqs`"
    )]
    #[case::no_account("arn:aws:sqs:us-east-1::done", Failures, "is not a resource of `sqs`")]
    #[case::no_name(
        "arn:aws:sqs:us-east-1:123456789012:",
        Failures,
        "is not a resource of `sqs`"
    )]
    #[case::bus_without_its_word(
        "arn:aws:events:us-east-1:123456789012:default",
        Failures,
        "event-bus/name"
    )]
    #[case::partial_function(
        "arn:aws:lambda:us-east-1:123456789012:after",
        Failures,
        "function:name"
    )]
    #[case::bucket_with_a_region("arn:aws:s3:us-east-1::bucket", Failures, "arn:aws:s3:::name")]
    #[case::fifo_queue(
        "arn:aws:sqs:us-east-1:123456789012:done.fifo",
        Successes,
        "use a standard queue or topic"
    )]
    #[case::fifo_topic(
        "arn:aws:sns:us-east-1:123456789012:done.fifo",
        DeadLetters,
        "use a standard queue or topic"
    )]
    #[case::dead_letters_to_a_bus(
        "arn:aws:events:us-east-1:123456789012:event-bus/b",
        DeadLetters,
        "`events` does not take dead letters"
    )]
    #[case::dead_letters_to_a_function(
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        DeadLetters,
        "`lambda` does not take dead letters"
    )]
    #[case::dead_letters_to_a_partial_function(
        "arn:aws:lambda:us-east-1:123456789012:after",
        DeadLetters,
        "`lambda` does not take dead letters"
    )]
    #[case::successes_to_a_bucket("arn:aws:s3:::bucket", Successes, "failures only")]
    fn an_invalid_arn_is_refused(#[case] arn: &str, #[case] purpose: Purpose, #[case] why: &str) {
        let error = Destination::parse(arn, purpose).unwrap_err();
        let error = error.message("on_failure(..)").to_string();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn an_arn_has_at_most_350_bytes() {
        let long = format!(
            "arn:aws:events:us-east-1:123456789012:event-bus/{}",
            "b".repeat(303)
        );
        let error = Destination::parse(&long, Failures).unwrap_err();
        assert_eq!(error, super::DestinationError::TooLong(351));
    }
}

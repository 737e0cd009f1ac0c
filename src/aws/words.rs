//! The closed sets of words that a caller or a script can use.
//!
//! All but those of `Runtime` are Lambda's own words, spelled as on the wire or in the service
//! model. Lambda is case-sensitive about them, so parsing is as well. Their effects are decided
//! elsewhere.

use crate::ground::nearest::words;

words! {
    /// How a function is invoked: the values of `X-Amz-Invocation-Type`.
    ///
    /// ```
    /// use fake_lambda::InvocationType;
    ///
    /// assert_eq!("Event".parse(), Ok(InvocationType::Event));
    /// assert_eq!(InvocationType::DryRun.as_str(), "DryRun");
    /// ```
    "invocation type" => InvocationType {
        /// Checks the request and the caller's permission; runs nothing.
        DryRun = "DryRun",
        /// Queues the payload and answers immediately; the function's result goes elsewhere.
        Event = "Event",
        /// Waits for the function and answers with its result. The default.
        RequestResponse = "RequestResponse",
    }
}

words! {
    /// The format of a log: the values of `LogFormat` in a function's logging configuration.
    "log format" => LogFormat {
        /// One JSON object per line.
        Json = "JSON",
        /// Plain lines. The default.
        Text = "Text",
    }
}

words! {
    /// Whether the reply includes the end of the log: the values of `X-Amz-Log-Type`.
    "log type" => LogType {
        /// Sends no log. The default.
        None = "None",
        /// Sends the last 4 KB of the invocation's log, in base64.
        Tail = "Tail",
    }
}

words! {
    /// How the function's answer is sent to the caller: those operations of the service that rules
    /// answer, by their names in the service's model.
    ///
    /// ```
    /// use fake_lambda::Operation;
    ///
    /// assert_eq!(Operation::InvokeWithResponseStream.as_str(), "InvokeWithResponseStream");
    /// ```
    "operation" => Operation {
        /// The whole answer as one payload.
        Invoke = "Invoke",
        /// The answer in chunks, as a stream of events.
        InvokeWithResponseStream = "InvokeWithResponseStream",
    }
}

words! {
    /// The runtime of a failed function, which decides how its payload is written.
    ///
    /// The words are Lambda's runtime identifiers without their versions: `python`, not
    /// `python3.12`; for Go and Rust, they are the names of the languages. Any other custom runtime
    /// has no word here, because its payloads can have any shape: see
    /// [`FunctionError::payload`](crate::FunctionError::payload).
    ///
    /// ```
    /// use fake_lambda::Runtime;
    ///
    /// let error = "python3.12".parse::<Runtime>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown runtime `python3.12`; did you mean `python`?");
    /// ```
    "runtime" => Runtime {
        /// .NET, including C#.
        DotNet = "dotnet",
        /// Go, on `provided.al2` and `provided.al2023`.
        Go = "go",
        /// Java.
        Java = "java",
        /// Node.js.
        Node = "nodejs",
        /// Python, since 3.9; with an earlier [`era`](crate::Builder::era), Python 3.7 or 3.8.
        Python = "python",
        /// Ruby.
        Ruby = "ruby",
        /// Rust, on `provided.al2` and `provided.al2023`.
        Rust = "rust",
    }
}

words! {
    /// The limit that a throttled call reached: `Reason` of `TooManyRequestsException`.
    "throttle reason" => ThrottleReason {
        /// The caller sends requests faster than allowed.
        CallerRateLimitExceeded = "CallerRateLimitExceeded",
        /// The concurrency that the account's functions share is all in use.
        ConcurrentInvocationLimitExceeded = "ConcurrentInvocationLimitExceeded",
        /// Too many snapshots are being created at the same time; recorded from the control plane
        /// only.
        ConcurrentSnapshotCreateLimitExceeded = "ConcurrentSnapshotCreateLimitExceeded",
        /// The function is invoked faster than allowed; no public recording has this reason.
        FunctionInvocationRateLimitExceeded = "FunctionInvocationRateLimitExceeded",
        /// The concurrency reserved for the function is all in use, which is always the case if it
        /// is 0.
        ReservedFunctionConcurrentInvocationLimitExceeded
            = "ReservedFunctionConcurrentInvocationLimitExceeded",
        /// The function is invoked faster than its reserved concurrency allows; no public recording
        /// has this reason.
        ReservedFunctionInvocationRateLimitExceeded
            = "ReservedFunctionInvocationRateLimitExceeded",
    }
}

impl ThrottleReason {
    /// Returns Lambda's message when it throttles for this reason.
    ///
    /// All invocation limits except the caller's rate have the same text. The difference matters to
    /// code that compares strings.
    ///
    /// ```
    /// use fake_lambda::ThrottleReason::*;
    ///
    /// assert_eq!(ConcurrentInvocationLimitExceeded.default_message(), "Rate Exceeded.");
    /// assert_eq!(CallerRateLimitExceeded.default_message(), "Rate exceeded");
    /// ```
    #[must_use]
    pub const fn default_message(self) -> &'static str {
        match self {
            Self::CallerRateLimitExceeded => "Rate exceeded",
            // Public recordings cut this one off after `your co`; the rest is taken from the
            // reason's name.
            Self::ConcurrentSnapshotCreateLimitExceeded => {
                "Lambda was unable to create new snapshot because you have reached your \
                 concurrent snapshot create limit"
            }
            Self::ConcurrentInvocationLimitExceeded
            | Self::FunctionInvocationRateLimitExceeded
            | Self::ReservedFunctionConcurrentInvocationLimitExceeded
            | Self::ReservedFunctionInvocationRateLimitExceeded => "Rate Exceeded.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_words_parses_its_own_words() {
        macro_rules! round_trip {
            ($($name:ident)+) => {
                $(for word in $name::ALL {
                    assert_eq!(word.to_string().parse(), Ok(*word));
                })+
            };
        }
        round_trip!(InvocationType LogFormat LogType Operation Runtime ThrottleReason);
    }

    #[test]
    fn words_are_case_sensitive() {
        let error = "event".parse::<InvocationType>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown invocation type `event`; did you mean `Event`?"
        );
    }
}

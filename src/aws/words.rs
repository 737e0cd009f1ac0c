//! The closed sets of words that a caller or a script may use.
//!
//! All are Lambda's own, spelled as on the wire; Lambda minds their case, so parsing does too. What a word does is decided elsewhere.

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
        /// Checks the request and the caller's permission; nothing runs.
        DryRun = "DryRun",
        /// Queues the payload and answers at once; what the function returns goes elsewhere.
        Event = "Event",
        /// Waits for the function and answers what it returned. The default.
        RequestResponse = "RequestResponse",
    }
}

words! {
    /// How a log is written: the values of `LogFormat` in a function's logging configuration.
    "log format" => LogFormat {
        /// One JSON object a line.
        Json = "JSON",
        /// Plain lines. The default.
        Text = "Text",
    }
}

words! {
    /// Whether the reply carries the end of the log: the values of `X-Amz-Log-Type`.
    "log type" => LogType {
        /// Sends no log. The default.
        None = "None",
        /// Sends the last 4 KB of the invocation's log, in base64.
        Tail = "Tail",
    }
}

words! {
    /// Which runtime a failed function ran on, and so how its payload is written.
    ///
    /// The words are the families of Lambda's identifiers, without their versions: `python`, not `python3.12`. A runtime of
    /// one's own has none, since its payloads have any shape: see [`FunctionError::payload`](crate::FunctionError::payload).
    ///
    /// ```
    /// use fake_lambda::Runtime;
    ///
    /// let error = "python3.12".parse::<Runtime>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown runtime `python3.12`; did you mean `python`?");
    /// ```
    "runtime" => Runtime {
        /// .NET, and with it C#.
        DotNet = "dotnet",
        /// Go, on `provided.al2` and `provided.al2023`.
        Go = "go",
        /// Java.
        Java = "java",
        /// Node.js.
        Node = "nodejs",
        /// Python, from 3.9 on.
        Python = "python",
        /// Ruby.
        Ruby = "ruby",
        /// Rust, on `provided.al2` and `provided.al2023`.
        Rust = "rust",
    }
}

words! {
    /// Which limit a throttled call ran into: `Reason` of `TooManyRequestsException`.
    "throttle reason" => ThrottleReason {
        /// The caller sends requests faster than it may.
        CallerRateLimitExceeded = "CallerRateLimitExceeded",
        /// The concurrency that functions of the account share is all in use.
        ConcurrentInvocationLimitExceeded = "ConcurrentInvocationLimitExceeded",
        /// Too many snapshots are being made at once; seen of the control plane only.
        ConcurrentSnapshotCreateLimitExceeded = "ConcurrentSnapshotCreateLimitExceeded",
        /// The function is invoked faster than it may be; never seen in a public transcript.
        FunctionInvocationRateLimitExceeded = "FunctionInvocationRateLimitExceeded",
        /// The concurrency reserved for the function is all in use; of zero, always.
        ReservedFunctionConcurrentInvocationLimitExceeded
            = "ReservedFunctionConcurrentInvocationLimitExceeded",
        /// The function is invoked faster than its reserved concurrency allows; never seen in a
        /// public transcript.
        ReservedFunctionInvocationRateLimitExceeded
            = "ReservedFunctionInvocationRateLimitExceeded",
    }
}

impl ThrottleReason {
    /// What Lambda says when it throttles for this reason.
    ///
    /// Invocation limits share one text. The caller's rate has its own, and code that compares
    /// texts trips over the difference.
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
            // Public transcripts cut this one off after `your co`; the rest is the reason's words.
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
    fn every_set_of_words_parses_its_own() {
        macro_rules! round_trip {
            ($($name:ident)+) => {
                $(for word in $name::ALL {
                    assert_eq!(word.to_string().parse(), Ok(*word));
                })+
            };
        }
        round_trip!(InvocationType LogFormat LogType Runtime ThrottleReason);
    }

    #[test]
    fn case_is_minded() {
        let error = "event".parse::<InvocationType>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown invocation type `event`; did you mean `Event`?"
        );
    }
}

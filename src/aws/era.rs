//! How AWS's answers differed in earlier years.
//!
//! Each difference has its sources in `fixtures/aws/observed.json`. This module only words replies;
//! it does not decide which reply is sent.

use std::borrow::Cow;

use crate::aws::limits::{EVENT, STREAMED_RESPONSE};

/// The year whose answers the fake gives.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Era(u16);

/// The form of a Python payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PythonForm {
    /// Until Python 3.7: the stack first, with lists as frames.
    Lists,
    /// Python 3.8: no `requestId`.
    WithoutId,
    /// Since Python 3.9.
    WithId,
}

/// The form in which a reply names its trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TraceForm {
    /// `root=1-…;sampled=0`
    Root,
    /// `root=1-…;sampled=0;lineage=…:0`
    Lineage,
    /// `root=1-…;parent=…;sampled=0;lineage=…:0`
    Parent,
    /// `Root=1-…;Parent=…;Sampled=0;Lineage=1:…:0`
    Capital,
}

/// The name that today's parser gives its source.
const REDACTED: &str = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";

/// How many bytes of its source the parser of earlier years quotes.
const MOST_QUOTED: usize = 500;

impl Era {
    /// The first year with known answers.
    pub(crate) const FIRST: u16 = 2017;

    /// The present.
    pub(crate) const TODAY: Self = Self(2026);

    /// The answers of a year, before changes late in that year; `None` outside the known years.
    pub(crate) fn of(year: u16) -> Option<Self> {
        (Self::FIRST..=Self::TODAY.0)
            .contains(&year)
            .then_some(Self(year))
    }

    /// The most bytes of an event: 1 MiB since late 2025, 256 KiB before, 128 KiB in 2017.
    pub(crate) fn event_limit(self) -> usize {
        match self.0 {
            ..=2017 => 131_072,
            2018..=2025 => 262_144,
            _ => EVENT,
        }
    }

    /// The most bytes of an answer in chunks: 200 MiB since July 2025, 20 MiB before.
    pub(crate) fn stream_limit(self) -> usize {
        match self.0 {
            ..=2024 => STREAMED_RESPONSE / 10,
            _ => STREAMED_RESPONSE,
        }
    }

    /// Returns `true` if the refusal of a body over 6 MiB names its length, as it did until 2019.
    pub(crate) fn names_the_length(self) -> bool {
        self.0 <= 2019
    }

    /// Returns `true` if a 404 names `:$LATEST` for a request without a qualifier: since late 2025.
    pub(crate) fn names_latest(self) -> bool {
        self.0 >= 2026
    }

    /// Returns `true` if an error raised by the function is `Handled`: until 2018.
    pub(crate) fn has_handled(self) -> bool {
        self.0 <= 2018
    }

    /// Returns `true` if a timeout has an error type, and a message without the time of day: since
    /// late 2025.
    pub(crate) fn times_out_with_a_type(self) -> bool {
        self.0 >= 2026
    }

    /// Returns `true` if the platform reports every process that ended as
    /// `Process exited before completing request`: until 2018.
    pub(crate) fn exits_without_a_type(self) -> bool {
        self.0 <= 2018
    }

    /// The prefix of the parser's message about a body that is not JSON.
    pub(crate) fn not_json(self) -> &'static str {
        match self.0 {
            ..=2022 => "Could not parse request body into json: ",
            _ => "Could not parse request body into json: Could not parse payload into json: ",
        }
    }

    /// The name that the parser gives its source: until 2018 an address that differed in every
    /// reply, then until 2024 the quoted body, and a fixed text since then.
    pub(crate) fn json_source(self, body: &[u8]) -> Cow<'static, str> {
        match self.0 {
            ..=2018 => "[B@29e283fa".into(),
            2019..=2024 => {
                let quoted = &body[..body.len().min(MOST_QUOTED)];
                let quoted = String::from_utf8_lossy(quoted);
                let rest = match body.len().saturating_sub(MOST_QUOTED) {
                    0 => String::new(),
                    bytes => format!("[truncated {bytes} bytes]"),
                };
                format!("(byte[])\"{quoted}\"{rest}").into()
            }
            _ => REDACTED.into(),
        }
    }

    /// Converts today's parser message and column to those of this year.
    ///
    /// The name of the source is also inside messages about containers, which were never recorded.
    /// Two differences were recorded. Until 2024 the column of an unexpected character was one
    /// higher. Until 2022 an unknown token was reported with fewer allowed values and, at the end
    /// of the body, with a column that counted the body twice.
    pub(crate) fn parser_says(self, words: String, column: usize, body: &[u8]) -> (String, usize) {
        const VALUES: &str =
            "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
        let words = words.replace(REDACTED, &self.json_source(body));
        if words.starts_with("Unexpected character") {
            return (words, column + usize::from(self.0 <= 2024));
        }
        let token = words
            .strip_prefix("Unrecognized token '")
            .and_then(|rest| rest.split('\'').next());
        match token {
            Some(token) if self.0 <= 2022 => {
                let ends_the_body = body.ends_with(token.as_bytes());
                let again = if ends_the_body { body.len() } else { 0 };
                let words = words.replace(VALUES, "('true', 'false' or 'null')");
                (words, column + again)
            }
            _ => (words, column),
        }
    }

    /// Returns `true` if Node.js writes `stackTrace`, after `errorMessage`: until Node.js 8,
    /// recorded in 2018 and May 2019.
    pub(crate) fn has_node_8(self) -> bool {
        self.0 <= 2019
    }

    /// The form of this year's Python payloads. Python 3.7 was recorded in October 2019; the
    /// runtimes of 3.8 and 3.9 came out in November 2019 and in August 2021.
    pub(crate) fn python_form(self) -> PythonForm {
        match self.0 {
            ..=2019 => PythonForm::Lists,
            2020 | 2021 => PythonForm::WithoutId,
            _ => PythonForm::WithId,
        }
    }

    /// The form in which this year's replies name their trace. The last form without capitals was
    /// recorded in June 2024, the form with capitals in March 2025.
    pub(crate) fn trace_form(self) -> TraceForm {
        match self.0 {
            ..=2022 => TraceForm::Root,
            2023 => TraceForm::Lineage,
            2024 => TraceForm::Parent,
            _ => TraceForm::Capital,
        }
    }
}

//! What AWS answered in other years, where it has changed.
//!
//! Each rule is a fact with its witnesses in `fixtures/aws/observed.json`. Nothing here decides what is sent; it says how it was worded.

use std::borrow::Cow;

use crate::aws::limits::EVENT;

/// A year of AWS's answers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Era(u16);

/// How a reply names its trace.
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

impl Era {
    /// The first year that anything is known of.
    pub(crate) const FIRST: u16 = 2017;

    /// As AWS answers now.
    pub(crate) const TODAY: Self = Self(2026);

    /// The answers of a year, before the changes of its last weeks; `None` outside of what is known.
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

    /// Whether a body over 6 MiB is refused with its length, as until 2020, or in words that do not name it.
    pub(crate) fn names_the_length(self) -> bool {
        self.0 <= 2019
    }

    /// Whether a 404 says `:$LATEST` where no qualifier was asked for: since late 2025.
    pub(crate) fn names_latest(self) -> bool {
        self.0 >= 2026
    }

    /// Whether a function error of the function's own making is `Handled`: until 2018.
    pub(crate) fn has_handled(self) -> bool {
        self.0 <= 2018
    }

    /// Whether a timeout has a type, and a text without the time of day: since late 2025.
    pub(crate) fn times_out_with_a_type(self) -> bool {
        self.0 >= 2026
    }

    /// Whether the platform says `Process exited before completing request` of every process that ended: until 2018.
    pub(crate) fn exits_without_a_type(self) -> bool {
        self.0 <= 2018
    }

    /// What goes before the parser's words on a body that is not JSON.
    pub(crate) fn not_json(self) -> &'static str {
        match self.0 {
            ..=2022 => "Could not parse request body into json: ",
            _ => "Could not parse request body into json: Could not parse payload into json: ",
        }
    }

    /// What the parser calls its source. The body was quoted until 2024; the address of 2018 was another in every reply.
    pub(crate) fn json_source(self, body: &[u8]) -> Cow<'static, str> {
        match self.0 {
            ..=2018 => "[B@29e283fa".into(),
            2019..=2024 => {
                let text = String::from_utf8_lossy(body);
                // The parser quotes 500 characters at most.
                let quoted: String = text.chars().take(500).collect();
                format!("(byte[])\"{quoted}\"").into()
            }
            _ => "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)".into(),
        }
    }

    /// The parser's words and column on a body, from those of today.
    ///
    /// Recorded are a character that was not expected, which the parser stood behind until 2024, and a word that is no literal: until
    /// 2022 fewer values were named, and at the end of a body the whole of it was counted twice.
    pub(crate) fn parser_says(self, words: String, column: usize, body: &[u8]) -> (String, usize) {
        const VALUES: &str =
            "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
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

    pub(crate) fn trace_form(self) -> TraceForm {
        match self.0 {
            ..=2022 => TraceForm::Root,
            2023 => TraceForm::Lineage,
            2024 | 2025 => TraceForm::Parent,
            _ => TraceForm::Capital,
        }
    }
}

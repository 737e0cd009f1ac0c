//! What a row of the table holds, and the macro that makes the enum from the rows.
//!
//! The rows themselves are in `rows.rs`; nothing here knows an error's name.

use super::Evidence;

/// One error as the wire and the SDK know it.
pub(super) struct Row {
    /// What the enum calls it.
    pub(super) variant: &'static str,
    /// What the wire calls it.
    pub(super) code: &'static str,
    pub(super) status: u16,
    pub(super) message_member: &'static str,
    pub(super) type_value: Option<&'static str>,
    pub(super) extra_members: &'static [&'static str],
    pub(super) modeled: bool,
    pub(super) documented: bool,
    pub(super) sdk_retries: bool,
    pub(super) evidence: Evidence,
    pub(super) default_message: &'static str,
}

/// Makes [`ServiceError`](super::ServiceError) from its rows, each written as
///
/// ```text
/// /// When AWS sends it.
/// Variant = "Code", 404,
///     "Message", Some("User"), [], modeled, documented, not_retried, Observed,
///     "What it says.";
/// ```
///
/// in the order of [`Row`]'s fields, behind a `$`, which a macro needs to write another one. The macro adds what the row says to the docs of the variant.
macro_rules! service_errors {
    (
        $d:tt
        $(#[$about:meta])*
        $name:ident;
        $(
            $(#[$doc:meta])+
            $variant:ident = $code:literal, $status:literal,
                $message_member:literal, $type_value:expr, [$($extra:literal),*],
                $modeled:ident, $documented:ident, $retried:ident, $evidence:ident,
                $message:literal;
        )+
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$doc])+
                ///
                #[doc = concat!(
                    "HTTP ", $status, ", ", phrase!($retried), "; ", phrase!($evidence), "."
                )]
                $variant,
            )+
        }

        impl $name {
            /// Every error of the table: those of the model as it orders them, then the rest.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        /// What the table says, in the order of the enum.
        pub(super) static ROWS: &[Row] = &[
            $(Row {
                variant: stringify!($variant),
                code: $code,
                status: $status,
                message_member: $message_member,
                type_value: $type_value,
                extra_members: &[$($extra),*],
                modeled: holds!($modeled),
                documented: holds!($documented),
                sdk_retries: holds!($retried),
                evidence: Evidence::$evidence,
                default_message: $message,
            }),+
        ];

        /// Hands the rows on, so that what is made from them needs no list of its own.
        #[cfg(feature = "rstest")]
        #[doc(hidden)]
        #[macro_export]
        macro_rules! __service_errors {
            ($d which:ident $d($d test:tt)*) => {
                $crate::__service_error_cases! { $d which [$($variant $documented)+] [] $d($d test)* }
            };
        }
    };
}

/// What a word of a row means.
macro_rules! holds {
    (modeled) => {
        true
    };
    (unmodeled) => {
        false
    };
    (documented) => {
        true
    };
    (undocumented) => {
        false
    };
    (retried) => {
        true
    };
    (not_retried) => {
        false
    };
}

/// What a word of a row adds to the docs.
macro_rules! phrase {
    (retried) => {
        "retried by the AWS SDK for Rust"
    };
    (not_retried) => {
        "not retried by the AWS SDK for Rust"
    };
    (ModelOnly) => {
        "its text is the service model's"
    };
    (Documented) => {
        "its text is documented, not recorded"
    };
    (Observed) => {
        "its text was seen on the wire"
    };
}

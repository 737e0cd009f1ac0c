//! The fields of a table row, and the macro that makes the enum from the rows.
//!
//! The rows are in `rows.rs`; this module names no error.

use super::Evidence;

/// One error as it appears on the wire and in the SDK.
pub(super) struct Row {
    /// The name of the enum's variant.
    pub(super) variant: &'static str,
    /// The name on the wire.
    pub(super) code: &'static str,
    pub(super) status: u16,
    pub(super) message_member: &'static str,
    pub(super) type_member: TypeMember,
    pub(super) extra_members: &'static [&'static str],
    pub(super) modeled: bool,
    pub(super) documented: bool,
    pub(super) sdk_retries: bool,
    pub(super) evidence: Evidence,
    pub(super) lasting: Lasting,
    pub(super) default_message: &'static str,
}

/// Whether the same request can succeed later without any change, and why.
pub(super) enum Lasting {
    Temporary(&'static str),
    Permanent(&'static str),
}

/// The member `Type` of an error's body, and how certain its value is.
pub(super) enum TypeMember {
    /// The body has no such member.
    Absent,
    Null(Evidence),
    User(Evidence),
}

/// Makes [`ServiceError`](super::ServiceError) from its rows, each written as
///
/// ```text
/// /// When AWS sends it.
/// Variant = "Code", 404,
///     "Message", User(Observed), [], modeled, documented, not_retried, Observed,
///     permanent("why a later attempt fails as well"),
///     "What it says.";
/// ```
///
/// in the order of [`Row`]'s fields. The input begins with a `$`, because this macro defines
/// another macro and cannot write that macro's `$` itself. This macro adds the facts of each row to
/// the docs of the variant.
macro_rules! service_errors {
    (
        $d:tt
        $(#[$about:meta])*
        $name:ident;
        $(
            $(#[$doc:meta])+
            $variant:ident = $code:literal, $status:literal,
                $message_member:literal, $type_member:expr, [$($extra:literal),*],
                $modeled:ident, $documented:ident, $retried:ident, $evidence:ident,
                $lasting:ident($why:literal),
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
                    "HTTP ", $status, ", ", stringify!($lasting), ", ", phrase!($retried), "; ", phrase!($evidence), "."
                )]
                $variant,
            )+
        }

        impl $name {
            /// All errors of the table: those of the model in its order, then the rest.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        /// The table's rows, in the order of the enum.
        pub(super) static ROWS: &[Row] = &[
            $(Row {
                variant: stringify!($variant),
                code: $code,
                status: $status,
                message_member: $message_member,
                type_member: $type_member,
                extra_members: &[$($extra),*],
                modeled: holds!($modeled),
                documented: holds!($documented),
                sdk_retries: holds!($retried),
                evidence: Evidence::$evidence,
                lasting: lasting!($lasting)($why),
                default_message: $message,
            }),+
        ];

        /// Passes the rows on, so that other lists are generated from them.
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

/// The meaning of a row's keyword.
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

/// Whether a row's error is temporary.
macro_rules! lasting {
    (temporary) => {
        Lasting::Temporary
    };
    (permanent) => {
        Lasting::Permanent
    };
}

/// The text that a row's keyword adds to the docs.
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
        "its text was recorded on the wire"
    };
}

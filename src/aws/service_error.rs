//! The errors that AWS Lambda answers instead of running a function, one row each.
//!
//! The rows in `service_error/rows.rs` hold each error's status, casing and default text.
//! `fixtures/aws/service_errors.json` holds the same facts with their sources, and a test compares
//! the two in both directions. This module writes no bytes.

#[macro_use]
mod row;
mod rows;

use std::fmt;
use std::str::FromStr;

use crate::ground::nearest::UnknownWord;

use row::{Lasting, Row, TypeMember};

pub use rows::ServiceError;

impl ServiceError {
    /// Returns the error's name on the wire: the value of `x-amzn-ErrorType`.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert_eq!(ServiceError::KmsDisabledException.code(), "KMSDisabledException");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// Returns the HTTP status.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert_eq!(ServiceError::ResourceNotFoundException.status(), 404);
    /// assert_eq!(ServiceError::KmsDisabledException.status(), 502);
    /// ```
    #[must_use]
    pub fn status(self) -> u16 {
        self.row().status
    }

    /// Returns the name of the body's text member: `message` or `Message`. Lambda uses both.
    ///
    /// The SDKs read either one. Code that parses the body itself must do so as well.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert_eq!(ServiceError::TooManyRequestsException.message_member(), "message");
    /// assert_eq!(ServiceError::ResourceNotFoundException.message_member(), "Message");
    /// ```
    #[doc(hidden)] // for the tests of the table and of the errors page
    #[must_use]
    pub fn message_member(self) -> &'static str {
        self.row().message_member
    }

    /// Returns the body's `Type`: `Some(Some("User"))`, `Some(None)` for `null`, or `None` if the
    /// body has no such member.
    ///
    /// A script sets another value with [`Reply::type_value`](crate::Reply::type_value).
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert_eq!(ServiceError::TooManyRequestsException.type_value(), Some(Some("User")));
    /// assert_eq!(ServiceError::KmsAccessDeniedException.type_value(), Some(None));
    /// assert_eq!(ServiceError::AccessDeniedException.type_value(), None);
    /// ```
    #[doc(hidden)] // for the tests of the table and of the errors page
    #[must_use]
    pub fn type_value(self) -> Option<Option<&'static str>> {
        match self.row().type_member {
            TypeMember::Absent => None,
            TypeMember::Null(_) => Some(None),
            TypeMember::User(_) => Some(Some("User")),
        }
    }

    /// Returns how certain it is that AWS sends the value of [`type_value`](Self::type_value):
    /// `ModelOnly` if no body of this error was ever published.
    #[doc(hidden)] // for the tests of the table and of the errors page
    #[must_use]
    pub fn type_evidence(self) -> Option<Evidence> {
        match self.row().type_member {
            TypeMember::Absent => None,
            TypeMember::Null(evidence) | TypeMember::User(evidence) => Some(evidence),
        }
    }

    /// Returns the text that the error has if the script sets none; [`evidence`](Self::evidence)
    /// tells how certain it is.
    ///
    /// A function, a principal or a file system in a message is an example, such as `my-function`
    /// of account `123456789012`.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert_eq!(ServiceError::TooManyRequestsException.default_message(), "Rate Exceeded.");
    /// ```
    #[must_use]
    pub fn default_message(self) -> &'static str {
        self.row().default_message
    }

    /// Returns what the error carries in addition to text and `Type`, by name on the wire.
    ///
    /// `Retry-After` is a header, the others are members of the body.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// let error = ServiceError::TooManyRequestsException;
    /// assert_eq!(error.extra_members(), ["Reason", "Retry-After"]);
    /// ```
    #[doc(hidden)] // for the tests of the table and of the errors page
    #[must_use]
    pub fn extra_members(self) -> &'static [&'static str] {
        self.row().extra_members
    }

    /// Returns how certain it is that AWS sends the text of
    /// [`default_message`](Self::default_message).
    #[must_use]
    pub fn evidence(self) -> Evidence {
        self.row().evidence
    }

    /// Returns `true` if the API reference of Invoke lists the error, in the edition that this
    /// crate is based on.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// let listed = ServiceError::ALL.iter().filter(|error| error.documented());
    /// assert_eq!(listed.count(), 30);
    /// ```
    #[must_use]
    pub fn documented(self) -> bool {
        self.row().documented
    }

    /// Returns `true` if the service model of Invoke has the error, so that SDKs have a type for
    /// it.
    ///
    /// The AWS SDK for Rust has no type for two errors of the model, `RuntimeAliasDeletedException`
    /// and `RuntimeVersionDeletedException`. The caller gets these two and the errors outside the
    /// model as `Unhandled`, with the code.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert!(ServiceError::TooManyRequestsException.modeled());
    /// assert!(!ServiceError::AccessDeniedException.modeled());
    /// ```
    #[must_use]
    pub fn modeled(self) -> bool {
        self.row().modeled
    }

    /// Returns `true` if the AWS SDK for Rust sends the request again with its default
    /// configuration.
    ///
    /// Of the modeled errors, it retries the throttle and every 5xx, even one that can never
    /// succeed on a retry.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert!(ServiceError::InvalidZipFileException.sdk_retries());
    /// assert!(!ServiceError::ResourceConflictException.sdk_retries());
    /// ```
    #[must_use]
    pub fn sdk_retries(self) -> bool {
        self.row().sdk_retries
    }

    /// Returns `true` if the same request can succeed later without a change to the request, the
    /// function or the account.
    ///
    /// AWS does not publish this; it is this crate's judgment, and the page of [every
    /// error](crate::documentation::errors) has the reason for each. It differs from
    /// [`sdk_retries`](Self::sdk_retries): the SDKs also retry permanent errors with status 502,
    /// and they do not retry temporary ones with status 408 or 409.
    ///
    /// ```
    /// use fake_lambda::ServiceError;
    ///
    /// assert!(ServiceError::TooManyRequestsException.is_temporary());
    /// assert!(ServiceError::ResourceConflictException.is_temporary());
    /// assert!(!ServiceError::KmsDisabledException.is_temporary());
    /// ```
    #[must_use]
    pub fn is_temporary(self) -> bool {
        match self.row().lasting {
            Lasting::Temporary(_) => true,
            Lasting::Permanent(_) => false,
        }
    }

    /// Returns why it is temporary or permanent.
    #[doc(hidden)] // for the test of the errors page
    #[must_use]
    pub fn lasting_reason(self) -> &'static str {
        match self.row().lasting {
            Lasting::Temporary(reason) | Lasting::Permanent(reason) => reason,
        }
    }

    /// The name of the enum's variant.
    pub(crate) fn variant(self) -> &'static str {
        self.row().variant
    }

    fn row(self) -> &'static Row {
        &rows::ROWS[self as usize]
    }
}

/// Writes the [`code`](ServiceError::code).
impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Reads the name on the wire or the name of the variant.
///
/// ```
/// use fake_lambda::ServiceError;
///
/// assert_eq!("EFSIOException".parse(), Ok(ServiceError::EfsioException));
/// assert_eq!("EfsioException".parse(), Ok(ServiceError::EfsioException));
///
/// let error = "TooManyRequests".parse::<ServiceError>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown service error `TooManyRequests`; did you mean `TooManyRequestsException`?");
/// ```
impl FromStr for ServiceError {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let named = |error: &&Self| error.code() == word || error.row().variant == word;
        Self::ALL.iter().find(named).copied().ok_or_else(|| {
            let codes = Self::ALL.iter().map(|error| error.code());
            UnknownWord::new(word, "service error", codes)
        })
    }
}

/// How certain it is that AWS words an error as this crate does, from least to most.
///
/// This is about the text. Names, statuses and members of the modeled errors come from the model
/// and are certain.
///
/// ```
/// use fake_lambda::{Evidence, ServiceError};
///
/// assert_eq!(ServiceError::SnapStartException.evidence(), Evidence::ModelOnly);
/// assert!(Evidence::ModelOnly < Evidence::Observed);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Evidence {
    /// No text of AWS is public; the text is the service model's sentence about the error.
    ModelOnly,
    /// The text is from AWS's documentation, from an emulator tested against AWS, or from another
    /// service.
    Documented,
    /// A published recording shows that AWS sent the text.
    Observed,
}

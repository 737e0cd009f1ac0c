//! The credentials that a test declares.

use std::fmt;

/// Credentials that [`Builder::require_signature`](crate::Builder::require_signature) accepts.
///
/// The default ones are those of [`sdk_client!`](crate::sdk_client) and
/// [`env()`](crate::Handle::env).
///
/// ```
/// use fake_lambda::Credentials;
///
/// let temporary = Credentials::new("ASIAEXAMPLE", "secret").session_token("token");
/// assert_eq!(format!("{temporary:?}"), r#"Credentials { access_key_id: "ASIAEXAMPLE", expired: false, .. }"#);
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Credentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: Option<String>,
    pub(super) expired: bool,
}

impl Credentials {
    /// Creates long-term credentials: the id of an access key, and its secret.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expired: false,
        }
    }

    /// Makes the credentials temporary: requests must carry this token in `X-Amz-Security-Token`.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    /// Makes the credentials known but expired: requests are answered with `ExpiredTokenException`.
    #[must_use]
    pub fn expired(mut self) -> Self {
        self.expired = true;
        self
    }
}

/// Omits the secret and the token.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("expired", &self.expired)
            .finish_non_exhaustive()
    }
}

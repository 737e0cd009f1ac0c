//! The check itself: each step needs the parts that the step before it has read.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::authorization::{Authorization, CredentialScope};
use super::canonical::{Canonical, signing_key};
use super::mistake::find_mistake;
use super::{Credentials, Refusal, stamp};
use crate::aws::service_error::ServiceError;
use crate::ground::head::Head;

/// The most that the client's clock can be off, in either direction.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The credentials that requests can be signed with; if there are none, requests need no signature.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    declared: Arc<[Credentials]>,
    /// The signing key that was used last.
    last: Arc<Mutex<Option<SigningKey>>>,
}

struct SigningKey {
    secret: String,
    scope: CredentialScope,
    key: Arc<[u8]>,
}

/// Omits the secret and the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl Keys {
    pub(crate) fn add(&mut self, credentials: Credentials) {
        let all = self.declared.iter().cloned().chain([credentials]);
        self.declared = all.collect();
    }

    /// Returns `true` if requests must be signed.
    pub(crate) fn are_required(&self) -> bool {
        !self.declared.is_empty()
    }

    /// The refusal of a request that is not signed as the service requires. A signature is read
    /// only from the `Authorization` header: a presigned URL counts as unsigned.
    pub(crate) fn refusal(
        &self,
        head: &Head,
        payload: &[u8],
        region: &str,
        now: fn() -> SystemTime,
    ) -> Option<Refusal> {
        if self.declared.is_empty() {
            return None;
        }
        self.check(head, payload, region, now()).err()
    }

    pub(super) fn check(
        &self,
        head: &Head,
        payload: &[u8],
        region: &str,
        now: SystemTime,
    ) -> Result<(), Refusal> {
        let values: Vec<&[u8]> = head.values("authorization").collect();
        let value = values.join(&b", "[..]);
        if value.is_empty() {
            let error = ServiceError::MissingAuthenticationTokenException;
            return refused(error, "the request has no `Authorization`");
        }
        let authorization = Authorization::read(&value, head).map_err(|misread| {
            let error = ServiceError::IncompleteSignatureException;
            let why = match values.len() {
                1 => misread.why,
                _ => "the request has several `Authorization` fields".to_owned(),
            };
            (error, misread.text, why)
        })?;
        let credentials = self.credentials_of(&authorization.access_key_id, head)?;
        let Authorization {
            scope, signed_at, ..
        } = &authorization;
        let (mut complaints, wrong): (Vec<String>, Vec<String>) =
            scope.complaints(region, *signed_at).into_iter().unzip();
        let mut reasons = Vec::new();
        if !wrong.is_empty() {
            reasons.push(format!("the credential scope has {}", wrong.join(", and ")));
        }
        if !authorization
            .signed_headers
            .iter()
            .any(|name| name.eq_ignore_ascii_case("host"))
        {
            complaints.push(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned(),
            );
            reasons.push("`host` is not in SignedHeaders".to_owned());
        }
        if !complaints.is_empty() {
            let error = ServiceError::InvalidSignatureException;
            return Err((error, complaints.join(" "), reasons.join(", and ")));
        }
        check_clock(*signed_at, now)?;
        let names = &authorization.signed_headers;
        if !are_canonical(names) {
            let why = "`SignedHeaders` is not a list of different names in lower case, in ascending order";
            return refused(ServiceError::InvalidSignatureException, why);
        }
        let right = Canonical::of(head, names, payload);
        let key = self.signing_key(&credentials.secret_access_key, scope);
        let fits = |canonical: &Canonical| {
            canonical.signature(&key, scope, *signed_at) == authorization.signature
        };
        if right.fields.len() == names.len() && fits(&right) {
            return match unsigned(head, names) {
                None => Ok(()),
                Some(name) => refused(
                    ServiceError::InvalidSignatureException,
                    format!("`{name}` is in the request and not in SignedHeaders"),
                ),
            };
        }
        refused(
            ServiceError::InvalidSignatureException,
            find_mistake(head, names, &right, payload, &scope.region, fits),
        )
    }

    /// The signing key, which is the same for all requests of one day.
    pub(super) fn signing_key(&self, secret: &str, scope: &CredentialScope) -> Arc<[u8]> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*last {
            if known.secret == secret && known.scope == *scope {
                return known.key.clone();
            }
        }
        let key: Arc<[u8]> = signing_key(secret, scope).into();
        *last = Some(SigningKey {
            secret: secret.to_owned(),
            scope: scope.clone(),
            key: key.clone(),
        });
        key
    }

    /// The credentials that a request names by key and token; among equal ones the last declared.
    fn credentials_of(&self, access_key_id: &str, head: &Head) -> Result<&Credentials, Refusal> {
        let token = head
            .field("x-amz-security-token")
            .filter(|token| !token.is_empty());
        let mut known = self
            .declared
            .iter()
            .rev()
            .filter(|credentials| credentials.access_key_id == access_key_id)
            .peekable();
        if known.peek().is_none() {
            let why = format!("`require_signature` was given no key `{access_key_id}`");
            return refused(ServiceError::UnrecognizedClientException, why);
        }
        let own = |credentials: &&Credentials| {
            credentials.session_token.as_deref().map(str::as_bytes) == token
        };
        match known.find(own) {
            Some(credentials) if credentials.expired => refused(
                ServiceError::ExpiredTokenException,
                format!("the credentials of `{access_key_id}` were declared `.expired()`"),
            ),
            Some(credentials) => Ok(credentials),
            None => {
                let what = match token {
                    Some(_) => "do not have the session token of the request",
                    None => "have a session token, and the request has none",
                };
                let why = format!("the credentials of `{access_key_id}` {what}");
                refused(ServiceError::UnrecognizedClientException, why)
            }
        }
    }
}

/// Returns `true` if the names of `SignedHeaders` are in the form that clients must sign: none is
/// empty, all are in lower case, and they are in ascending order without duplicates.
fn are_canonical(names: &[String]) -> bool {
    let is_name =
        |name: &String| !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase());
    names.iter().all(is_name) && names.is_sorted_by(|one, other| one < other)
}

/// The first `x-amz-*` field that is not signed.
///
/// AWS documents that each of them must be signed, except the session token, which clients of some
/// services add after signing. What Lambda answers was never recorded.
fn unsigned(head: &Head, names: &[String]) -> Option<String> {
    let mut fields = head.fields().map(|(name, _)| name.to_ascii_lowercase());
    fields.find(|name| {
        name.starts_with("x-amz-") && name != "x-amz-security-token" && !names.contains(name)
    })
}

fn check_clock(signed_at: SystemTime, now: SystemTime) -> Result<(), Refusal> {
    let (early, late) = (now - TOLERANCE, now + TOLERANCE);
    let [signed, now, early_text, late_text] = [signed_at, now, early, late].map(stamp::written);
    let text = if signed_at < early {
        format!("Signature expired: {signed} is now earlier than {early_text} ({now} - 5 min.)")
    } else if signed_at > late {
        format!(
            "Signature not yet current: {signed} is still later than {late_text} ({now} + 5 min.)"
        )
    } else {
        return Ok(());
    };
    let why = "the client's clock is more than 5 minutes off, or the signature is older than that";
    Err((
        ServiceError::InvalidSignatureException,
        text,
        why.to_owned(),
    ))
}

/// A refusal with the default text of its error.
fn refused<T>(error: ServiceError, why: impl Into<String>) -> Result<T, Refusal> {
    Err((error, error.default_message().to_owned(), why.into()))
}

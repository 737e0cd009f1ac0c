//! The check itself: each step needs the parts that the step before it has read.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::authorization::Authorization;
use super::canonical::Canonical;
use super::mistake::find_mistake;
use super::{Credentials, Refusal, stamp};
use crate::aws::service_error::ServiceError;
use crate::ground::head::Head;

/// The most that the client's clock can be off, in either direction.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The credentials that requests can be signed with; if there are none, requests need no signature.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(Arc<[Credentials]>);

impl Keys {
    pub(crate) fn add(&mut self, credentials: Credentials) {
        let all = self.0.iter().cloned().chain([credentials]);
        self.0 = all.collect();
    }

    /// The reason why the service would not accept this request as the caller's. Only the
    /// `Authorization` header is checked.
    pub(crate) fn refusal(
        &self,
        head: &Head,
        payload: &[u8],
        region: &str,
        now: fn() -> SystemTime,
    ) -> Option<Refusal> {
        if self.0.is_empty() {
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
        let Some(value) = head
            .field("authorization")
            .filter(|value| !value.is_empty())
        else {
            let error = ServiceError::MissingAuthenticationTokenException;
            return refused(error, "the request has no `Authorization`");
        };
        let authorization = Authorization::read(value, head).map_err(|text| {
            let error = ServiceError::IncompleteSignatureException;
            (error, text, "`Authorization` is not whole".to_owned())
        })?;
        let credentials = self.credentials_of(&authorization.access_key_id, head)?;
        let Authorization {
            scope, signed_at, ..
        } = &authorization;
        let mut complaints = scope.complaints(region, *signed_at);
        if !authorization
            .signed_headers
            .iter()
            .any(|name| name == "host")
        {
            complaints.push(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned(),
            );
        }
        if !complaints.is_empty() {
            let why = format!(
                "signed on {} for service `{}` in region `{}`, while this is `lambda` in `{region}`",
                scope.date, scope.service, scope.region
            );
            let error = ServiceError::InvalidSignatureException;
            return Err((error, complaints.join(" "), why));
        }
        check_clock(*signed_at, now)?;
        let right = Canonical::of(head, &authorization.signed_headers, payload);
        let fits = |canonical: &Canonical| {
            let signature = canonical.signature(&credentials.secret_access_key, scope, *signed_at);
            signature == authorization.signature
        };
        if fits(&right) {
            return Ok(());
        }
        refused(
            ServiceError::InvalidSignatureException,
            find_mistake(head, &right, payload, &scope.region, fits),
        )
    }

    /// The credentials that a request names by key and token; among equal ones the last declared.
    fn credentials_of(&self, access_key_id: &str, head: &Head) -> Result<&Credentials, Refusal> {
        let token = head
            .field("x-amz-security-token")
            .filter(|token| !token.is_empty());
        let mut known = self
            .0
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
                let which = match token {
                    Some(_) => "another session token than",
                    None => "no session token, other than",
                };
                let why = format!("the request has {which} the credentials of `{access_key_id}`");
                refused(ServiceError::UnrecognizedClientException, why)
            }
        }
    }
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
    let why = "the client's clock, or the age of what it signed, is more than 5 minutes off";
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

//! The parts of an `Authorization` header, and AWS's texts for missing parts.

use std::time::SystemTime;

use super::stamp;
use crate::ground::head::Head;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A signature with the scope and names in its header.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Authorization {
    pub(super) access_key_id: String,
    pub(super) scope: CredentialScope,
    /// In lower case, sorted, without duplicates.
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    pub(super) signed_at: SystemTime,
}

/// The scope of the signing key: date, region, service and `aws4_request`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct CredentialScope {
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) terminator: String,
}

impl Authorization {
    /// Reads the header's value; the error is AWS's text for an incomplete one.
    pub(super) fn read(value: &[u8], head: &Head) -> Result<Self, String> {
        let value = String::from_utf8_lossy(value);
        let (algorithm, parameters) = value.trim().split_once(' ').unwrap_or((&value, ""));
        let parameters = if algorithm == ALGORITHM {
            parameters
        } else {
            ""
        };
        let parameter = |name: &str| {
            let pairs = parameters
                .split(',')
                .filter_map(|pair| pair.trim().split_once('='));
            let mut values = pairs.filter(|(own, _)| *own == name);
            values
                .next()
                .map(|(_, value)| value)
                .filter(|value| !value.is_empty())
        };
        let credential = parameter("Credential");
        let signature = parameter("Signature");
        let signed_headers = parameter("SignedHeaders");
        let date = date_of(head);
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (credential, signature, signed_headers, &date)
        else {
            let named = [
                ("Credential", credential),
                ("Signature", signature),
                ("SignedHeaders", signed_headers),
            ];
            let mut missing: Vec<String> = named
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| format!("Authorization header requires '{name}' parameter."))
                .collect();
            if date.is_none() {
                let text = "Authorization header requires existence of either a 'X-Amz-Date' or a \
                            'Date' header.";
                missing.push(text.to_owned());
            }
            return Err(missing.join(" "));
        };
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key_id, day, region, service, terminator] = parts[..] else {
            return Err(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            ));
        };
        let signed_at = stamp::parsed(date)
            .or_else(|| httpdate::parse_http_date(date).ok())
            .ok_or_else(|| {
                format!(
                    "Date must be in ISO-8601 'basic format'. Got '{date}'. See \
                     http://en.wikipedia.org/wiki/ISO_8601"
                )
            })?;
        let mut signed_headers: Vec<String> = signed_headers
            .split(';')
            .map(str::to_ascii_lowercase)
            .collect();
        signed_headers.sort_unstable();
        signed_headers.dedup();
        Ok(Self {
            access_key_id: access_key_id.to_owned(),
            scope: CredentialScope {
                date: day.to_owned(),
                region: region.to_owned(),
                service: service.to_owned(),
                terminator: terminator.to_owned(),
            },
            signed_headers,
            signature: signature.to_owned(),
            signed_at,
        })
    }
}

impl CredentialScope {
    /// AWS's complaints about a scope that is not this endpoint's on the day of `signed_at`.
    pub(super) fn complaints(&self, region: &str, signed_at: SystemTime) -> Vec<String> {
        let mut complaints = Vec::new();
        if self.terminator != "aws4_request" {
            complaints.push(format!(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
                self.terminator
            ));
        }
        if self.region != region {
            complaints.push(format!(
                "Credential should be scoped to a valid region, not '{}'.",
                self.region
            ));
        }
        if self.service != "lambda" {
            complaints.push("Credential should be scoped to correct service: 'lambda'.".to_owned());
        }
        let stamp = stamp::written(signed_at);
        let day = &stamp[..8];
        if self.date != day {
            complaints.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{day}', from '{stamp}'.",
                self.date
            ));
        }
        complaints
    }
}

fn date_of(head: &Head) -> Option<String> {
    let date = head.field("x-amz-date").or_else(|| head.field("date"))?;
    Some(String::from_utf8_lossy(date).trim().to_owned())
}

//! The parts of an `Authorization` header, and AWS's messages for missing parts.

use std::time::SystemTime;

use super::{ALGORITHM, not_a_parameter, stamp};
use crate::aws::service_error::ServiceError;
use crate::ground::head::Head;

/// The parameters that the header has.
const NAMES: [&str; 3] = ["Credential", "SignedHeaders", "Signature"];

/// Why the header cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Misread {
    /// AWS's text.
    pub(super) text: String,
    /// The reason, which AWS does not send.
    pub(super) why: String,
}

/// The content of an `Authorization` header, and the time of signing, which another header has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Authorization {
    pub(super) access_key_id: String,
    pub(super) scope: CredentialScope,
    /// The names of the signed header fields, as they were sent.
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
    /// Reads the header's value.
    pub(super) fn read(value: &[u8], head: &Head) -> Result<Self, Misread> {
        let value = String::from_utf8_lossy(value);
        let (algorithm, parameters) = value.trim().split_once(' ').unwrap_or((&value, ""));
        let parameters = if algorithm == ALGORITHM {
            parameters
        } else {
            ""
        };
        let pairs = pairs_of(parameters, &value)?;
        let parameter = |name: &str| {
            let found = pairs.iter().find(|(own, _)| *own == name);
            found
                .map(|(_, value)| *value)
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
            return Err(Misread::incomplete(missing.join(" ")));
        };
        let parts: Vec<&str> = credential.split('/').collect();
        let [access_key_id, day, region, service, terminator] = parts[..] else {
            return Err(Misread::incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            )));
        };
        let signed_at = stamp::parsed(date)
            .or_else(|| httpdate::parse_http_date(date).ok())
            .ok_or_else(|| {
                Misread::incomplete(format!(
                    "Date must be in ISO-8601 'basic format'. Got '{date}'. See \
                     http://en.wikipedia.org/wiki/ISO_8601"
                ))
            })?;
        let signed_headers = signed_headers.split(';').map(str::to_owned).collect();
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

/// The parameters of a header, by name.
///
/// AWS's messages about duplicate, unknown and empty parameters were never recorded, so these get
/// the documented text of the error.
fn pairs_of<'a>(parameters: &'a str, value: &str) -> Result<Vec<(&'a str, &'a str)>, Misread> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    if parameters.is_empty() {
        return Ok(pairs);
    }
    for pair in parameters.split(',').map(str::trim) {
        // If two `Authorization` fields were joined, one pair also contains the algorithm's name.
        if let Some(word) = pair.split_whitespace().find(|word| !word.contains('=')) {
            return Err(Misread::incomplete(not_a_parameter(word, value)));
        }
        let why = match pair.split_once('=') {
            None => "`Authorization` has an empty parameter".to_owned(),
            Some((name, _)) if !NAMES.contains(&name) => {
                format!("`Authorization` has the unknown parameter `{name}`")
            }
            Some((name, _)) if pairs.iter().any(|(known, _)| *known == name) => {
                format!("`Authorization` has two parameters `{name}`")
            }
            Some(pair) => {
                pairs.push(pair);
                continue;
            }
        };
        let error = ServiceError::IncompleteSignatureException;
        return Err(Misread {
            text: error.default_message().to_owned(),
            why,
        });
    }
    Ok(pairs)
}

impl Misread {
    fn incomplete(text: String) -> Self {
        Self {
            text,
            why: "`Authorization` or its date is incomplete or malformed".to_owned(),
        }
    }
}

impl CredentialScope {
    /// AWS's complaints about this scope, which must be that of this endpoint on the day of
    /// `signed_at`, each with the part that is wrong: `` the service `s3`, not `lambda` ``.
    pub(super) fn complaints(&self, region: &str, signed_at: SystemTime) -> Vec<(String, String)> {
        let mut complaints = Vec::new();
        let mut complain = |text: String, part: &str, own: &str, right: &str| {
            complaints.push((text, format!("the {part} `{own}`, not `{right}`")));
        };
        let (term, right) = (&self.terminator, "aws4_request");
        if term != right {
            let text = format!(
                "Credential should be scoped with a valid terminator: '{right}', not '{term}'."
            );
            complain(text, "terminator", term, right);
        }
        if self.region != region {
            let text = format!(
                "Credential should be scoped to a valid region, not '{}'.",
                self.region
            );
            complain(text, "region", &self.region, region);
        }
        if self.service != "lambda" {
            let text = "Credential should be scoped to correct service: 'lambda'.".to_owned();
            complain(text, "service", &self.service, "lambda");
        }
        let stamp = stamp::written(signed_at);
        let day = &stamp[..8];
        if self.date != day {
            let text = format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{day}', from '{stamp}'.",
                self.date
            );
            complain(text, "date", &self.date, day);
        }
        complaints
    }
}

fn date_of(head: &Head) -> Option<String> {
    let date = head.field("x-amz-date").or_else(|| head.field("date"))?;
    Some(String::from_utf8_lossy(date).trim().to_owned())
}

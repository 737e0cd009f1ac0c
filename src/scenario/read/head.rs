//! What can be set before a fake starts.

use super::super::document::{Problem, Value};
use crate::api::fake::Builder;
#[cfg(feature = "signature")]
use crate::aws::signature::Credentials;

/// A builder with the settings of the file.
pub(in crate::scenario) fn builder(root: &Value<'_>) -> Result<Builder, Problem> {
    let mut builder = Builder::default();
    let Some(fake) = root.member("fake") else {
        return Ok(builder);
    };
    for (name, value) in fake.members() {
        let refused = |text: String| value.problem(text);
        let is_set = value.raw() == "true";
        builder = match &*name {
            "region" => builder.try_region(&value.text()?).map_err(refused)?,
            "account" => builder.try_account(&value.text()?).map_err(refused)?,
            "seed" => builder.seed(value.number()),
            "allow_unscripted" if is_set => builder.allow_unscripted(),
            "allow_unscripted" => builder,
            "verify_on_drop" => builder.verify_on_drop(is_set),
            "check_payloads" => builder.check_payloads(is_set),
            "era" => builder.try_era(value.number()).map_err(refused)?,
            "log_format" => builder.try_log_format(&value.text()?).map_err(refused)?,
            "require_signature" => signed(builder, &value)?,
            "journal_calls" => builder.try_journal_calls(value.number()).map_err(refused)?,
            "journal_bytes" => builder.journal_bytes(value.size()?),
            "print_limit" => builder.print_limit(value.size()?),
            other => unreachable!("the vocabulary has no setting `{other}`"),
        };
    }
    Ok(builder)
}

#[cfg(feature = "signature")]
fn signed(mut builder: Builder, value: &Value<'_>) -> Result<Builder, Problem> {
    for value in value.items() {
        let Some(id) = value.member("access_key_id") else {
            builder = builder.require_signature(Credentials::default());
            continue;
        };
        let secret = value.needed("secret_access_key");
        let mut credentials = Credentials::new(id.text()?, secret.text()?);
        if let Some(token) = value.member("session_token") {
            credentials = credentials.session_token(token.text()?);
        }
        if value.member("expired").is_some() {
            credentials = credentials.expired();
        }
        builder = builder.require_signature(credentials);
    }
    Ok(builder)
}

#[cfg(not(feature = "signature"))]
fn signed(_: Builder, value: &Value<'_>) -> Result<Builder, Problem> {
    Err(value
        .problem("signatures are checked by the feature `signature` of fake-lambda, which is off"))
}

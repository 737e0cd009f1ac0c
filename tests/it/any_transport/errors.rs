//! Every service error as the AWS SDK gets it and as bytes, and the changes that a script can make
//! to one.
//!
//! The expected values come from `fixtures/aws/service_errors.json`, never from the crate's own
//! table.

mod mistakes;
mod refinements;
mod table;
mod texts;

use std::sync::LazyLock;

use fake_lambda::{Handle, ServiceError};
use serde_json::Value;

use crate::raw::{Client, Reply as RawReply};

/// The function in the default texts, so that the text in the fixture is the text on the wire.
pub(crate) const FUNCTION: &str = "my-function";

static FACTS: LazyLock<Value> = LazyLock::new(|| {
    let facts = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/aws/service_errors.json"
    ));
    serde_json::from_str(facts).expect("the fixture is JSON")
});

/// The only reply to a plain call of [`FUNCTION`].
pub(crate) fn call(lambda: &Handle) -> RawReply {
    Client::connect(lambda).invoke(FUNCTION, "", b"{}")
}

fn fact(error: ServiceError) -> &'static Value {
    let variant = format!("{error:?}");
    facts("errors")
        .find(|fact| fact["rust_variant"] == variant)
        .unwrap_or_else(|| panic!("no fact is about {error}"))
}

fn facts(part: &str) -> impl Iterator<Item = &'static Value> {
    FACTS[part].as_array().expect("the part is a list").iter()
}

fn text<'a>(fact: &'a Value, field: &str) -> &'a str {
    fact[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text in `{field}` of {fact}"))
}

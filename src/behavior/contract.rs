//! The type that a test expects in the payloads of a rule.

use std::any::type_name;

use serde::de::DeserializeOwned;

use crate::ground::location::Location;
use crate::request::invocation::Invocation;

/// A type that every payload of a rule must deserialize to.
#[derive(Clone, Debug)]
pub(crate) struct PayloadContract {
    wanted: &'static str,
    read: fn(&[u8]) -> Result<(), String>,
    written_at: Location,
}

impl PayloadContract {
    pub(crate) fn of<T: DeserializeOwned>(written_at: Location) -> Self {
        Self {
            wanted: type_name::<T>(),
            read: read::<T>,
            written_at,
        }
    }

    /// Reads a payload as the type; the error has the path of the first invalid value. Runs user
    /// code.
    pub(crate) fn check(&self, invocation: &Invocation) -> Result<(), String> {
        (self.read)(invocation.json_payload())
    }

    pub(crate) fn wanted(&self) -> &'static str {
        self.wanted
    }

    pub(crate) fn written_at(&self) -> &Location {
        &self.written_at
    }
}

fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_slice(payload);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

//! JSON that keeps the order of its members, which `serde_json::Value` does only with some
//! features.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    /// A value that is neither an array nor an object.
    Scalar(Value),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn parse(text: &[u8]) -> Self {
        serde_json::from_slice(text)
            .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(text)))
    }

    /// The value of a nested member, written `Error.Code`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |json, name| {
            let mut members = json.members().iter();
            members.find(|(own, _)| own == name).map(|(_, json)| json)
        })
    }

    pub(crate) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Array(_) | Self::Scalar(_) => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            Self::Object(_) | Self::Scalar(_) => &[],
        }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.members().iter().map(|(name, _)| &**name).collect()
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(value) => value.as_str(),
            Self::Array(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn number(&self) -> Option<u64> {
        match self {
            Self::Scalar(value) => value.as_u64(),
            Self::Array(_) | Self::Object(_) => None,
        }
    }

    /// The same value with every text changed.
    pub(crate) fn map(&self, change: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::Scalar(Value::String(text)) => Self::Scalar(change(text).into()),
            Self::Scalar(value) => Self::Scalar(value.clone()),
            Self::Array(items) => Self::Array(items.iter().map(|item| item.map(change)).collect()),
            Self::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, json)| (name.clone(), json.map(change)))
                    .collect(),
            ),
        }
    }

    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Scalar(value) => value.clone(),
            Self::Array(items) => items.iter().map(Self::value).collect(),
            Self::Object(members) => members
                .iter()
                .map(|(name, json)| (name.clone(), json.value()))
                .collect(),
        }
    }

    /// The JSON text with these separators between name and value and between members: `:` and `,`,
    /// or those of Python.
    pub(crate) fn spaced(&self, colon: &str, comma: &str) -> String {
        let listed = |parts: Vec<String>| parts.join(comma);
        match self {
            Self::Scalar(value) => value.to_string(),
            Self::Array(items) => {
                let items = items.iter().map(|item| item.spaced(colon, comma));
                format!("[{}]", listed(items.collect()))
            }
            Self::Object(members) => {
                let members = members.iter().map(|(name, json)| {
                    let name = Value::from(&**name);
                    format!("{name}{colon}{}", json.spaced(colon, comma))
                });
                format!("{{{}}}", listed(members.collect()))
            }
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spaced(":", ","))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

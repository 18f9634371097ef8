//! JSON without loss: numbers with all their digits, and objects with all their fields, also repeated ones.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::problems::{Problems, pointer};

/// A JSON value. The values in a list or an object are not parsed yet.
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number, with the digits of the text.
    Number(&'a str),
    /// Text.
    Text(String),
    /// A list.
    List,
    /// An object.
    Object(Object<'a>),
    /// Text, or an object with a field name, that has an unpaired surrogate escape such as `\ud800`.
    HalfCharacter,
}

impl<'a> Json<'a> {
    /// Parses a text.
    ///
    /// # Errors
    ///
    /// Returns where the text is not JSON.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let raw = serde_json::from_str::<&RawValue>(text).map_err(|err| {
            let (line, column) = (err.line(), err.column());
            match err.is_eof() {
                true => format!("is not JSON: it ends too early, at line {line}, column {column}"),
                false => format!("is not JSON: there is an error at line {line}, column {column}"),
            }
        })?;
        Ok(Json::of(raw))
    }

    fn of(raw: &'a RawValue) -> Self {
        let raw = raw.get();
        match raw.as_bytes().first() {
            Some(b'n') => Json::Null,
            Some(b't' | b'f') => Json::Boolean,
            Some(b'[') => Json::List,
            // The text is valid JSON, so serde_json can refuse only an unpaired surrogate escape.
            Some(b'"') => serde_json::from_str(raw).map_or(Json::HalfCharacter, Json::Text),
            Some(b'{') => serde_json::from_str(raw).map_or(Json::HalfCharacter, Json::Object),
            _ => Json::Number(raw),
        }
    }

    /// Returns the problem if a value of the type `due` is expected instead.
    pub fn instead_of(&self, due: &str) -> String {
        match self {
            Json::HalfCharacter => "has an escape of half a surrogate pair".to_owned(),
            _ => format!("must be {due}"),
        }
    }
}

/// The fields of an object, including repeated ones.
pub struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Returns the names of the remaining fields, each once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut seen = BTreeSet::new();
        self.0.iter().map(|(name, _)| name.as_str()).filter(move |it| seen.insert(*it))
    }

    /// Adds a problem below `parent` for each repeated name.
    pub fn repeated(&self, parent: &str, problems: &mut Problems) {
        let mut seen = BTreeSet::new();
        for (name, _) in &self.0 {
            if !seen.insert(name) {
                problems.add(pointer(parent, name), "is present more than once");
            }
        }
    }

    /// Removes all fields with this name, and returns the value of the first.
    pub fn remove(&mut self, name: &str) -> Option<Json<'a>> {
        let mut first = None;
        self.0.retain(|(it, raw)| {
            let found = it == name;
            if found {
                first.get_or_insert(*raw);
            }
            !found
        });
        first.map(Json::of)
    }

    /// All fields in the order of the text.
    pub fn into_fields(self) -> impl Iterator<Item = (String, Json<'a>)> {
        self.0.into_iter().map(|(name, raw)| (name, Json::of(raw)))
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }

        from.deserialize_map(Each)
    }
}

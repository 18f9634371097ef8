//! JSON as it is written: numbers with all their digits, objects with all their fields.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::problems::{Problems, pointer};

/// A JSON value. Its parts have not been read yet.
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number, as it is written.
    Number(&'a str),
    /// Text.
    Text(String),
    /// A list.
    List,
    /// An object.
    Object(Object<'a>),
    /// Text, or an object with a name, in which an escape is half a character: `\ud800`.
    HalfCharacter,
}

impl<'a> Json<'a> {
    /// Reads a whole text.
    ///
    /// # Errors
    ///
    /// Where it is not JSON, in plain words.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let raw = serde_json::from_str::<&RawValue>(text).map_err(|err| {
            let (line, column) = (err.line(), err.column());
            match err.is_eof() {
                true => format!("is not JSON: it ends too early, at line {line}, column {column}"),
                false => format!("is not JSON: see line {line}, column {column}"),
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
            // The text is JSON. All that serde_json can still refuse is half a character.
            Some(b'"') => serde_json::from_str(raw).map_or(Json::HalfCharacter, Json::Text),
            Some(b'{') => serde_json::from_str(raw).map_or(Json::HalfCharacter, Json::Object),
            _ => Json::Number(raw),
        }
    }

    /// What is wrong where something else is due.
    pub(crate) fn instead_of(&self, due: &str) -> String {
        match self {
            Json::HalfCharacter => "has an escape that is half a character".to_owned(),
            _ => format!("must be {due}"),
        }
    }
}

/// The fields of an object, as often as they are there.
pub struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Object<'a> {
    /// The names of the fields that are left, each once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut seen = BTreeSet::new();
        self.0.iter().map(|(name, _)| name.as_str()).filter(move |it| seen.insert(*it))
    }

    /// Adds a problem for each name that is there more than once, below `parent`.
    pub(crate) fn repeated(&self, parent: &str, problems: &mut Problems) {
        let mut seen = BTreeSet::new();
        for (name, _) in &self.0 {
            if !seen.insert(name) {
                problems.add(pointer(parent, name), "is there more than once");
            }
        }
    }

    /// Takes a field away, and says what was the first under its name.
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
    pub(crate) fn into_fields(self) -> impl Iterator<Item = (String, Json<'a>)> {
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

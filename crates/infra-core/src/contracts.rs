//! `contracts.json`: the data of a root that one version writes and another one reads, each with its JSON Schema, who writes
//! and reads it, and how long it is kept.
//!
//! A version meets data of another one: messages that waited in a queue, items of a table, and calls between functions
//! while a deployment runs. [`released`] compares the present data with that of released versions, and refuses what one of
//! them could not read. The bodies of requests and answers of an HTTP API are in its OpenAPI document.

mod document;
#[cfg(test)]
mod judge;
mod number;
pub mod readable;
pub mod released;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ledger::Ledger,
    model::{Address, Stack, data::DataKind},
    render::compact,
};

/// The file's name inside a root.
pub const FILE: &str = "contracts.json";

/// The data of a root.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contracts {
    /// The schemas of types that others refer to.
    #[serde(rename = "$defs")]
    definitions: Map<String, Value>,
    /// The data, by the address of the resource and the kind.
    data: BTreeMap<String, BTreeMap<DataKind, Entry>>,
    /// The ledger of addresses, which says where a renamed resource is now.
    #[serde(skip)]
    ledger: Ledger,
}

/// Data of one type at a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How long data of a version can meet another version, in seconds. `None` for as long as the resource exists.
    pub kept_seconds: Option<u64>,
    /// The addresses of its readers.
    pub read_by: BTreeSet<String>,
    /// The JSON Schema.
    pub schema: Value,
    /// The addresses of its writers.
    pub written_by: BTreeSet<String>,
}

impl Contracts {
    /// The data of a stack with this ledger.
    pub fn of(stack: &Stack, ledger: Ledger) -> Self {
        document::of(stack).with(ledger)
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    ///
    /// If it is not the text of such a file.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The same data, with a ledger that says what became of addresses.
    pub fn with(self, ledger: Ledger) -> Self {
        Contracts { ledger, ..self }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        compact(&serde_json::to_value(self).expect("the keys of all maps are text"))
    }

    /// Whether there is no data.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Every type of data: the address, the kind, and the rest.
    pub fn entries(&self) -> impl Iterator<Item = (&str, DataKind, &Entry)> {
        self.data.iter().flat_map(|(at, entries)| {
            entries.iter().map(move |(kind, entry)| (at.as_str(), *kind, entry))
        })
    }

    /// Whether another version has the same data: types and addresses.
    pub fn has_same_types(&self, other: &Contracts) -> bool {
        let types = |of: &Contracts| -> Vec<_> {
            of.entries().map(|(at, kind, it)| (at.to_owned(), kind, it.schema.clone())).collect()
        };
        self.definitions == other.definitions && types(self) == types(other)
    }

    /// The definitions that the schemas refer to.
    pub fn definitions(&self) -> &Map<String, Value> {
        &self.definitions
    }

    /// The data at an address.
    pub fn entry(&self, at: &str, kind: DataKind) -> Option<&Entry> {
        self.data.get(at)?.get(&kind)
    }

    /// A schema with the definitions in place of the references to them. So the names of types make no difference.
    fn inlined(&self, schema: &Value, open: &mut Vec<String>) -> Value {
        let fields = match schema {
            Value::Array(all) => return all.iter().map(|it| self.inlined(it, open)).collect(),
            Value::Object(fields) => fields,
            other => return other.clone(),
        };
        let name = fields.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|it| it.strip_prefix("#/$defs/")).unwrap_or_default();
        let mut out = Map::new();
        if let Some(depth) = open.iter().position(|it| it == name) {
            // A type that contains itself.
            out.insert("$ref".to_owned(), depth.into());
        } else if let Some(definition) = self.definitions.get(name) {
            open.push(name.to_owned());
            out.insert("$ref".to_owned(), self.inlined(definition, open));
            open.pop();
        }
        for (keyword, it) in fields.iter().filter(|(keyword, _)| *keyword != "$ref") {
            out.insert(keyword.clone(), self.inlined(it, open));
        }
        Value::Object(out)
    }

    /// The present address of a resource.
    fn now(&self, address: &str) -> String {
        self.ledger.now(address).unwrap_or_else(|| address.to_owned())
    }
}

/// The part of an address after the module: `aws_sqs_queue.orders`.
fn local(address: &str) -> &str {
    address.splitn(3, '.').nth(2).unwrap_or(address)
}

/// The longer of two times in seconds. `None` has no end.
fn longest(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a?.max(b?))
}

fn addresses<'a>(all: impl IntoIterator<Item = &'a Address>) -> BTreeSet<String> {
    all.into_iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind of data of a later version of the generator must not be left out.
    #[test]
    fn a_file_with_an_unknown_kind_of_data_is_refused() {
        let file = |kind: &str| {
            let entry = r#"{ "kept_seconds": 1, "read_by": [], "schema": {}, "written_by": [] }"#;
            format!(r#"{{ "$defs": {{}}, "data": {{ "module.a.b.c": {{ "{kind}": {entry} }} }} }}"#)
        };
        assert_eq!(Contracts::parse(&file("message")).unwrap().entries().count(), 1);
        let err = Contracts::parse(&file("object")).unwrap_err().to_string();
        assert!(err.starts_with("unknown variant `object`"), "{err}");
    }
}

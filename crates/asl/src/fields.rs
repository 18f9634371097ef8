//! Reads the fields of one object of the document. A field that is not read is reported.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::problem::Report;

/// The fields that are not read yet.
pub(crate) struct Fields {
    /// The place of the object in its state, such as `Retry[0]/`, or an empty text.
    place: String,
    left: Map<String, Value>,
}

impl Fields {
    /// Returns the fields of an object. Any other value is reported, and has no fields.
    pub(crate) fn of(place: String, value: Value, report: &mut Report) -> Self {
        let left = match value {
            Value::Object(fields) => fields,
            other => {
                let name = place.trim_end_matches('/');
                let name = if name.is_empty() { "it" } else { name };
                report.add(format!("`{name}` is {other}, not an object"));
                Map::new()
            }
        };
        Fields { place, left }
    }

    /// Returns the place of a field.
    pub(crate) fn place(&self, name: &str) -> String {
        format!("{}{name}", self.place)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name)
    }

    /// Like [`Self::take`], but reports a missing field.
    pub(crate) fn need(&mut self, name: &str, report: &mut Report) -> Option<Value> {
        let value = self.take(name);
        if value.is_none() {
            report.add(format!("`{}` is missing", self.place(name)));
        }
        value
    }

    pub(crate) fn text(&mut self, name: &str, report: &mut Report) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            other => {
                report.add(format!("`{}` is {other}, not a string", self.place(name)));
                None
            }
        }
    }

    /// Like [`Self::text`], but reports a missing field.
    pub(crate) fn need_text(&mut self, name: &str, report: &mut Report) -> Option<String> {
        if !self.left.contains_key(name) {
            report.add(format!("`{}` is missing", self.place(name)));
        }
        self.text(name, report)
    }

    pub(crate) fn whole(
        &mut self,
        name: &str,
        range: RangeInclusive<u32>,
        report: &mut Report,
    ) -> Option<u32> {
        let value = self.take(name)?;
        let number = value.as_u64().and_then(|it| u32::try_from(it).ok());
        let number = number.filter(|it| range.contains(it));
        if number.is_none() {
            let (from, to) = range.into_inner();
            let place = self.place(name);
            report.add(format!("`{place}` is {value}, not a whole number from {from} to {to}"));
        }
        number
    }

    /// Reads a list, which may be missing.
    pub(crate) fn list(&mut self, name: &str, report: &mut Report) -> Vec<Value> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => {
                report.add(format!("`{}` is {other}, not a list", self.place(name)));
                Vec::new()
            }
        }
    }

    /// Reports the fields that were not read, because the interpreter does not support them.
    pub(crate) fn finish(mut self, report: &mut Report) {
        self.take("Comment");
        for name in self.left.keys() {
            report.add(format!("`{}{name}` is not supported", self.place));
        }
    }
}

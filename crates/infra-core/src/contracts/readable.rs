//! Whether everything that one JSON Schema allows can be read by a reader with another one.
//!
//! The writer's schema says what its version writes: the properties of an object and no others. The reader's schema says what
//! its version accepts: unknown properties are ignored, unless it has `"additionalProperties": false`. A difference that cannot
//! be judged is a problem, too.

mod form;
mod keyword;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::{Map, Value};

use super::number::{self, Range};
use form::{NOTES, WITHOUT, as_written, with_one_type};
use keyword::{forms, is_closed, names, properties, required, types, values, values_of_type};
/// A schema, and the definitions that it refers to.
#[derive(Clone, Copy)]
pub struct Side<'v> {
    /// The schema.
    pub schema: &'v Value,
    /// The definitions by name, to which `#/$defs/<name>` refers.
    pub definitions: &'v Value,
    /// Whether a reader takes fields by their paths, and ignores all others, whatever the schema says.
    pub by_path: bool,
}

impl<'v> Side<'v> {
    fn with(self, schema: &'v Value) -> Self {
        Side { schema, ..self }
    }

    /// The schema behind references, and the name of the last one.
    fn resolved(self) -> (Option<&'v str>, Side<'v>) {
        let (mut name, mut side) = (None, self);
        // Longer chains are cycles, which no type of Rust has.
        for _ in 0..16 {
            let reference = side.schema.get("$ref").and_then(Value::as_str);
            let Some(next) = reference.and_then(|it| it.strip_prefix("#/$defs/")) else { break };
            name = Some(next);
            side = side.with(&self.definitions[next]);
        }
        (name, side)
    }
}

/// Why a reader cannot read everything that a writer writes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The place in the data, as a JSON pointer with `*` for every item. Empty for all of it.
    pub place: String,
    /// The reason, as the rest of a sentence that begins with the place.
    pub reason: String,
    /// Whether it is not known if the reader can read it.
    pub is_unjudged: bool,
}

/// The result of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The data that the reader cannot read, sorted.
    pub unreadable: BTreeSet<Unreadable>,
    /// The properties that the reader ignores, as JSON pointers.
    pub ignored: BTreeSet<String>,
}

/// Compares what `writer` allows with what `reader` accepts.
pub fn read(writer: Side<'_>, reader: Side<'_>) -> Reading {
    let [written, types] =
        [writer.schema, writer.definitions].map(|it| with_one_type(&as_written(it)));
    let [read, known] = [reader.schema, reader.definitions].map(with_one_type);
    let writer = Side { schema: &written, definitions: &types, ..writer };
    let reader = Side { schema: &read, definitions: &known, ..reader };
    let mut compared = Comparison::default();
    compared.schema("", writer, reader);
    compared.reading
}

#[derive(Default)]
struct Comparison<'v> {
    reading: Reading,
    /// The definitions that are being compared, because a type can contain itself.
    open: BTreeSet<(&'v str, &'v str)>,
}

/// A schema without a constraint.
static ANYTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Keywords that the functions below compare.
const COMPARED: &[&str] = &[
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "enum",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "exclusiveMaximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "exclusiveMinimum",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// Pairs of the lowest and the highest size.
const SIZES: &[(&str, &str, &str)] = &[
    ("string", "minLength", "maxLength"),
    ("array", "minItems", "maxItems"),
    ("object", "minProperties", "maxProperties"),
];

impl<'v> Comparison<'v> {
    fn tell(&mut self, place: &str, reason: String) {
        let place = place.to_owned();
        self.reading.unreadable.insert(Unreadable { place, reason, is_unjudged: false });
    }

    fn unjudged(&mut self, place: &str, reason: String) {
        let place = place.to_owned();
        self.reading.unreadable.insert(Unreadable { place, reason, is_unjudged: true });
    }

    fn schema(&mut self, place: &str, writer: Side<'v>, reader: Side<'v>) {
        let ((w, writer), (r, reader)) = (writer.resolved(), reader.resolved());
        let names = w.zip(r);
        if names.is_some_and(|it| !self.open.insert(it)) {
            return;
        }
        self.resolved(place, writer, reader);
        if let Some(names) = names {
            self.open.remove(&names);
        }
    }

    fn resolved(&mut self, place: &str, writer: Side<'v>, reader: Side<'v>) {
        let (w, r) = match (writer.schema, reader.schema) {
            // The reader accepts everything, or the writer writes nothing.
            (_, Value::Bool(true)) | (Value::Bool(false), _) => return,
            (Value::Object(w), Value::Object(r)) => (w, r),
            (Value::Bool(true), Value::Object(r)) => (&*ANYTHING, r),
            (_, Value::Bool(false)) => {
                return self.tell(place, "is not accepted any more".to_owned());
            }
            _ => return self.unjudged(place, "has a schema that is not an object".to_owned()),
        };
        if let Some(values) = values(w) {
            return self.each_value(place, &values, reader);
        }
        if let Some(forms) = forms(w) {
            return forms.iter().for_each(|it| self.schema(place, writer.with(it), reader));
        }
        if let Some(forms) = forms(r) {
            self.any_form(place, writer, reader, forms);
            let is_form = |name: &str| name == "anyOf" || name == "oneOf";
            let beside = r.keys().find(|it| !is_form(it) && !NOTES.contains(&it.as_str()));
            if let Some(beside) = beside {
                self.unjudged(place, format!("must also keep `{beside}`, next to several forms"));
            }
            return;
        }
        if values(r).is_some() {
            if let Some(values) = values_of_type(w) {
                return self.each_value(place, &values, reader);
            }
            return self.tell(place, "may have values that are not accepted".to_owned());
        }
        let written = types(w);
        let read = types(r);
        for it in &written {
            let as_number = *it == "integer" && read.contains("number");
            if !read.contains(it) && !as_number {
                self.tell(place, format!("may be {it}"));
            }
        }
        if written.contains("number") || written.contains("integer") {
            self.number(place, w, r);
        }
        for (of, least, most) in SIZES {
            if written.contains(of) && read.contains(of) {
                self.size(place, (w, r), least, most);
            }
        }
        if written.contains("array") && read.contains("array") {
            let any = &Value::Bool(true);
            let (w, r) = (w.get("items").unwrap_or(any), r.get("items").unwrap_or(any));
            self.schema(&format!("{place}/*"), writer.with(w), reader.with(r));
        }
        if written.contains("object") && read.contains("object") {
            self.object(place, (writer, w), (reader, r));
        }
        self.others(place, (writer, w), (reader, r));
    }

    /// Every value of a list must be valid for the reader.
    fn each_value(&mut self, place: &str, values: &[&Value], reader: Side<'_>) {
        let mut document = Map::new();
        document.insert("$defs".to_owned(), reader.definitions.clone());
        document.insert("allOf".to_owned(), Value::Array(vec![reader.schema.clone()]));
        let validator = match jsonschema::validator_for(&Value::Object(document)) {
            Ok(it) => it,
            Err(err) => return self.unjudged(place, format!("has a schema that is wrong: {err}")),
        };
        for value in values.iter().filter(|it| !validator.is_valid(it)) {
            self.tell(place, format!("may be {value}"));
        }
    }

    /// One of the reader's forms must accept everything. If none does, the problems of the nearest one count: of that
    /// which requires the fewest properties that are not written.
    fn any_form(&mut self, place: &str, writer: Side<'v>, reader: Side<'v>, forms: &'v [Value]) {
        let written = writer.schema.as_object().map(properties).unwrap_or_default();
        let lacks = |form: &'v Value| {
            let (_, form) = reader.with(form).resolved();
            let needed = form.schema.as_object().map(required).unwrap_or_default();
            needed.iter().filter(|it| !written.contains_key(**it)).count()
        };
        let mut nearest: Option<(usize, Reading)> = None;
        for form in forms {
            let mut compared = Comparison { open: self.open.clone(), ..Comparison::default() };
            compared.schema(place, writer, reader.with(form));
            let found = (lacks(form), compared.reading);
            let rank = |it: &(usize, Reading)| match it.1.unreadable.len() {
                // A form without a problem fits.
                0 => (0, 0),
                problems => (1 + it.0, problems),
            };
            if nearest.as_ref().is_none_or(|it| rank(&found) < rank(it)) {
                nearest = Some(found);
            }
        }
        let (_, nearest) = nearest.unwrap_or_default();
        self.reading.unreadable.extend(nearest.unreadable);
        self.reading.ignored.extend(nearest.ignored);
    }

    fn number(&mut self, place: &str, w: &Map<String, Value>, r: &Map<String, Value>) {
        let (written, read) = (Range::of(w), Range::of(r));
        if !read.contains(&written) {
            self.tell(place, format!("may be {written}, but must be {read}"));
        }
    }

    fn size(
        &mut self,
        place: &str,
        (w, r): (&Map<String, Value>, &Map<String, Value>),
        least: &str,
        most: &str,
    ) {
        let of = |of: &Map<String, Value>, name: &str| of.get(name).and_then(Value::as_u64);
        let (fewest, largest) = match most {
            "maxProperties" => {
                (required(w).len() as u64, is_closed(w).then(|| properties(w).len() as u64))
            }
            _ => (0, None),
        };
        let needed = of(r, least).unwrap_or(0);
        if of(w, least).unwrap_or(0).max(fewest) < needed {
            self.tell(place, format!("may be smaller than {needed} (`{least}`)"));
        }
        if let Some(limit) = of(r, most)
            && of(w, most).into_iter().chain(largest).min().is_none_or(|it| it > limit)
        {
            self.tell(place, format!("may be larger than {limit} (`{most}`)"));
        }
    }

    fn object(
        &mut self,
        place: &str,
        (writer, w): (Side<'v>, &'v Map<String, Value>),
        (reader, r): (Side<'v>, &'v Map<String, Value>),
    ) {
        let (written, read) = (properties(w), properties(r));
        let (always, needed) = (required(w), required(r));
        let others = match r.get("additionalProperties") {
            None => &Value::Bool(true),
            Some(Value::Bool(false)) if reader.by_path => &Value::Bool(true),
            Some(it) => it,
        };
        let left_out = names(r, WITHOUT);
        for (name, schema) in &written {
            let place = format!("{place}/{name}");
            match (read.get(name), others) {
                (Some(it), _) => self.schema(&place, writer.with(schema), reader.with(it)),
                (None, Value::Bool(true)) if left_out.contains(name) => (),
                (None, Value::Bool(true)) => drop(self.reading.ignored.insert(place)),
                (None, Value::Bool(false)) => self.tell(&place, "is refused as unknown".to_owned()),
                (None, it) => self.schema(&place, writer.with(schema), reader.with(it)),
            }
        }
        for name in needed.difference(&always) {
            let may_be = written.contains_key(*name);
            let reason = if may_be { "may be missing" } else { "is missing" };
            self.tell(&format!("{place}/{name}"), format!("{reason}, but is required"));
        }
        if is_closed(w) {
            return;
        }
        let map = w.get("additionalProperties").unwrap_or(&Value::Bool(true));
        let place = format!("{place}/*");
        for (_, it) in read.iter().filter(|(name, _)| !written.contains_key(*name)) {
            self.schema(&place, writer.with(map), reader.with(it));
        }
        self.schema(&place, writer.with(map), reader.with(others));
    }

    /// A constraint that both have in the same form holds for the reader, too. One that only the writer has makes no
    /// problem.
    fn others(
        &mut self,
        place: &str,
        (writer, w): (Side<'v>, &Map<String, Value>),
        (reader, r): (Side<'v>, &Map<String, Value>),
    ) {
        // The same reference can lead to another schema.
        let is_same = |it: &Value| {
            writer.definitions == reader.definitions || !it.to_string().contains("\"$ref\"")
        };
        let is_compared = |name: &str| NOTES.contains(&name) || COMPARED.contains(&name);
        for (name, constraint) in r.iter().filter(|(name, _)| !is_compared(name)) {
            if name == "format" && number::is_format(constraint) {
                continue;
            }
            if w.get(name) != Some(constraint) || !is_same(constraint) {
                let short = constraint.to_string();
                self.unjudged(place, format!("must also keep `{name}`: {short}"));
            }
        }
    }
}

//! Whether everything that one JSON Schema allows can be read by a reader with another one.
//!
//! The writer's schema says what its version writes: the properties of an object and no others. The reader's schema says what
//! its version accepts: unknown properties are ignored, unless it has `"additionalProperties": false`. A difference that cannot
//! be judged is a problem, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde_json::{Map, Value, json};

use super::number::{self, Range};

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

/// The schema of what a version writes, which may be less than it reads: see `WRITES`.
fn as_written(schema: &Value) -> Value {
    let fields = match schema {
        Value::Array(all) => return all.iter().map(as_written).collect(),
        Value::Object(fields) => fields,
        other => return other.clone(),
    };
    if let Some(written) = fields.get(WRITES) {
        return as_written(written);
    }
    let mut out: Map<String, Value> =
        fields.iter().map(|(name, it)| (name.clone(), as_written(it))).collect();
    let of_all = fields.get("properties").and_then(Value::as_object).into_iter().flatten();
    let null = Value::Null;
    let always = of_all.filter(|(_, it)| it.get(WRITES).is_some_and(|it| !allows(it, &null)));
    let always: Vec<Value> = always.map(|(name, _)| name.as_str().into()).collect();
    if !always.is_empty() {
        let needed = out.entry("required").or_insert_with(|| json!([]));
        needed.as_array_mut().into_iter().for_each(|it| it.extend(always.clone()));
    }
    Value::Object(out)
}

/// Whether a value is valid. A schema that is wrong allows nothing.
fn allows(schema: &Value, value: &Value) -> bool {
    jsonschema::validator_for(schema).is_ok_and(|it| it.is_valid(value))
}

/// The same schema in a form that is easier to compare: a list of types becomes one form for each type, and keywords
/// next to a reference become a constraint of their own.
fn with_one_type(schema: &Value) -> Value {
    let fields = match schema {
        Value::Array(all) => return all.iter().map(with_one_type).collect(),
        Value::Object(fields) => fields,
        other => return other.clone(),
    };
    let is_data =
        |name: &str| ["const", "default", "enum", "examples", "required", WITHOUT].contains(&name);
    let inner = |(name, it): (&String, &Value)| {
        let it = if is_data(name) { it.clone() } else { with_one_type(it) };
        (name.clone(), it)
    };
    let mut fields: Map<String, Value> = fields.iter().map(inner).collect();
    if let Some(Value::Array(types)) = fields.get("type").cloned() {
        fields.remove("type");
        let form = |ty: Value| {
            let mut form = fields.clone();
            form.insert("type".to_owned(), ty);
            Value::Object(form)
        };
        let forms: Vec<Value> = types.into_iter().map(form).collect();
        return json!({ "anyOf": forms });
    }
    let is_note = |name: &str| name == "$ref" || NOTES.contains(&name);
    if fields.contains_key("$ref") && !fields.keys().all(|it| is_note(it)) {
        let reference = json!({ "$ref": fields.remove("$ref") });
        return json!({ "allOf": [reference, fields] });
    }
    Value::Object(fields)
}

#[derive(Default)]
struct Comparison<'v> {
    reading: Reading,
    /// The definitions that are being compared, because a type can contain itself.
    open: BTreeSet<(&'v str, &'v str)>,
}

/// A schema without a constraint.
static ANYTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// The keyword with the schema of what a version writes, if it reads more than that: `Option<T> => T` of `payload!`.
pub(super) const WRITES: &str = "x-writes";
/// The keyword with properties that a reader does not need any more: `without` of `payload!`.
pub(super) const WITHOUT: &str = "x-without";

/// Keywords without an effect on what is valid.
const NOTES: &[&str] = &[
    "$comment",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "title",
    WITHOUT,
    WRITES,
];

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

/// Whether a writer writes no other properties than those of the schema. A map has properties with any name.
fn is_closed(of: &Map<String, Value>) -> bool {
    match of.get("additionalProperties") {
        None => of.get("type").is_some_and(|it| it == "object"),
        Some(others) => *others == Value::Bool(false),
    }
}

/// The only values that a schema allows.
fn values(of: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (of.get("const"), of.get("enum")) {
        (Some(it), _) => Some(vec![it]),
        (None, Some(Value::Array(all))) => Some(all.iter().collect()),
        _ => None,
    }
}

/// All values of a type that has few.
fn values_of_type(of: &Map<String, Value>) -> Option<Vec<&'static Value>> {
    match of.get("type").and_then(Value::as_str) {
        Some("null") => Some(vec![&Value::Null]),
        Some("boolean") => Some(vec![&Value::Bool(false), &Value::Bool(true)]),
        _ => None,
    }
}

/// The schemas of which one must hold.
fn forms(of: &Map<String, Value>) -> Option<&Vec<Value>> {
    of.get("anyOf").or_else(|| of.get("oneOf")).and_then(Value::as_array)
}

const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The types that a schema allows: all if it names none.
fn types(of: &Map<String, Value>) -> BTreeSet<&str> {
    match of.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.as_str()]),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::from(TYPES),
    }
}

fn properties(of: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    let all = of.get("properties").and_then(Value::as_object).into_iter().flatten();
    all.map(|(name, it)| (name.as_str(), it)).collect()
}

fn required(of: &Map<String, Value>) -> BTreeSet<&str> {
    names(of, "required")
}

/// The texts in a list.
fn names<'v>(of: &'v Map<String, Value>, keyword: &str) -> BTreeSet<&'v str> {
    let names = of.get(keyword).and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(writer: Value, reader: Value, expected: &[&str]) {
        let definitions = json!({});
        let side = |schema| Side { schema, definitions: &definitions, by_path: false };
        let found = read(side(&writer), side(&reader));
        let told = found.unreadable.iter().map(|it| match it.is_unjudged {
            true => format!("{}? {}", it.place, it.reason),
            false => format!("{} {}", it.place, it.reason),
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{writer} read as {reader}");
    }

    fn object(properties: Value, required: &[&str]) -> Value {
        json!({ "type": "object", "properties": properties, "required": required })
    }

    fn strict(properties: Value, required: &[&str]) -> Value {
        let mut schema = object(properties, required);
        schema["additionalProperties"] = json!(false);
        schema
    }

    #[test]
    fn a_reader_needs_what_it_requires() {
        let text = json!({ "type": "string" });
        let (one, two) = (json!({ "a": text }), json!({ "a": text, "b": text }));
        check(object(one.clone(), &["a"]), object(one.clone(), &["a"]), &[]);
        check(
            object(one.clone(), &[]),
            object(one.clone(), &["a"]),
            &["/a may be missing, but is required"],
        );
        check(object(one.clone(), &["a"]), object(two.clone(), &["a"]), &[]);
        check(
            object(one.clone(), &["a"]),
            object(two.clone(), &["a", "b"]),
            &["/b is missing, but is required"],
        );
        check(object(two.clone(), &["a", "b"]), object(one.clone(), &["a"]), &[]);
        check(object(two, &["a", "b"]), strict(one, &["a"]), &["/b is refused as unknown"]);
    }

    #[test]
    fn a_property_that_the_reader_does_not_have_is_ignored() {
        let definitions = json!({});
        let side = |schema| Side { schema, definitions: &definitions, by_path: false };
        let writer = object(json!({ "a": { "type": "string" } }), &["a"]);
        let reader = object(json!({ "b": { "type": "string" } }), &[]);
        let found = read(side(&writer), side(&reader));
        assert_eq!(found.ignored, BTreeSet::from(["/a".to_owned()]));
        assert!(found.unreadable.is_empty());
    }

    #[test]
    fn types_widen_but_do_not_narrow() {
        let (integer, number) = (json!({ "type": "integer" }), json!({ "type": "number" }));
        check(integer.clone(), number.clone(), &[]);
        check(number, integer.clone(), &[" may be number"]);
        let option = json!({ "type": ["integer", "null"] });
        check(integer.clone(), option.clone(), &[]);
        check(option.clone(), option.clone(), &[]);
        check(option.clone(), integer.clone(), &[" may be null"]);
        check(option.clone(), json!({ "anyOf": [integer, { "type": "null" }] }), &[]);
        check(
            json!({}),
            json!({ "type": "null" }),
            &[
                " may be array",
                " may be boolean",
                " may be integer",
                " may be number",
                " may be object",
                " may be string",
            ],
        );
        check(json!(true), json!(true), &[]);
        check(json!(true), json!({}), &[]);
        check(json!(false), json!({ "type": "null" }), &[]);
        check(json!({ "type": "null" }), json!(false), &[" is not accepted any more"]);
    }

    #[test]
    fn values_of_a_list_are_read_one_by_one() {
        let (two, three) = (json!({ "enum": ["a", "b"] }), json!({ "enum": ["a", "b", "c"] }));
        check(two.clone(), three.clone(), &[]);
        check(three, two.clone(), &[" may be \"c\""]);
        check(two.clone(), json!({ "type": "string", "maxLength": 1 }), &[]);
        check(two.clone(), json!({ "type": "integer" }), &[" may be \"a\"", " may be \"b\""]);
        check(
            json!({ "type": "string" }),
            two.clone(),
            &[" may have values that are not accepted"],
        );
        check(json!({ "oneOf": [{ "const": "a" }, { "const": "b" }] }), two, &[]);
        let or_null = json!({ "enum": ["a", null] });
        check(json!({ "type": "null" }), or_null, &[]);
        check(json!({ "type": "boolean" }), json!({ "enum": [true] }), &[" may be false"]);
    }

    #[test]
    fn sizes_and_numbers_have_bounds() {
        let text = |most: u32| json!({ "type": "string", "minLength": 1, "maxLength": most });
        check(text(3), text(4), &[]);
        check(text(4), text(3), &[" may be larger than 3 (`maxLength`)"]);
        check(
            json!({ "type": "string" }),
            json!({ "type": "string", "minLength": 1 }),
            &[" may be smaller than 1 (`minLength`)"],
        );
        let count = |format: &str| json!({ "type": "integer", "format": format });
        check(count("uint8"), count("uint32"), &[]);
        check(
            count("int16"),
            count("uint8"),
            &[" may be at least -32768 and at most 32767, but must be at least 0 and at most 255"],
        );
    }

    #[test]
    fn a_type_with_fields_has_as_many_properties() {
        let text = json!({ "type": "string" });
        let two = object(json!({ "a": text, "b": text }), &["a"]);
        let map = |least: u32, most: u32| json!({ "type": "object", "minProperties": least, "maxProperties": most });
        check(two.clone(), map(1, 2), &[]);
        check(two.clone(), map(1, 1), &[" may be larger than 1 (`maxProperties`)"]);
        check(two, map(2, 2), &[" may be smaller than 2 (`minProperties`)"]);
    }

    #[test]
    fn lists_and_maps_are_read_item_by_item() {
        let list = |of: &str| json!({ "type": "array", "items": { "type": of } });
        check(list("integer"), list("number"), &[]);
        check(list("number"), list("integer"), &["/* may be number"]);
        let map = |of: &str| json!({ "type": "object", "additionalProperties": { "type": of } });
        check(map("integer"), map("number"), &[]);
        check(map("string"), map("number"), &["/* may be string"]);
        check(
            map("string"),
            object(json!({ "a": { "type": "string" } }), &["a"]),
            &["/a is missing, but is required"],
        );
        check(
            map("string"),
            object(json!({ "a": { "type": "null" } }), &[]),
            &["/* may be string"],
        );
        check(map("string"), strict(json!({}), &[]), &["/* is not accepted any more"]);
    }

    #[test]
    fn one_form_of_the_reader_must_fit() {
        let (a, b) = (
            object(json!({ "a": { "type": "string" } }), &["a"]),
            strict(json!({ "b": { "type": "string" } }), &["b"]),
        );
        check(a.clone(), json!({ "anyOf": [a, b] }), &[]);
        check(
            json!({ "anyOf": [a, b] }),
            b.clone(),
            &["/a is refused as unknown", "/b is missing, but is required"],
        );
        check(
            b.clone(),
            json!({ "anyOf": [b], "minProperties": 1 }),
            &["? must also keep `minProperties`, next to several forms"],
        );
    }

    #[test]
    fn a_constraint_that_cannot_be_compared_is_unjudged() {
        let plain = json!({ "type": "string" });
        let pattern = json!({ "type": "string", "pattern": "^a$" });
        check(pattern.clone(), pattern.clone(), &[]);
        check(pattern.clone(), plain.clone(), &[]);
        check(plain, pattern, &["? must also keep `pattern`: \"^a$\""]);
        check(
            json!({ "type": "null" }),
            json!({ "allOf": [{ "type": "null" }] }),
            &["? must also keep `allOf`: [{\"type\":\"null\"}]"],
        );
    }

    #[test]
    fn references_are_followed_also_in_circles() {
        let tree = |leaf: &str| {
            json!({ "Tree": object(
                json!({ "leaf": { "type": leaf }, "more": { "type": "array", "items": { "$ref": "#/$defs/Tree" } } }),
                &["leaf"],
            ) })
        };
        let (old, new) = (tree("integer"), tree("string"));
        let schema = json!({ "$ref": "#/$defs/Tree", "description": "a tree" });
        let side = |definitions| Side { schema: &schema, definitions, by_path: false };
        assert_eq!(read(side(&old), side(&old)), Reading::default());
        let found = read(side(&old), side(&new));
        let places: Vec<&str> = found.unreadable.iter().map(|it| it.place.as_str()).collect();
        assert_eq!(places, ["/leaf"]);
    }

    #[test]
    fn a_writer_may_write_less_than_it_reads() {
        let text = json!({ "type": "string" });
        let needed = object(json!({ "a": text }), &["a"]);
        let writes = json!({ "type": ["string", "null"], "x-writes": { "type": "string" } });
        let both = object(json!({ "a": writes }), &[]);
        check(both.clone(), needed.clone(), &[]);
        check(needed.clone(), both.clone(), &[]);
        let option = object(json!({ "a": { "type": ["string", "null"] } }), &[]);
        check(
            option.clone(),
            needed.clone(),
            &["/a may be missing, but is required", "/a may be null"],
        );
        check(option, both, &[]);
        // A type in a field that is read as another type has such a field itself.
        let inner = object(json!({ "a": writes }), &[]);
        let nested = json!({ "type": ["object", "null"], "x-writes": inner });
        let needed = object(json!({ "a": { "type": "string" } }), &["a"]);
        check(object(json!({ "b": nested }), &[]), object(json!({ "b": needed }), &["b"]), &[]);
        let less = json!({ "type": "integer", "maximum": 9, "x-writes": { "type": "integer", "maximum": 5 } });
        check(less, json!({ "type": "integer", "maximum": 5 }), &[]);
    }

    #[test]
    fn a_property_that_is_given_up_is_not_ignored() {
        let definitions = json!({});
        let side = |schema| Side { schema, definitions: &definitions, by_path: false };
        let writer = object(json!({ "a": { "type": "string" } }), &["a"]);
        let reader = object(json!({}), &[]);
        assert_eq!(read(side(&writer), side(&reader)).ignored, BTreeSet::from(["/a".to_owned()]));
        let mut without = reader.clone();
        without["x-without"] = json!(["a"]);
        assert_eq!(read(side(&writer), side(&without)), Reading::default());
    }

    #[test]
    fn a_reader_of_paths_refuses_no_property() {
        let definitions = json!({});
        let side = |schema, by_path| Side { schema, definitions: &definitions, by_path };
        let text = json!({ "type": "string" });
        let writer = object(json!({ "a": text, "b": text }), &["a", "b"]);
        let reader = json!({ "oneOf": [strict(json!({ "a": text }), &["a"]), strict(json!({ "c": text }), &["c"])] });
        assert!(read(side(&writer, true), side(&reader, true)).unreadable.is_empty());
        let refused = read(side(&writer, false), side(&reader, false)).unreadable;
        assert_eq!(refused.len(), 1, "{refused:?}");
    }

    #[test]
    fn the_problems_of_the_form_that_is_meant_are_reported() {
        let number = |most: u32| json!({ "type": "integer", "maximum": most });
        let valid = |most| {
            strict(json!({ "a": number(most), "b": number(most), "c": number(most) }), &["a"])
        };
        let invalid = strict(json!({ "e": { "type": "string" } }), &["e"]);
        let forms = |most| json!({ "oneOf": [valid(most), invalid] });
        let too_large = |name: &str| format!("/{name} may be at most 9, but must be at most 5");
        let expected = ["a", "b", "c"].map(too_large);
        check(forms(9), forms(5), &expected.each_ref().map(String::as_str));
    }

    #[test]
    fn an_object_without_fields_has_none() {
        let empty = json!({ "type": "object" });
        check(empty, object(json!({ "a": { "type": "string" } }), &[]), &[]);
        check(
            json!({ "type": "object", "additionalProperties": true }),
            object(json!({ "a": { "type": "null" } }), &[]),
            &[
                "/* may be array",
                "/* may be boolean",
                "/* may be integer",
                "/* may be number",
                "/* may be object",
                "/* may be string",
            ],
        );
    }

    #[test]
    fn a_reference_below_another_keyword_is_unjudged_if_it_leads_elsewhere() {
        let schema = json!({ "type": "array", "prefixItems": [{ "$ref": "#/$defs/A" }] });
        let [old, new] = ["string", "null"].map(|it| json!({ "A": { "type": it } }));
        let side = |definitions| Side { schema: &schema, definitions, by_path: false };
        assert!(read(side(&old), side(&old)).unreadable.is_empty());
        assert!(read(side(&old), side(&new)).unreadable.iter().all(|it| it.is_unjudged));
        assert_eq!(read(side(&old), side(&new)).unreadable.len(), 1);
    }
}

//! The form in which two schemas are compared.

use serde_json::{Map, Value, json};

/// The keyword with the schema of what a version writes, if it reads more than that: `Option<T> => T` of `payload!`.
pub(super) const WRITES: &str = "x-writes";
/// The keyword with properties that a reader does not need any more: `without` of `payload!`.
pub(super) const WITHOUT: &str = "x-without";

/// Keywords without an effect on what is valid.
pub(super) const NOTES: &[&str] = &[
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

/// The schema of what a version writes, which may be less than it reads: see `WRITES`.
pub(super) fn as_written(schema: &Value) -> Value {
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
pub(super) fn with_one_type(schema: &Value) -> Value {
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

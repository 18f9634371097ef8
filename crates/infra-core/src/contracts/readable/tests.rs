//! Pairs of schemas, and the problems of their readers.

use serde_json::json;

use super::*;

#[track_caller]
fn check(writer: Value, reader: Value, expected: &[&str]) {
    let definitions = json!({});
    let side = |schema| Side { schema, definitions: &definitions, by_path: false };
    let found = read(side(&writer), side(&reader));
    let lines = found.unreadable.iter().map(|it| match it.is_unjudged {
        true => format!("{}? {}", it.place, it.reason),
        false => format!("{} {}", it.place, it.reason),
    });
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{writer} read as {reader}");
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
    check(json!({ "type": "string" }), two.clone(), &[" may have values that are not accepted"]);
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
    check(map("string"), object(json!({ "a": { "type": "null" } }), &[]), &["/* may be string"]);
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
    let less =
        json!({ "type": "integer", "maximum": 9, "x-writes": { "type": "integer", "maximum": 5 } });
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
    let valid =
        |most| strict(json!({ "a": number(most), "b": number(most), "c": number(most) }), &["a"]);
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

//! Compares two JSON Schemas, as those of requests or of answers.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeSet};

use serde_json::{Value, json};

use super::{Direction, Effect, FOR_PEOPLE, Report, Sides, change};

/// The schemas of two documents.
pub(super) struct Schemas<'d> {
    sides: Sides<'d>,
    /// The components that a route uses.
    seen: BTreeSet<String>,
    /// The components that are being compared, because a type can have a part of its own type.
    open: BTreeSet<(String, String, Direction)>,
}

/// Whether fewer values are valid than before, or more.
#[derive(Clone, Copy)]
enum Shift {
    Narrower,
    Wider,
    /// Some that were valid are not, and others are.
    Other,
}

impl Shift {
    fn effect(self, direction: Direction) -> Effect {
        match (self, direction) {
            (Shift::Narrower | Shift::Other, Direction::Request) => Effect::Breaks,
            (Shift::Wider | Shift::Other, Direction::Answer) => Effect::Surprises,
            (Shift::Wider, Direction::Request) | (Shift::Narrower, Direction::Answer) => {
                Effect::Changes
            }
        }
    }
}

const PREFIX: &str = "#/components/schemas/";

/// Keywords with a limit of which a higher one is stricter, and those of which a lower one is.
const LOWER_BOUNDS: &[&str] =
    &["exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum"];
const UPPER_BOUNDS: &[&str] =
    &["exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum"];
/// Keywords that are stricter than their absence. Two values of one of them cannot be compared.
const CONSTRAINTS: &[&str] = &["contentEncoding", "format", "multipleOf", "pattern", "uniqueItems"];
/// Keywords without an effect on what is valid.
const NOTES: &[&str] = &["default", "deprecated", "examples"];
/// Keywords that have their own rule below.
const OTHERS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "items",
    "oneOf",
    "properties",
    "required",
    "type",
];

impl<'d> Schemas<'d> {
    pub(super) fn new(before: &'d Value, after: &'d Value) -> Self {
        let sides = Sides::of(before, after);
        Schemas { sides, seen: BTreeSet::new(), open: BTreeSet::new() }
    }

    pub(super) fn components(&self) -> Sides<'d> {
        self.sides.of_field("components")
    }

    /// Whether a route uses this component.
    pub(super) fn has_seen(&self, name: &str) -> bool {
        self.seen.contains(name)
    }

    /// Compares the schemas of a part of requests or answers.
    pub(super) fn compare(
        &mut self,
        report: &mut Report<'_>,
        what: &str,
        sides: Sides<'_>,
        direction: Direction,
    ) {
        const ANYTHING: &Value = &Value::Bool(true);
        let [before, after] =
            [sides.before, sides.after].map(|it| it.get("schema").unwrap_or(ANYTHING));
        self.schema(report, (what, ""), (before, after), direction);
    }

    /// Compares two schemas. `at` is the part, and the place in it as a JSON pointer.
    fn schema(
        &mut self,
        report: &mut Report<'_>,
        at: (&str, &str),
        (before, after): (&Value, &Value),
        direction: Direction,
    ) {
        let schemas = self.components().of_field("schemas");
        let name = |it: &Value| it["$ref"].as_str()?.strip_prefix(PREFIX).map(str::to_owned);
        let (old, new) = (name(before), name(after));
        self.seen.extend(old.iter().chain(&new).cloned());
        if old.is_some() || new.is_some() {
            let key = (old.clone().unwrap_or_default(), new.clone().unwrap_or_default(), direction);
            if !self.open.insert(key.clone()) {
                return;
            }
            let of = |name: &Option<String>, side: &serde_json::Map<String, Value>, own: &Value| {
                match name {
                    Some(name) => {
                        with_siblings(side.get(name).cloned().unwrap_or(Value::Null), own)
                    }
                    None => own.clone(),
                }
            };
            let before = of(&old, schemas.before, before);
            let after = of(&new, schemas.after, after);
            self.schema(report, at, (&before, &after), direction);
            self.open.remove(&key);
            return;
        }
        let (before, after) = (keywords(before), keywords(after));
        let sides = Sides::of(&before, &after);
        types(report, at, sides, direction);
        bounds(report, at, sides, direction);
        self.properties(report, at, sides, direction);
        for keyword in ["items", "additionalProperties"] {
            self.inner(report, at, keyword, sides, direction);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            self.variants(report, at, keyword, sides, direction);
        }
        let covered = [LOWER_BOUNDS, UPPER_BOUNDS, CONSTRAINTS, NOTES, OTHERS].concat();
        report.rest(&said(at), sides, &covered);
    }

    fn properties(
        &mut self,
        report: &mut Report<'_>,
        (what, place): (&str, &str),
        sides: Sides<'_>,
        direction: Direction,
    ) {
        let required = |side: &serde_json::Map<String, Value>| -> BTreeSet<String> {
            let names = side.get("required").and_then(Value::as_array);
            names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (needed, needs) = (required(sides.before), required(sides.after));
        let of_all: Vec<_> = sides.of_field("properties").fields().collect();
        for (name, before, after) in &of_all {
            let place = format!("{place}/{name}");
            let field = said((what, &place));
            let is_needed = needs.contains(*name);
            match (before, after) {
                (Some(before), Some(after)) => {
                    self.schema(report, (what, &place), (before, after), direction);
                }
                (Some(_), None) => report.tell(Effect::Breaks, format!("{field} is gone")),
                (None, _) if direction == Direction::Request && is_needed => {
                    report
                        .tell(Effect::Breaks, format!("{field} is new, and requests must have it"));
                }
                (None, _) => report.tell(Effect::Changes, format!("{field} is new")),
            }
        }
        for name in needed.symmetric_difference(&needs) {
            let both = of_all.iter().any(|it| it.0 == name && it.1.is_some() && it.2.is_some());
            let unlisted = of_all.iter().all(|it| it.0 != name);
            if !both && !unlisted {
                // The field itself is new or gone, and is reported above.
                continue;
            }
            let field = said((what, &format!("{place}/{name}")));
            let (shift, problem) = match needs.contains(name) {
                true => (Shift::Narrower, format!("{field} is always there")),
                false => (Shift::Wider, format!("{field} may be missing")),
            };
            let problem = match direction {
                Direction::Request if needs.contains(name) => format!("requests must have {field}"),
                Direction::Request => format!("requests may lack {field}"),
                Direction::Answer => problem,
            };
            let effect = match (shift, direction) {
                (Shift::Wider, Direction::Answer) => Effect::Breaks,
                (shift, direction) => shift.effect(direction),
            };
            report.tell(effect, problem);
        }
    }

    /// Compares the schemas of the items of a list, or of the other fields of an object.
    fn inner(
        &mut self,
        report: &mut Report<'_>,
        (what, place): (&str, &str),
        keyword: &str,
        sides: Sides<'_>,
        direction: Direction,
    ) {
        let anything = json!({});
        let of = |side: &serde_json::Map<String, Value>| match side.get(keyword) {
            None | Some(Value::Bool(true)) => anything.clone(),
            Some(it) => it.clone(),
        };
        let (before, after) = (of(sides.before), of(sides.after));
        let place = format!("{place}/*");
        let shift = match (&before, &after) {
            _ if before == after => return,
            (Value::Bool(false), _) => Shift::Wider,
            (_, Value::Bool(false)) => Shift::Narrower,
            _ if before == anything => Shift::Narrower,
            _ if after == anything => Shift::Wider,
            _ => return self.schema(report, (what, &place), (&before, &after), direction),
        };
        let problem = match shift {
            Shift::Narrower => format!("{} has fewer values than before", said((what, &place))),
            _ => format!("{} may have any other value", said((what, &place))),
        };
        report.tell(shift.effect(direction), problem);
    }

    /// Compares lists of schemas. Equal ones belong together, and so do two that are left over.
    fn variants(
        &mut self,
        report: &mut Report<'_>,
        at: (&str, &str),
        keyword: &str,
        sides: Sides<'_>,
        direction: Direction,
    ) {
        let list = |side: &serde_json::Map<String, Value>| -> Vec<Value> {
            side.get(keyword).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let (mut before, mut after) = (list(sides.before), list(sides.after));
        // A component can differ although the references to it are equal.
        before.retain(|it| match after.iter().position(|other| other == it) {
            Some(same) => {
                after.remove(same);
                self.schema(report, at, (it, it), direction);
                false
            }
            None => true,
        });
        match (before.as_slice(), after.as_slice()) {
            ([], []) => (),
            ([before], [after]) => self.schema(report, at, (before, after), direction),
            _ => {
                // More schemas of `allOf` are stricter.
                let shift = match (before.is_empty(), after.is_empty(), keyword) {
                    (true, _, "allOf") | (_, true, "anyOf" | "oneOf") => Shift::Narrower,
                    (_, true, "allOf") | (true, _, _) => Shift::Wider,
                    _ => Shift::Other,
                };
                report
                    .tell(shift.effect(direction), format!("{} has another `{keyword}`", said(at)));
            }
        }
    }
}

/// A schema as an object. A schema that is not an object is `true`, `false`, or not valid.
fn keywords(schema: &Value) -> Cow<'_, Value> {
    match schema {
        Value::Object(_) => Cow::Borrowed(schema),
        Value::Bool(true) => Cow::Owned(json!({})),
        other => Cow::Owned(json!({ "not": other })),
    }
}

/// A component with the keywords next to the reference to it.
fn with_siblings(component: Value, reference: &Value) -> Value {
    let siblings = reference.as_object().into_iter().flatten().filter(|it| it.0 != "$ref");
    let siblings: serde_json::Map<String, Value> =
        siblings.map(|(name, it)| (name.clone(), it.clone())).collect();
    if siblings.keys().all(|it| FOR_PEOPLE.contains(&it.as_str())) {
        return component;
    }
    json!({ "allOf": [component, siblings] })
}

/// The types of a schema. An integer is a number, too.
fn types(report: &mut Report<'_>, at: (&str, &str), sides: Sides<'_>, direction: Direction) {
    let of = |side: &serde_json::Map<String, Value>, keyword: &str| -> Option<BTreeSet<String>> {
        let value = side.get(keyword)?;
        let list = match (keyword, value) {
            ("const", it) => vec![it.clone()],
            (_, Value::Array(items)) => items.clone(),
            (_, it) => vec![it.clone()],
        };
        let mut names: BTreeSet<String> = list.iter().map(Value::to_string).collect();
        if keyword == "type" && names.contains("\"number\"") {
            names.insert("\"integer\"".to_owned());
        }
        Some(names)
    };
    for (keyword, other) in [("type", "type"), ("enum", "const")] {
        let before = of(sides.before, keyword).or_else(|| of(sides.before, other));
        let after = of(sides.after, keyword).or_else(|| of(sides.after, other));
        let (gone, new): (Vec<String>, Vec<String>) = match (&before, &after) {
            (Some(before), Some(after)) => (
                before.difference(after).cloned().collect(),
                after.difference(before).cloned().collect(),
            ),
            (None, Some(_)) => (vec!["any other value".to_owned()], Vec::new()),
            (Some(_), None) => (Vec::new(), vec!["any other value".to_owned()]),
            (None, None) => continue,
        };
        if !gone.is_empty() {
            let problem = format!("{} is no longer {}", said(at), gone.join(", "));
            report.tell(Shift::Narrower.effect(direction), problem);
        }
        if !new.is_empty() {
            let problem = format!("{} may be {}", said(at), new.join(", "));
            report.tell(Shift::Wider.effect(direction), problem);
        }
    }
}

fn bounds(report: &mut Report<'_>, at: (&str, &str), sides: Sides<'_>, direction: Direction) {
    for (name, before, after) in sides.fields() {
        let is_lower = LOWER_BOUNDS.contains(&name);
        let is_bound = is_lower || UPPER_BOUNDS.contains(&name);
        if before == after || !is_bound && !CONSTRAINTS.contains(&name) {
            if before != after && NOTES.contains(&name) {
                let problem =
                    format!("{} has another `{name}`: {}", said(at), change(before, after));
                report.tell(Effect::Changes, problem);
            }
            continue;
        }
        let number = |it: Option<&Value>| it.and_then(Value::as_f64);
        let shift = match (before, after) {
            (None, _) => Shift::Narrower,
            (_, None) => Shift::Wider,
            _ if !is_bound => Shift::Other,
            _ => match number(before).partial_cmp(&number(after)) {
                Some(Ordering::Less) if is_lower => Shift::Narrower,
                Some(Ordering::Greater) if !is_lower => Shift::Narrower,
                Some(Ordering::Less | Ordering::Greater) => Shift::Wider,
                _ => Shift::Other,
            },
        };
        let problem = format!("{} has another `{name}`: {}", said(at), change(before, after));
        report.tell(shift.effect(direction), problem);
    }
}

/// The name of a place: `/price of the body of the request`.
fn said((what, place): (&str, &str)) -> String {
    if place.is_empty() { what.to_owned() } else { format!("`{place}` of {what}") }
}

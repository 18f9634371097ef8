//! Compares the OpenAPI documents of HTTP APIs: what breaks the clients of an API, and what only changes.
//!
//! Requests and answers are compared in opposite directions. An API that accepts less breaks its clients, and an API
//! that answers more breaks the clients that know only the old answers. A part of a document that no rule covers is
//! unjudged.

mod parts;
mod schema;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{
    Files,
    diff::short,
    finding::{Found, Rule, Severity},
    json,
};
use parts::{Sides, keyed, methods, parameters};
use schema::Schemas;

/// The suffix of the files with these documents.
const SUFFIX: &str = ".openapi.json";

/// Whether the file is an OpenAPI document.
pub(super) fn is_document(path: &str) -> bool {
    path.ends_with(SUFFIX)
}

/// Compares the documents that differ.
pub(super) fn check(
    name: &str,
    (before, after): (&Files, &Files),
    differs: &[String],
    found: &mut Vec<Found>,
) {
    for path in differs.iter().filter(|it| is_document(it)) {
        let inside = path.strip_prefix(&format!("generated/{name}/")).unwrap_or(path);
        let read = |files: &Files| files.get(path).map(|it| json::parse(it));
        let (severity, rule, problem) = match (read(before), read(after)) {
            (Some(Ok(before)), Some(Ok(after))) => {
                documents(inside, &before, &after, found);
                continue;
            }
            (Some(Err(err)), _) | (_, Some(Err(err))) => {
                (Severity::Warning, Rule::Unjudged, format!("it is not JSON: {err}"))
            }
            (None, _) => {
                let problem = "it is new, with nothing to be compared with".to_owned();
                (Severity::Notice, Rule::ApiChanged, problem)
            }
            (_, None) => {
                let problem = "it is gone, so later changes of the API are not compared".to_owned();
                (Severity::Warning, Rule::ApiBroken, problem)
            }
        };
        found.push(Found::new(severity, rule, inside, problem));
    }
}

/// Who has to cope with a part of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Direction {
    /// Clients send it.
    Request,
    /// Clients read it.
    Answer,
}

/// The effect of a change.
#[derive(Debug, Clone, Copy)]
enum Effect {
    /// A client that keeps to the old document fails.
    Breaks,
    /// An answer can be one that the old document does not have.
    Surprises,
    /// A client that keeps to the old document works as before.
    Changes,
    /// No rule covers it.
    Unknown,
}

/// The findings about one document.
struct Report<'f> {
    /// The file's name.
    file: &'f str,
    /// The route, if the findings are about one.
    route: String,
    found: &'f mut Vec<Found>,
}

impl Report<'_> {
    fn tell(&mut self, effect: Effect, problem: impl Into<String>) {
        let (severity, rule) = match effect {
            Effect::Breaks => (Severity::Danger, Rule::ApiBroken),
            Effect::Surprises => (Severity::Warning, Rule::ApiBroken),
            Effect::Changes => (Severity::Notice, Rule::ApiChanged),
            Effect::Unknown => (Severity::Warning, Rule::Unjudged),
        };
        let address = match self.route.as_str() {
            "" => self.file.to_owned(),
            route => format!("{}: {route}", self.file),
        };
        self.found.push(Found::new(severity, rule, address, problem));
    }

    /// Reports the fields of two objects that differ and that no rule covers.
    fn rest(&mut self, what: &str, sides: Sides<'_>, covered: &[&str]) {
        for (name, before, after) in sides.fields() {
            if before != after && !covered.contains(&name) && !FOR_PEOPLE.contains(&name) {
                let change = change(before, after);
                self.tell(Effect::Unknown, format!("{what} has another `{name}`: {change}"));
            }
        }
    }
}

/// Texts for people.
const FOR_PEOPLE: &[&str] = &["description", "summary", "title"];

fn change(before: Option<&Value>, after: Option<&Value>) -> String {
    let text = |it: Option<&Value>| it.map_or_else(|| "nothing".to_owned(), short);
    format!("{} -> {}", text(before), text(after))
}

fn documents(inside: &str, before: &Value, after: &Value, found: &mut Vec<Found>) {
    let file = inside.rsplit('/').next().unwrap_or(inside);
    let mut report = Report { file, route: String::new(), found };
    let sides = Sides::of(before, after);
    let info = sides.of_field("info");
    for (name, before, after) in [("version", info), ("title", info), ("openapi", sides)]
        .map(|(name, of)| (name, of.before.get(name), of.after.get(name)))
    {
        if before != after {
            report.tell(Effect::Changes, format!("its `{name}` is {}", change(before, after)));
        }
    }
    report.rest("`info`", info, &["version"]);
    if before["servers"] != after["servers"] {
        report.tell(Effect::Changes, "the API has another server, or its URL other variables");
    }
    let mut schemas = Schemas::new(before, after);
    security(&mut report, "the API", sides, &mut schemas);
    for (path, before, after) in sides.of_field("paths").fields() {
        routes(&mut report, path, Sides::of_options(before, after), &mut schemas);
    }
    let components = sides.of_field("components");
    report.rest("`components`", components, &["schemas", "securitySchemes"]);
    // A schema that no route uses.
    for (name, before, after) in components.of_field("schemas").fields() {
        if before != after && !schemas.has_seen(name) {
            report.tell(
                Effect::Unknown,
                format!("no route uses the schema `{name}`, and it differs"),
            );
        }
    }
    const COVERED: &[&str] = &["components", "info", "openapi", "paths", "security", "servers"];
    report.rest("the document", sides, COVERED);
}

fn routes(report: &mut Report<'_>, path: &str, sides: Sides<'_>, schemas: &mut Schemas<'_>) {
    let names = methods();
    report.rest(&format!("the path {path}"), sides, names);
    for (method, before, after) in sides.fields() {
        if !names.contains(&method) {
            continue;
        }
        report.route = format!("{} {path}", method.to_uppercase());
        match (before, after) {
            (Some(before), Some(after)) => operation(report, Sides::of(before, after), schemas),
            (Some(_), None) => report.tell(Effect::Breaks, "the route is gone"),
            (None, _) => report.tell(Effect::Changes, "the route is new"),
        }
        report.route.clear();
    }
}

fn operation(report: &mut Report<'_>, sides: Sides<'_>, schemas: &mut Schemas<'_>) {
    let (before, after) = (sides.before.get("operationId"), sides.after.get("operationId"));
    if before != after {
        let problem =
            format!("generated clients have another name for it: {}", change(before, after));
        report.tell(Effect::Changes, problem);
    }
    security(report, "the route", sides, schemas);
    let [old, new] = [sides.before, sides.after].map(parameters);
    for (name, before, after) in keyed(&old, &new) {
        parameter(report, name, (before, after), schemas);
    }
    body(report, sides, schemas);
    for (status, before, after) in sides.of_field("responses").fields() {
        response(report, status, (before, after), schemas);
    }
    const COVERED: &[&str] = &["operationId", "parameters", "requestBody", "responses", "security"];
    report.rest("the route", sides, COVERED);
}

/// A requirement of the document holds for each route without its own.
fn security(report: &mut Report<'_>, what: &str, sides: Sides<'_>, schemas: &mut Schemas<'_>) {
    let (before, after) = (sides.before.get("security"), sides.after.get("security"));
    let none = |it: Option<&Value>| it.and_then(Value::as_array).is_none_or(Vec::is_empty);
    if before != after {
        match (none(before), none(after)) {
            (true, true) => (),
            (false, true) => {
                report.tell(Effect::Changes, format!("{what} asks for no credentials"))
            }
            (true, false) => report.tell(Effect::Breaks, format!("{what} asks for credentials")),
            (false, false) => report.tell(Effect::Breaks, format!("{what} asks for others")),
        }
    }
    if !report.route.is_empty() {
        return;
    }
    for (name, before, after) in schemas.components().of_field("securitySchemes").fields() {
        match (before, after) {
            (Some(before), Some(after)) if before != after => {
                let lines = Sides::of(before, after);
                if lines.fields().any(|it| it.1 != it.2 && !FOR_PEOPLE.contains(&it.0)) {
                    report.tell(Effect::Breaks, format!("the credentials `{name}` are others"));
                }
            }
            (Some(_), Some(_)) => (),
            (Some(_), None) => {
                report.tell(Effect::Changes, format!("the credentials `{name}` are gone"));
            }
            (None, _) => report.tell(Effect::Changes, format!("the credentials `{name}` are new")),
        }
    }
}

type Both<'a> = (Option<&'a Value>, Option<&'a Value>);

fn parameter(
    report: &mut Report<'_>,
    name: &str,
    (before, after): Both<'_>,
    schemas: &mut Schemas<'_>,
) {
    match (before, after) {
        (Some(before), Some(after)) => {
            required(report, name, (before, after));
            let sides = Sides::of(before, after);
            schemas.compare(report, name, sides, Direction::Request);
            report.rest(name, sides, &["in", "name", "required", "schema"]);
        }
        (Some(_), None) => report.tell(Effect::Breaks, format!("the API ignores {name}")),
        (None, Some(after)) if after["required"] == true => {
            report.tell(Effect::Breaks, format!("a request needs {name}"));
        }
        (None, _) => report.tell(Effect::Changes, format!("a request may have {name}")),
    }
}

fn required(report: &mut Report<'_>, what: &str, (before, after): (&Value, &Value)) {
    match (flag(before), flag(after)) {
        (Some(false), Some(true)) => report.tell(Effect::Breaks, format!("a request needs {what}")),
        (Some(true), Some(false)) => {
            report.tell(Effect::Changes, format!("a request may lack {what}"));
        }
        (before, after) if before == after => (),
        _ => {
            report.tell(Effect::Unknown, format!("`required` of {what} is neither true nor false"))
        }
    }
}

/// The value of `required`. `None` if it is neither true nor false.
fn flag(of: &Value) -> Option<bool> {
    match &of["required"] {
        Value::Null => Some(false),
        other => other.as_bool(),
    }
}

fn body(report: &mut Report<'_>, sides: Sides<'_>, schemas: &mut Schemas<'_>) {
    let what = "the body of the request";
    match (sides.before.get("requestBody"), sides.after.get("requestBody")) {
        (Some(before), Some(after)) => {
            required(report, "a body", (before, after));
            let sides = Sides::of(before, after);
            content(report, what, sides, Direction::Request, schemas);
            report.rest(what, sides, &["content", "required"]);
        }
        (Some(_), None) => report.tell(Effect::Breaks, "the API ignores the body"),
        (None, Some(after)) if after["required"] == true => {
            report.tell(Effect::Breaks, "a request needs a body");
        }
        (None, Some(_)) => report.tell(Effect::Changes, "a request may have a body"),
        (None, None) => (),
    }
}

fn content(
    report: &mut Report<'_>,
    what: &str,
    sides: Sides<'_>,
    direction: Direction,
    schemas: &mut Schemas<'_>,
) {
    for (media, before, after) in sides.of_field("content").fields() {
        match (before, after) {
            (Some(before), Some(after)) => {
                let sides = Sides::of(before, after);
                schemas.compare(report, what, sides, direction);
                report.rest(what, sides, &["schema"]);
            }
            (Some(_), None) => report.tell(Effect::Breaks, format!("{what} is no longer {media}")),
            (None, _) => {
                let effect = match direction {
                    Direction::Request => Effect::Changes,
                    Direction::Answer => Effect::Surprises,
                };
                report.tell(effect, format!("{what} may be {media}"));
            }
        }
    }
}

fn response(
    report: &mut Report<'_>,
    status: &str,
    (before, after): Both<'_>,
    schemas: &mut Schemas<'_>,
) {
    let is_success = status.starts_with('2');
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (Some(_), None) if is_success => {
            return report.tell(Effect::Breaks, format!("it no longer answers {status}"));
        }
        (Some(_), None) => {
            return report.tell(Effect::Changes, format!("it no longer answers {status}"));
        }
        (None, _) if is_success => {
            return report.tell(Effect::Surprises, format!("it may answer {status}"));
        }
        (None, _) => return report.tell(Effect::Changes, format!("it may answer {status}")),
    };
    let sides = Sides::of(before, after);
    let what = format!("the answer {status}");
    content(report, &what, sides, Direction::Answer, schemas);
    for (name, before, after) in sides.of_field("headers").fields() {
        let what = format!("the header {name} of {what}");
        match (before, after) {
            (Some(before), Some(after)) => {
                match (flag(before), flag(after)) {
                    (before, after) if before == after => (),
                    (_, Some(true)) => {
                        report.tell(Effect::Changes, format!("{what} is always there"))
                    }
                    _ => report.tell(Effect::Breaks, format!("{what} may be missing")),
                }
                let sides = Sides::of(before, after);
                schemas.compare(report, &what, sides, Direction::Answer);
                report.rest(&what, sides, &["required", "schema"]);
            }
            (Some(_), None) => report.tell(Effect::Breaks, format!("{what} is gone")),
            (None, _) => report.tell(Effect::Changes, format!("{what} is new")),
        }
    }
    if sides.before.get("links") != sides.after.get("links") {
        report.tell(Effect::Changes, format!("{what} leads to other routes"));
    }
    report.rest(&what, sides, &["content", "headers", "links"]);
}

/// An object without fields.
fn nothing() -> &'static Map<String, Value> {
    static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    &NOTHING
}

//! JSON text: keys sorted, one value a line, a newline at the end.
//!
//! Written by hand, since the order of serde_json's maps depends on a feature that any crate in
//! the build may switch on.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::{self, Write as _},
    io,
};

use serde::{Serialize, Serializer, ser::SerializeMap as _};
use serde_json::Value;

use super::term::{Expression, Place, Template};
use crate::model::{
    escape,
    expr::{Body, Document, Term},
};

/// A body as Terraform reads it: text escaped, expressions as templates, documents as strings.
///
/// It goes straight from the body into the file. Checks have it as a [`Value`]: the same words, from
/// the same place.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'b> {
    pub(crate) body: &'b Body,
    pub(crate) from: Place,
}

impl Serialize for Seen<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let place = self.from;
        let seen = |body| Seen { body, from: place };
        match self.body {
            Body::Text(text) => out.serialize_str(&escape(text)),
            Body::Number(number) => number.serialize(out),
            Body::Bool(it) => out.serialize_bool(*it),
            Body::Term(it) => out.collect_str(&Template(&it.0, place)),
            Body::List(items) => out.collect_seq(items.iter().map(seen)),
            Body::Map(fields) => out.collect_map(fields.iter().map(|(key, it)| (key, seen(it)))),
            Body::Json(inner) => {
                let mut text = String::new();
                let term = |term: &Term, out: &mut String| push(out, Template(term, place));
                write_document(inner, None, &term, &mut text);
                out.serialize_str(&text)
            }
            Body::File(document) => {
                let arguments: Vec<_> = labels(document)
                    .into_iter()
                    .map(|(label, term)| format!("{label} = {}", Expression(term, place)))
                    .collect();
                let (file, arguments) = (&document.file, arguments.join(", "));
                out.collect_str(&format_args!(
                    "${{templatefile(\"${{path.module}}/{file}\", {{ {arguments} }})}}"
                ))
            }
        }
    }
}

/// A value with the keys of its objects sorted, whatever the map that holds them.
struct Sorted<'v>(&'v Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => out.collect_seq(items.iter().map(Sorted)),
            Value::Object(fields) => {
                let sorted: BTreeMap<_, _> = fields.iter().collect();
                let mut map = out.serialize_map(Some(sorted.len()))?;
                for (key, it) in sorted {
                    map.serialize_entry(key, &Sorted(it))?;
                }
                map.end()
            }
            scalar => scalar.serialize(out),
        }
    }
}

/// The text of a document in a file of its own: a Terraform template whose variables are named
/// after the attributes that they hold.
pub(super) fn file(document: &Document) -> String {
    with_room(|out| {
        write_document(&document.body, Some(0), &write_named, out);
        out.push('\n');
    })
}

/// A document as the service reads it, but for references: those stand in it by name.
pub(crate) fn document(document: &Document) -> Value {
    plain(&document.body)
}

fn plain(body: &Body) -> Value {
    match body {
        Body::Text(text) => text.clone().into(),
        Body::Number(number) => number.clone().into(),
        Body::Bool(it) => (*it).into(),
        Body::Term(it) => named(&it.0).into(),
        Body::List(items) => items.iter().map(plain).collect(),
        Body::Map(fields) => {
            Value::Object(fields.iter().map(|(key, it)| (key.to_owned(), plain(it))).collect())
        }
        Body::Json(inner) => plain(inner).to_string().into(),
        Body::File(document) => plain(&document.body),
    }
}

/// Every attribute that a document mentions, by the name that it has there.
fn labels(document: &Document) -> BTreeMap<&str, &Term> {
    let mut labels = BTreeMap::new();
    document.body.terms(&mut |term| gather(term, &mut labels));
    labels
}

fn gather<'a>(term: &'a Term, labels: &mut BTreeMap<&'a str, &'a Term>) {
    match term {
        Term::Attribute(attribute) => drop(labels.insert(attribute.label(), term)),
        Term::Variable(variable) => drop(labels.insert(variable.name(), term)),
        Term::Text(_) => (),
        Term::Concat(terms) | Term::Call(_, terms) => {
            terms.iter().for_each(|it| gather(it, labels));
        }
    }
}

fn named(term: &Term) -> String {
    let mut out = String::new();
    write_named(term, &mut out);
    out
}

fn write_named(term: &Term, out: &mut String) {
    let inside = |name: &str, out: &mut String| out.extend(["${", name, "}"]);
    match term {
        Term::Attribute(attribute) => inside(attribute.label(), out),
        Term::Variable(variable) => inside(variable.name(), out),
        Term::Text(text) => out.push_str(&escape(text)),
        Term::Concat(terms) => terms.iter().for_each(|it| write_named(it, out)),
        Term::Call(function, arguments) => {
            out.extend(["${", function, "("]);
            for (at, argument) in arguments.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                match argument {
                    Term::Attribute(attribute) => out.push_str(attribute.label()),
                    it => push(out, Expression(it, Place::Root)),
                }
            }
            out.push_str(")}");
        }
    }
}

/// The body as text, for tests that look at it as a whole.
#[cfg(test)]
pub(crate) fn canonical(body: &Body) -> String {
    pretty(&Seen { body, from: Place::Root })
}

/// The body as Terraform reads it, for tests that look into it.
#[cfg(test)]
pub(crate) fn value(body: &Body) -> Value {
    serde_json::to_value(Seen { body, from: Place::Root }).unwrap()
}

/// A document as a template: JSON whose strings may hold template sequences. Those stand in it
/// raw, since Terraform reads the template before anybody reads the JSON.
fn write_document(
    body: &Body,
    depth: Option<usize>,
    term: &dyn Fn(&Term, &mut String),
    out: &mut String,
) {
    match body {
        Body::Text(text) => write_text(text, out),
        Body::Number(number) => push(out, number),
        Body::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
        Body::Term(it) => {
            out.push('"');
            term(&it.0, out);
            out.push('"');
        }
        Body::List(items) => sequence("[]", items, depth, out, |it, depth, out| {
            write_document(it, depth, term, out);
        }),
        Body::Map(fields) => sequence("{}", fields.iter(), depth, out, |(key, it), depth, out| {
            write_text(key, out);
            out.push_str(if depth.is_some() { ": " } else { ":" });
            write_document(it, depth, term, out);
        }),
        Body::Json(inner) => {
            let mut text = String::new();
            write_document(inner, None, term, &mut text);
            out.push_str(&json_string(&text));
        }
        Body::File(document) => write_document(&document.body, depth, term, out),
    }
}

fn push(out: &mut String, it: impl fmt::Display) {
    write!(out, "{it}").expect("a string takes whatever is written to it");
}

/// JSON text, one value a line, a newline at the end. Whoever serializes gives the keys sorted.
pub(crate) fn pretty(it: &impl Serialize) -> String {
    with_room(|out| {
        let mut bytes = std::mem::take(out).into_bytes();
        serde_json::to_writer_pretty(&mut bytes, it)
            .expect("what is rendered are texts, numbers, lists and objects with texts for keys");
        bytes.push(b'\n');
        *out = String::from_utf8(bytes).expect("serde_json writes UTF-8");
    })
}

/// The text that `write` writes, in just the room that it takes. While it grows it stands where there is
/// room already: each thread keeps some, since allocators have threads wait for each other.
fn with_room(write: impl FnOnce(&mut String)) -> String {
    thread_local! {
        static ROOM: RefCell<String> = const { RefCell::new(String::new()) };
    }
    let mut room = ROOM.take();
    write(&mut room);
    let text = room.as_str().to_owned();
    room.clear();
    ROOM.set(room);
    text
}

/// A value as [`pretty`] text, sorted.
pub(crate) fn sorted(value: &Value) -> String {
    pretty(&Sorted(value))
}

/// JSON text as [`sorted`], with what fits on a line on one line.
pub(crate) fn compact(value: &Value) -> String {
    let mut out = String::new();
    write_short(value, 0, &mut out);
    out.push('\n');
    out
}

/// How long a line may be.
const LINE: usize = 100;

fn write_short(value: &Value, depth: usize, out: &mut String) {
    let line = spaced(value);
    if line.len() + 2 * depth <= LINE {
        out.push_str(&line);
        return;
    }
    match value {
        Value::Array(items) => sequence("[]", items, Some(depth), out, |it, _, out| {
            write_short(it, depth + 1, out);
        }),
        Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            sequence("{}", &sorted, Some(depth), out, |(key, it), _, out| {
                out.push_str(&json_string(key));
                out.push_str(": ");
                write_short(it, depth + 1, out);
            });
        }
        _ => out.push_str(&line),
    }
}

/// A value on one line, sorted, with a space behind each colon.
fn spaced(value: &Value) -> String {
    struct Spaced;

    impl serde_json::ser::Formatter for Spaced {
        fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
            out.write_all(b": ")
        }
    }

    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Spaced);
    Sorted(value).serialize(&mut serializer).expect("values can be written, and memory takes them");
    String::from_utf8(out).expect("serde_json writes UTF-8")
}

/// What stands between brackets. `depth` is the indentation, or none for one line.
fn sequence<T>(
    brackets: &str,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    depth: Option<usize>,
    out: &mut String,
    mut write: impl FnMut(T, Option<usize>, &mut String),
) {
    let items = items.into_iter();
    let (open, close) = brackets.split_at(1);
    if items.len() == 0 {
        out.push_str(brackets);
        return;
    }
    out.push_str(open);
    let inside = depth.map(|it| it + 1);
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        new_line(inside, out);
        write(item, inside, out);
    }
    new_line(depth, out);
    out.push_str(close);
}

fn new_line(depth: Option<usize>, out: &mut String) {
    if let Some(depth) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

/// Text as JSON, kept from Terraform. Most text is itself.
fn write_text(text: &str, out: &mut String) {
    let itself = |it: u8| it >= b' ' && !matches!(it, b'"' | b'\\' | b'{');
    if text.bytes().all(itself) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&escape(&json_string(text)));
    }
}

fn json_string(text: &str) -> String {
    one_line(&text)
}

fn one_line(it: &impl Serialize) -> String {
    serde_json::to_string(it).expect("texts and values can be written")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any tree without references, as far as they matter: they have no text of their own.
    fn trees() -> impl Strategy<Value = Body> {
        let text = r#"(\$|%|\{|\}|"|\\|\PC){0,12}"#;
        let leaf = prop_oneof![
            text.prop_map(Body::from),
            any::<i64>().prop_map(|it| Body::Number(it.into())),
            any::<bool>().prop_map(Body::from),
        ];
        leaf.prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Body::List),
                prop::collection::btree_map(text, inner.clone(), 0..5).prop_map(Body::map),
                inner.prop_map(|it| Body::Json(Box::new(it))),
            ]
        })
    }

    /// A template without live sequences, as Terraform reads it.
    fn unescape(template: &str) -> String {
        template.replace("$${", "${").replace("%%{", "%{")
    }

    fn place() -> Place {
        Place::Module(crate::model::ModuleName::new("m"))
    }

    proptest! {
        #[test]
        fn any_tree_renders_the_same_twice(tree in trees()) {
            let text = pretty(&Seen { body: &tree, from: place() });
            prop_assert_eq!(&text, &pretty(&Seen { body: &tree.clone(), from: place() }));
            let parsed: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(sorted(&parsed), text, "what is written is sorted already");
        }

        #[test]
        fn a_document_is_itself_again_once_terraform_has_read_it(tree in trees()) {
            let document = Body::Json(Box::new(tree.clone()));
            let value = serde_json::to_value(Seen { body: &document, from: place() }).unwrap();
            let Value::String(template) = value else { unreachable!() };
            let read: Value = serde_json::from_str(&unescape(&template)).unwrap();
            prop_assert_eq!(read, plain(&tree));
        }

        #[test]
        fn a_file_is_itself_again_once_terraform_has_read_it(tree in trees()) {
            let document = Document { file: "a.json".to_owned(), body: tree.clone() };
            let read: Value = serde_json::from_str(&unescape(&file(&document))).unwrap();
            prop_assert_eq!(read, plain(&tree));
        }
    }
}

//! JSON text: keys sorted, one value a line, a newline at the end.
//!
//! Written by hand, since the order of serde_json's maps depends on a feature that any crate in
//! the build may switch on.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::term::{Place, expression, template};
use crate::model::{
    escape,
    expr::{Body, Document, Expression, Term},
};

/// The body as Terraform reads it: text escaped, expressions as templates, documents as strings.
///
/// The order of the map does not matter here: [`pretty`] sorts.
pub(crate) fn to_value(body: &Body, place: Place) -> Value {
    match body {
        Body::Text(text) => escape(text).into(),
        Body::Number(number) => number.clone().into(),
        Body::Bool(it) => (*it).into(),
        Body::Term(Expression(term)) => template(term, place).into(),
        Body::List(items) => items.iter().map(|it| to_value(it, place)).collect(),
        Body::Map(fields) => {
            let fields = fields.iter().map(|(key, it)| (key.clone(), to_value(it, place)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Body::Json(inner) => {
            let mut out = String::new();
            write_document(inner, None, &|term| template(term, place), &mut out);
            out.into()
        }
        Body::File(document) => {
            let labels = labels(document);
            let arguments: Vec<_> = labels
                .into_iter()
                .map(|(label, term)| format!("{label} = {}", expression(term, place)))
                .collect();
            let arguments = arguments.join(", ");
            format!("${{templatefile(\"${{path.module}}/{}\", {{ {arguments} }})}}", document.file)
                .into()
        }
    }
}

/// The text of a document in a file of its own: a Terraform template whose variables are named
/// after the attributes that they hold.
pub(super) fn file(document: &Document) -> String {
    let mut out = String::new();
    write_document(&document.body, Some(0), &named, &mut out);
    out.push('\n');
    out
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
        Body::Term(Expression(term)) => named(term).into(),
        Body::List(items) => items.iter().map(plain).collect(),
        Body::Map(fields) => {
            Value::Object(fields.iter().map(|(key, it)| (key.clone(), plain(it))).collect())
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
    match term {
        Term::Attribute(attribute) => format!("${{{}}}", attribute.label()),
        Term::Variable(variable) => format!("${{{}}}", variable.name()),
        Term::Text(text) => escape(text),
        Term::Concat(terms) => terms.iter().map(named).collect(),
        Term::Call(function, arguments) => {
            let arguments: Vec<_> = arguments
                .iter()
                .map(|it| match it {
                    Term::Attribute(attribute) => attribute.label().to_owned(),
                    it => expression(it, Place::Root),
                })
                .collect();
            format!("${{{function}({})}}", arguments.join(", "))
        }
    }
}

/// The body as text, for tests that look at it as a whole.
#[cfg(test)]
pub(crate) fn canonical(body: &Body) -> String {
    pretty(&to_value(body, Place::Root))
}

/// A document as a template: JSON whose strings may hold template sequences. Those stand in it
/// raw, since Terraform reads the template before anybody reads the JSON.
fn write_document(
    body: &Body,
    depth: Option<usize>,
    term: &dyn Fn(&Term) -> String,
    out: &mut String,
) {
    match body {
        Body::Text(text) => out.push_str(&escape(&json_string(text))),
        Body::Number(number) => out.push_str(&number.to_string()),
        Body::Bool(it) => out.push_str(&it.to_string()),
        Body::Term(Expression(it)) => {
            out.push('"');
            out.push_str(&term(it));
            out.push('"');
        }
        Body::List(items) => sequence("[]", items, depth, out, |it, depth, out| {
            write_document(it, depth, term, out);
        }),
        Body::Map(fields) => sequence("{}", fields, depth, out, |(key, it), depth, out| {
            out.push_str(&escape(&json_string(key)));
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

/// JSON text, keys sorted, one value a line, a newline at the end.
pub(crate) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, Some(0), &mut out);
    out.push('\n');
    out
}

/// JSON text as [`pretty`], with what fits on a line on one line.
pub(crate) fn compact(value: &Value) -> String {
    let mut out = String::new();
    write_short(value, 0, &mut out);
    out.push('\n');
    out
}

/// How long a line may be.
const LINE: usize = 100;

fn write_short(value: &Value, depth: usize, out: &mut String) {
    let mut line = String::new();
    write_value(value, None, &mut line);
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

fn write_value(value: &Value, depth: Option<usize>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(it) => out.push_str(&it.to_string()),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(&json_string(text)),
        Value::Array(items) => sequence("[]", items, depth, out, write_value),
        Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().collect();
            sequence("{}", &sorted, depth, out, |(key, it), depth, out| {
                out.push_str(&json_string(key));
                out.push_str(": ");
                write_value(it, depth, out);
            });
        }
    }
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

fn json_string(text: &str) -> String {
    Value::from(text).to_string()
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
                prop::collection::btree_map(text, inner.clone(), 0..5).prop_map(Body::Map),
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
            let text = pretty(&to_value(&tree, place()));
            prop_assert_eq!(&text, &pretty(&to_value(&tree.clone(), place())));
            let parsed: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(pretty(&parsed), text, "what is written is sorted already");
        }

        #[test]
        fn a_document_is_itself_again_once_terraform_has_read_it(tree in trees()) {
            let document = Body::Json(Box::new(tree.clone()));
            let Value::String(template) = to_value(&document, place()) else { unreachable!() };
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

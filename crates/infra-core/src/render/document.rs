//! Renders JSON documents for services, such as the definition of a state machine: as a file of its own, which is a
//! Terraform template, or as a string.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    json::{self, Nest, push},
    term::{Expression, Place},
};
use crate::model::{
    escape,
    expr::{Body, Document, Term},
};

/// The text of a document in a file of its own: a Terraform template whose variables have the names of the attributes.
pub(super) fn file(document: &Document) -> String {
    json::text(|out| write(&document.body, Some(0), &write_named, out))
}

/// A document as the service reads it, with a placeholder for each reference.
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

/// Every attribute that a document refers to, by its placeholder's name.
pub(super) fn labels(document: &Document) -> BTreeMap<&str, &Term> {
    let mut labels = BTreeMap::new();
    document.body.terms(&mut |term| gather(term, &mut labels));
    labels
}

fn gather<'a>(term: &'a Term, labels: &mut BTreeMap<&'a str, &'a Term>) {
    match term {
        Term::Attribute(attribute) => drop(labels.insert(attribute.label(), term)),
        Term::Variable(variable) => drop(labels.insert(variable.name(), term)),
        Term::Text(_) | Term::File(_) => (),
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
        it @ Term::File(_) => {
            push(out, format_args!("${{{}}}", Expression(it, Place::Root)));
        }
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

/// A document as a template: JSON whose strings may contain template sequences. These are not escaped for JSON, because
/// Terraform evaluates the template before the JSON is parsed. `depth` is `None` for text on one line.
pub(super) fn write(
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
        Body::List(items) => {
            let mut list = Nest::list(depth, out);
            let inside = list.inside();
            items.iter().for_each(|it| write(it, inside, term, list.item()));
            list.end();
        }
        Body::Map(fields) => {
            let mut object = Nest::object(depth, out);
            let inside = object.inside();
            for (key, it) in fields.iter() {
                write_text(key, object.item());
                write(it, inside, term, object.colon());
            }
            object.end();
        }
        Body::Json(inner) => {
            let mut text = String::new();
            write(inner, None, term, &mut text);
            json::string(&[&text], out);
        }
        Body::File(document) => write(&document.body, depth, term, out),
    }
}

/// Text as a JSON string, escaped for Terraform. JSON's escapes neither create nor break a template sequence.
fn write_text(text: &str, out: &mut String) {
    json::string(&[&escape(text)], out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::render::body::{
        Seen,
        tests::{ANY, trees},
    };

    /// A template without live sequences, as Terraform reads it.
    fn unescape(template: &str) -> String {
        template.replace("$${", "${").replace("%%{", "%{")
    }

    proptest! {
        #[test]
        fn a_document_is_itself_again_once_terraform_has_read_it(tree in trees(ANY)) {
            let document = Body::Json(Box::new(tree.clone()));
            let value = Seen { body: &document, from: Place::Root }.value();
            let Value::String(template) = value else { unreachable!() };
            let read: Value = serde_json::from_str(&unescape(&template)).unwrap();
            prop_assert_eq!(read, plain(&tree));
        }

        #[test]
        fn a_file_is_itself_again_once_terraform_has_read_it(tree in trees(ANY)) {
            let document = Document { file: "a.json".to_owned(), body: tree.clone() };
            let read: Value = serde_json::from_str(&unescape(&file(&document))).unwrap();
            prop_assert_eq!(read, plain(&tree));
        }
    }
}

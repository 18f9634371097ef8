//! Renders the body of a block: text is escaped, expressions become templates, and documents become strings.
//!
//! The body is written directly into the file. Checks get the same body as a [`Value`]; a property test compares the
//! two.

use serde_json::Value;

use super::{
    document,
    json::{Nest, push, string},
    term::{self, Expression, Place, Template},
};
use crate::model::{
    escape,
    expr::{Body, Document},
};

/// A body, and the module or root that it is rendered for.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'b> {
    pub(crate) body: &'b Body,
    pub(crate) from: Place,
}

impl<'b> Seen<'b> {
    /// Writes it as JSON, its first line at this depth.
    pub(super) fn write(self, depth: Option<usize>, out: &mut String) {
        match self.body {
            Body::Text(text) => string(&[&escape(text)], out),
            Body::Number(number) => push(out, number),
            Body::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
            Body::Term(it) => term::write(&it.0, self.from, out),
            Body::List(items) => {
                let mut list = Nest::list(depth, out);
                let inside = list.inside();
                items.iter().for_each(|it| self.other(it).write(inside, list.item()));
                list.end();
            }
            Body::Map(fields) => {
                let mut object = Nest::object(depth, out);
                let inside = object.inside();
                for (name, it) in fields.iter() {
                    self.other(it).write(inside, object.field(&escape(name)));
                }
                object.end();
            }
            Body::Json(inner) => string(&[&document_text(inner, self.from)], out),
            Body::File(document) => string(&[&template_file(document, self.from)], out),
        }
    }

    /// The body as a value.
    pub(super) fn value(self) -> Value {
        match self.body {
            Body::Text(text) => escape(text).into(),
            Body::Number(number) => number.clone().into(),
            Body::Bool(it) => (*it).into(),
            Body::Term(it) => term::template(&it.0, self.from).into(),
            Body::List(items) => items.iter().map(|it| self.other(it).value()).collect(),
            Body::Map(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, it)| (escape(name).into_owned(), self.other(it).value()));
                Value::Object(fields.collect())
            }
            Body::Json(inner) => document_text(inner, self.from).into(),
            Body::File(document) => template_file(document, self.from).into(),
        }
    }

    /// Another body for the same module or root.
    fn other(self, body: &'b Body) -> Self {
        Seen { body, ..self }
    }
}

/// A document in a string.
fn document_text(document: &Body, from: Place) -> String {
    let mut text = String::new();
    document::write(document, None, &|it, out| push(out, Template(it, from)), &mut text);
    text
}

/// The call that reads a document from its file.
fn template_file(document: &Document, from: Place) -> String {
    let arguments: Vec<_> = document::labels(document)
        .into_iter()
        .map(|(label, term)| format!("{label} = {}", Expression(term, from)))
        .collect();
    let (file, arguments) = (&document.file, arguments.join(", "));
    format!("${{templatefile(\"${{path.module}}/{file}\", {{ {arguments} }})}}")
}

/// The body as text, for tests.
#[cfg(test)]
pub(crate) fn canonical(body: &Body) -> String {
    super::json::text(|out| Seen { body, from: Place::Root }.write(Some(0), out))
}

/// The body as a value, for tests.
#[cfg(test)]
pub(crate) fn value(body: &Body) -> Value {
    Seen { body, from: Place::Root }.value()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::expr::{RootVariable, Term};

    /// Any text.
    pub(in crate::render) const ANY: &str = r#"(\$|%|\{|\}|"|\\|\PC){0,12}"#;
    /// A name in which Terraform does not see a template. An escaped name would be sorted in another way.
    const NAME: &str = r#"(\$|%|\}|"|\\|[a-z]){0,12}"#;

    /// Any tree without references, as far as they matter: they have no text of their own. `name` is what
    /// its fields are called.
    pub(in crate::render) fn trees(name: &'static str) -> impl Strategy<Value = Body> {
        let text = ANY;
        let leaf = prop_oneof![
            text.prop_map(Body::from),
            any::<i64>().prop_map(|it| Body::Number(it.into())),
            (-1e9..1e9_f64).prop_map(Body::from),
            any::<bool>().prop_map(Body::from),
        ];
        leaf.prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Body::List),
                prop::collection::btree_map(name, inner.clone(), 0..5).prop_map(Body::map),
                inner.prop_map(|it| Body::Json(Box::new(it))),
            ]
        })
    }

    /// Expressions whose text has another form in JSON, and such trees.
    fn with_references() -> impl Strategy<Value = Body> {
        let text = r#"(\$\{|"|\\|[\x00-\x1f]|\PC){0,6}"#;
        let variable =
            || Term::Variable(Box::new(RootVariable::new("packages", "Zips.", "target/lambda")));
        let term = prop_oneof![
            Just(variable()),
            text.prop_map(move |it| Term::Concat(vec![Term::Text(it), variable()])),
            text.prop_map(move |it| Term::Call("join", vec![Term::Text(it), variable()])),
        ];
        let leaf = prop_oneof![term.prop_map(Body::from), text.prop_map(Body::from)];
        leaf.prop_recursive(3, 16, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Body::List),
                prop::collection::btree_map(NAME, inner.clone(), 0..4).prop_map(Body::map),
                inner.clone().prop_map(|it| Body::Json(Box::new(it))),
                inner.prop_map(|body| {
                    Body::File(Box::new(Document { file: "a.json".to_owned(), body }))
                }),
            ]
        })
    }

    #[test]
    fn names_in_an_object_are_kept_from_terraform_as_texts_are() {
        let body = Body::map([("tags", Body::map([("${a}", "%{b}".into())]))]);
        assert_eq!(value(&body), serde_json::json!({ "tags": { "$${a}": "%%{b}" } }));
    }

    proptest! {
        #[test]
        fn the_written_block_equals_the_checked_one(tree in prop_oneof![trees(NAME), with_references()]) {
            prop_assert_eq!(super::super::json::sorted(&value(&tree)), canonical(&tree));
        }
    }
}

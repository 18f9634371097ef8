//! The body of a block as Terraform reads it: text escaped, expressions as templates, documents as
//! strings.
//!
//! It is written straight into the file. Checks have it as a [`Value`] instead: the same words, which a
//! property test holds together.

use serde_json::Value;

use super::{
    document,
    json::{Nest, push, string},
    term::{self, Expression, Place, Template},
};
use crate::model::{escape, expr::Body};

/// A body, and from where it is seen.
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
                    self.other(it).write(inside, object.field(name));
                }
                object.end();
            }
            Body::Json(_) | Body::File(_) => string(&[&self.packed()], out),
        }
    }

    /// The same as a value.
    pub(super) fn value(self) -> Value {
        match self.body {
            Body::Text(text) => escape(text).into(),
            Body::Number(number) => number.clone().into(),
            Body::Bool(it) => (*it).into(),
            Body::Term(it) => term::template(&it.0, self.from).into(),
            Body::List(items) => items.iter().map(|it| self.other(it).value()).collect(),
            Body::Map(fields) => {
                let fields =
                    fields.iter().map(|(name, it)| (name.to_owned(), self.other(it).value()));
                Value::Object(fields.collect())
            }
            Body::Json(_) | Body::File(_) => self.packed().into(),
        }
    }

    /// Another body, seen from the same place.
    fn other(self, body: &'b Body) -> Self {
        Seen { body, ..self }
    }

    /// The string that holds a document, or leads to it.
    fn packed(self) -> String {
        match self.body {
            Body::Json(inner) => {
                let mut text = String::new();
                let from = self.from;
                document::write(inner, None, &|it, out| push(out, Template(it, from)), &mut text);
                text
            }
            Body::File(document) => {
                let arguments: Vec<_> = document::labels(document)
                    .into_iter()
                    .map(|(label, term)| format!("{label} = {}", Expression(term, self.from)))
                    .collect();
                let (file, arguments) = (&document.file, arguments.join(", "));
                format!("${{templatefile(\"${{path.module}}/{file}\", {{ {arguments} }})}}")
            }
            _ => unreachable!("whoever calls it has looked"),
        }
    }
}

/// The body as text, for tests that look at it as a whole.
#[cfg(test)]
pub(crate) fn canonical(body: &Body) -> String {
    super::json::text(|out| Seen { body, from: Place::Root }.write(Some(0), out))
}

/// The body as Terraform reads it, for tests that look into it.
#[cfg(test)]
pub(crate) fn value(body: &Body) -> Value {
    Seen { body, from: Place::Root }.value()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any tree without references, as far as they matter: they have no text of their own.
    pub(in crate::render) fn trees() -> impl Strategy<Value = Body> {
        let text = r#"(\$|%|\{|\}|"|\\|\PC){0,12}"#;
        let leaf = prop_oneof![
            text.prop_map(Body::from),
            any::<i64>().prop_map(|it| Body::Number(it.into())),
            (-1e9..1e9_f64).prop_map(Body::from),
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

    proptest! {
        #[test]
        fn what_is_written_is_what_checks_look_at(tree in trees()) {
            prop_assert_eq!(super::super::json::sorted(&value(&tree)), canonical(&tree));
        }
    }
}

//! Renders one block: its arguments, and Terraform's meta-arguments.

use std::{collections::BTreeSet, iter};

use serde_json::{Value, json};

use super::{
    body::Seen,
    json::{Nest, string},
    term::Place,
};
use crate::model::{
    Address,
    expr::Body,
    stack::{BESIDE_THE_BODY, Node},
};

/// The block of a node.
pub(super) struct Block<'s>(pub(super) &'s Node);

/// The value of one argument.
enum Field<'s> {
    Body(Seen<'s>),
    Doc(&'s str),
    DependsOn(&'s BTreeSet<Address>),
    CreateBeforeDestroy,
}

impl<'s> Block<'s> {
    /// Writes it as JSON, its first line at this depth.
    pub(super) fn write(self, depth: Option<usize>, out: &mut String) {
        let mut object = Nest::object(depth, out);
        let inside = object.inside();
        for (name, field) in self.fields() {
            field.write(inside, object.field(name));
        }
        object.end();
    }

    /// The arguments, sorted by name.
    fn fields(self) -> impl Iterator<Item = (&'s str, Field<'s>)> {
        let Block(node) = self;
        let from = Place::Module(node.address.module());
        let arguments = match &node.body {
            Body::Map(arguments) => Some(arguments.iter()),
            // `Node::new` guarantees it.
            _ => None,
        };
        let arguments = arguments.into_iter().flatten();
        let mut arguments =
            arguments.map(move |(name, body)| (name, Field::Body(Seen { body, from }))).peekable();
        let depends_on =
            (!node.depends_on.is_empty()).then_some(Field::DependsOn(&node.depends_on));
        let lifecycle = node.create_before_destroy.then_some(Field::CreateBeforeDestroy);
        let mut beside =
            iter::zip(BESIDE_THE_BODY, [Some(Field::Doc(&node.doc)), depends_on, lifecycle])
                .filter_map(|(name, field)| Some((name, field?)))
                .peekable();
        // Both are sorted, so the merged list is sorted, too.
        iter::from_fn(move || match (arguments.peek(), beside.peek()) {
            (Some((argument, _)), Some((other, _))) if argument > other => beside.next(),
            (Some(_), _) => arguments.next(),
            (None, _) => beside.next(),
        })
    }
}

impl Field<'_> {
    fn write(&self, depth: Option<usize>, out: &mut String) {
        match self {
            Field::Body(body) => body.write(depth, out),
            Field::Doc(text) => string(&[text], out),
            Field::DependsOn(addresses) => {
                let mut list = Nest::list(depth, out);
                addresses.iter().for_each(|it| string(&[it.local()], list.item()));
                list.end();
            }
            Field::CreateBeforeDestroy => {
                let mut object = Nest::object(depth, out);
                object.field(CREATE_BEFORE_DESTROY).push_str("true");
                object.end();
            }
        }
    }

    fn value(&self) -> Value {
        match self {
            Field::Body(body) => body.value(),
            Field::Doc(text) => (*text).into(),
            Field::DependsOn(addresses) => addresses.iter().map(Address::local).collect(),
            Field::CreateBeforeDestroy => json!({ CREATE_BEFORE_DESTROY: true }),
        }
    }
}

const CREATE_BEFORE_DESTROY: &str = "create_before_destroy";

/// The block as a value, for checks.
pub fn block(node: &Node) -> Value {
    let fields = Block(node).fields().map(|(name, it)| (name.to_owned(), it.value()));
    Value::Object(fields.collect())
}

/// One argument of [`block`]. Null if it is not set.
pub(crate) fn argument(node: &Node, name: &str) -> Value {
    let Body::Map(arguments) = &node.body else { return Value::Null };
    let from = Place::Module(node.address.module());
    arguments.get(name).map(|body| Seen { body, from }.value()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::json, *};
    use crate::thumbnails::thumbnails;

    #[test]
    fn the_written_block_equals_the_checked_one() {
        for node in thumbnails().nodes() {
            let written = json::text(|out| Block(node).write(Some(0), out));
            assert_eq!(written, json::sorted(&block(node)), "{}", node.address);
        }
    }
}

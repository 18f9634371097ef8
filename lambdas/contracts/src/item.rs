//! DynamoDB items: payloads with a key.

use crate::{
    domain::EpochSeconds,
    path::{Attribute, AttributeType, Expr, Payload, Source},
};

/// A DynamoDB item: a payload with a key. Made by `item!`.
pub trait Item: Payload {
    /// The type of the partition key.
    type Key: Attribute;

    /// The partition key.
    fn key() -> Expr<Self, Self::Key>;

    /// The attribute after whose time DynamoDB may delete the item, if items are meant to expire.
    fn time_to_live() -> Option<Expr<Self, Option<EpochSeconds>>> {
        None
    }

    /// The table's global secondary indexes.
    fn indexes() -> Vec<IndexKeys> {
        Vec::new()
    }
}

/// The keys of a global secondary index.
#[derive(Debug, Clone)]
pub struct IndexKeys {
    /// The index's name.
    pub name: &'static str,
    /// The partition key and its type.
    pub hash: (String, AttributeType),
    /// The sort key and its type.
    pub range: (String, AttributeType),
}

impl IndexKeys {
    /// The keys of the index `X`, as paths into its items.
    pub fn of<X: TableIndex, H: Attribute, R: Attribute>(
        hash: &Expr<X::Item, H>,
        range: &Expr<X::Item, R>,
    ) -> Self {
        IndexKeys { name: X::NAME, hash: (name(hash), H::TYPE), range: (name(range), R::TYPE) }
    }
}

/// The wire name that a path leads to.
///
/// # Panics
///
/// Where the expression is no path: keys come from `at()`, which makes nothing else.
pub fn name<Root, T>(path: &Expr<Root, T>) -> String {
    match path.source() {
        Source::Field(names) => names.join("."),
        other => panic!("a key must be a path, not {other:?}"),
    }
}

/// A global secondary index of the table that holds `Item`s.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a secondary index of a table")]
pub trait TableIndex: 'static {
    /// What the table holds.
    type Item: Item;
    /// The index's name.
    const NAME: &'static str;
}

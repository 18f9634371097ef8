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
        vec![]
    }
}

/// What an index has of an item: its keys, and nothing else (`KEYS_ONLY`). So each write of an index costs one unit,
/// however large the item is. An index lags behind its table: the item may have changed since, or be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed<K, R> {
    /// The item's partition key in the table.
    pub key: K,
    /// The sort key of the index.
    pub range: R,
}

/// What the index `X` has of an item.
pub type IndexedBy<X> = Indexed<<<X as TableIndex>::Item as Item>::Key, <X as TableIndex>::Range>;

/// A global secondary index, without its types.
#[derive(Debug, Clone)]
pub struct IndexKeys {
    /// The index's name.
    pub name: &'static str,
    /// The partition key and its type.
    pub hash: (String, AttributeType),
    /// The sort key and its type.
    pub range: (String, AttributeType),
    /// See [`TableIndex::WRITES`].
    pub writes: u32,
}

impl IndexKeys {
    /// Of the index `X`.
    pub fn of<X: TableIndex>() -> Self {
        IndexKeys {
            name: X::NAME,
            hash: (name(&X::hash()), X::Hash::TYPE),
            range: (name(&X::range()), X::Range::TYPE),
            writes: X::WRITES,
        }
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
    /// The type of the partition key.
    type Hash: Attribute;
    /// The type of the sort key.
    type Range: Attribute;
    /// The index's name.
    const NAME: &'static str;
    /// How often an item is written under one value of the partition key, from its first write to the last one that a
    /// request brings about. An item that comes to a value is one write, and one that leaves it is another.
    ///
    /// One partition has all items of a value, so infra-gen holds this against what a partition takes.
    const WRITES: u32;

    /// The partition key.
    fn hash() -> Expr<Self::Item, Self::Hash>;

    /// The sort key.
    fn range() -> Expr<Self::Item, Self::Range>;
}

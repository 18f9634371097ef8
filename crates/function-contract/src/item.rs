//! DynamoDB items: payloads with a key.

use crate::{
    path::{Attribute, AttributeType, Expr, Payload, Source},
    time::EpochSeconds,
};

/// A DynamoDB item: a payload with a key. `item!` defines its type.
pub trait Item: Payload {
    /// The type of the partition key.
    type Key: Attribute;

    /// The partition key.
    fn key() -> Expr<Self, Self::Key>;

    /// The attribute with the time after which DynamoDB may delete the item, if items of the table expire.
    fn time_to_live() -> Option<Expr<Self, Option<EpochSeconds>>> {
        None
    }

    /// The table's global secondary indexes.
    fn indexes() -> Vec<IndexKeys> {
        vec![]
    }
}

/// An item that a write may replace or delete, whatever is there: a note that the last writer knows best.
///
/// An item without this trait is decided once. It is written if its key is new, and updated under a condition, so that a
/// repeat or a late writer does not undo a decision. Clients of its table have no write without a condition.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is decided once: no write may replace or delete it without a condition",
    label = "needs a condition",
    note = "write it with `put_new`, `update` or `updating`, in a state machine with `When::absent` or `When::absent_or`"
)]
pub trait Replaceable: Item {}

/// The projection of an item in an index: only its keys (`KEYS_ONLY`). So each write of the index costs one unit,
/// however large the item is. An index is eventually consistent: the item may have been changed or deleted since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed<K, R> {
    /// The item's partition key in the table.
    pub key: K,
    /// The sort key of the index.
    pub range: R,
}

/// The projection of an item in the index `X`.
pub type IndexedBy<X> = Indexed<<<X as TableIndex>::Item as Item>::Key, <X as TableIndex>::Range>;

/// A global secondary index, without its types.
#[derive(Debug, Clone)]
pub struct IndexKeys {
    /// The index's name: see [`index_name`].
    pub name: String,
    /// The partition key and its type.
    pub hash: (String, AttributeType),
    /// The sort key and its type.
    pub range: (String, AttributeType),
    /// See [`TableIndex::WRITES`].
    pub writes: u32,
}

impl IndexKeys {
    /// Returns the keys of the index `X`.
    pub fn of<X: TableIndex>() -> Self {
        IndexKeys {
            name: index_name::<X>(),
            hash: (name(&X::hash()), X::Hash::TYPE),
            range: (name(&X::range()), X::Range::TYPE),
            writes: X::WRITES,
        }
    }
}

/// Returns the name of the index `X`: the names of its keys, such as `status-updated_at`. DynamoDB cannot change the keys
/// of an index, so an index with other keys is another one, and gets another name.
pub fn index_name<X: TableIndex>() -> String {
    format!("{}-{}", name(&X::hash()), name(&X::range()))
}

/// Returns the attribute name of a path.
///
/// # Panics
///
/// If the expression is not a path. Keys come from `at()`, which returns only paths.
pub fn name<Root, T>(path: &Expr<Root, T>) -> String {
    match path.source() {
        Source::Field(names) => names.join("."),
        other => panic!("a key must be a path, not {other:?}"),
    }
}

/// A global secondary index of the table that holds `Item`s.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a secondary index of a table")]
pub trait TableIndex: 'static {
    /// The type of the table's items.
    type Item: Item;
    /// The type of the partition key.
    type Hash: Attribute;
    /// The type of the sort key.
    type Range: Attribute;
    /// How many writes one item causes under one value of the partition key, from its first write to the last one that
    /// a request causes. An item that gets this value causes one write, and an item that loses it causes another.
    ///
    /// All items with one value are in one partition, so `infra-gen` compares this number with the limit of a
    /// partition.
    const WRITES: u32;

    /// The partition key.
    fn hash() -> Expr<Self::Item, Self::Hash>;

    /// The sort key.
    fn range() -> Expr<Self::Item, Self::Range>;
}

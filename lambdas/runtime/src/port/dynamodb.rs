//! The calls of DynamoDB that functions make.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html>

use super::Fault;
use crate::{expression::Expression, item::Attributes};

/// Reads one item by its key, consistently.
#[derive(Debug, Clone, PartialEq)]
pub struct GetItem {
    /// The table's name.
    pub table: String,
    /// The key.
    pub key: Attributes,
}

/// Writes one whole item.
#[derive(Debug, Clone, PartialEq)]
pub struct PutItem {
    /// The table's name.
    pub table: String,
    /// The item.
    pub item: Attributes,
    /// What must hold of the item that is there.
    pub condition: Option<Expression>,
}

/// Changes attributes of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateItem {
    /// The table's name.
    pub table: String,
    /// The key.
    pub key: Attributes,
    /// What to change.
    pub update: Expression,
    /// What must hold of the item that is there.
    pub condition: Expression,
}

/// Takes one item away, if it is there.
#[derive(Debug, Clone, PartialEq)]
pub struct DeleteItem {
    /// The table's name.
    pub table: String,
    /// The key.
    pub key: Attributes,
}

/// One write of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// See [`PutItem`].
    Put(PutItem),
    /// See [`UpdateItem`].
    Update(UpdateItem),
    /// See [`DeleteItem`].
    Delete(DeleteItem),
}

/// Reads a page of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The table's name.
    pub table: String,
    /// The index's name.
    pub index: &'static str,
    /// Which items.
    pub condition: Expression,
    /// Where the last page ended.
    pub after: Option<Attributes>,
    /// How many at most.
    pub limit: u16,
}

/// A page of an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Of each item, its keys in the table and in the index.
    pub items: Vec<Attributes>,
    /// Where the next page begins, if there is one.
    pub next: Option<Attributes>,
}

/// Why a write did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// What had to hold did not. Nothing was written.
    #[error("the condition does not hold")]
    ConditionFailed,
    /// Anything else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// DynamoDB.
pub trait DynamoDb {
    /// Reads one item.
    fn get_item(&self, call: GetItem) -> impl Future<Output = Result<Option<Attributes>, Fault>>;

    /// Writes one item.
    fn put_item(&self, call: PutItem) -> impl Future<Output = Result<(), WriteError>>;

    /// Changes one item.
    fn update_item(&self, call: UpdateItem) -> impl Future<Output = Result<(), WriteError>>;

    /// Does all writes, or none.
    fn transact_write_items(
        &self,
        writes: Vec<Write>,
    ) -> impl Future<Output = Result<(), WriteError>>;

    /// Reads a page of an index, which lags behind its table.
    fn query(&self, call: Query) -> impl Future<Output = Result<Page, Fault>>;
}

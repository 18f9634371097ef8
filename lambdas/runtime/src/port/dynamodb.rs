//! The DynamoDB calls that the functions make.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html>

use super::Fault;
use crate::{expression::Expression, item::Attributes};

/// Reads one item by its key, with a consistent read.
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
    /// A condition on the existing item.
    pub condition: Option<Expression>,
}

/// Changes attributes of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateItem {
    /// The table's name.
    pub table: String,
    /// The key.
    pub key: Attributes,
    /// The changes.
    pub update: Expression,
    /// A condition on the existing item.
    pub condition: Expression,
}

/// Deletes one item, if it exists.
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
    pub index: String,
    /// The condition on the keys.
    pub condition: Expression,
    /// The position at which the last page ended.
    pub after: Option<Attributes>,
    /// The maximum number of items.
    pub limit: u16,
}

/// A page of an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// The keys of each item in the table and in the index.
    pub items: Vec<Attributes>,
    /// The position at which the next page begins, if there is one.
    pub next: Option<Attributes>,
}

/// Why a write failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The condition does not hold. Nothing was written.
    #[error("the condition does not hold")]
    ConditionFailed,
    /// Any other error.
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

    /// Makes all writes or none, in one transaction.
    fn transact_write_items(
        &self,
        writes: Vec<Write>,
    ) -> impl Future<Output = Result<(), WriteError>>;

    /// Reads a page of an index. Indexes are eventually consistent.
    fn query(&self, call: Query) -> impl Future<Output = Result<Page, Fault>>;
}

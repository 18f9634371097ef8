//! A typed client for a table. It has only the calls that the permission includes, and works with items instead of
//! attributes.

use function_contract::{
    env::Access,
    item::{Indexed, IndexedBy, Item, Replaceable, TableIndex, index_name, name},
    kind::{self, Includes, Table},
};

use crate::{
    expression::{Expression, Set, When},
    item::{Attribute, Attributes, ItemError, attribute, attributes, parse, value},
    port::{
        Call, DeleteItem, DynamoDb, Fault, GetItem, PutItem, Query, UpdateItem, Write, WriteError,
    },
};

/// A client for a table of `I`. It has the calls that `A` includes.
#[derive(Debug)]
pub struct TableClient<'a, D, I, A> {
    aws: &'a D,
    access: &'a Access<Table<I>, A>,
}

/// A page of an index, and the position of the next page, if there is one. An unreadable item is an `Err`; the others
/// of the page are still returned.
pub type PageOf<I> = (Vec<Result<I, Unreadable>>, Option<Attributes>);

/// A stored item that does not have the type of its table's items.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("item `{key}` cannot be read: {problem}")]
pub struct Unreadable {
    /// The value of the item's partition key. Empty if the key is not text.
    pub key: String,
    /// Which attribute is missing or has the wrong type.
    pub problem: ItemError,
}

impl From<Unreadable> for Fault {
    fn from(it: Unreadable) -> Self {
        Fault::Unreadable { service: "DynamoDB", problem: it.to_string() }
    }
}

/// Returns a client for the table behind `access`.
pub fn table<'a, D: DynamoDb, I: Item, A>(
    aws: &'a D,
    access: &'a Access<Table<I>, A>,
) -> TableClient<'a, D, I, A> {
    TableClient { aws, access }
}

impl<'a, D: DynamoDb, I: Item, A> TableClient<'a, D, I, A> {
    /// Reads an item with a consistent read.
    ///
    /// # Errors
    ///
    /// If the call fails, or the stored item is not an `I`.
    pub fn get<At>(&self, key: &I::Key) -> Call<'a, Result<Option<I>, Fault>>
    where
        A: Includes<kind::GetItem, At>,
    {
        let call = GetItem { table: self.name(), key: key_of::<I>(key) };
        let aws = self.aws;
        Box::pin(async move { Ok(aws.get_item(call).await?.map(read).transpose()?) })
    }

    /// Writes an item, if its key does not exist yet.
    ///
    /// # Errors
    ///
    /// If an item with the key exists, or the call fails.
    pub fn put_new<At>(&self, item: &I) -> Call<'a, Result<(), WriteError>>
    where
        A: Includes<kind::PutItem, At>,
    {
        let condition = Some(When::<I>::absent().expression());
        let call = PutItem { table: self.name(), item: attributes(item), condition };
        Box::pin(self.aws.put_item(call))
    }

    /// Writes an item, and replaces any item with the same key.
    ///
    /// # Errors
    ///
    /// If the call fails.
    pub fn put<At>(&self, item: &I) -> Call<'a, Result<(), Fault>>
    where
        I: Replaceable,
        A: Includes<kind::PutItem, At>,
    {
        let call = PutItem { table: self.name(), item: attributes(item), condition: None };
        let put = self.aws.put_item(call);
        Box::pin(async move {
            put.await.map_err(|err| match err {
                WriteError::Fault(fault) => fault,
                WriteError::ConditionFailed => Fault::Unreadable {
                    service: "DynamoDB",
                    problem: "it reported a failed condition, but the request had none".to_owned(),
                },
            })
        })
    }

    /// Updates an item, if a condition holds.
    ///
    /// # Errors
    ///
    /// If the condition does not hold, or the call fails.
    pub fn update<At>(
        &self,
        key: &I::Key,
        set: Set<I>,
        when: When<I>,
    ) -> Call<'a, Result<(), WriteError>>
    where
        A: Includes<kind::UpdateItem, At>,
    {
        Box::pin(self.aws.update_item(self.update_call(key, set, when)))
    }

    /// Reads a page of the index `X`: the keys of the items whose partition key in the index is `hash` and whose sort
    /// key is less than `range`, in the order of the sort key.
    ///
    /// # Errors
    ///
    /// If the call fails.
    pub fn query_below<X, At>(
        &self,
        hash: &X::Hash,
        range: &X::Range,
        after: Option<Attributes>,
        limit: u16,
    ) -> Call<'a, Result<PageOf<IndexedBy<X>>, Fault>>
    where
        X: TableIndex<Item = I>,
        A: Includes<kind::QueryIndex<X>, At>,
    {
        let (hash, range) = (attribute(hash), attribute(range));
        let (table, aws) = (self.name(), self.aws);
        Box::pin(async move {
            let names = [("#hash", name(&X::hash())), ("#range", name(&X::range()))];
            let condition = Expression {
                text: "#hash = :hash AND #range < :range".to_owned(),
                names: names.map(|(at, name)| (at.to_owned(), name)).into(),
                values: [(":hash".to_owned(), hash), (":range".to_owned(), range)].into(),
            };
            let page = aws
                .query(Query { table, index: index_name::<X>(), condition, after, limit })
                .await?;
            Ok((page.items.iter().map(indexed::<X>).collect(), page.next))
        })
    }

    /// Returns the write of an item, for a transaction.
    pub fn putting<At>(&self, item: &I) -> Write
    where
        I: Replaceable,
        A: Includes<kind::PutItem, At>,
    {
        Write::Put(PutItem { table: self.name(), item: attributes(item), condition: None })
    }

    /// Returns the update of an item under a condition, for a transaction.
    pub fn updating<At>(&self, key: &I::Key, set: Set<I>, when: When<I>) -> Write
    where
        A: Includes<kind::UpdateItem, At>,
    {
        Write::Update(self.update_call(key, set, when))
    }

    /// Returns the deletion of an item, for a transaction.
    pub fn deleting<At>(&self, key: &I::Key) -> Write
    where
        I: Replaceable,
        A: Includes<kind::DeleteItem, At>,
    {
        Write::Delete(DeleteItem { table: self.name(), key: key_of::<I>(key) })
    }

    fn update_call(&self, key: &I::Key, set: Set<I>, when: When<I>) -> UpdateItem {
        UpdateItem {
            table: self.name(),
            key: key_of::<I>(key),
            update: set.expression(),
            condition: when.expression(),
        }
    }

    fn name(&self) -> String {
        self.access.address().to_owned()
    }
}

fn key_of<I: Item>(key: &I::Key) -> Attributes {
    [(name(&I::key()), attribute(key))].into()
}

fn read<I: Item>(attributes: Attributes) -> Result<I, Unreadable> {
    let key = key_in::<I>(&attributes);
    parse(attributes).map_err(|problem| Unreadable { key, problem })
}

fn indexed<X: TableIndex>(attributes: &Attributes) -> Result<IndexedBy<X>, Unreadable> {
    let keys = || {
        let key = value(attributes, &name(&X::Item::key()))?;
        Ok(Indexed { key, range: value(attributes, &name(&X::range()))? })
    };
    keys().map_err(|problem| Unreadable { key: key_in::<X::Item>(attributes), problem })
}

/// Returns the value of the partition key, or an empty text if the key is not text.
fn key_in<I: Item>(attributes: &Attributes) -> String {
    match attributes.get(&name(&I::key())) {
        Some(Attribute::Text(key)) => key.clone(),
        _ => String::new(),
    }
}

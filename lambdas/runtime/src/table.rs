//! A table's client: it offers what the right contains, and speaks in items instead of attributes.

use contracts::{
    env::Access,
    item::{Indexed, IndexedBy, Item, TableIndex, name},
    kind::{self, Includes, Table},
};

use crate::{
    expression::{Expression, Set, When},
    item::{Attribute, Attributes, ItemError, attribute, attributes, parse, value},
    port::{
        Call, DeleteItem, DynamoDb, Fault, GetItem, PutItem, Query, UpdateItem, Write, WriteError,
    },
};

/// Calls on a table that holds `I`, as far as `A` allows them.
#[derive(Debug)]
pub struct TableClient<'a, D, I, A> {
    aws: &'a D,
    access: &'a Access<Table<I>, A>,
}

/// A page, and where the next one begins, if there is one. What cannot be read takes nothing else with it.
pub type PageOf<I> = (Vec<Result<I, Unreadable>>, Option<Attributes>);

/// A stored item that is none of its table's type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("item `{key}` cannot be read: {problem}")]
pub struct Unreadable {
    /// The value of its partition key; empty where that is no text.
    pub key: String,
    /// Which field does not fit.
    pub problem: ItemError,
}

impl From<Unreadable> for Fault {
    fn from(it: Unreadable) -> Self {
        Fault::Unreadable { service: "DynamoDB", problem: it.to_string() }
    }
}

/// A client for the table behind `access`.
pub fn table<'a, D: DynamoDb, I: Item, A>(
    aws: &'a D,
    access: &'a Access<Table<I>, A>,
) -> TableClient<'a, D, I, A> {
    TableClient { aws, access }
}

impl<'a, D: DynamoDb, I: Item, A> TableClient<'a, D, I, A> {
    /// Reads an item, as the last write left it.
    ///
    /// # Errors
    ///
    /// Where the call fails, or what is stored is no `I`.
    pub fn get<At>(&self, key: &I::Key) -> Call<'a, Result<Option<I>, Fault>>
    where
        A: Includes<kind::GetItem, At>,
    {
        let call = GetItem { table: self.name(), key: key_of::<I>(key) };
        let aws = self.aws;
        Box::pin(async move { Ok(aws.get_item(call).await?.map(read).transpose()?) })
    }

    /// Writes an item where there is none under its key.
    ///
    /// # Errors
    ///
    /// Where there is one, or the call fails.
    pub fn put_new<At>(&self, item: &I) -> Call<'a, Result<(), WriteError>>
    where
        A: Includes<kind::PutItem, At>,
    {
        let condition = Some(When::<I>::absent().expression());
        let call = PutItem { table: self.name(), item: attributes(item), condition };
        Box::pin(self.aws.put_item(call))
    }

    /// Writes an item, whatever was there.
    ///
    /// # Errors
    ///
    /// Where the call fails.
    pub fn put<At>(&self, item: &I) -> Call<'a, Result<(), Fault>>
    where
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

    /// Changes an item of which something holds.
    ///
    /// # Errors
    ///
    /// Where it does not hold, or the call fails.
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

    /// A page of the index `X`: the keys of the items whose partition key in it is `hash` and whose sort key is
    /// below `range`, in the order of the sort key.
    ///
    /// # Errors
    ///
    /// Where the call fails.
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
            let page = aws.query(Query { table, index: X::NAME, condition, after, limit }).await?;
            Ok((page.items.iter().map(indexed::<X>).collect(), page.next))
        })
    }

    /// The write of an item, for a transaction.
    pub fn putting<At>(&self, item: &I) -> Write
    where
        A: Includes<kind::PutItem, At>,
    {
        Write::Put(PutItem { table: self.name(), item: attributes(item), condition: None })
    }

    /// The change of an item of which something holds, for a transaction.
    pub fn updating<At>(&self, key: &I::Key, set: Set<I>, when: When<I>) -> Write
    where
        A: Includes<kind::UpdateItem, At>,
    {
        Write::Update(self.update_call(key, set, when))
    }

    /// The removal of an item, for a transaction.
    pub fn deleting<At>(&self, key: &I::Key) -> Write
    where
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

/// The value of the partition key; empty where that is no text.
fn key_in<I: Item>(attributes: &Attributes) -> String {
    match attributes.get(&name(&I::key())) {
        Some(Attribute::Text(key)) => key.clone(),
        _ => String::new(),
    }
}

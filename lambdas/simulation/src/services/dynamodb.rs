//! DynamoDB: conditional writes, atomic transactions, and an index of keys that lags behind
//! its table.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html>

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use runtime::{
    item::{Attribute, Attributes},
    port::{Fault, GetItem, Page, Query, Write},
};

use super::{
    condition::{NotUnderstood, holds, updated},
    limits, number,
    refusal::{CONDITION_FAILED, NO_REASON, Refusal},
};

/// The partition key of both tables.
pub(crate) const KEY: &str = "order_id";

/// The table that has an index.
pub(crate) const INDEXED: &str = "orders";

/// The keys of the index of `orders`, and the largest size of each in bytes.
pub(crate) const INDEX: [(&str, usize); 2] = [("status", 2_048), ("updated_at", 1_024)];

/// How long DynamoDB remembers the token of a transaction.
const TOKEN: u64 = 600_000;

/// All tables.
#[derive(Debug, Default)]
pub struct Dynamo {
    tables: BTreeMap<String, BTreeMap<String, Attributes>>,
    /// Each item as it was before its last write, by table and key.
    before: BTreeMap<(String, String), Attributes>,
    /// The entries of the index of `orders`. They have only keys.
    index: BTreeMap<String, Attributes>,
    /// The number of writes of the index for an order and a status.
    pub(crate) index_writes: BTreeMap<(String, Attribute), u32>,
    /// Keys that changed after the last check.
    pub(crate) dirty: BTreeSet<String>,
    tokens: BTreeMap<String, (u64, Vec<Write>)>,
}

impl Dynamo {
    /// Reads an item by its key.
    ///
    /// # Errors
    ///
    /// If the key is not one of the table.
    pub fn read(&self, call: &GetItem) -> Result<Option<Attributes>, Fault> {
        Ok(self.get(&call.table, &key(&call.key)?).cloned())
    }

    /// Returns an item with its current values.
    pub fn get(&self, table: &str, key: &str) -> Option<&Attributes> {
        self.tables.get(table)?.get(key)
    }

    /// Returns an item as it was before its last write.
    pub(crate) fn before(&self, table: &str, key: &str) -> Option<&Attributes> {
        self.before.get(&(table.to_owned(), key.to_owned()))
    }

    /// Returns all items of a table.
    pub fn items(&self, table: &str) -> impl Iterator<Item = (&String, &Attributes)> {
        self.tables.get(table).into_iter().flatten()
    }

    /// Makes all writes, or none if one is not possible.
    ///
    /// # Errors
    ///
    /// DynamoDB's reason for the first write that is not possible.
    pub fn write(&mut self, writes: &[Write]) -> Result<(), Refusal> {
        let after = writes.iter().map(|it| self.after(it)).collect::<Result<Vec<_>, _>>()?;
        self.becomes(after);
        Ok(())
    }

    /// Makes all writes or none, once for each token: a repeat within ten minutes changes nothing.
    ///
    /// # Errors
    ///
    /// If DynamoDB does not accept such a transaction, or cancels it.
    pub fn write_once(&mut self, token: &str, writes: &[Write], now: u64) -> Result<(), Refusal> {
        limits::transaction(writes, Some(token)).map_err(Refusal::invalid)?;
        if let Some((at, before)) = self.tokens.get(token)
            && now < at + TOKEN
        {
            return match before == writes {
                true => Ok(()),
                false => {
                    let code = "IdempotentParameterMismatchException";
                    Err(Refusal::Error(code, token.to_owned()))
                }
            };
        }
        let mut after = Vec::with_capacity(writes.len());
        let mut reasons = Vec::with_capacity(writes.len());
        for write in writes {
            reasons.push(match self.after(write) {
                Ok(it) => {
                    after.push(it);
                    NO_REASON
                }
                Err(Refusal::ConditionFailed) => CONDITION_FAILED,
                Err(Refusal::Error(..) | Refusal::Canceled(_)) => "ValidationError",
            });
        }
        if after.len() < writes.len() {
            return Err(Refusal::Canceled(reasons));
        }
        self.becomes(after);
        self.tokens.insert(token.to_owned(), (now, writes.to_vec()));
        Ok(())
    }

    fn becomes(&mut self, after: Vec<(String, String, Option<Attributes>)>) {
        for (table, key, item) in after {
            self.count_index_writes(&table, &key, item.as_ref());
            let items = self.tables.entry(table.clone()).or_default();
            let before = match item {
                Some(item) => items.insert(key.clone(), item),
                None => items.remove(&key),
            };
            if let Some(before) = before {
                self.before.insert((table, key.clone()), before);
            }
            self.dirty.insert(key);
        }
    }

    /// Returns the item after a write, if the write's condition is true.
    fn after(&self, write: &Write) -> Result<(String, String, Option<Attributes>), Refusal> {
        let (table, key, condition) = match write {
            Write::Put(it) => (&it.table, &it.item, it.condition.as_ref()),
            Write::Update(it) => (&it.table, &it.key, Some(&it.condition)),
            Write::Delete(it) => (&it.table, &it.key, None),
        };
        let key = limits::key(key).map_err(Refusal::invalid)?;
        let update = match write {
            Write::Update(it) => Some(&it.update),
            Write::Put(_) | Write::Delete(_) => None,
        };
        let expressions: Vec<_> = condition.into_iter().chain(update).collect();
        limits::expressions(&expressions).map_err(Refusal::invalid)?;
        if let Write::Put(it) = write {
            limits::item(table, &it.item).map_err(Refusal::invalid)?;
        }
        let before = self.get(table, &key);
        let not_understood = |err: NotUnderstood| Refusal::invalid(err.to_string());
        if let Some(condition) = condition
            && !holds(condition, before).map_err(not_understood)?
        {
            return Err(Refusal::ConditionFailed);
        }
        let mut item = match write {
            Write::Put(it) => Some(it.item.clone()),
            Write::Update(it) => {
                // An update of a missing item creates it.
                let item =
                    updated(&it.update, before.unwrap_or(&it.key)).map_err(not_understood)?;
                limits::item(table, &item).map_err(Refusal::invalid)?;
                if limits::key(&item).is_ok_and(|it| it != key) {
                    return Err(Refusal::invalid("an update changes the key".to_owned()));
                }
                Some(item)
            }
            Write::Delete(_) => None,
        };
        if let Some(item) = &mut item {
            limits::indexed(table, item).map_err(Refusal::invalid)?;
            item.values_mut().for_each(keep);
        }
        Ok((table.clone(), key, item))
    }

    /// An item whose index keys change is removed from one place in the index and added at another, which takes two writes.
    fn count_index_writes(&mut self, table: &str, key: &str, after: Option<&Attributes>) {
        if table != INDEXED {
            return;
        }
        let (before, after) = (self.get(table, key).and_then(indexed), after.and_then(indexed));
        if before == after {
            return;
        }
        for mut keys in before.into_iter().chain(after) {
            let status = keys.remove(INDEX[0].0).unwrap_or(Attribute::Null);
            *self.index_writes.entry((key.to_owned(), status)).or_default() += 1;
        }
    }

    /// Sets or removes an attribute without a call, and returns the value before. `None` if there is no such item.
    pub(crate) fn tamper(
        &mut self,
        key: &str,
        name: &str,
        value: Option<Attribute>,
    ) -> Option<Option<Attribute>> {
        let item = self.tables.get_mut(INDEXED)?.get_mut(key)?;
        Some(match value {
            Some(value) => item.insert(name.to_owned(), value),
            None => item.remove(name),
        })
    }

    /// Deletes an item of `orders` whose time to live is over.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
    pub(crate) fn expire(&mut self, key: &str) {
        if let Some(table) = self.tables.get_mut(INDEXED) {
            table.remove(key);
        }
    }

    /// Deletes an item of `orders` without a trace.
    pub(crate) fn take_away(&mut self, key: &str) {
        self.expire(key);
        self.index_writes.retain(|(order, _), _| order != key);
        self.dirty.insert(key.to_owned());
    }

    /// Updates the index with the current item of `orders`.
    pub fn propagate(&mut self, key: &str) {
        match self.get(INDEXED, key).and_then(indexed) {
            Some(keys) => self.index.insert(key.to_owned(), keys),
            None => self.index.remove(key),
        };
    }

    /// Reads a page of the index.
    ///
    /// # Errors
    ///
    /// If DynamoDB does not accept the request.
    pub fn query(&self, query: &Query) -> Result<Page, Fault> {
        let mut found = Vec::new();
        for keys in self.index.values() {
            let holds = holds(&query.condition, Some(keys))
                .map_err(|err| refused("ValidationException", &err.to_string()))?;
            if holds && query.after.as_ref().is_none_or(|after| place(after) < place(keys)) {
                found.push(keys);
            }
        }
        found.sort_by_key(|keys| place(keys));
        let items: Vec<Attributes> =
            found.iter().take(query.limit.into()).map(|it| (*it).clone()).collect();
        let next = items.last().filter(|_| items.len() < found.len()).cloned();
        Ok(Page { items, next })
    }
}

/// Returns the index entry of an item. An item without one of the index's keys has none.
fn indexed(item: &Attributes) -> Option<Attributes> {
    let keys = [KEY, INDEX[0].0, INDEX[1].0].map(|it| Some((it.to_owned(), item.get(it)?.clone())));
    keys.into_iter().collect()
}

/// The sort key of an item in the index. The table's key orders items that changed at the same time.
fn place(keys: &Attributes) -> [Option<&Attribute>; 2] {
    [keys.get(INDEX[1].0), keys.get(KEY)]
}

/// Returns a value in the form in which DynamoDB returns it.
fn keep(value: &mut Attribute) {
    match value {
        Attribute::Number(it) => {
            if let Cow::Owned(kept) = number::kept(it) {
                *it = kept;
            }
        }
        Attribute::Map(it) => it.values_mut().for_each(keep),
        Attribute::List(it) => it.iter_mut().for_each(keep),
        Attribute::Text(_) | Attribute::Bool(_) | Attribute::Null => {}
    }
}

/// Returns the value of the partition key.
pub(crate) fn key(item: &Attributes) -> Result<String, Fault> {
    limits::key(item).map_err(|it| invalid(&it))
}

fn invalid(message: &str) -> Fault {
    refused("ValidationException", message)
}

fn refused(code: &str, message: &str) -> Fault {
    Fault::Refused { service: "DynamoDB", code: code.to_owned(), message: message.to_owned() }
}

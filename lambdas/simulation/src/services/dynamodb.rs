//! DynamoDB: conditional writes, transactions that happen wholly or not at all, and an index of keys that lags behind
//! its table.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html>

use std::collections::{BTreeMap, BTreeSet};

use runtime::{
    item::{Attribute, Attributes},
    port::{Fault, Page, Query, Write, WriteError},
};

use super::{
    condition::{holds, updated},
    limits,
};

/// The partition key of both tables.
pub(crate) const KEY: &str = "order_id";

/// The keys of the index of `orders`, and how many bytes each has at most.
pub(crate) const INDEX: [(&str, usize); 2] = [("status", 2_048), ("updated_at", 1_024)];

/// How long a transaction's token holds.
const TOKEN: u64 = 600_000;

/// Every table.
#[derive(Debug, Default)]
pub struct Dynamo {
    tables: BTreeMap<String, BTreeMap<String, Attributes>>,
    /// Each item as it was before its last write, by table and key.
    before: BTreeMap<(String, String), Attributes>,
    /// What the index has seen of `orders`: keys alone.
    index: BTreeMap<String, Attributes>,
    /// How often the index is written for an order under a status.
    pub(crate) index_writes: BTreeMap<(String, Attribute), u32>,
    /// Keys that changed since somebody looked.
    pub(crate) dirty: BTreeSet<String>,
    tokens: BTreeMap<String, (u64, Vec<Write>)>,
}

impl Dynamo {
    /// An item as it is.
    pub fn get(&self, table: &str, key: &str) -> Option<&Attributes> {
        self.tables.get(table)?.get(key)
    }

    /// An item as it was before its last write.
    pub(crate) fn before(&self, table: &str, key: &str) -> Option<&Attributes> {
        self.before.get(&(table.to_owned(), key.to_owned()))
    }

    /// Every item of a table.
    pub fn items(&self, table: &str) -> impl Iterator<Item = (&String, &Attributes)> {
        self.tables.get(table).into_iter().flatten()
    }

    /// Does all writes or none, if every condition holds.
    pub(crate) fn write(&mut self, writes: &[Write]) -> Result<(), WriteError> {
        let mut after = Vec::with_capacity(writes.len());
        for write in writes {
            after.push(self.after(write)?);
        }
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
        Ok(())
    }

    /// As [`Dynamo::write`], where DynamoDB takes such a transaction, and once for each token: a repeat within ten
    /// minutes has happened already.
    pub(crate) fn write_once(
        &mut self,
        token: &str,
        writes: &[Write],
        now: u64,
    ) -> Result<(), WriteError> {
        if let Some((at, before)) = self.tokens.get(token)
            && now < at + TOKEN
        {
            return match before == writes {
                true => Ok(()),
                false => Err(refused("IdempotentParameterMismatchException", token).into()),
            };
        }
        limits::transaction(writes, Some(token)).map_err(|it| invalid(&it))?;
        self.write(writes)?;
        self.tokens.insert(token.to_owned(), (now, writes.to_vec()));
        Ok(())
    }

    /// The item that a write leaves behind, where its condition holds.
    fn after(&self, write: &Write) -> Result<(String, String, Option<Attributes>), WriteError> {
        let (table, key, condition) = match write {
            Write::Put(it) => (&it.table, key(&it.item)?, it.condition.as_ref()),
            Write::Update(it) => (&it.table, key(&it.key)?, Some(&it.condition)),
            Write::Delete(it) => (&it.table, key(&it.key)?, None),
        };
        let update = match write {
            Write::Update(it) => Some(&it.update),
            Write::Put(_) | Write::Delete(_) => None,
        };
        let expressions: Vec<_> = condition.into_iter().chain(update).collect();
        limits::expressions(&expressions).map_err(|it| invalid(&it))?;
        let before = self.get(table, &key);
        let not_understood = |err| refused("ValidationException", &format!("{err}"));
        if let Some(condition) = condition
            && !holds(condition, before).map_err(not_understood)?
        {
            return Err(WriteError::ConditionFailed);
        }
        let item = match write {
            Write::Put(it) => Some(it.item.clone()),
            Write::Update(it) => {
                // An update of nothing makes an item.
                let before = before.unwrap_or(&it.key);
                Some(
                    updated(&it.update, before)
                        .map_err(|err| refused("ValidationException", &format!("{err}")))?,
                )
            }
            Write::Delete(_) => None,
        };
        if let Some(item) = &item {
            limits::item(item).map_err(|it| invalid(&it))?;
            if self::key(item)? != key {
                return Err(invalid("an update changes the key").into());
            }
        }
        Ok((table.clone(), key, item))
    }

    /// An item that changes its keys in the index leaves one place in it and comes to another: a write each.
    fn count_index_writes(&mut self, table: &str, key: &str, after: Option<&Attributes>) {
        if table != "orders" {
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

    /// Sets or takes away an attribute behind everybody's back; `None` where there is no such item. What it was, if it was.
    pub(crate) fn tamper(
        &mut self,
        key: &str,
        name: &str,
        value: Option<Attribute>,
    ) -> Option<Option<Attribute>> {
        let item = self.tables.get_mut("orders")?.get_mut(key)?;
        Some(match value {
            Some(value) => item.insert(name.to_owned(), value),
            None => item.remove(name),
        })
    }

    /// Deletes an item of `orders` whose time to live is over.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>
    pub(crate) fn expire(&mut self, key: &str) {
        if let Some(table) = self.tables.get_mut("orders") {
            table.remove(key);
        }
    }

    /// Lets the index see an item of `orders` as it is now.
    pub(crate) fn propagate(&mut self, key: &str) {
        match self.get("orders", key).and_then(indexed) {
            Some(keys) => self.index.insert(key.to_owned(), keys),
            None => self.index.remove(key),
        };
    }

    /// Reads a page of the index.
    pub(crate) fn query(&self, query: &Query) -> Result<Page, Fault> {
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

/// What the index has of an item. An item without one of its keys is not in it.
fn indexed(item: &Attributes) -> Option<Attributes> {
    let keys = [KEY, INDEX[0].0, INDEX[1].0].map(|it| Some((it.to_owned(), item.get(it)?.clone())));
    keys.into_iter().collect()
}

/// Where an item stands among those of its status. The table's key orders what changed in the same moment.
fn place(keys: &Attributes) -> [Option<&Attribute>; 2] {
    [keys.get(INDEX[1].0), keys.get(KEY)]
}

/// The partition key's value.
pub(crate) fn key(item: &Attributes) -> Result<String, Fault> {
    limits::key(item).map_err(|it| invalid(&it))
}

fn invalid(message: &str) -> Fault {
    refused("ValidationException", message)
}

fn refused(code: &str, message: &str) -> Fault {
    Fault::Refused { service: "DynamoDB", code: code.to_owned(), message: message.to_owned() }
}

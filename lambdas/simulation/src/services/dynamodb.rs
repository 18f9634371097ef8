//! DynamoDB: conditional writes, transactions that happen wholly or not at all, and an index that lags
//! behind its table.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html>

use std::collections::{BTreeMap, BTreeSet};

use runtime::{
    item::{Attribute, Attributes},
    port::{Fault, Page, Query, Write, WriteError},
};

use super::{
    condition::{compare, holds, updated},
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
    /// What the index has seen of `orders`.
    index: BTreeMap<String, Attributes>,
    /// Keys that changed since somebody looked.
    pub(crate) dirty: BTreeSet<String>,
    tokens: BTreeMap<String, (u64, Vec<Write>)>,
}

impl Dynamo {
    /// An item as it is.
    pub fn get(&self, table: &str, key: &str) -> Option<&Attributes> {
        self.tables.get(table)?.get(key)
    }

    /// Every item of a table.
    pub fn items(&self, table: &str) -> impl Iterator<Item = (&String, &Attributes)> {
        self.tables.get(table).into_iter().flatten()
    }

    /// As [`Dynamo::write`], where DynamoDB takes such a transaction.
    pub(crate) fn transact(&mut self, writes: &[Write]) -> Result<(), WriteError> {
        limits::transaction(writes, None).map_err(|it| invalid(&it))?;
        self.write(writes)
    }

    /// Does all writes or none, if every condition holds.
    pub(crate) fn write(&mut self, writes: &[Write]) -> Result<(), WriteError> {
        let mut after = Vec::with_capacity(writes.len());
        for write in writes {
            after.push(self.after(write)?);
        }
        for (table, key, item) in after {
            let table = self.tables.entry(table).or_default();
            match item {
                Some(item) => table.insert(key.clone(), item),
                None => table.remove(&key),
            };
            self.dirty.insert(key);
        }
        Ok(())
    }

    /// As [`Dynamo::transact`], once for each token: a repeat within ten minutes has happened already.
    pub(crate) fn write_once(
        &mut self,
        token: &str,
        writes: Vec<Write>,
        now: u64,
    ) -> Result<(), WriteError> {
        if let Some((at, before)) = self.tokens.get(token)
            && now < at + TOKEN
        {
            return match *before == writes {
                true => Ok(()),
                false => Err(refused("IdempotentParameterMismatchException", token).into()),
            };
        }
        limits::transaction(&writes, Some(token)).map_err(|it| invalid(&it))?;
        self.write(&writes)?;
        self.tokens.insert(token.to_owned(), (now, writes));
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

    /// Lets the index see an item of `orders` as it is now.
    pub(crate) fn propagate(&mut self, key: &str) {
        match self.get("orders", key).cloned() {
            Some(item) => self.index.insert(key.to_owned(), item),
            None => self.index.remove(key),
        };
    }

    /// Reads a page through the index.
    pub(crate) fn query(&self, query: &Query) -> Result<Page, Fault> {
        let mut found = Vec::new();
        for (key, item) in &self.index {
            let holds = holds(&query.condition, Some(item))
                .map_err(|err| refused("ValidationException", &err.to_string()))?;
            if holds {
                found.push((item.get("updated_at"), key, item));
            }
        }
        found.sort_by(|(one, one_key, _), (other, other_key, _)| {
            let order = one.zip(*other).and_then(|(one, other)| compare(one, other));
            order.unwrap_or(std::cmp::Ordering::Equal).then(one_key.cmp(other_key))
        });
        let after = query.after.as_ref().map(key).transpose()?;
        let begin = match &after {
            Some(after) => {
                found.iter().position(|(_, key, _)| *key == after).map_or(0, |it| it + 1)
            }
            None => 0,
        };
        let page: Vec<Attributes> = found[begin..]
            .iter()
            .take(query.limit.into())
            .map(|(_, _, item)| (*item).clone())
            .collect();
        let more = found.len() > begin + page.len();
        let next = page.last().filter(|_| more).map(|last| {
            [(KEY.to_owned(), last.get(KEY).cloned().unwrap_or(Attribute::Null))].into()
        });
        Ok(Page { items: page, next })
    }
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

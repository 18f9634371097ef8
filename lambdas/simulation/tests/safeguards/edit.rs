//! Deliberate mistakes in writes and expressions.

use runtime::{
    item::Attribute,
    port::{DeleteItem, Write},
};
use serde_json::Value;

use crate::clauses::is_answer;

/// Whether an update or a put fails the order.
pub(crate) fn table(write: &Write) -> &str {
    match write {
        Write::Put(it) => &it.table,
        Write::Update(it) => &it.table,
        Write::Delete(it) => &it.table,
    }
}

/// Removes the condition of each write.
pub(crate) fn unconditional(writes: &mut [Write]) {
    for write in writes {
        match write {
            Write::Put(it) => it.condition = None,
            // This condition is true for every order.
            Write::Update(it) => {
                it.condition.text = "attribute_not_exists(#none)".to_owned();
                it.condition.names = [("#none".to_owned(), "none".to_owned())].into();
                it.condition.values.clear();
            }
            Write::Delete(_) => {}
        }
    }
}

/// Removes an attribute from an update.
pub(crate) fn forget(writes: &mut [Write], attribute: &str) {
    for write in writes {
        let Write::Update(it) = write else { continue };
        let of_it = |at: &&String| it.update.names[*at] == attribute;
        let Some(at) = it.update.names.keys().find(of_it).cloned() else { continue };
        let text = it.update.text.clone();
        let (set, remove) = text.split_once(" REMOVE ").unwrap_or((&text, ""));
        let set = set.strip_prefix("SET ").unwrap_or_default();
        let left = |list: &str| {
            let is_left = |it: &&str| !it.is_empty() && it.split(' ').next() != Some(&at);
            list.split(", ").filter(is_left).collect::<Vec<_>>().join(", ")
        };
        let (set, remove) = (left(set), left(remove));
        it.update.text = match remove.is_empty() {
            true => format!("SET {set}"),
            false => format!("SET {set} REMOVE {remove}"),
        };
        it.update.names.remove(&at);
        it.update.values.remove(&at.replacen('#', ":", 1));
    }
}

/// Gives an attribute of a put another value, or removes it.
pub(crate) fn put(writes: &mut [Write], attribute: &str, value: Option<&str>) {
    for write in writes {
        let Write::Put(it) = write else { continue };
        match value {
            Some(value) => {
                let value = match it.item.get(attribute) {
                    Some(Attribute::Number(_)) => Attribute::Number(value.to_owned()),
                    _ => Attribute::Text(value.to_owned()),
                };
                it.item.insert(attribute.to_owned(), value);
            }
            None => drop(it.item.remove(attribute)),
        }
    }
}

/// Renames an attribute that an update sets.
pub(crate) fn rename(writes: &mut [Write], from: &str, to: &str) {
    for write in writes {
        let Write::Update(it) = write else { continue };
        it.update.names.values_mut().filter(|it| *it == from).for_each(|it| *it = to.to_owned());
    }
}

/// Changes the body in which the API shows an order.
pub(crate) fn shown(who: &str, event: &Value, answer: &mut Value, change: fn(&str) -> String) {
    if is_answer(who, event, answer, "GET", 200) {
        let body = answer["body"].as_str().unwrap_or_default();
        answer["body"] = change(body).into();
    }
}

/// Replaces each update with a delete.
pub(crate) fn delete(writes: &mut [Write]) {
    for write in writes {
        if let Write::Update(it) = write {
            let (table, key) = (it.table.clone(), it.key.clone());
            *write = Write::Delete(DeleteItem { table, key });
        }
    }
}

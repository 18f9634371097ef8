//! Variations of the requests that the system makes, at the limits of DynamoDB.
//!
//! - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
//! - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>

use std::rc::Rc;

use futures::FutureExt as _;
use runtime::{
    expression::Expression,
    item::{Attribute, Attributes},
    port::{DynamoDb as _, PutItem, Write},
};
use serde_json::{Value, json};
use simulation::services::limits::{MOST_BYTES, bytes};

use crate::{
    both::{AS_MADE, Both, Port},
    wire,
};

/// The key of an item that only dynoxide has, because it accepts a transaction with an empty token.
pub(crate) const WITHOUT_A_TOKEN: &str = "without a token";

/// How many variations are tried after a step.
const TRIED: usize = 3;

/// Tries variations of writes that were made, and returns how many.
pub(crate) fn some(both: &Rc<Both>, chance: &mut fastrand::Rng) -> u32 {
    let made = both.made.take();
    let mut tried = 0;
    for _ in 0..TRIED {
        let Some(writes) = chance.choice(&made) else { continue };
        let (what, writes) = varied(writes.clone(), chance);
        *both.what.borrow_mut() = what;
        let port = Port(Rc::clone(both));
        let single = (writes.len() == 1 && chance.bool()).then(|| writes[0].clone());
        let _ = match single {
            Some(Write::Put(it)) => port.put_item(it).now_or_never(),
            Some(Write::Update(it)) => port.update_item(it).now_or_never(),
            Some(Write::Delete(_)) | None => match chance.u32(..6) {
                0 => with_a_token(both, &writes, chance),
                _ => port.transact_write_items(writes).now_or_never(),
            },
        };
        tried += 1;
    }
    AS_MADE.clone_into(&mut both.what.borrow_mut());
    // A varied request is not varied again.
    both.made.take();
    tried
}

/// Returns a value at a limit, and its name.
fn value(chance: &mut fastrand::Rng) -> (String, Attribute) {
    const NUMBERS: [&str; 22] = [
        "0", "-0", "007.10", "60.0", "+5", "1E+5", "12e-3", ".5", "5.", "-1.50e1", "1e125",
        "9.9e125", "1e126", "1e-130", "1e-131", "-1e-130", "", "-", "x", "NaN", "1,5", "0x1",
    ];
    let number = |it: &str| Attribute::Number(it.to_owned());
    match chance.u32(..11) {
        0 => ("a number of 38 digits".to_owned(), number(&"1".repeat(38))),
        1 => ("a number of 39 digits".to_owned(), number(&"1".repeat(39))),
        2 => {
            let text = format!("0.{}{}", "0".repeat(20), "7".repeat(38));
            ("38 digits behind zeros".to_owned(), number(&text))
        }
        3 => ("an empty text".to_owned(), Attribute::Text(String::new())),
        4 => ("an empty list".to_owned(), Attribute::List(Vec::new())),
        5 => ("an empty map".to_owned(), Attribute::Map(Attributes::new())),
        6 => ("a null".to_owned(), Attribute::Null),
        _ => {
            let text = NUMBERS[chance.usize(..NUMBERS.len())];
            (format!("the number `{text}`"), number(text))
        }
    }
}

/// Returns a text in so many nested lists and maps.
fn nested(depth: usize) -> (String, Attribute) {
    let inner = Attribute::Text("x".to_owned());
    let value = (0..depth).fold(inner, |inner, level| match level % 2 {
        0 => Attribute::List(vec![inner]),
        _ => Attribute::Map([("m".to_owned(), inner)].into()),
    });
    (format!("a text in {depth} lists and maps"), value)
}

/// Returns a text with so many bytes.
fn text(bytes: usize) -> Attribute {
    Attribute::Text("x".repeat(bytes))
}

/// Returns a variation of a request, and its name.
fn varied(mut writes: Vec<Write>, chance: &mut fastrand::Rng) -> (String, Vec<Write>) {
    let at = chance.usize(..writes.len());
    let what = match chance.u32(..16) {
        0..6 => of_a_value(&mut writes[at], chance),
        6 => of_the_size(&mut writes[at], chance),
        7..9 => of_the_key(&mut writes[at], chance),
        9..11 => of_the_index(&mut writes[at], chance),
        11..14 => of_the_expression(&mut writes[at], chance),
        14 => {
            writes.reverse();
            "another order".to_owned()
        }
        _ => {
            let count = [0, 2, 100, 101][chance.usize(..4)];
            if count == 2 {
                writes.push(writes[0].clone());
                "an item twice".to_owned()
            } else {
                writes = (0..count).map(|it| put(&format!("many-{it}"))).collect();
                format!("{count} writes")
            }
        }
    };
    (what, writes)
}

fn put(key: &str) -> Write {
    let item = [("order_id".to_owned(), Attribute::Text(key.to_owned()))].into();
    Write::Put(PutItem { table: "failed_orders".to_owned(), item, condition: None })
}

/// Changes the value of one attribute.
fn of_a_value(write: &mut Write, chance: &mut fastrand::Rng) -> String {
    let (what, value) = match (&write, chance.u32(..8)) {
        // No update sets a value with more depth than a map of texts.
        (Write::Put(_), 0) => nested(chance.usize(30..34)),
        _ => value(chance),
    };
    match write {
        Write::Put(it) => drop(it.item.insert("price".to_owned(), value)),
        Write::Update(it) => {
            if let Some(set) = last(&mut it.update) {
                *set = value;
            }
        }
        Write::Delete(it) => drop(it.key.insert("order_id".to_owned(), value)),
    }
    what
}

/// Returns the value that an update sets last, which is not a key of the index.
fn last(update: &mut Expression) -> Option<&mut Attribute> {
    let is_of_the_index = |it: &&String| ["status", "updated_at"].contains(&it.as_str());
    let mut names = update.names.iter().filter(|(_, name)| !is_of_the_index(name));
    let at = names.next_back()?.0.replacen('#', ":", 1);
    update.values.get_mut(&at)
}

/// Makes an item as large as allowed, or one byte larger.
fn of_the_size(write: &mut Write, chance: &mut fastrand::Rng) -> String {
    let more = chance.usize(..2);
    match write {
        Write::Put(it) => {
            it.item.insert("error_message".to_owned(), text(0));
            let rest = bytes(&it.item);
            it.item.insert("error_message".to_owned(), text(MOST_BYTES - rest + more));
            format!("an item of {} bytes", MOST_BYTES + more)
        }
        // For an update, DynamoDB counts more than the resulting item. Well below the limit, that does not matter.
        Write::Update(it) => {
            let size = [MOST_BYTES - 100_000, MOST_BYTES + 1][more];
            if let Some(set) = last(&mut it.update) {
                *set = text(size);
            }
            format!("an update with {size} bytes")
        }
        Write::Delete(_) => "a removal as it is".to_owned(),
    }
}

/// Changes the key of the table.
fn of_the_key(write: &mut Write, chance: &mut fastrand::Rng) -> String {
    let key = match write {
        Write::Put(it) => &mut it.item,
        Write::Update(it) => &mut it.key,
        Write::Delete(it) => &mut it.key,
    };
    let lengths = [0, 1, 2_048, 2_049];
    match chance.usize(..lengths.len() + 2) {
        4 => {
            key.remove("order_id");
            "no key".to_owned()
        }
        5 => {
            key.insert("order_id".to_owned(), Attribute::Number("1".to_owned()));
            "a number as key".to_owned()
        }
        at => {
            key.insert("order_id".to_owned(), text(lengths[at]));
            format!("a key of {} bytes", lengths[at])
        }
    }
}

/// Changes a key of the index. None is too long, because AWS refuses such an item, and dynoxide writes it.
fn of_the_index(write: &mut Write, chance: &mut fastrand::Rng) -> String {
    let (name, most) = [("status", 2_048), ("updated_at", 1_024)][chance.usize(..2)];
    let value = match chance.usize(..3) {
        0 => text(0),
        1 => text(most),
        _ => Attribute::Number("1".to_owned()),
    };
    let what = match &value {
        Attribute::Text(it) => format!("{name} of {} bytes", it.len()),
        _ => format!("a number as {name}"),
    };
    match write {
        Write::Put(it) => drop(it.item.insert(name.to_owned(), value)),
        Write::Update(it) => {
            let at = it.update.names.iter().find(|(_, it)| *it == name);
            let at = at.map(|(at, _)| at.replacen('#', ":", 1));
            if let Some(set) = at.and_then(|at| it.update.values.get_mut(&at)) {
                *set = value;
            }
        }
        Write::Delete(_) => {}
    }
    what
}

/// Makes an expression as long as allowed, or adds or removes placeholders.
fn of_the_expression(write: &mut Write, chance: &mut fastrand::Rng) -> String {
    let expression = match write {
        Write::Put(it) => it.condition.as_mut(),
        Write::Update(it) if chance.bool() => Some(&mut it.update),
        Write::Update(it) => Some(&mut it.condition),
        Write::Delete(_) => None,
    };
    let Some(expression) = expression else { return "no expression".to_owned() };
    match chance.u32(..5) {
        0 => {
            expression.names.insert("#unused".to_owned(), "a".to_owned());
            "a name too many".to_owned()
        }
        1 => {
            expression.values.insert(":unused".to_owned(), text(1));
            "a value too many".to_owned()
        }
        2 => {
            expression.names.pop_last();
            "a name too few".to_owned()
        }
        longer => {
            let length = 4_093 + longer as usize;
            let more = length.saturating_sub(expression.text.len());
            expression.text.push_str(&" ".repeat(more));
            format!("an expression of {length} bytes")
        }
    }
}

/// Returns the writes as the order machine would make them, with a token: all of them puts.
fn with_a_token(
    both: &Rc<Both>,
    writes: &[Write],
    chance: &mut fastrand::Rng,
) -> Option<Result<(), runtime::port::WriteError>> {
    let puts = writes.iter().filter_map(|it| match it {
        // No state writes a value of another type.
        Write::Put(it) if it.item.values().all(is_of_a_state) => {
            Some(json!({ "Put": on_the_wire(it) }))
        }
        _ => None,
    });
    let mut puts: Vec<Value> = puts.collect();
    let lengths = [0, 1, 2, 36, 37];
    let length = lengths[chance.usize(..lengths.len())];
    if length == 0 {
        // dynoxide writes this item, and no function reads it.
        let item = json!({ "order_id": { "S": WITHOUT_A_TOKEN } });
        puts = vec![json!({ "Put": { "TableName": "failed_orders", "Item": item } })];
    }
    let what = both.what.replace(String::new());
    *both.what.borrow_mut() = match length {
        0 | 37 => format!("a token of {length} characters"),
        _ => what,
    };
    let call = json!({ "ClientRequestToken": "t".repeat(length), "TransactItems": puts });
    let _ = both.state("arn:aws:states:::aws-sdk:dynamodb:transactWriteItems", &call);
    None
}

fn on_the_wire(put: &PutItem) -> Value {
    let mut wire = json!({ "TableName": put.table, "Item": wire::item(&put.item) });
    if let Some(condition) = &put.condition {
        wire["ConditionExpression"] = json!(condition.text);
        wire["ExpressionAttributeNames"] = json!(condition.names);
        if !condition.values.is_empty() {
            wire["ExpressionAttributeValues"] = wire::item(&condition.values);
        }
    }
    wire
}

fn is_of_a_state(value: &Attribute) -> bool {
    match value {
        Attribute::Text(_) | Attribute::Number(_) => true,
        Attribute::Map(it) => it.values().all(is_of_a_state),
        Attribute::Bool(_) | Attribute::List(_) | Attribute::Null => false,
    }
}

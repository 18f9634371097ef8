//! Reads of DynamoDB directly from a state, and the branches for the result.

use std::marker::PhantomData;

use function_contract::{
    error::NoError,
    item::{self, Item},
    kind::{GetItem, Table},
    path::{AttributeType, Expr, Source},
};

use super::{Flow, Onward, Same, Task, TaskSpec, branch::chosen, jsonata};
use crate::model::{expr::Body, integration::Integration, name::StateName, stack::Handle};

/// The input of a state, and the item that it read, if there is one. Only [`compare`] takes it.
pub struct Read<Root, I>(PhantomData<fn() -> (Root, I)>);

#[diagnostic::do_not_recommend]
impl<Root, I> Onward for Read<Root, I> {}

/// Reads the attributes that identify an item, with a consistent read.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html>
pub fn get_item<Root, I: Item>(
    name: impl Into<StateName>,
    table: &Handle<Table<I>>,
    key: &Expr<Root, I::Key>,
    known_by: &[Same<Root, I>],
    spec: TaskSpec,
) -> Task<Root, Read<Root, I>, NoError> {
    let mut names = vec![("#key".to_owned(), item::name(&I::key()))];
    names.extend(known_by.iter().enumerate().map(|(at, it)| (format!("#c{at}"), it.name.clone())));
    let projection: Vec<&str> = names.iter().map(|(at, _)| at.as_str()).collect();
    let projection = projection.join(", ");
    let key = (item::name(&I::key()), jsonata::attribute(AttributeType::Text, key.source()));
    let arguments = Body::map([
        ("TableName", table.attribute("name").into()),
        ("Key", Body::map([key])),
        ("ConsistentRead", true.into()),
        ("ProjectionExpression", projection.into()),
        (
            "ExpressionAttributeNames",
            Body::map(names.into_iter().map(|(at, name)| (at, Body::from(name)))),
        ),
    ]);
    let fields = vec![
        ("Type", "Task".into()),
        ("Resource", Integration::DynamoDbGetItem.resource().into()),
        ("Arguments", arguments),
        // Without an item, the result has no `Item`, so the object has no `item`.
        ("Output", jsonata::live("{'input': $states.input, 'item': $states.result.Item}")),
    ];
    Task::new(name.into(), fields, spec).granting(table.grant::<GetItem>())
}

/// The branches for the result of a read.
pub struct Compared<Root, O> {
    /// There is no item.
    pub absent: Flow<Root, O>,
    /// There is an item, and all compared attributes are equal.
    pub same: Flow<Root, O>,
    /// There is an item that differs.
    pub other: Flow<Root, O>,
}

/// Takes the branch for the item that was read. Its input is the input of the read.
pub fn compare<Root, I: Item, O>(
    name: impl Into<StateName>,
    known_by: &[Same<Root, I>],
    to: Compared<Root, O>,
) -> Flow<Read<Root, I>, O> {
    let is_same = known_by.iter().map(|it| {
        let value = jsonata::expression(&within("input", &it.value));
        format!("$states.input.item.{}.S = {value}", it.name)
    });
    let is_same = is_same.collect::<Vec<_>>().join(" and ");
    let ways = [
        ("$not($exists($states.input.item))".to_owned(), to.absent),
        (is_same, to.same),
        ("true".to_owned(), to.other),
    ];
    chosen(
        name.into(),
        ways.map(|(condition, to)| (condition, Some("$states.input.input".to_owned()), to)),
        None,
    )
}

/// The same value, for an input that is in a field of the state's input.
fn within(field: &'static str, source: &Source) -> Source {
    match source {
        Source::Field(names) => Source::Field([&[field], &names[..]].concat().into()),
        Source::Some(inner) => Source::Some(Box::new(within(field, inner))),
        other => other.clone(),
    }
}

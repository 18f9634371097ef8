//! Writes to DynamoDB directly from a state, without a function.

use std::marker::PhantomData;

use function_contract::{
    error::ErrorNames,
    item::Item,
    kept::Kept,
    kind::{PutItem, Table},
    path::{BuildsItem, Expr, Token},
};

use super::{Cond, Task, TaskSpec, When, jsonata};
use crate::model::{
    expr::Body, iam::Grant, integration::Integration, name::StateName, stack::Handle,
};

function_contract::error_names! {
    /// The expected errors of a conditional put.
    pub enum PutItemError {
        /// The condition does not hold.
        ConditionalCheckFailed => "DynamoDB.ConditionalCheckFailedException",
    }
}

/// The expected errors of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactError {
    /// DynamoDB wrote nothing: a condition does not hold, the transaction conflicts with another one, a table was
    /// throttled, or an item is not valid. `Catch` cannot distinguish these reasons: use a choice with
    /// [`condition_failed`].
    TransactionCanceled,
}

impl ErrorNames for TransactError {
    const ALL: &'static [Self] = &[TransactError::TransactionCanceled];

    fn name(self) -> &'static str {
        match self {
            TransactError::TransactionCanceled => "DynamoDb.TransactionCanceledException",
        }
    }

    /// Throttling and conflicts are transient.
    fn may_pass(self) -> bool {
        true
    }
}

/// A condition: a transaction was canceled because a condition does not hold. `cause` is the path of the error's cause
/// in the input, where the route has put it. DynamoDB lists the reason for each write: `… specific reasons
/// [ConditionalCheckFailed, None]`.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub fn condition_failed<I>(cause: &Expr<I, Option<Kept>>) -> Cond<I> {
    let cause = jsonata::expression(cause.source());
    Cond::new(format!("$contains({cause}, 'ConditionalCheckFailed')"))
}

/// One put, built from a `Root`.
pub struct Put<Root> {
    arguments: Body,
    grant: Grant,
    _root: PhantomData<fn(Root)>,
}

/// Writes a whole item, under a condition.
pub fn put<Root, I: Item>(
    table: &Handle<Table<I>>,
    item: impl BuildsItem<Root, I>,
    when: When<Root, I>,
) -> Put<Root> {
    let item = jsonata::item(&item.item().into_attributes());
    let mut arguments = vec![("TableName", table.attribute("name").into()), ("Item", item)];
    arguments.extend(when.fields());
    Put { arguments: Body::map(arguments), grant: table.grant::<PutItem>(), _root: PhantomData }
}

/// Writes an item. The output is the input.
pub fn put_item<Root>(
    name: impl Into<StateName>,
    put: Put<Root>,
    spec: TaskSpec,
) -> Task<Root, Root, PutItemError> {
    let fields = vec![
        ("Type", "Task".into()),
        ("Resource", Integration::DynamoDbPutItem.resource().into()),
        ("Arguments", put.arguments),
        ("Output", jsonata::live("$states.input")),
    ];
    Task::new(name.into(), fields, spec).granting(put.grant)
}

/// Writes several items or none, two at least: a single one is a [`put_item`]. The output is the input. A repeat with the same token within ten minutes changes
/// nothing.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub fn transact<Root, const N: usize>(
    name: impl Into<StateName>,
    token: &Expr<Root, impl Token>,
    puts: [Put<Root>; N],
    spec: TaskSpec,
) -> Task<Root, Root, TransactError> {
    const { assert!(N > 1, "a transaction writes two items at least") };
    let mut grant = Grant::none();
    let mut items = Vec::new();
    for put in puts {
        grant.and(put.grant);
        items.push(Body::map([("Put", put.arguments)]));
    }
    let arguments = Body::map([
        ("ClientRequestToken", jsonata::value(token.source().clone())),
        ("TransactItems", Body::List(items)),
    ]);
    let fields = vec![
        ("Type", "Task".into()),
        ("Resource", Integration::DynamoDbTransactWriteItems.resource().into()),
        ("Arguments", arguments),
        ("Output", jsonata::live("$states.input")),
    ];
    Task::new(name.into(), fields, spec).granting(grant)
}

//! Calls DynamoDB with the AWS SDK.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    operation::{
        put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::{AttributeValue, Delete, Put, TransactWriteItem, Update},
};
use futures::FutureExt as _;

use super::{
    Live, Settings, canceled, config,
    connect::{ask, patiently},
    due,
    fault::fault,
};
use crate::{
    expression::Expression,
    item::{Attribute, Attributes},
    port::{DynamoDb, Fault, GetItem, Page, PutItem, Query, UpdateItem, Write, WriteError},
};

const DYNAMODB: &str = "DynamoDB";

/// Creates a client with an open connection.
pub(super) async fn connect(settings: &Settings) -> Client {
    let client = Client::from_conf(config!(aws_sdk_dynamodb, settings));
    patiently(DYNAMODB, ask!(aws_sdk_dynamodb, client, list_tables)).await;
    client
}

impl DynamoDb for Live {
    async fn get_item(&self, call: GetItem) -> Result<Option<Attributes>, Fault> {
        let answer = due(&self.dynamodb, DYNAMODB)?
            .get_item()
            .table_name(call.table)
            .set_key(Some(out(call.key)))
            .consistent_read(true)
            .send()
            .boxed_local()
            .await
            .map_err(|err| fault(DYNAMODB, &err))?;
        answer.item.map(item).transpose()
    }

    async fn put_item(&self, call: PutItem) -> Result<(), WriteError> {
        let condition = Parts::of([call.condition]);
        due(&self.dynamodb, DYNAMODB)?
            .put_item()
            .table_name(call.table)
            .set_item(Some(out(call.item)))
            .set_condition_expression(condition.text())
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .send()
            .boxed_local()
            .await
            .map(drop)
            .map_err(|err| match err.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => {
                    WriteError::ConditionFailed
                }
                _ => fault(DYNAMODB, &err).into(),
            })
    }

    async fn update_item(&self, call: UpdateItem) -> Result<(), WriteError> {
        let condition = call.condition.text.clone();
        let update = call.update.text.clone();
        let parts = Parts::of([Some(call.update), Some(call.condition)]);
        due(&self.dynamodb, DYNAMODB)?
            .update_item()
            .table_name(call.table)
            .set_key(Some(out(call.key)))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .send()
            .boxed_local()
            .await
            .map(drop)
            .map_err(|err| match err.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                    WriteError::ConditionFailed
                }
                _ => fault(DYNAMODB, &err).into(),
            })
    }

    async fn transact_write_items(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        let items = writes.into_iter().map(write).collect::<Result<_, _>>().map_err(|err| {
            Fault::Refused {
                service: DYNAMODB,
                code: "BuildError".to_owned(),
                message: err.to_string(),
            }
        })?;
        due(&self.dynamodb, DYNAMODB)?
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .boxed_local()
            .await
            .map(drop)
            .map_err(|err| match err.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    canceled::why(canceled.cancellation_reasons())
                }
                _ => fault(DYNAMODB, &err).into(),
            })
    }

    async fn query(&self, call: Query) -> Result<Page, Fault> {
        let condition = Parts::of([Some(call.condition)]);
        let answer = due(&self.dynamodb, DYNAMODB)?
            .query()
            .table_name(call.table)
            .index_name(call.index)
            .set_key_condition_expression(condition.text())
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .set_exclusive_start_key(call.after.map(out))
            .limit(call.limit.into())
            .send()
            .boxed_local()
            .await
            .map_err(|err| fault(DYNAMODB, &err))?;
        let items = answer.items.unwrap_or_default().into_iter().map(item);
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next: answer.last_evaluated_key.map(item).transpose()?,
        })
    }
}

/// The parts of expressions in a request: each text separately, and all names and values together. Empty maps are left
/// out, because DynamoDB refuses them.
struct Parts {
    texts: Vec<String>,
    names: Option<HashMap<String, String>>,
    values: Option<HashMap<String, AttributeValue>>,
}

impl Parts {
    fn of<const N: usize>(expressions: [Option<Expression>; N]) -> Self {
        let (mut texts, mut names, mut values) = (Vec::new(), HashMap::new(), HashMap::new());
        for expression in expressions.into_iter().flatten() {
            texts.push(expression.text);
            names.extend(expression.names);
            values.extend(out(expression.values));
        }
        Parts {
            texts,
            names: (!names.is_empty()).then_some(names),
            values: (!values.is_empty()).then_some(values),
        }
    }

    /// Returns the text, if there is only one expression.
    fn text(&self) -> Option<String> {
        self.texts.first().cloned()
    }
}

fn write(write: Write) -> Result<TransactWriteItem, BuildError> {
    let item = TransactWriteItem::builder();
    Ok(match write {
        Write::Put(call) => {
            let condition = Parts::of([call.condition]);
            let put = Put::builder()
                .table_name(call.table)
                .set_item(Some(out(call.item)))
                .set_condition_expression(condition.text())
                .set_expression_attribute_names(condition.names)
                .set_expression_attribute_values(condition.values);
            item.put(put.build()?)
        }
        Write::Update(call) => {
            let condition = call.condition.text.clone();
            let update = call.update.text.clone();
            let parts = Parts::of([Some(call.update), Some(call.condition)]);
            let update = Update::builder()
                .table_name(call.table)
                .set_key(Some(out(call.key)))
                .update_expression(update)
                .condition_expression(condition)
                .set_expression_attribute_names(parts.names)
                .set_expression_attribute_values(parts.values);
            item.update(update.build()?)
        }
        Write::Delete(call) => {
            let delete = Delete::builder().table_name(call.table).set_key(Some(out(call.key)));
            item.delete(delete.build()?)
        }
    }
    .build())
}

fn out(attributes: Attributes) -> HashMap<String, AttributeValue> {
    attributes.into_iter().map(|(name, it)| (name, value(it))).collect()
}

fn value(attribute: Attribute) -> AttributeValue {
    match attribute {
        Attribute::Text(it) => AttributeValue::S(it),
        Attribute::Number(it) => AttributeValue::N(it),
        Attribute::Bool(it) => AttributeValue::Bool(it),
        Attribute::Map(it) => AttributeValue::M(out(it)),
        Attribute::List(it) => AttributeValue::L(it.into_iter().map(value).collect()),
        Attribute::Null => AttributeValue::Null(true),
    }
}

/// Converts an item of the SDK. `pub` for programs other than the functions that read a table.
///
/// # Errors
///
/// If an attribute is a set or binary, which our items do not contain.
pub fn item(values: HashMap<String, AttributeValue>) -> Result<Attributes, Fault> {
    values
        .into_iter()
        .map(|(name, it)| {
            let attribute = read(&name, it)?;
            Ok((name, attribute))
        })
        .collect()
}

fn read(name: &str, value: AttributeValue) -> Result<Attribute, Fault> {
    Ok(match value {
        AttributeValue::S(it) => Attribute::Text(it),
        AttributeValue::N(it) => Attribute::Number(it),
        AttributeValue::Bool(it) => Attribute::Bool(it),
        AttributeValue::M(it) => Attribute::Map(item(it)?),
        AttributeValue::L(it) => {
            Attribute::List(it.into_iter().map(|it| read(name, it)).collect::<Result<_, _>>()?)
        }
        AttributeValue::Null(_) => Attribute::Null,
        _ => {
            return Err(Fault::Unreadable {
                service: DYNAMODB,
                problem: format!("`{name}` is a set or binary, and DOFS has neither in its items"),
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_an_unsupported_attribute() {
        let set = AttributeValue::Ss(vec!["a".to_owned()]);
        let list = AttributeValue::L(vec![set.clone()]);
        for value in [set, list] {
            let values = HashMap::from([("tags".to_owned(), value)]);
            let problem = item(values).unwrap_err().to_string();
            assert!(problem.contains("`tags` is a set or binary"), "{problem}");
        }
    }
}

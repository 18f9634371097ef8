//! The tables, created from the committed files for dev.

use std::{collections::HashMap, fmt::Debug, fs, marker::PhantomData, path::Path};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, ScalarAttributeType,
};
use function_contract::item::Item;
use serde_json::Value;

use super::{Aws, json};

pub(super) const ORDERS: &str = "dofs-dev-orders";
pub(super) const FAILED_ORDERS: &str = "dofs-dev-failed-orders";

/// The items of a table.
pub struct Items<'a, I> {
    aws: &'a Aws,
    table: &'static str,
    _item: PhantomData<fn() -> I>,
}

impl<'a, I: Item + Debug> Items<'a, I> {
    pub(super) fn of(aws: &'a Aws, table: &'static str) -> Self {
        Items { aws, table, _item: PhantomData }
    }

    /// Writes an item, and replaces any item with the same key.
    #[track_caller]
    pub fn put(&self, item: &I) {
        self.put_json(
            serde_json::to_value(item)
                .unwrap_or_else(|err| panic!("the item cannot be converted to JSON: {err}")),
        );
    }

    /// Writes an item that does not have to be an `I`, and replaces any item with the same key.
    #[track_caller]
    pub fn put_json(&self, item: Value) {
        let attributes = attributes(item);
        let call = self.aws.dynamodb.put_item().table_name(self.table);
        self.aws.run(call.set_item(Some(attributes)).send());
    }

    /// Reads an item.
    #[track_caller]
    pub fn get(&self, key: &I::Key) -> Option<I> {
        let value = serde_json::to_value(key)
            .unwrap_or_else(|err| panic!("the key cannot be converted to JSON: {err}"));
        let name = function_contract::item::name(&I::key());
        let call = self.aws.dynamodb.get_item().table_name(self.table).consistent_read(true);
        self.aws.run(call.key(name, json::attribute(value)).send()).item().map(read)
    }

    /// Returns every item, in no particular order.
    #[track_caller]
    pub fn all(&self) -> Vec<I> {
        let call = self.aws.dynamodb.scan().table_name(self.table).consistent_read(true);
        let found = self.aws.run(call.send());
        assert!(
            found.last_evaluated_key().is_none(),
            "the table has more items than one page of a scan"
        );
        found.items().iter().map(read).collect()
    }
}

fn attributes(item: Value) -> HashMap<String, AttributeValue> {
    match json::attribute(item) {
        AttributeValue::M(attributes) => attributes,
        other => panic!("an item must be a JSON object, not {other:?}"),
    }
}

#[track_caller]
fn read<I: Item>(attributes: &HashMap<String, AttributeValue>) -> I {
    let json = json::item(attributes);
    serde_json::from_value(json.clone())
        .unwrap_or_else(|err| panic!("the item cannot be read ({err}): {json}"))
}

/// Creates every table in the committed files for dev.
pub(super) fn create(aws: &Aws) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../generated/dev/modules/dynamodb/main.tf.json");
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|err| panic!("{} cannot be read: {err}", path.display()));
    let module: Value = serde_json::from_str(&text)
        .unwrap_or_else(|err| panic!("{} is not JSON: {err}", path.display()));
    let tables = module["resource"]["aws_dynamodb_table"].as_object();
    for table in tables.into_iter().flatten().map(|(_, table)| table) {
        let mut call = aws
            .dynamodb
            .create_table()
            .table_name(text_of(table, "name"))
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(keys(table)));
        for attribute in list_of(table, "attribute") {
            let kind = ScalarAttributeType::from(text_of(attribute, "type"));
            let name = text_of(attribute, "name");
            let built = AttributeDefinition::builder().attribute_name(name).attribute_type(kind);
            call = call.attribute_definitions(complete(built.build()));
        }
        for index in list_of(table, "global_secondary_index") {
            let projection = ProjectionType::from(text_of(index, "projection_type"));
            let projection = Projection::builder().projection_type(projection).build();
            let built = GlobalSecondaryIndex::builder()
                .index_name(text_of(index, "name"))
                .set_key_schema(Some(keys(index)))
                .projection(projection);
            call = call.global_secondary_indexes(complete(built.build()));
        }
        aws.run(call.send());
    }
}

fn keys(of: &Value) -> Vec<KeySchemaElement> {
    [("hash_key", KeyType::Hash), ("range_key", KeyType::Range)]
        .into_iter()
        .filter_map(|(argument, kind)| {
            let name = of[argument].as_str()?;
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            Some(complete(key.build()))
        })
        .collect()
}

fn text_of<'a>(block: &'a Value, argument: &str) -> &'a str {
    block[argument].as_str().unwrap_or_else(|| panic!("the block has no {argument}: {block}"))
}

fn list_of<'a>(block: &'a Value, argument: &str) -> impl Iterator<Item = &'a Value> {
    block[argument].as_array().into_iter().flatten()
}

fn complete<T>(built: Result<T, aws_sdk_dynamodb::error::BuildError>) -> T {
    built.unwrap_or_else(|err| panic!("a request lacks a parameter: {err}"))
}

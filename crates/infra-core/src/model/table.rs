//! DynamoDB tables.

use std::collections::BTreeMap;

use function_contract::{
    item::{self, Item},
    kind::Table,
    path::{Attribute, AttributeType},
};

use super::{
    data::DataKind,
    expr::Body,
    iam::Addressed,
    key::{DynamoDb, Encryption, KeyFact},
    name::Id,
    stack::{Handle, Kind, Module, Named},
};

impl<I: 'static> Kind for Table<I> {
    const TF_TYPE: &'static str = "aws_dynamodb_table";
    const LABEL: &'static str = "table";
    type Facts = TableFacts;
    const HAS_A_PAYLOAD: bool = true;
}

impl<I: 'static> Named for Table<I> {}

impl<I: 'static> Addressed for Table<I> {
    const CLIENT_ATTRIBUTE: &'static str = "name";
}

/// The facts that a handle of a table has.
#[derive(Clone)]
pub struct TableFacts {
    key: Option<KeyFact>,
    pub(in crate::model) indexes: Vec<String>,
}

impl AsRef<Option<KeyFact>> for TableFacts {
    fn as_ref(&self) -> &Option<KeyFact> {
        &self.key
    }
}

/// The configuration of a table that does not follow from the type of its items. Keys, indexes and time to live do.
pub struct TableSpec<'k> {
    /// Its encryption at rest.
    pub encryption: Encryption<'k, DynamoDb>,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
}

impl Module<'_> {
    /// Adds a table with on-demand capacity and point-in-time recovery.
    ///
    /// A function that reads it has an [`Access`](function_contract::env::Access) in its environment. From that follow the
    /// environment variable with the table's name and the permission of the function's role:
    ///
    /// ```
    /// use function_contract::{
    ///     env::Access, env_contract, item, item::Item,
    ///     kind::{GetItem, Table},
    ///     path::Expr,
    /// };
    /// use infra_core::{
    ///     model::{Handle, Module, Wired, key::Encryption, table::TableSpec},
    ///     resource,
    /// };
    ///
    /// item! {
    ///     /// A customer.
    ///     pub struct Customer, at CustomerAt {
    ///         /// The customer's id.
    ///         customer_id: String,
    ///     }
    /// }
    ///
    /// impl Item for Customer {
    ///     type Key = String;
    ///
    ///     fn key() -> Expr<Self, String> {
    ///         Customer::at().customer_id
    ///     }
    /// }
    ///
    /// env_contract! {
    ///     /// The environment of a function that reads customers.
    ///     pub struct AnnounceEnv {
    ///         /// The customers, by id.
    ///         CUSTOMERS_TABLE => customers: Access<Table<Customer>, GetItem>,
    ///     }
    /// }
    ///
    /// /// Returns the value for `FunctionSpec::env`.
    /// fn add(module: &mut Module<'_>) -> AnnounceEnv<Wired> {
    ///     let customers: Handle<Table<Customer>> = module.table(
    ///         resource!(
    ///             /// Every customer, by id.
    ///             "customers"
    ///         ),
    ///         TableSpec { encryption: Encryption::Aws, deletion_protection: true },
    ///     );
    ///     AnnounceEnv { customers: customers.access() }
    /// }
    /// ```
    #[must_use = "a table needs a writer and a reader, which take its handle"]
    #[track_caller]
    pub fn table<I: Item>(&mut self, id: Id, spec: TableSpec<'_>) -> Handle<Table<I>> {
        let name = self.enter(id);
        let key = (item::name(&I::key()), I::Key::TYPE);
        let indexes = I::indexes();
        let names = indexes.iter().map(|it| it.name.clone()).collect();
        let mut attributes = BTreeMap::from([key.clone()]);
        for index in &indexes {
            attributes.extend([index.hash.clone(), index.range.clone()]);
        }
        let attributes = attributes
            .into_iter()
            .map(|(name, is)| Body::map([("name", name.into()), ("type", key_type(is).into())]));
        let index_blocks = indexes.iter().map(|index| {
            Body::map([
                ("name", index.name.clone().into()),
                ("hash_key", index.hash.0.clone().into()),
                ("range_key", index.range.0.clone().into()),
                ("projection_type", "KEYS_ONLY".into()),
            ])
        });
        let time_to_live = I::time_to_live().map(|attribute| {
            Body::map([("attribute_name", item::name(&attribute).into()), ("enabled", true.into())])
        });
        let encryption =
            Body::map([("enabled", true.into())]).with("kms_key_arn", spec.encryption.key_arn());
        // The key that AWS owns needs no block. `enabled = true` without a key would choose the AWS managed key, which
        // is billed.
        let encryption =
            matches!(spec.encryption, Encryption::Customer(_)).then(|| vec![encryption]);
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("billing_mode", "PAY_PER_REQUEST".into()),
            ("hash_key", key.0.into()),
            ("attribute", Body::list(attributes)),
            ("point_in_time_recovery", Body::list([Body::map([("enabled", true.into())])])),
            ("deletion_protection_enabled", spec.deletion_protection.into()),
        ])
        .with("global_secondary_index", non_empty(index_blocks.collect()))
        .with("ttl", time_to_live.map(|it| vec![it]))
        .with("server_side_encryption", encryption);
        let facts = TableFacts { key: spec.encryption.fact(), indexes: names };
        let table: Handle<Table<I>> = self.add(id, facts.clone(), body);
        self.stack.every.tables.push((table.address().clone(), facts));
        self.stack.indexes.insert(table.address().clone(), indexes);
        self.stack.hold::<I>(table.address(), DataKind::Item, None);
        table
    }
}

fn key_type(attribute: AttributeType) -> &'static str {
    match attribute {
        AttributeType::Number => "N",
        // A map cannot be a key: the check of the provider's schema would refuse it.
        AttributeType::Text | AttributeType::TextMap => "S",
    }
}

fn non_empty(list: Vec<Body>) -> Option<Vec<Body>> {
    (!list.is_empty()).then_some(list)
}

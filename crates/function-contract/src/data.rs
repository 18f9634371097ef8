//! Data that parts of a system pass to each other or store, with its JSON Schema.
//!
//! Data outlives the version that wrote it: a message waits in a queue, an item stays in a table, and while a deployment
//! runs, two versions of a function answer. The generator writes the schema of all data of a system into
//! `contracts.json`, and refuses a change after which a version cannot read what another one wrote.

use std::borrow::Cow;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;

use crate::{api::SchemaOf, event};

/// A type of data. [`payload!`](crate::payload!), [`item!`](crate::item!) and [`either!`](crate::either!) implement it, and
/// so do the events that AWS services pass to a function.
#[diagnostic::on_unimplemented(
    message = "the generator does not know the JSON of `{Self}`",
    note = "define the type with `payload!`, `item!` or `either!`"
)]
pub trait Data: 'static {
    /// The name and the schema of the type. `None` if AWS defines the type, and so keeps it readable.
    fn shape() -> Option<DataShape>;
}

/// The name and the JSON Schema of a type of data.
#[derive(Debug, Clone)]
pub struct DataShape {
    /// The name of the type.
    pub name: Cow<'static, str>,
    /// The JSON Schema of everything that a reader accepts. A schema without `additionalProperties` belongs to a reader that ignores unknown fields.
    pub schema: SchemaOf,
}

impl DataShape {
    #[doc(hidden)]
    pub fn of<T: JsonSchema>() -> Self {
        DataShape { name: T::schema_name(), schema: |it| it.subschema_for::<T>() }
    }
}

/// The schema of what a version writes in a field that it reads with another type.
#[doc(hidden)]
pub fn written<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

macro_rules! of_aws {
    ($($ty:ty),* $(,)?) => {$(
        impl Data for $ty {
            fn shape() -> Option<DataShape> {
                None
            }
        }
    )*};
}

of_aws!((), event::ApiResponse, event::SqsBatchResponse, event::ObjectCreated, event::Tick);

impl<A: 'static> Data for event::ApiRequest<A> {
    fn shape() -> Option<DataShape> {
        None
    }
}

/// The bodies of the messages belong to the queue.
impl<M: 'static> Data for event::SqsEvent<M> {
    fn shape() -> Option<DataShape> {
        None
    }
}

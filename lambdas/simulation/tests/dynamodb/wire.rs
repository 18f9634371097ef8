//! Items in DynamoDB's JSON.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>

use runtime::item::{Attribute, Attributes};
use serde_json::{Value, json};

/// Returns an item in the form of requests and answers.
pub(crate) fn item(attributes: &Attributes) -> Value {
    attributes.iter().map(|(name, it)| (name.clone(), value(it))).collect()
}

fn value(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::Text(it) => json!({ "S": it }),
        Attribute::Number(it) => json!({ "N": it }),
        Attribute::Bool(it) => json!({ "BOOL": it }),
        Attribute::Map(it) => json!({ "M": item(it) }),
        Attribute::List(it) => json!({ "L": it.iter().map(value).collect::<Vec<_>>() }),
        Attribute::Null => json!({ "NULL": true }),
    }
}

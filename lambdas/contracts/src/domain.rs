//! The domain types: ids, quantities and statuses. Money is in [`crate::money`].
//!
//! A value is checked when it is parsed, so a value of these types always keeps the business rules. An order that the
//! validator has not checked yet is plain text and numbers: [`crate::order::OrderSubmitted`].

use std::borrow::Cow;

use function_contract::{
    path::{Attribute, AttributeType, Numeric, Text, Token, Within},
    text,
    text::has_form,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use crate::metadata::Metadata;

text! {
    /// An order's id: a UUID in lower case. It is the execution's name and the record's key.
    OrderId, like "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3",
    pattern "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", by is_uuid
}

text! {
    /// A customer's id: `CUST-` and four or more digits.
    CustomerId, like "CUST-1234", pattern "^CUST-[0-9]{4,59}$", by is_customer
}

text! {
    /// A product's id: `PROD-` and four or more digits.
    ProductId, like "PROD-1234", pattern "^PROD-[0-9]{4,59}$", by is_product
}

fn is_uuid(text: &str) -> bool {
    has_form(text, b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh")
}

fn is_customer(text: &str) -> bool {
    numbered(text, "CUST-")
}

fn is_product(text: &str) -> bool {
    numbered(text, "PROD-")
}

fn numbered(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        (4..=59).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
    })
}

/// The ordered quantity of a product: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Quantity(u8);

impl Quantity {
    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Quantity {
    type Error = &'static str;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        match u8::try_from(number) {
            Ok(number @ 1..=100) => Ok(Quantity(number)),
            _ => Err("must be a whole number from 1 to 100"),
        }
    }
}

impl From<Quantity> for i64 {
    fn from(it: Quantity) -> i64 {
        it.0.into()
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": 100 })
    }
}

impl Attribute for Quantity {
    const TYPE: AttributeType = AttributeType::Number;
}

/// Defines an enum that is text in JSON.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $word_doc:literal])* $word:ident),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[schemars(inline)]
        pub enum $name { $($(#[doc = $word_doc])* $word),* }

        impl $name {
            /// Every value, once.
            pub const ALL: &'static [$name] = &[$($name::$word),*];
        }

        impl Attribute for $name {
            const TYPE: AttributeType = AttributeType::Text;
        }
    };
}

words! {
    /// The status of an order. `FULFILLED`, `FAILED` and `REJECTED` are final.
    OrderStatus {
        /// Accepted by the API, but not stored yet. No record has this status; it follows from the running execution.
        Accepted,
        /// Stored, and waiting to be fulfilled.
        Processing,
        /// Fulfilled: the order has a tracking number.
        Fulfilled,
        /// Failed: a record in `failed_orders` has the reason.
        Failed,
        /// Rejected, because the order breaks a business rule.
        Rejected,
    }
}

impl OrderStatus {
    /// Whether the status is final. One exception: a redrive starts another round of a failed order.
    pub fn is_final(self) -> bool {
        match self {
            OrderStatus::Accepted | OrderStatus::Processing => false,
            OrderStatus::Fulfilled | OrderStatus::Failed | OrderStatus::Rejected => true,
        }
    }
}

words! {
    /// The result of the validator.
    ValidationStatus {
        /// The order keeps every rule.
        Valid,
        /// The order breaks at least one rule.
        Invalid,
        /// The validator did not answer.
        Unknown,
    }
}

impl Text for OrderId {}
impl Text for CustomerId {}
impl Text for ProductId {}
impl Within<i64> for Quantity {}
impl Numeric for Quantity {}
impl Token for OrderId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_parsed_once() {
        fn check<T: TryFrom<String>>(text: &str, good: bool) {
            assert_eq!(T::try_from(text.to_owned()).is_ok(), good, "{text}");
        }
        check::<CustomerId>("CUST-1234", true);
        check::<CustomerId>("CUST-123", false);
        check::<CustomerId>("CUST-12a4", false);
        check::<CustomerId>("PROD-1234", false);
        check::<ProductId>("PROD-00001", true);
        check::<ProductId>("PROD-\u{661}234", false);
        check::<OrderId>("d892b049-e434-441c-befd-a6d7154462e8", true);
        check::<OrderId>("D892B049-E434-441C-BEFD-A6D7154462E8", false);
        check::<OrderId>("d892b049e434441cbefda6d7154462e8", false);
    }
}

//! The idempotency key, with which a client can repeat a request without placing a second order.

use std::borrow::Cow;

use function_contract::api::RequestHeader;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// An `Idempotency-Key`: 1 to 255 visible ASCII characters.
///
/// A key is valid for one caller and one customer. The same key of another caller or customer identifies another order.
///
/// Anybody who knows the key, the customer and the id of the caller's API key can compute the order's id. If the API
/// requires no API key, the first two are enough. So clients must choose random keys, such as UUIDs.
///
/// <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
        match fits {
            true => Ok(IdempotencyKey(text)),
            false => Err("must have 1 to 255 visible ASCII characters".to_owned()),
        }
    }
}

impl RequestHeader for IdempotencyKey {
    const NAME: &'static str = "Idempotency-Key";
    const DOC: &'static str = "A random text, such as a UUID. A repeated request with the same key gets the same answer, and places no second order.";
}

impl JsonSchema for IdempotencyKey {
    fn schema_name() -> Cow<'static, str> {
        "IdempotencyKey".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[!-~]{1,255}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_visible() {
        fn check(text: &str, good: bool) {
            assert_eq!(IdempotencyKey::try_from(text.to_owned()).is_ok(), good, "{text:?}");
        }
        check("a", true);
        check("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", true);
        check(&"x".repeat(255), true);
        check("", false);
        check("a b", false);
        check("ä", false);
        check("a\n", false);
        check(&"x".repeat(256), false);
    }
}

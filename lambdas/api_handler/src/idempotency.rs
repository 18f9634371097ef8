//! The idempotency key, with which a client can repeat a request without placing a second order.

use contracts::domain::OrderId;
use function_contract::{event::Identity, written::WrittenText};
use uuid::Uuid;

/// The UUID namespace of the ids that are derived from keys. Its value is arbitrary, but it must never change: a
/// repeated key would then create a new order. <https://www.rfc-editor.org/rfc/rfc9562#section-5.5>
const KEYS: Uuid = Uuid::from_u128(0x3f0e_7d0b_95b4_4f0e_9c4b_5d1e_0a7c_21d6);

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
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
        fits.then(|| IdempotencyKey(text.to_owned()))
    }

    /// Returns the id of the order that this key identifies.
    ///
    /// # Panics
    ///
    /// Never: texts have a JSON form, and the text of a UUID has the format of an order's id.
    pub(crate) fn order_id(&self, caller: &Caller, customer: &WrittenText) -> OrderId {
        // In JSON, different triples always have different texts.
        let all = serde_json::to_vec(&(caller.kind_and_id(), customer, &self.0));
        let uuid = Uuid::new_v5(&KEYS, &all.expect("texts have a JSON form"));
        let text = uuid.hyphenated().to_string();
        OrderId::try_from(text).expect("a UUID's text has the form of an order's id")
    }
}

/// The caller of a request, as API Gateway identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The owner of an API key, identified by the key's id.
    Key(String),
    /// The user or role that signed the request, identified by its id.
    Principal(String),
    /// An anonymous caller: the API requires no key and no signature.
    Anyone,
}

impl Caller {
    fn kind_and_id(&self) -> (&str, &str) {
        match self {
            Caller::Key(id) => ("key", id),
            Caller::Principal(id) => ("principal", id),
            Caller::Anyone => ("anyone", ""),
        }
    }
}

impl From<&Identity> for Caller {
    fn from(identity: &Identity) -> Self {
        match identity {
            Identity { api_key_id: Some(id), .. } => Caller::Key(id.clone()),
            Identity { user: Some(user), .. } => {
                // The name of a role's session differs each time, so it is not part of the identity.
                let id = user.split(':').next().unwrap_or(user);
                Caller::Principal(id.to_owned())
            }
            Identity { api_key_id: None, user: None } => Caller::Anyone,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn keys_are_short_and_visible() {
        fn check(text: &str, good: bool) {
            assert_eq!(IdempotencyKey::parse(text).is_some(), good, "{text:?}");
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

    #[test]
    fn a_key_counts_for_one_caller_and_one_customer() {
        fn id(identity: Value, customer: &str, key: &str) -> OrderId {
            let identity: Identity = serde_json::from_value(identity).unwrap();
            let customer = WrittenText::try_from(customer.to_owned()).unwrap();
            IdempotencyKey::parse(key).unwrap().order_id(&Caller::from(&identity), &customer)
        }
        let anyone = || json!({ "sourceIp": "10.0.0.1", "apiKeyId": null, "user": null });
        let key = |it: &str| json!({ "apiKey": "secret", "apiKeyId": it });
        let role = |it: &str| json!({ "user": it, "caller": it });
        let all = [
            id(anyone(), "CUST-1234", "a"),
            id(anyone(), "CUST-1235", "a"),
            id(anyone(), "CUST-1234", "b"),
            id(anyone(), "CUST-1234\",\"a", "a"),
            id(key("k1"), "CUST-1234", "a"),
            id(key("k2"), "CUST-1234", "a"),
            id(role("AROA1:session"), "CUST-1234", "a"),
            id(role("k1"), "CUST-1234", "a"),
        ];
        for (number, one) in all.iter().enumerate() {
            assert!(!all[..number].contains(one), "{number}");
        }
        assert_eq!(id(role("AROA1:another"), "CUST-1234", "a"), all[6]);
        assert_eq!(id(json!({}), "CUST-1234", "a"), all[0]);
    }
}

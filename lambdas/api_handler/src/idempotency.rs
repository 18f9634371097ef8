//! Derives the id of an order from an idempotency key.

use contracts::{
    domain::{CustomerId, OrderId},
    idempotency::IdempotencyKey,
};
use function_contract::{event::Identity, written::WrittenText};
use uuid::Uuid;

/// The UUID namespace of the ids that are derived from keys. Its value is arbitrary, but it must never change: a
/// repeated key would then create a new order. <https://www.rfc-editor.org/rfc/rfc9562#section-5.5>
const KEYS: Uuid = Uuid::from_u128(0x3f0e_7d0b_95b4_4f0e_9c4b_5d1e_0a7c_21d6);

/// Returns the id of the order that a key identifies.
///
/// # Panics
///
/// Never: texts have a JSON form, and the text of a UUID has the format of an order's id.
pub(crate) fn order_id(
    key: &IdempotencyKey,
    caller: &Caller,
    customer: &WrittenText<CustomerId>,
) -> OrderId {
    // In JSON, different triples always have different texts.
    let all = serde_json::to_vec(&(caller.kind_and_id(), customer, key.as_str()));
    let uuid = Uuid::new_v5(&KEYS, &all.expect("texts have a JSON form"));
    let text = uuid.hyphenated().to_string();
    OrderId::try_from(text).expect("a UUID's text has the form of an order's id")
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
    fn a_key_counts_for_one_caller_and_one_customer() {
        fn id(identity: Value, customer: &str, key: &str) -> OrderId {
            let identity: Identity = serde_json::from_value(identity).unwrap();
            let customer = WrittenText::try_from(customer.to_owned()).unwrap();
            let key = IdempotencyKey::try_from(key.to_owned()).unwrap();
            order_id(&key, &Caller::from(&identity), &customer)
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

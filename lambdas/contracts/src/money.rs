//! Exact amounts of money, also in JSON.

use std::{borrow::Cow, fmt};

use function_contract::path::{Attribute, AttributeType, Numeric, Within};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::domain::Quantity;

/// An amount of money in hundredths, never as a floating-point number: 2 x 29.99 is exactly 59.98.
///
/// In JSON it is a number with at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money {
    cents: i64,
}

/// The largest amount: 100 pieces at 10000. A JSON number of this size still keeps the hundredths.
const MOST_CENTS: i64 = 100 * 10_000 * 100;

impl Money {
    /// Returns an amount in hundredths, or `None` if it is out of range.
    pub fn from_cents(cents: i64) -> Option<Self> {
        (0..=MOST_CENTS).contains(&cents).then_some(Money { cents })
    }

    /// The amount in hundredths.
    pub fn cents(self) -> i64 {
        self.cents
    }

    /// The price of `quantity` pieces.
    pub fn times(self, quantity: Quantity) -> Option<Self> {
        self.cents.checked_mul(quantity.into()).and_then(Money::from_cents)
    }

    /// Parses the digits of a JSON number, so that nothing is rounded.
    ///
    /// # Errors
    ///
    /// If the number has more than two decimals or is out of range.
    pub fn parse(number: &serde_json::Number) -> Result<Self, String> {
        let problem = || "must be 0 to 1000000 with at most two decimals".to_owned();
        let text = number.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
        let decimals = decimals.trim_end_matches('0');
        let digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
        if decimals.len() > 2 || whole.len() > 7 || !digits(whole) || !digits(decimals) {
            return Err(problem());
        }
        let cents = format!("{whole}{decimals:0<2}").parse().map_err(|_| problem())?;
        Money::from_cents(cents).ok_or_else(problem)
    }
}

impl From<Money> for serde_json::Number {
    /// # Panics
    ///
    /// Never: an amount is finite.
    fn from(it: Money) -> Self {
        if it.cents % 100 == 0 {
            return (it.cents / 100).into();
        }
        // For an amount of this size, the nearest double is printed as the same amount.
        serde_json::Number::from_f64(it.cents as f64 / 100.0).expect("an amount is finite")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serde_json::Number::from(*self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(from)?;
        Money::parse(&number).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1_000_000 })
    }
}

impl Attribute for Money {
    const TYPE: AttributeType = AttributeType::Number;
}

impl Within<serde_json::Number> for Money {}
impl Numeric for Money {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_is_exact() {
        fn check(json: &str, cents: Option<i64>) {
            let money: Option<Money> = serde_json::from_str(json).ok();
            assert_eq!(money.map(Money::cents), cents, "{json}");
        }
        check("29.99", Some(2999));
        check("0.1", Some(10));
        check("60", Some(6000));
        check("60.0", Some(6000));
        check("1e2", Some(10_000));
        check("0.001", None);
        check("-1", None);
        check("-0", None);
        check("-0.0", None);
        check("12345678", None);
        check("10000000.00", None);
        check("1e300", None);
        check("\"1\"", None);
        let price: Money = serde_json::from_str("29.99").unwrap();
        assert_eq!(price.times(Quantity::try_from(2).unwrap()).unwrap().to_string(), "59.98");
    }

    proptest! {
        #[test]
        fn money_survives_json(cents in 0..=MOST_CENTS) {
            let money = Money::from_cents(cents).unwrap();
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money, "{}", json);
        }

        /// Up to the largest amount, and nothing beyond it.
        #[test]
        fn times_is_repeated_addition(cents in 0..=MOST_CENTS / 50, quantity in 1..=100_i64) {
            let price = Money::from_cents(cents).unwrap();
            let sum = (1..quantity).try_fold(price, |sum, _| Money::from_cents(sum.cents + cents));
            prop_assert_eq!(price.times(Quantity::try_from(quantity).unwrap()), sum);
        }
    }
}

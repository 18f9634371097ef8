//! Times in payloads and items.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    path::{Attribute, AttributeType, Expr, Numeric, Source, Text},
    text,
    text::has_form,
};

text! {
    /// A time as text: RFC 3339 in UTC with milliseconds, so that the texts sort in the order of time.
    Timestamp, like "2025-07-20T13:06:28.324Z",
    pattern "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$", by is_timestamp
}

fn is_timestamp(text: &str) -> bool {
    has_form(text, b"dddd-dd-ddTdd:dd:dd.dddZ")
}

/// Whole seconds since the Unix epoch, the format of DynamoDB's time to live.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct EpochSeconds(pub u32);

impl Attribute for EpochSeconds {
    const TYPE: AttributeType = AttributeType::Number;
}

impl<Root> Expr<Root, Timestamp> {
    /// The time at which the state runs.
    pub fn now() -> Self {
        Expr::new(Source::Now)
    }

    /// The time `seconds` after this one, as DynamoDB's time to live needs it.
    pub fn plus_seconds(self, seconds: u64) -> Expr<Root, EpochSeconds> {
        Expr::new(Source::EpochAfter(Box::new(self.into_source()), seconds))
    }
}

impl Text for Timestamp {}
impl Numeric for EpochSeconds {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_has_milliseconds() {
        let check = |text: &str, good| {
            assert_eq!(Timestamp::try_from(text.to_owned()).is_ok(), good, "{text}");
        };
        check("2025-07-20T13:06:28.324Z", true);
        check("2025-07-20T13:06:28Z", false);
    }
}

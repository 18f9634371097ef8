//! Text of unknown length that is stored in a record, cut to a size that fits.

use std::{borrow::Cow, fmt, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::path::{Attribute, AttributeType, Text};

/// Text of up to [`Kept::MOST_BYTES`] bytes: the beginning of a text that may be longer.
///
/// The causes of errors, unreadable messages and their problems can have any length, but an item of DynamoDB has at
/// most 400 KB with all its attributes.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Kept(String);

impl Kept {
    /// The maximum length: about a sixth of the maximum size of an item.
    pub const MOST_BYTES: usize = 64 * 1024;
}

impl From<String> for Kept {
    fn from(mut text: String) -> Self {
        text.truncate(text.floor_char_boundary(Kept::MOST_BYTES));
        Kept(text)
    }
}

impl From<&str> for Kept {
    fn from(text: &str) -> Self {
        Kept(text[..text.floor_char_boundary(Kept::MOST_BYTES)].to_owned())
    }
}

impl From<Kept> for String {
    fn from(it: Kept) -> String {
        it.0
    }
}

impl Deref for Kept {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Kept {
    fn schema_name() -> Cow<'static, str> {
        "Kept".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl Attribute for Kept {
    const TYPE: AttributeType = AttributeType::Text;
}

impl Text for Kept {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        fn check(text: &str, length: usize) {
            assert_eq!(Kept::from(text).len(), length);
            assert_eq!(Kept::from(text.to_owned()).len(), length);
            assert!(text.starts_with(&*Kept::from(text)));
        }
        let most = Kept::MOST_BYTES;
        check("", 0);
        check("{}", 2);
        check(&"x".repeat(most), most);
        check(&"x".repeat(most + 7), most);
        check(&format!("x{}", "ä".repeat(most)), most - 1);
    }
}

//! Text as a customer wrote it, with the type that it should have: a customer's id and a product's id are both text, and
//! cannot be swapped.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::MOST_BYTES;
use crate::path::{Attribute, AttributeType, Expr, Text};

/// The text that should be a `T`, as it was written. It may not be a `T`. It has any length, because an earlier version
/// may have stored a longer one than [`WrittenText`] accepts.
///
/// ```compile_fail
/// use function_contract::written::AsWritten;
///
/// struct Customer;
/// struct Product;
///
/// fn swapped(product: AsWritten<Product>) -> AsWritten<Customer> {
///     product
/// }
/// ```
pub struct AsWritten<T> {
    text: String,
    _of: PhantomData<fn() -> T>,
}

/// Text of up to 256 bytes in UTF-8 that should be a `T`: a field of a request.
pub struct WrittenText<T = ()>(AsWritten<T>);

fn short(text: &str) -> Result<(), &'static str> {
    let fits = text.len() <= MOST_BYTES;
    fits.then_some(()).ok_or("must have at most 256 bytes in UTF-8")
}

impl<T> AsWritten<T> {
    /// The text as a `T`.
    ///
    /// # Errors
    ///
    /// If it is not a `T`.
    pub fn parse(self) -> Result<T, T::Error>
    where
        T: TryFrom<String>,
    {
        T::try_from(self.text)
    }
}

impl<T> From<String> for AsWritten<T> {
    fn from(text: String) -> Self {
        AsWritten { text, _of: PhantomData }
    }
}

impl<T> From<&str> for AsWritten<T> {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl<T: Text + Into<String>> From<T> for AsWritten<T> {
    fn from(it: T) -> Self {
        let text: String = it.into();
        text.into()
    }
}

impl<T> From<WrittenText<T>> for AsWritten<T> {
    fn from(it: WrittenText<T>) -> Self {
        it.0
    }
}

impl<T> From<AsWritten<T>> for String {
    fn from(it: AsWritten<T>) -> String {
        it.text
    }
}

impl<T> TryFrom<String> for WrittenText<T> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        short(&text).map(|()| WrittenText(text.into()))
    }
}

impl<T> Deref for AsWritten<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<T> Deref for WrittenText<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T> fmt::Display for AsWritten<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

// A derive would implement these only for a `T` that has them, too.

impl<T> fmt::Debug for AsWritten<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<T> Clone for AsWritten<T> {
    fn clone(&self) -> Self {
        self.text.clone().into()
    }
}

impl<T> PartialEq for AsWritten<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for AsWritten<T> {}

impl<T> Serialize for AsWritten<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(to)
    }
}

impl<'de, T> Deserialize<'de> for AsWritten<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::from)
    }
}

impl<T> fmt::Debug for WrittenText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> Clone for WrittenText<T> {
    fn clone(&self) -> Self {
        WrittenText(self.0.clone())
    }
}

impl<T> PartialEq for WrittenText<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Serialize for WrittenText<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de, T> Deserialize<'de> for WrittenText<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.try_into().map_err(serde::de::Error::custom)
    }
}

impl<T> JsonSchema for AsWritten<T> {
    fn schema_name() -> Cow<'static, str> {
        "AsWritten".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl<T> JsonSchema for WrittenText<T> {
    fn schema_name() -> Cow<'static, str> {
        "WrittenText".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // JSON Schema counts characters, not bytes. A text never has more characters than bytes.
        json_schema!({
            "type": "string", "maxLength": MOST_BYTES, "description": "At most 256 bytes in UTF-8.",
        })
    }
}

impl<T: 'static> Attribute for AsWritten<T> {
    const TYPE: AttributeType = AttributeType::Text;
}

impl<Root, T: Text> Expr<Root, T> {
    /// Returns the same value as the text that was written for it.
    pub fn into_written(self) -> Expr<Root, AsWritten<T>> {
        Expr::new(self.into_source())
    }
}

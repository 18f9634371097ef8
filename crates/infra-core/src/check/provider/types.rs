//! Reads the types of arguments, as the provider's schema writes them: `"string"`, `["list", "string"]`,
//! `["object", {...}]`.
//!
//! <https://developer.hashicorp.com/terraform/cli/commands/providers/schema>

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

/// The type of an argument.
#[derive(Debug, Default)]
pub(super) enum Type<'s> {
    /// Text.
    String,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A list of one type.
    List(Box<Type<'s>>),
    /// A set of one type.
    Set(Box<Type<'s>>),
    /// A map with values of one type.
    Map(Box<Type<'s>>),
    /// An object with these fields.
    Object(BTreeMap<&'s str, Type<'s>>),
    /// Any type: the provider calls it `dynamic`.
    #[default]
    Any,
}

impl Type<'_> {
    /// Whether a value of this type can be part of a text.
    pub(super) fn is_scalar(&self) -> bool {
        matches!(self, Type::String | Type::Number | Type::Bool)
    }
}

impl<'de: 's, 's> Deserialize<'de> for Type<'s> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Words;

        impl<'de> Visitor<'de> for Words {
            type Value = Type<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type, such as \"string\" or [\"list\", \"string\"]")
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(match name {
                    "string" => Type::String,
                    "number" => Type::Number,
                    "bool" => Type::Bool,
                    _ => Type::Any,
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Self::Value, A::Error> {
                let of = |it: Option<Type<'de>>| Box::new(it.unwrap_or_default());
                let read = match words.next_element::<&str>()? {
                    Some("list") => Type::List(of(words.next_element()?)),
                    Some("set") => Type::Set(of(words.next_element()?)),
                    Some("map") => Type::Map(of(words.next_element()?)),
                    Some("object") => Type::Object(words.next_element()?.unwrap_or_default()),
                    _ => Type::Any,
                };
                // An object has a second list, with the optional fields.
                while words.next_element::<IgnoredAny>()?.is_some() {}
                Ok(read)
            }
        }

        from.deserialize_any(Words)
    }
}

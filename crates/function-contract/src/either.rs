//! The output of a function that has two kinds of success: one of two payloads, each with a name.

use serde::{Serialize, de::DeserializeOwned};

use crate::path::Payload;

/// One of two payloads. In JSON it is an object with one field, and the field's name identifies the payload.
/// [`either!`](crate::either!) defines such a type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one of two payloads",
    note = "such a type is defined by `either!` in `lambdas/contracts`"
)]
pub trait Either: Serialize + DeserializeOwned + 'static {
    /// The first payload.
    type First: Payload;
    /// The second payload.
    type Second: Payload;
    /// The field's name for the first payload and for the second.
    const WIRE_NAMES: [&'static str; 2];
}

/// Defines an enum of two payloads, each with its name in JSON.
///
/// ```
/// use function_contract::either::Either;
///
/// function_contract::payload! { pub struct Cup, at CupAt { fill_level: u32 } }
/// function_contract::payload! { pub struct Shards, at ShardsAt { count: u32 } }
/// function_contract::either! {
///     /// A cup, or what is left of it.
///     pub enum Found { Whole(Cup) as "whole", Broken(Shards) as "broken" }
/// }
/// let found = serde_json::to_string(&Found::Broken(Shards { count: 7 })).unwrap();
/// assert_eq!(found, r#"{"broken":{"count":7}}"#);
/// assert_eq!(Found::WIRE_NAMES, ["whole", "broken"]);
/// ```
#[macro_export]
macro_rules! either {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(#[doc = $first_doc:literal])*
            $first:ident($first_type:ty) as $first_wire:literal,
            $(#[doc = $second_doc:literal])*
            $second:ident($second_type:ty) as $second_wire:literal $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(
            Debug, Clone, PartialEq,
            $crate::__private::serde::Serialize,
            $crate::__private::serde::Deserialize,
            $crate::__private::schemars::JsonSchema,
        )]
        #[serde(crate = "function_contract::__private::serde")]
        #[schemars(crate = "function_contract::__private::schemars")]
        pub enum $name {
            $(#[doc = $first_doc])*
            #[serde(rename = $first_wire)]
            $first($first_type),
            $(#[doc = $second_doc])*
            #[serde(rename = $second_wire)]
            $second($second_type),
        }

        impl $crate::data::Data for $name {
            fn shape() -> ::core::option::Option<$crate::data::DataShape> {
                Some($crate::data::DataShape::of::<$name>())
            }
        }

        impl $crate::either::Either for $name {
            type First = $first_type;
            type Second = $second_type;
            const WIRE_NAMES: [&'static str; 2] = [$first_wire, $second_wire];
        }
    };
}

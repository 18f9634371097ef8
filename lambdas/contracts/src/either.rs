//! What a function answers where it may come to two good ends: one of two payloads, by name.

use serde::{Serialize, de::DeserializeOwned};

use crate::path::Payload;

/// One of two payloads. On the wire it is an object with one field, whose name says which of the two it
/// is. Made by [`either!`](crate::either!).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one of two payloads",
    note = "such a type is defined by `either!` in `lambdas/contracts`"
)]
pub trait Either: Serialize + DeserializeOwned + 'static {
    /// The one.
    type First: Payload;
    /// The other.
    type Second: Payload;
    /// The field's name where it is the one, and where it is the other.
    const WIRE_NAMES: [&'static str; 2];
}

/// Defines an enum of two payloads, each with its name on the wire.
///
/// ```
/// use contracts::either::Either;
///
/// contracts::payload! { pub struct Cup, at CupAt { fill_level: u32 } }
/// contracts::payload! { pub struct Shards, at ShardsAt { count: u32 } }
/// contracts::either! {
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
        )]
        #[serde(crate = "contracts::__private::serde")]
        pub enum $name {
            $(#[doc = $first_doc])*
            #[serde(rename = $first_wire)]
            $first($first_type),
            $(#[doc = $second_doc])*
            #[serde(rename = $second_wire)]
            $second($second_type),
        }

        impl $crate::either::Either for $name {
            type First = $first_type;
            type Second = $second_type;
            const WIRE_NAMES: [&'static str; 2] = [$first_wire, $second_wire];
        }
    };
}

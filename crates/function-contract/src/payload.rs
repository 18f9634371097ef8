//! `payload!` and `item!`: they define a type, its JSON form, its schema and its typed paths in one place.

/// Turns `total_amount` into `totalAmount` at compile time, as serde's `rename_all = "camelCase"` does. `LENGTH` is
/// [`camel_case_length`].
#[doc(hidden)]
pub const fn camel_case<const LENGTH: usize>(field: &str) -> [u8; LENGTH] {
    let field = field.as_bytes();
    let mut wire = [0; LENGTH];
    let (mut from, mut to, mut upper) = (0, 0, false);
    while from < field.len() {
        let letter = field[from];
        let fits = matches!(letter, b'a'..=b'z' | b'0'..=b'9') || letter == b'_' && from > 0;
        assert!(
            fits,
            "a payload's field has a name of a-z, 0-9 and _, and begins with none of the last"
        );
        if letter != b'_' {
            wire[to] = if upper { letter.to_ascii_uppercase() } else { letter };
            to += 1;
        }
        upper = letter == b'_';
        from += 1;
    }
    wire
}

/// Returns the length in bytes of the result of [`camel_case`].
#[doc(hidden)]
pub const fn camel_case_length(field: &str) -> usize {
    let (mut length, mut at) = (0, 0);
    while at < field.len() {
        length += (field.as_bytes()[at] != b'_') as usize;
        at += 1;
    }
    length
}

/// The JSON name of a payload's field.
#[doc(hidden)]
#[macro_export]
macro_rules! __camel_case {
    ($field:expr) => {{
        const BYTES: [u8; $crate::__private::camel_case_length($field)] =
            $crate::__private::camel_case($field);
        const WIRE: &str = match ::std::str::from_utf8(&BYTES) {
            Ok(wire) => wire,
            Err(_) => panic!("ASCII letters are UTF-8"),
        };
        WIRE
    }};
}

/// The attribute name of an item's field: the name of the field.
#[doc(hidden)]
#[macro_export]
macro_rules! __as_it_is {
    ($field:expr) => {
        $field
    };
}

/// The name of a field in JSON: the literal after `as`, or what the macro `$wire` makes of its name in Rust.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_name {
    ($wire:ident $field:ident) => {
        $crate::$wire!(stringify!($field))
    };
    ($wire:ident $field:ident $as:literal) => {
        $as
    };
}

/// Joins the lines of a doc comment into one paragraph.
#[doc(hidden)]
pub fn doc_lines(lines: &[&str]) -> String {
    lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Defines a JSON payload with camelCase names, its JSON Schema, and the struct of typed paths to its fields.
///
/// The JSON always has every field, with `null` for an absent optional one, so that a state can read a field without
/// checking whether it exists. The macro accepts no attributes except doc comments, because a `#[serde(...)]` could make
/// the JSON names differ from the paths.
///
/// ```
/// function_contract::payload! {
///     /// A cup of something.
///     pub struct Cup, at CupAt {
///         /// Millilitres.
///         fill_level: u32,
///     }
/// }
/// assert_eq!(serde_json::to_string(&Cup { fill_level: 3 }).unwrap(), r#"{"fillLevel":3}"#);
/// ```
///
/// # Data of other versions
///
/// While a deployment runs, and for as long as a queue or a table keeps data, one version reads what another one wrote.
/// So a reader ignores fields that it does not know, and an `Option` reads as `None` if older data lacks the field.
/// `infra-gen` compares every payload with the released ones ([`Data`](crate::data::Data)).
///
/// ```
/// # function_contract::payload! {
/// #     /// A cup of something.
/// #     pub struct Cup, at CupAt {
/// #         /// Millilitres.
/// #         fill_level: u32,
/// #     }
/// # }
/// let newer = r#"{"fillLevel":3,"handle":"left"}"#;
/// assert_eq!(serde_json::from_str::<Cup>(newer).unwrap(), Cup { fill_level: 3 });
/// ```
///
/// Two declarations say that a version gives something up:
///
/// - `Option<T> => T`: this version reads either, and writes a `T`. So the next version may write `None`.
/// - `without "name"`: older data has this field, and this version does not need it.
///
/// ```
/// function_contract::payload! {
///     /// A cup of something. Older cups have a handle.
///     pub struct Cup, at CupAt, without "handle" {
///         /// Millilitres. Always written, and the next version will leave it out.
///         fill_level: Option<u32> => u32,
///     }
/// }
/// let older = r#"{"fillLevel":3,"handle":"left"}"#;
/// assert_eq!(serde_json::from_str::<Cup>(older).unwrap(), Cup { fill_level: Some(3) });
/// ```
///
/// A payload that crosses the boundary of the system is `strict`: an unknown field is a mistake of the sender, and its
/// JSON Schema says that there are no other fields.
///
/// ```
/// function_contract::payload! {
///     /// A request for a cup.
///     pub struct Wish, at WishAt, strict {
///         /// Millilitres.
///         fill_level: u32,
///     }
/// }
/// assert!(serde_json::from_str::<Wish>(r#"{"fillLevel":3,"handle":"left"}"#).is_err());
/// ```
///
/// `as` gives a field another name in Rust than in JSON. So a field can be renamed in Rust while the data keeps its name.
///
/// ```
/// function_contract::payload! {
///     /// A cup of something.
///     pub struct Cup, at CupAt {
///         /// Millilitres.
///         volume: u32 as "fillLevel",
///     }
/// }
/// assert_eq!(serde_json::to_string(&Cup { volume: 3 }).unwrap(), r#"{"fillLevel":3}"#);
/// ```
///
/// A field name for which serde's JSON name could differ from the path does not compile:
///
/// ```compile_fail
/// function_contract::payload! { pub struct Cup, at CupAt { _level: u32 } }
/// ```
#[macro_export]
macro_rules! payload {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident, at $at:ident $(, without $($without:literal),+)? { $($fields:tt)* }
    ) => {
        $crate::__payload! {
            [rename_all = "camelCase"] [$(without $($without),+)?] __camel_case;
            $(#[doc = $doc])*
            pub struct $name, at $at { $($fields)* }
        }
    };
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident, at $at:ident, strict { $($fields:tt)* }
    ) => {
        $crate::__payload! {
            [rename_all = "camelCase", deny_unknown_fields] [] __camel_case;
            $(#[doc = $doc])*
            pub struct $name, at $at { $($fields)* }
        }
    };
}

/// Defines a DynamoDB item: like `payload!`, but with unchanged field names, and with the type of every attribute. An
/// item does not contain an absent attribute; it is never stored as `NULL`.
///
/// An implementation of [`Item`](crate::item::Item) for the type defines the partition key.
///
/// ```
/// use function_contract::{item, item::Item, path::Expr};
///
/// item! {
///     /// A customer.
///     pub struct Customer, at CustomerAt {
///         /// The customer's id.
///         customer_id: String,
///         /// Where parcels go.
///         address: Option<String>,
///     }
/// }
///
/// impl Item for Customer {
///     type Key = String;
///
///     fn key() -> Expr<Self, String> {
///         Customer::at().customer_id
///     }
/// }
/// ```
#[macro_export]
macro_rules! item {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident, at $at:ident $(, without $($without:literal),+)? {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident: $ty:ty $(as $wire:literal)? $(=> $writes:ty)?
            ),* $(,)?
        }
    ) => {
        $crate::__payload! {
            [rename_all = "snake_case"] [$(without $($without),+)?] __as_it_is;
            $(#[doc = $doc])*
            pub struct $name, at $at {
                $($(#[doc = $field_doc])* $field: $ty $(as $wire)? $(=> $writes)?),*
            }
        }

        impl<Root> $crate::path::BuildsItem<Root, $name> for $at<Root> {
            fn item(self) -> $crate::path::ItemShape<Root, $name> {
                $crate::path::ItemShape::__new(vec![$($crate::path::AttributeShape {
                    name: $crate::__wire_name!(__as_it_is $field $($wire)?),
                    is: <$ty as $crate::path::Attribute>::TYPE,
                    optional: <$ty as $crate::path::Attribute>::OPTIONAL,
                    value: self.$field.into_source(),
                }),*])
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __payload {
    (
        [$($serde:tt)*] [$(without $($without:literal),+)?] $wire:ident;
        $(#[doc = $doc:literal])*
        pub struct $name:ident, at $at:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident: $ty:ty $(as $as:literal)? $(=> $writes:ty)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(
            Debug, Clone, PartialEq,
            $crate::__private::serde::Serialize,
            $crate::__private::serde::Deserialize,
            $crate::__private::schemars::JsonSchema,
        )]
        #[serde(crate = "function_contract::__private::serde", $($serde)*)]
        #[schemars(crate = "function_contract::__private::schemars")]
        $(#[schemars(extend("x-without" = [$($without),+]))])?
        pub struct $name {
            $(
                $(#[doc = $field_doc])*
                $(#[serde(rename = $as)])?
                $(#[schemars(extend("x-writes" = $crate::data::written::<$writes>()))])?
                pub $field: $ty
            ),*
        }

        #[doc = concat!("The references to the fields of a [`", stringify!($name), "`], from `Root`.")]
        #[derive(Debug, Clone)]
        pub struct $at<Root> { $($(#[doc = $field_doc])* pub $field: $crate::path::Expr<Root, $ty>),* }

        impl $name {
            /// Paths to the fields of this payload.
            pub fn at() -> $at<$name> {
                <$name as $crate::path::Payload>::__paths()
            }

            /// The same paths, for an error route of a state that has this payload as its input.
            pub fn caught() -> $at<$crate::path::Caught<$name>> {
                <$name as $crate::path::Payload>::__paths()
            }
        }

        impl $crate::path::Payload for $name {
            type At<Root> = $at<Root>;

            const WIRE_NAMES: &'static [&'static str] = &[$($crate::__wire_name!($wire $field $($as)?)),*];

            fn __paths<Root>() -> $at<Root> {
                $at { $($field: $crate::path::Expr::__field(
                    const { &[$crate::__wire_name!($wire $field $($as)?)] }
                )),* }
            }
        }

        impl $crate::data::Data for $name {
            fn shape() -> ::core::option::Option<$crate::data::DataShape> {
                Some($crate::data::DataShape::of::<$name>())
            }
        }

        impl<Root> $crate::path::Builds<Root, $name> for $at<Root> {
            fn shape(self) -> $crate::path::Shape<Root, $name> {
                $crate::path::Shape::__new(vec![
                    $(($crate::__wire_name!($wire $field $($as)?), self.$field.into_source())),*
                ])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn a_name_that_no_field_has_is_refused() {
        for good in ["a", "z", "a0", "a9", "a_", "a_b"] {
            let letters: String = good.chars().filter(|it| *it != '_').collect();
            let found = camel_case::<8>(good);
            let found = String::from_utf8_lossy(&found).trim_end_matches('\0').to_owned();
            assert!(found.eq_ignore_ascii_case(&letters), "{found}");
            assert_eq!(camel_case_length(good), letters.len());
        }
        for bad in ["_a", "_", "A", "aB", "a-b", "a b", "\u{e4}", "a.b"] {
            assert!(catch_unwind(|| camel_case::<8>(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_comment_is_one_paragraph() {
        assert_eq!(doc_lines(&[" One", "", " two ", "three"]), "One two three");
        assert_eq!(doc_lines(&[]), "");
    }

    #[test]
    fn wire_names_are_camel_case() {
        assert_eq!(__camel_case!("order_id"), "orderId");
        assert_eq!(__camel_case!("price"), "price");
        assert_eq!(__camel_case!("a_b_c"), "aBC");
    }
}

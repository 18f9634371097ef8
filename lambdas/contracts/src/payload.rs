//! `payload!` and `item!`: a type, its JSON form, its schema and its typed paths from one text.

/// Turns `total_amount` into `totalAmount`, as serde's `rename_all = "camelCase"` does.
#[doc(hidden)]
pub fn camel_case(field: &str) -> String {
    let mut wire = String::with_capacity(field.len());
    let mut upper = false;
    for letter in field.chars() {
        match letter {
            '_' => upper = true,
            _ if upper => {
                wire.extend(letter.to_uppercase());
                upper = false;
            }
            _ => wire.push(letter),
        }
    }
    wire
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

/// Defines a JSON payload with camelCase names on the wire, its JSON Schema, and the struct of
/// typed paths into it.
///
/// Every field is always on the wire, `null` where an optional one is absent: a state can then
/// read it without asking whether it is there. Unknown fields are refused. No attribute but a doc
/// comment is taken, since a `#[serde(...)]` would make the paths drift from the wire names.
///
/// ```
/// contracts::payload! {
///     /// A cup of something.
///     pub struct Cup, at CupAt {
///         /// Millilitres.
///         fill_level: u32,
///     }
/// }
/// assert_eq!(serde_json::to_string(&Cup { fill_level: 3 }).unwrap(), r#"{"fillLevel":3}"#);
/// ```
#[macro_export]
macro_rules! payload {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident, at $at:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty),* $(,)?
        }
    ) => {
        $crate::__payload! {
            [rename_all = "camelCase"] $crate::__private::camel_case;
            $(#[doc = $doc])*
            pub struct $name, at $at { $($(#[doc = $field_doc])* $field: $ty),* }
        }
    };
}

/// Defines a DynamoDB item: as `payload!`, with the field names as they are, and with the type of
/// every attribute.
///
/// The partition key comes from an implementation of `item::Item` beside it.
#[macro_export]
macro_rules! item {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident, at $at:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty),* $(,)?
        }
    ) => {
        $crate::__payload! {
            [rename_all = "snake_case"] ::std::borrow::ToOwned::to_owned;
            $(#[doc = $doc])*
            pub struct $name, at $at { $($(#[doc = $field_doc])* $field: $ty),* }
        }

        impl<Root> $crate::path::BuildsItem<Root, $name> for $at<Root> {
            fn item(self) -> $crate::path::ItemShape<Root, $name> {
                $crate::path::ItemShape::__new(vec![$($crate::path::AttributeShape {
                    name: stringify!($field),
                    is: <$ty as $crate::path::Attribute>::TYPE,
                    optional: <$ty as $crate::path::Attribute>::OPTIONAL,
                    value: self.$field.source().clone(),
                }),*])
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __payload {
    (
        [$($rename:tt)*] $wire:expr;
        $(#[doc = $doc:literal])*
        pub struct $name:ident, at $at:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(
            Debug, Clone, PartialEq,
            $crate::__private::serde::Serialize,
            $crate::__private::serde::Deserialize,
            $crate::__private::schemars::JsonSchema,
        )]
        #[serde(crate = "contracts::__private::serde", deny_unknown_fields, $($rename)*)]
        #[schemars(crate = "contracts::__private::schemars")]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $ty),* }

        #[doc = concat!("Where each field of a [`", stringify!($name), "`] comes from, seen from `Root`.")]
        #[derive(Debug, Clone)]
        pub struct $at<Root> { $($(#[doc = $field_doc])* pub $field: $crate::path::Expr<Root, $ty>),* }

        impl $name {
            /// Paths to the fields of this payload.
            pub fn at() -> $at<$name> {
                <$name as $crate::path::Payload>::__paths()
            }

            /// The same paths, seen from an error route of a state that takes this payload.
            pub fn caught() -> $at<$crate::path::Caught<$name>> {
                <$name as $crate::path::Payload>::__paths()
            }
        }

        impl $crate::path::Payload for $name {
            type At<Root> = $at<Root>;

            fn __paths<Root>() -> $at<Root> {
                $at { $($field: $crate::path::Expr::__field($wire(stringify!($field)))),* }
            }

            fn wire_names() -> Vec<String> {
                vec![$($wire(stringify!($field))),*]
            }
        }

        impl $crate::read::Fields for $name {
            fn __read(reader: &mut $crate::read::Reader) -> Option<Self> {
                $(let $field = reader.field::<$ty>(&$wire(stringify!($field)));)*
                Some($name { $($field: $field?),* })
            }
        }

        impl<Root> $crate::path::Builds<Root, $name> for $at<Root> {
            fn shape(self) -> $crate::path::Shape<Root, $name> {
                $crate::path::Shape::__new(vec![
                    $(($wire(stringify!($field)), self.$field.source().clone())),*
                ])
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn wire_names_are_camel_case() {
        fn check(field: &str, wire: &str) {
            assert_eq!(camel_case(field), wire);
        }
        check("order_id", "orderId");
        check("price", "price");
        check("a_b_c", "aBC");
    }
}

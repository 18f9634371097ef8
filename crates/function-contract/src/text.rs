//! Text of a fixed format.

/// Defines a type for text of a fixed format. A value is checked when it is parsed.
///
/// ```
/// function_contract::text! {
///     /// A cup's number.
///     CupNumber, like "CUP-7", pattern "^CUP-[0-9]$", by is_cup
/// }
///
/// fn is_cup(text: &str) -> bool {
///     function_contract::text::has_form(text, b"CUP-d")
/// }
///
/// assert!(CupNumber::try_from("CUP-7".to_owned()).is_ok());
/// assert!(CupNumber::try_from("CUP-x".to_owned()).is_err());
/// ```
#[macro_export]
macro_rules! text {
    (
        $(#[doc = $doc:literal])*
        $name:ident, like $example:literal, pattern $pattern:literal, by $rule:path
    ) => {
        $(#[doc = $doc])*
        #[derive(
            Debug,
            Clone,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            $crate::__private::serde::Serialize,
            $crate::__private::serde::Deserialize,
        )]
        #[serde(crate = "function_contract::__private::serde")]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                match $rule(&text) {
                    true => Ok($name(text)),
                    false => Err(concat!("must look like ", $example).to_owned()),
                }
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> String {
                it.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::__private::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(
                _: &mut $crate::__private::schemars::SchemaGenerator,
            ) -> $crate::__private::schemars::Schema {
                $crate::__private::schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }

        impl $crate::path::Attribute for $name {
            const TYPE: $crate::path::AttributeType = $crate::path::AttributeType::Text;
        }
    };
}

/// Whether `text` has a format: `h` stands for a lower-case hex digit, `d` for a decimal digit, and any other
/// byte for itself.
pub fn has_form(text: &str, form: &[u8]) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, form)| match form {
            b'h' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            b'd' => byte.is_ascii_digit(),
            other => byte == *other,
        })
}

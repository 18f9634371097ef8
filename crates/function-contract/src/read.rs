//! Parses the body of a request, and reports every problem in plain words with its JSON pointer.
//!
//! serde would stop at the first problem, use the names of Rust types, and accept the last of two fields with the same
//! name. A customer needs all problems at once, in the terms of JSON.

mod json;
mod problems;

pub use json::{Json, Object};
pub use problems::{Problems, pointer};

use crate::http::Problem;

/// The length of the longest escape for one byte of text in UTF-8: `\u0041` is `A`. Characters of two to four bytes
/// need less for each byte: `\u00e4` is `ä`, `\ud83c\udf81` is 🎁.
///
/// <https://www.rfc-editor.org/rfc/rfc8259#section-7>
const ESCAPED: usize = 6;

/// Returns the length of the longest JSON string for `bytes` bytes of text in UTF-8.
pub const fn string_bytes(bytes: usize) -> usize {
    2 + ESCAPED * bytes
}

/// A payload that customers send as the body of a request. `request_body!` implements it.
pub trait RequestBody: Sized {
    /// The length in bytes of the longest valid body with every character escaped, and without whitespace between its
    /// parts.
    const MOST_BYTES: usize;
    /// The length in bytes of the longest body that the API accepts. The firewall and the function use this limit. It
    /// is at least [`RequestBody::MOST_BYTES`]; the rest is room for whitespace.
    const LARGEST_BYTES: usize;
    /// The names of the fields.
    const NAMES: &'static [&'static str];

    /// The error message for a longer body.
    fn too_large() -> String {
        format!("The body has more than {} bytes.", Self::LARGEST_BYTES)
    }

    #[doc(hidden)]
    fn __read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The type of a field in a request's body.
pub trait Written: Sized {
    /// The length in bytes of its longest JSON text, with every character escaped.
    const MOST_BYTES: usize;

    /// Parses JSON text. If that fails, it adds the reasons to `problems`.
    fn read(json: Json<'_>, pointer: &str, problems: &mut Problems) -> Option<Self>;

    /// Returns the value for a missing field, or `None` if a missing field is a problem.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Written> Written for Option<T> {
    const MOST_BYTES: usize = if T::MOST_BYTES < 4 { 4 } else { T::MOST_BYTES };

    fn read(json: Json<'_>, pointer: &str, problems: &mut Problems) -> Option<Self> {
        match json {
            Json::Null => Some(None),
            json => T::read(json, pointer, problems).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// Makes a payload the body of a request, with a maximum length in bytes. The macro needs a list of the payload's
/// fields; a missing field does not compile.
///
/// ```
/// function_contract::payload! {
///     /// A letter.
///     pub struct Letter, at LetterAt {
///         /// 256 bytes, of which each may be an escape of six.
///         text: function_contract::written::WrittenText,
///     }
/// }
/// function_contract::request_body!(Letter, at most 2_048 bytes: text);
/// ```
///
/// If the fields allow a longer body, it does not compile:
///
/// ```compile_fail
/// # function_contract::payload! {
/// #     /// A letter.
/// #     pub struct Letter, at LetterAt {
/// #         /// 256 bytes, of which each may be an escape of six.
/// #         text: function_contract::written::WrittenText,
/// #     }
/// # }
/// function_contract::request_body!(Letter, at most 1_024 bytes: text);
/// ```
///
/// Neither does a body that Lambda would not pass to a function ([`size::PROXIED_BODY`](crate::size::PROXIED_BODY)):
///
/// ```compile_fail
/// # function_contract::payload! {
/// #     /// A letter.
/// #     pub struct Letter, at LetterAt {
/// #         /// 256 bytes, of which each may be an escape of six.
/// #         text: function_contract::written::WrittenText,
/// #     }
/// # }
/// function_contract::request_body!(Letter, at most 4_000_000 bytes: text);
/// ```
#[macro_export]
macro_rules! request_body {
    ($name:ident, at most $largest:literal bytes: $($field:ident),* $(,)?) => {
        impl $crate::read::RequestBody for $name {
            const MOST_BYTES: usize = {
                // The braces, and for each field its name, a colon and, except for the last field, a comma.
                let mut bytes = 1;
                $(
                    bytes += $crate::read::string_bytes($crate::__camel_case!(stringify!($field)).len());
                    bytes += 2 + $crate::read::most_bytes(|it: &$name| &it.$field);
                )*
                bytes
            };
            const LARGEST_BYTES: usize = $largest;
            const NAMES: &'static [&'static str] = &[$($crate::__camel_case!(stringify!($field))),*];

            fn __read(fields: &mut $crate::read::Fields<'_>) -> Option<Self> {
                $(let $field = fields.take($crate::__camel_case!(stringify!($field)));)*
                Some($name { $($field: $field?),* })
            }
        }

        const _: () = assert!(
            <$name as $crate::read::RequestBody>::MOST_BYTES <= $largest,
            "a body that its fields allow is longer than the largest body",
        );
        const _: () = assert!(
            $largest <= $crate::size::PROXIED_BODY,
            "the largest body does not fit into the event of a function: see `function_contract::size`",
        );
    };
}

/// [`Written::MOST_BYTES`] of a field.
#[doc(hidden)]
pub const fn most_bytes<P, T: Written>(_: fn(&P) -> &T) -> usize {
    T::MOST_BYTES
}

/// Parses the body of a request. Unknown fields and repeated fields are problems, too.
///
/// # Errors
///
/// Returns every problem, up to 20: repeated fields, then fields in the order of the type, then unknown fields.
pub fn read<P: RequestBody>(body: &[u8]) -> Result<P, Vec<Problem>> {
    let mut problems = Problems::default();
    let payload = parse(body).map(|object| {
        let mut fields = Fields::new(object, &mut problems);
        let payload = P::__read(&mut fields);
        fields.unknown(P::NAMES);
        payload
    });
    match payload {
        Err(message) => problems.add("", message),
        Ok(Some(payload)) if problems.is_empty() => return Ok(payload),
        Ok(_) => {}
    }
    Err(problems.into_list())
}

fn parse(body: &[u8]) -> Result<Object<'_>, String> {
    let text = std::str::from_utf8(body).map_err(|err| {
        format!("must be JSON in UTF-8; after byte {} it is not UTF-8", err.valid_up_to())
    })?;
    match Json::parse(text)? {
        Json::Object(object) => Ok(object),
        other => Err(other.instead_of("a JSON object")),
    }
}

/// The fields of a body that have not been read yet.
pub struct Fields<'a> {
    object: Object<'a>,
    problems: &'a mut Problems,
}

impl<'a> Fields<'a> {
    fn new(object: Object<'a>, problems: &'a mut Problems) -> Self {
        object.repeated("", problems);
        Fields { object, problems }
    }

    #[doc(hidden)]
    pub fn take<T: Written>(&mut self, name: &str) -> Option<T> {
        let pointer = pointer("", name);
        match self.object.remove(name) {
            Some(json) => T::read(json, &pointer, self.problems),
            None => T::absent().or_else(|| {
                self.problems.add(pointer, "is missing");
                None
            }),
        }
    }

    fn unknown(self, known: &[&str]) {
        for name in self.object.names() {
            let message = format!("is an unknown field; the fields are {}", known.join(", "));
            self.problems.add(pointer("", name), message);
        }
    }
}

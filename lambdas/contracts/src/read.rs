//! From the body of a request to a payload: every problem in plain words, each with its JSON pointer.
//!
//! serde stops at the first problem, speaks of Rust's types, and takes the last of two fields with one
//! name. A customer wants all problems, in the words of JSON.

mod json;
mod problems;

pub use json::Json;
pub use problems::Problems;
pub(crate) use problems::pointer;

use crate::api::Problem;
use json::Object;

/// Bytes of the longest escape for one byte of text in UTF-8: `\u0041` is `A`. Characters of two to four bytes
/// take less for each byte: `\u00e4` is `ä`, `\ud83c\udf81` is 🎁.
///
/// <https://www.rfc-editor.org/rfc/rfc8259#section-7>
const ESCAPED: usize = 6;

/// Bytes of the longest JSON string that holds `bytes` bytes of text in UTF-8.
pub const fn string_bytes(bytes: usize) -> usize {
    2 + ESCAPED * bytes
}

/// A payload that customers send as the body of a request. Made by `request_body!`.
pub trait RequestBody: Sized {
    /// Bytes of the longest body that is one, whatever its writer escapes, without whitespace between its
    /// parts.
    const MOST_BYTES: usize;
    /// Bytes of the longest body that is taken. The firewall, the function and its answers go by it. It is
    /// at least [`RequestBody::MOST_BYTES`]; what is above is for whitespace.
    const LARGEST_BYTES: usize;
    /// The names of the fields.
    const NAMES: &'static [&'static str];

    /// What a customer is told whose body is longer.
    fn too_large() -> String {
        format!("The body has more than {} bytes.", Self::LARGEST_BYTES)
    }

    #[doc(hidden)]
    fn __read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// A type of a field that customers write.
pub trait Written: Sized {
    /// Bytes of its longest JSON text, whatever its writer escapes.
    const MOST_BYTES: usize;

    /// Reads JSON text. Where that is not one, `problems` has the reasons.
    fn read(json: Json<'_>, pointer: &str, problems: &mut Problems) -> Option<Self>;

    /// What it means that the field is not there: most often a problem.
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

/// Makes a payload one that customers send, as the body of a request of so many bytes at most. The fields are
/// those of the payload, once more; one that is forgotten does not compile.
///
/// ```
/// contracts::payload! {
///     /// A letter.
///     pub struct Letter, at LetterAt {
///         /// 256 bytes, of which each may be an escape of six.
///         text: contracts::written::WrittenText,
///     }
/// }
/// contracts::request_body!(Letter, at most 2_048 bytes: text);
/// ```
///
/// Where a body that the fields allow is longer, it does not compile:
///
/// ```compile_fail
/// # contracts::payload! {
/// #     /// A letter.
/// #     pub struct Letter, at LetterAt {
/// #         /// 256 bytes, of which each may be an escape of six.
/// #         text: contracts::written::WrittenText,
/// #     }
/// # }
/// contracts::request_body!(Letter, at most 1_024 bytes: text);
/// ```
#[macro_export]
macro_rules! request_body {
    ($name:ident, at most $largest:literal bytes: $($field:ident),* $(,)?) => {
        impl $crate::read::RequestBody for $name {
            const MOST_BYTES: usize = {
                // The braces; for each field its name, a colon, and a comma, but for the last one.
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
    };
}

/// [`Written::MOST_BYTES`] of a field.
#[doc(hidden)]
pub const fn most_bytes<P, T: Written>(_: fn(&P) -> &T) -> usize {
    T::MOST_BYTES
}

/// Reads the body of a request. Fields that it does not have, and fields that are there twice, are problems
/// too.
///
/// # Errors
///
/// Every problem, up to 20: what is there twice, then the fields in the order of the type, then
/// the fields that there are not.
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
            let message = format!("is not a field here; the fields are {}", known.join(", "));
            self.problems.add(pointer("", name), message);
        }
    }
}

#[cfg(test)]
mod tests;

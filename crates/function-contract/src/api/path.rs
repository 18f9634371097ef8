//! Methods and paths.

use std::fmt;

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpMethod {
    /// Read.
    Get,
    /// Make.
    Post,
}

impl HttpMethod {
    /// The method's name in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            HttpMethod::Get => "GET",
            HttpMethod::Post => "POST",
        }
    }
}

/// The method of a route, for `api!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __method {
    (GET) => {
        $crate::api::HttpMethod::Get
    };
    (POST) => {
        $crate::api::HttpMethod::Post
    };
}

/// The path of a route: `/cup/{cupNumber}`. Only [`api!`](crate::api!) makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutePath(&'static [Segment]);

/// A segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A fixed text.
    Fixed(&'static str),
    /// A parameter, by its name.
    Parameter(&'static str),
}

impl Segment {
    #[doc(hidden)]
    #[track_caller]
    pub const fn __fixed(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        assert!(!bytes.is_empty(), "a segment of a route's path has at least one character");
        let mut i = 0;
        while i < bytes.len() {
            assert!(
                bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'-' | b'.' | b'_'),
                "a segment of a route's path has only letters, digits and - . _"
            );
            i += 1;
        }
        Segment::Fixed(text)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Fixed(text) => f.write_str(text),
            Segment::Parameter(name) => write!(f, "{{{name}}}"),
        }
    }
}

impl RoutePath {
    #[doc(hidden)]
    pub const fn __of(segments: &'static [Segment]) -> Self {
        RoutePath(segments)
    }

    /// The segments.
    pub const fn segments(self) -> &'static [Segment] {
        self.0
    }

    #[doc(hidden)]
    pub const fn __has_parameters(self) -> bool {
        let mut i = 0;
        while i < self.0.len() {
            if matches!(self.0[i], Segment::Parameter(_)) {
                return true;
            }
            i += 1;
        }
        false
    }
}

impl fmt::Display for RoutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| write!(f, "/{it}"))
    }
}

/// Returns the reference to another path, relative to the URL of a request. Only the client knows what precedes the path
/// of the request: the stage, or the base path of a domain. `own` is the number of segments of the route's own path, with
/// which the path of the request ends.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-5.2>
pub(super) fn relative(asked: &str, own: usize, to: &[String]) -> String {
    let to: Vec<String> = to.iter().map(|it| encoded(it)).collect();
    let segments: Vec<&str> = asked.trim_matches('/').split('/').collect();
    let mut folder = &segments[segments.len().saturating_sub(own)..];
    if !asked.ends_with('/') {
        folder = &folder[..folder.len() - 1];
    }
    let common = folder.iter().zip(&to).take_while(|(a, b)| a == b).count();
    // The last segment of the other path is always named, because `..` ends with a slash.
    let common = common.min(to.len() - 1);
    "../".repeat(folder.len() - common) + &to[common..].join("/")
}

/// Returns a text as a segment of a path.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_reference_leads_from_the_request_to_the_other_path() {
        #[track_caller]
        fn check(asked: &str, own: usize, to: &[&str], expected: &str) {
            let to: Vec<String> = to.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(relative(asked, own, &to), expected, "{asked}");
        }
        check("/cup", 1, &["cup", "7"], "cup/7");
        check("/cup/", 1, &["cup", "7"], "7");
        // The client's URL has a stage or a base path.
        check("/shop/cup", 1, &["cup", "7"], "cup/7");
        check("/shop/cup/", 1, &["cup", "7"], "7");
        check("/cup/7/lid", 3, &["cup", "7"], "../7");
        check("/cup/7/lid", 3, &["saucer", "7"], "../../saucer/7");
        check("/cup", 1, &["cup", "a b/c"], "cup/a%20b%2Fc");
        check("/cup", 1, &["a:b"], "a%3Ab");
    }

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encoded("aZ9-._~"), "aZ9-._~");
        assert_eq!(encoded("a/b?#:%ä"), "a%2Fb%3F%23%3A%25%C3%A4");
    }
}

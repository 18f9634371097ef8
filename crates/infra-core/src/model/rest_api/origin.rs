//! The origin that browsers may call from.

/// The origin that browsers may call from.
///
/// It is a single origin, because the header takes only one, and the errors of API Gateway itself have it as a
/// constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin(&'static str);

impl Origin {
    /// Any origin.
    pub const ANY: Origin = Origin("*");

    /// Use it in a `const` item, where an invalid origin does not compile.
    ///
    /// # Panics
    ///
    /// If it does not begin with `https://`, or has a path, a quote or a space.
    #[track_caller]
    pub const fn new(origin: &'static str) -> Self {
        let bytes = origin.as_bytes();
        let scheme = b"https://";
        assert!(bytes.len() > scheme.len(), "an origin is https:// and a host");
        let mut i = 0;
        while i < bytes.len() {
            if i < scheme.len() {
                assert!(bytes[i] == scheme[i], "an origin begins with https://");
            } else {
                assert!(
                    bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'.' | b'-' | b':'),
                    "an origin has a host and maybe a port behind https://, no path and no quotes"
                );
            }
            i += 1;
        }
        Origin(origin)
    }

    /// The origin.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

//! From where browsers may call.

/// The origin that browsers may call from.
///
/// One, and not a list: the header takes one, and API Gateway's own errors carry it as a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin(&'static str);

impl Origin {
    /// Any origin.
    pub const ANY: Origin = Origin("*");

    /// Meant for a `const` item: there, what is no origin does not compile.
    ///
    /// # Panics
    ///
    /// Where it does not begin with `https://`, or has a path, a quote or a space.
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

//! Units of metrics. The threshold of an alarm is a value in the unit of its signal.

/// A unit that a threshold can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the unit of a threshold",
    note = "the units are `Count`, `Seconds`, `Milliseconds` and `Share`"
)]
pub trait Unit: Copy {
    /// The unit's name after a number.
    const NAME: &'static str;

    /// The number that CloudWatch compares.
    fn number(self) -> f64;
}

macro_rules! units {
    ($($(#[doc = $doc:literal])* $name:ident $text:literal;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl Unit for $name {
            const NAME: &'static str = $text;

            fn number(self) -> f64 {
                f64::from(self.0)
            }
        }
    )*};
}

units! {
    /// How many: events in a period, or things at one time.
    Count "";
    /// An age.
    Seconds " s";
    /// A duration.
    Milliseconds " ms";
}

/// A part of a whole, from 0 to less than 1: `Share::new(0.01)` is one of a hundred. As a threshold, a share of 1 would never
/// be exceeded.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// Use it in a `const` item, where a share that no alarm can exceed does not compile.
    ///
    /// # Panics
    ///
    /// If the share is less than 0, or 1 or more.
    #[track_caller]
    pub const fn new(share: f64) -> Self {
        assert!(share >= 0.0 && share < 1.0, "a share is a number from 0 to less than 1");
        Share(share)
    }

    /// The nearest hundredth from 0 to 1, for a share that is computed. A rule refuses an alarm above a share of 1.
    pub fn nearest(share: f64) -> Self {
        Share((share.clamp(0.0, 1.0) * 100.0).round() / 100.0)
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Unit for Share {
    const NAME: &'static str = "";

    fn number(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computed_share_is_a_hundredth_from_0_to_1() {
        fn check(share: f64, nearest: f64) {
            assert_eq!(Share::nearest(share).get(), nearest);
        }
        check(0.514_9, 0.51);
        check(-0.2, 0.0);
        check(7.0, 1.0);
    }

    #[test]
    #[should_panic = "from 0 to less than 1"]
    fn a_share_of_one_is_refused() {
        Share::new(1.0);
    }
}

//! Errors that a state machine can route, by name.

/// An enum whose variants are the names that `ErrorEquals` may hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of error names",
    note = "error names are defined by `error_names!`"
)]
pub trait ErrorNames: Copy + std::fmt::Debug + 'static {
    /// Every error, once.
    const ALL: &'static [Self];

    /// The name as Step Functions sees it.
    fn name(self) -> &'static str;

    /// Whether another attempt may help. What a function raises on purpose, it will raise again.
    fn may_pass(self) -> bool {
        false
    }
}

/// Nothing can go wrong on purpose. Faults of the platform still can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoError {}

impl ErrorNames for NoError {
    const ALL: &'static [Self] = &[];

    fn name(self) -> &'static str {
        match self {}
    }
}

/// Defines an enum of error names. A variant's name is its name on the wire, unless another is
/// given behind `=>`.
#[macro_export]
macro_rules! error_names {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $variant_doc:literal])* $variant:ident $(=> $wire:literal)?),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $variant_doc])* $variant),* }

        impl $crate::error::ErrorNames for $name {
            const ALL: &'static [Self] = &[$($name::$variant),*];

            fn name(self) -> &'static str {
                match self { $($name::$variant => $crate::error_names!(@ $variant $($wire)?)),* }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::error::ErrorNames::name(*self))
            }
        }
    };
    (@ $variant:ident) => { stringify!($variant) };
    (@ $variant:ident $wire:literal) => { $wire };
}

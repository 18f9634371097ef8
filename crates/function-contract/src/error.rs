//! Errors that a state machine can route by their names.

/// An enum whose variants are error names for `ErrorEquals`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of error names",
    note = "error names are defined by `error_names!`"
)]
pub trait ErrorNames: Copy + std::fmt::Debug + 'static {
    /// Every error, once.
    const ALL: &'static [Self];

    /// The error's name in Step Functions.
    fn name(self) -> &'static str;

    /// Whether a retry may help. By default it does not: an error that a function raises on purpose comes back.
    fn may_pass(self) -> bool {
        false
    }
}

/// The errors of a function that raises none on purpose. Faults of the platform are still possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoError {}

impl ErrorNames for NoError {
    const ALL: &'static [Self] = &[];

    fn name(self) -> &'static str {
        match self {}
    }
}

/// Defines an enum of error names. The error's name in Step Functions is the name of the variant, or the text after
/// `=>`.
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

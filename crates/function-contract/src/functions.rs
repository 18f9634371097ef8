//! The list of a system's functions, for everything that does the same with each of them.

use crate::Contract;

/// Something to do with the contract of a function, whichever function it is.
pub trait Visitor {
    /// The result.
    type Output;

    /// Visits one contract.
    fn visit<C: Contract>(self) -> Self::Output;
}

/// A contract in the list of its system's functions. [`functions!`](crate::functions!) implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not in the list of functions",
    label = "this function would be neither packed nor run",
    note = "add its name to `functions!`, in the file with its `contract!`"
)]
pub trait Listed: Contract {}

/// Lists the functions of a system, by the names of their contracts.
///
/// Whatever handles each function iterates over this list: packaging, local runs, tests. Code that differs from function to
/// function matches the enum without a wildcard, so that it does not compile while a function is missing.
///
/// ```
/// use function_contract::{
///     contract, env_contract, error::NoError, event::Tick, functions,
///     setting::{LogLevel, Setting},
/// };
///
/// contract! {
///     /// Counts parcels.
///     pub enum CountParcels = "count_parcels":
///     Tick => (), raises NoError, reads CountParcelsEnv
/// }
///
/// env_contract! {
///     /// The environment of [`CountParcels`].
///     pub struct CountParcelsEnv {
///         /// The log level.
///         LOG_LEVEL => log_level: Setting<LogLevel>,
///     }
/// }
///
/// functions! {
///     /// The functions of the parcel service.
///     pub enum FunctionName { CountParcels }
/// }
///
/// assert_eq!(FunctionName::BINS, ["count_parcels"]);
/// assert_eq!(FunctionName::of("count_parcels"), Some(FunctionName::CountParcels));
/// ```
#[macro_export]
macro_rules! functions {
    ($(#[doc = $doc:literal])* pub enum $name:ident { $($contract:ident),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!("The function with the contract [`struct@", stringify!($contract), "`].")] $contract),*
        }

        $(impl $crate::functions::Listed for $contract {})*

        impl $name {
            /// Every function, once.
            pub const ALL: [$name; [$(stringify!($contract)),*].len()] = [$($name::$contract),*];

            /// The binary of every function, in the order of `ALL`.
            pub const BINS: [&'static str; $name::ALL.len()] =
                [$(<$contract as $crate::Contract>::BIN),*];

            /// The function with this binary.
            pub fn of(bin: &str) -> ::core::option::Option<Self> {
                $name::ALL.into_iter().find(|it| it.bin() == bin)
            }

            /// The name of its binary.
            pub const fn bin(self) -> &'static str {
                match self { $($name::$contract => <$contract as $crate::Contract>::BIN),* }
            }

            /// Does something with its contract.
            pub fn visit<V: $crate::functions::Visitor>(self, visitor: V) -> V::Output {
                match self { $($name::$contract => visitor.visit::<$contract>()),* }
            }
        }
    };
}

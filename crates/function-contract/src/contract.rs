//! The contract of a function as a whole.

use crate::{data::Data, env::EnvContract, error::ErrorNames};

/// The contract of a Lambda function: its input, output, environment and errors. [`contract!`](crate::contract!) makes one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the contract of a Lambda function",
    note = "make one with `function_contract::contract!`"
)]
pub trait Contract: 'static {
    /// The name of the cargo binary, and of the zip file that Terraform uploads.
    const BIN: &'static str;
    /// The function's purpose, from its doc comment.
    const DOC: &'static str;
    /// The function's input.
    type Input: Data;
    /// The function's output.
    type Output: Data;
    /// The errors that the function raises on purpose. A state that calls the function needs a route for each of them.
    type Error: ErrorNames;
    /// Its environment variables.
    type Env: EnvContract;
}

/// Defines a function's contract: its binary, input, output, errors and environment.
///
/// ```
/// use function_contract::{
///     Contract, contract, env_contract,
///     error::NoError,
///     event::{SqsBatchResponse, SqsEvent},
///     payload,
///     setting::{LogLevel, Setting},
/// };
///
/// payload! {
///     /// A parcel that leaves.
///     pub struct Parcel, at ParcelAt {
///         /// Its number.
///         number: String,
///     }
/// }
///
/// contract! {
///     /// Announces parcels to their customers.
///     pub enum Announce = "announce":
///     SqsEvent<Parcel> => SqsBatchResponse, raises NoError, reads AnnounceEnv
/// }
///
/// env_contract! {
///     /// The environment of [`Announce`].
///     pub struct AnnounceEnv {
///         /// The log level.
///         LOG_LEVEL => log_level: Setting<LogLevel>,
///     }
/// }
///
/// assert_eq!(Announce::BIN, "announce");
/// ```
#[macro_export]
macro_rules! contract {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident = $bin:literal:
        $input:ty => $output:ty, raises $error:ty, reads $env:ty
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl $crate::Contract for $name {
            const BIN: &'static str = $bin;
            const DOC: &'static str = concat!($($doc),*);
            type Input = $input;
            type Output = $output;
            type Error = $error;
            type Env = $env;
        }
    };
}

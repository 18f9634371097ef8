//! Versions of data, and small stacks with them.

use function_contract::{
    Contract, contract,
    data::Data,
    env::Live,
    env_contract,
    error::NoError,
    item,
    item::Item,
    kind::{Function, Table},
    path::Expr,
    payload,
    setting::{LogLevel, Setting},
};
use infra_core::{
    model::{
        Handle, Id, Stack, Wire,
        flow::{self, Ended, Flow},
        key::Encryption,
        limits::WaitSeconds,
        machine::MachineSpec,
        queue::DeadLetterQueueSpec,
        refactor::Fate,
    },
    resource,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kit::*;

/// Adds the resources of a version to a stack.
pub(super) type Topology = fn(&mut Stack);

/// Defines a version of the payload `Parcel`, and its variants in an enum `Size`.
macro_rules! parcel {
    ($version:ident $(, $option:ident $($name:literal)?)? { $($fields:tt)* }) => {
        parcel!($version [Small, Large] $(, $option $($name)?)? { $($fields)* });
    };
    ($version:ident [$($size:ident),*] $(, $option:ident $($name:literal)?)? { $($fields:tt)* }) => {
        pub(super) mod $version {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
            pub(crate) enum Size { $($size),* }

            payload! {
                /// A parcel.
                pub struct Parcel, at ParcelAt $(, $option $($name)?)? { $($fields)* }
            }
        }
    };
}

parcel!(first { number: String, size: Size, grams: u16, note: Option<String> });
parcel!(strict_first, strict { number: String, size: Size, grams: u16, note: Option<String> });
parcel!(optional_added { number: String, size: Size, grams: u16, note: Option<String>, city: Option<String> });
parcel!(required_added { number: String, size: Size, grams: u16, note: Option<String>, city: String });
parcel!(removed, without "grams" { number: String, size: Size, note: Option<String> });
parcel!(optional_removed { number: String, size: Size, grams: u16 });
parcel!(optional_left_out, without "note" { number: String, size: Size, grams: u16 });
parcel!(grams_may_be_missing { number: String, size: Size, grams: Option<u16> => u16, note: Option<String> });
parcel!(grams_are_missing, without "grams" { number: String, size: Size, note: Option<String> });
parcel!(renamed, without "grams" { number: String, size: Size, weight: u16, note: Option<String> });
parcel!(renamed_in_rust { number: String, size: Size, weight: u16 as "grams", note: Option<String> });
parcel!(widened { number: String, size: Size, grams: u32, note: Option<String> });
parcel!(narrowed { number: String, size: Size, grams: u8, note: Option<String> });
parcel!(grown[Small, Large, Huge] { number: String, size: Size, grams: u16, note: Option<String> });
parcel!(shrunk[Small] { number: String, size: Size, grams: u16, note: Option<String> });
parcel!(note_is_a_number { number: String, size: Size, grams: u16, note: Option<u32> });

/// The messages of a queue have this type.
pub(super) fn messages<M: Data>(stack: &mut Stack) {
    messages_of::<M>(
        stack,
        resource!(
            /// Parcels.
            "orders"
        ),
    );
}

/// The queue has another name.
pub(super) fn messages_elsewhere<M: Data>(stack: &mut Stack) {
    messages_of::<M>(
        stack,
        resource!(
            /// Parcels.
            "parcels"
        ),
    );
}

fn messages_of<M: Data>(stack: &mut Stack, queue: Id) {
    let spec = DeadLetterQueueSpec { encryption: Encryption::Aws, retention: DAY };
    drop(stack.module(A).dead_letter_queue::<M>(queue, spec));
}

/// Defines a version of the item `Place` with its key.
macro_rules! place {
    ($version:ident by $key:ident { $($fields:tt)* }) => {
        pub(super) mod $version {
            use super::*;

            item! {
                /// A place in the store.
                pub struct Place, at PlaceAt { $($fields)* }
            }

            impl Item for Place {
                type Key = String;

                fn key() -> Expr<Self, String> {
                    Place::at().$key
                }
            }
        }
    };
}

place!(by_parcel by parcel { parcel: String, shelf: String });
place!(by_shelf by shelf { parcel: String, shelf: String });
place!(by_number by number { number: String, parcel: String, shelf: String });

/// The items of a table have this type.
pub(super) fn items<I: Item + Data>(stack: &mut Stack) {
    let _: Handle<Table<I>> = stack.module(A).table(
        resource!(
            /// Places.
            "orders"
        ),
        table_spec(),
    );
}

env_contract! {
    /// The environment of each function.
    pub struct LabelEnv {
        /// The log level.
        LOG_LEVEL => log_level: Setting<LogLevel>,
    }
}

contract! {
    /// Prints a label.
    pub enum Label = "label":
    first::Parcel => first::Parcel, raises NoError, reads LabelEnv
}

contract! {
    /// Prints a label with a city.
    pub enum LabelWithCity = "label":
    required_added::Parcel => first::Parcel, raises NoError, reads LabelEnv
}

contract! {
    /// Prints a label, and answers with less.
    pub enum LabelWithoutGrams = "label":
    first::Parcel => removed::Parcel, raises NoError, reads LabelEnv
}

/// A function has this contract.
pub(super) fn calls<C: Contract<Env = LabelEnv<Live>>>(stack: &mut Stack) {
    drop(function::<C>(
        stack,
        resource!(
            /// Prints labels.
            "orders"
        ),
    ));
}

fn function<C: Contract<Env = LabelEnv<Live>>>(stack: &mut Stack, id: Id) -> Handle<Function<C>> {
    let env = LabelEnv { log_level: Wire::setting(LogLevel::Info) };
    stack.module(A).function(id, spec(env, SHORT))
}

type Ships<O> = Flow<first::Parcel, O>;

/// Adds a state machine that takes parcels.
fn machine(stack: &mut Stack, flow: Ships<Ended>) {
    drop(stack.module(A).state_machine(
        resource!(
            /// Ships parcels.
            "shipping"
        ),
        MachineSpec { timeout: HOUR, log_retention: WEEK },
        flow,
    ));
}

/// A state that calls a function with the parcel.
fn calling(state: &'static str, function: &Handle<Function<Label>>) -> Ships<first::Parcel> {
    let failed = flow::leave(first::Parcel::caught(), &gone());
    flow::invoke(state, function, TASK).catching(|it| match it {}, failed)
}

/// A machine calls one function.
pub(super) fn one_state(stack: &mut Stack) {
    let orders = labels(stack);
    machine(stack, calling("Label", &orders).then(flow::succeed("Done")));
}

/// The machine waits before it calls the function.
pub(super) fn with_a_pause(stack: &mut Stack) {
    const PAUSE: WaitSeconds = WaitSeconds::new(60);
    let orders = labels(stack);
    let label = calling("Label", &orders).then(flow::succeed("Done"));
    machine(stack, flow::wait("Pause", PAUSE).then(label));
}

/// Two functions do the work of one, which is gone.
pub(super) fn split(stack: &mut Stack) {
    let (draw, print) = halves(stack);
    let flow = calling("Draw", &draw).then(calling("Print", &print));
    machine(stack, flow.then(flow::succeed("Done")));
    stack.removed(const { A.at("aws_lambda_function.orders") }, Fate::Destroyed);
}

/// Two functions do the work of one, which is kept for executions that call it.
pub(super) fn split_and_kept(stack: &mut Stack) {
    drop(labels(stack));
    let (draw, print) = halves(stack);
    let flow = calling("Draw", &draw).then(calling("Print", &print));
    machine(stack, flow.then(flow::succeed("Done")));
}

fn labels(stack: &mut Stack) -> Handle<Function<Label>> {
    function(
        stack,
        resource!(
            /// Prints labels.
            "orders"
        ),
    )
}

fn halves(stack: &mut Stack) -> (Handle<Function<Label>>, Handle<Function<Label>>) {
    let draw = function(
        stack,
        resource!(
            /// Draws labels.
            "draw"
        ),
    );
    let print = function(
        stack,
        resource!(
            /// Prints what is drawn.
            "print"
        ),
    );
    (draw, print)
}

//! Kinds of AWS resources, and the actions on them, as empty types.
//!
//! There are no values of these types. Their names appear in compiler messages, so none of them is also a name of the
//! standard library: `SendMessage`, not `Send`.

use std::marker::PhantomData;

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident $(<$($param:ident),+>)?),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name $(<$($param),+>)? { _tag: PhantomData<fn() -> ($($($param,)+)?)> }
    )*};
}

tags! {
    /// An SQS queue of work: messages are sent to it, and a function takes them. Their bodies are `M` in JSON.
    Queue<M>,
    /// The SQS queue with the dead letters of a [`Queue<M>`]. Only SQS moves messages into it, so no function has rights
    /// on it, and it feeds none.
    DeadLetterQueue<M>,
    /// A DynamoDB table whose items are `I`.
    Table<I>,
    /// A Lambda function that keeps the contract `C`.
    Function<C>,
    /// A state machine that is started with `I`.
    StateMachine<I>,
}

tags! {
    /// Put messages on a queue.
    SendMessage,
    /// Take messages off a queue, as an event source mapping does.
    ReceiveMessage,
    /// Change how long a received message stays hidden.
    ChangeMessageVisibility,
    /// Read one item by its key.
    GetItem,
    /// Write one whole item.
    PutItem,
    /// Change attributes of one item.
    UpdateItem,
    /// Delete one item.
    DeleteItem,
    /// Read items through the secondary index `X`.
    QueryIndex<X>,
    /// Call a function and wait for its answer.
    Invoke,
    /// Start an execution of a state machine.
    StartExecution,
    /// Read the state, input and output of an execution.
    DescribeExecution,
    /// Read an object of a bucket.
    GetObject,
    /// Write an object into a bucket.
    PutObject,
}

/// An AWS service that functions call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Tables.
    DynamoDb,
    /// Queues.
    SimpleQueueService,
    /// State machines.
    StepFunctions,
    /// Buckets.
    SimpleStorageService,
}

/// A kind of resource that functions call, with its AWS service.
#[diagnostic::on_unimplemented(message = "`{Self}` is nothing that a function calls")]
pub trait Called {
    /// The service that answers the calls.
    const SERVICE: Service;
}

impl<I> Called for Table<I> {
    const SERVICE: Service = Service::DynamoDb;
}

impl<M> Called for Queue<M> {
    const SERVICE: Service = Service::SimpleQueueService;
}

impl<I> Called for StateMachine<I> {
    const SERVICE: Service = Service::StepFunctions;
}

/// A right that includes the action `A`: the action itself, or a tuple of actions. `At` is the position in the tuple;
/// the compiler always infers it.
#[diagnostic::on_unimplemented(
    message = "the right to do `{Self}` does not include `{A}`",
    label = "`{A}` is not granted to this function",
    note = "a function's rights are in its `env_contract!` in `lambdas/contracts/src/functions.rs`"
)]
pub trait Includes<A, At> {}

tags! {
    /// See [`Includes`]: the action alone.
    Alone,
    /// See [`Includes`]: the first of a tuple.
    First,
    /// See [`Includes`]: the second of a tuple.
    Second,
    /// See [`Includes`]: the third of a tuple.
    Third,
}

// rustc would list these implementations in its messages, which does not help the reader.
#[diagnostic::do_not_recommend]
impl<A> Includes<A, Alone> for A {}
#[diagnostic::do_not_recommend]
impl<A, B> Includes<A, First> for (A, B) {}
#[diagnostic::do_not_recommend]
impl<A, B> Includes<B, Second> for (A, B) {}
#[diagnostic::do_not_recommend]
impl<A, B, C> Includes<A, First> for (A, B, C) {}
#[diagnostic::do_not_recommend]
impl<A, B, C> Includes<B, Second> for (A, B, C) {}
#[diagnostic::do_not_recommend]
impl<A, B, C> Includes<C, Third> for (A, B, C) {}

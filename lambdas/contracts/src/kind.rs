//! Kinds of AWS resources, and what can be done to them, as empty types.
//!
//! They never exist as values. They are read in compiler messages, so no name clashes with one of
//! std's (`SendMessage`, not `Send`).

use std::marker::PhantomData;

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident $(<$($param:ident),+>)?),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name $(<$($param),+>)? { _tag: PhantomData<fn() -> ($($($param,)+)?)> }
    )*};
}

tags! {
    /// An SQS queue whose message bodies are `M` in JSON.
    Queue<M>,
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
    /// Hide a received message for longer or shorter.
    ChangeMessageVisibility,
    /// Read one item by its key.
    GetItem,
    /// Write one whole item.
    PutItem,
    /// Change attributes of one item.
    UpdateItem,
    /// Read items through the secondary index `X`.
    QueryIndex<X>,
    /// Call a function and wait for its answer.
    Invoke,
    /// Start an execution of a state machine.
    StartExecution,
    /// Read the state, input and output of an execution.
    DescribeExecution,
}

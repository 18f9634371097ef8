//! The real handlers and the generated state machine over simulated AWS services.
//!
//! One seed is one run: all latencies, faults and duplicates follow from it. Simulated
//! services behave as AWS documents, and use all the freedom that the documentation leaves. After every step the
//! invariants of the system are checked.
//!
//! - [`plan`]: everything that decides a run, apart from its seed. Start here.
//! - [`mod@run`]: one run, from the first event to the last; [`mod@many`]: many of them, on every core.
//! - [`invariant`]: the invariants, at every step and at the end; [`clause`]: each clause of them; [`watch`]: the observations
//!   so far.
//! - [`mistake`]: the deliberate mistakes of tests.
//! - [`reached`]: the states, transitions and deliveries that runs reached; [`branch`]: the branches of the handlers.
//! - [`story`]: the events of a run as text; [`shrink`]: finds the shortest run that still fails.
//! - [`mod@orders`]: measures how many orders a second our own code decides; [`spent`]: measures the time of each code.
//! - [`services`]: DynamoDB, SQS and Step Functions.
//! - [`alone`]: one function in a prepared state of the services.
//! - [`facts`]: the values from `generated/dev`: the state machine, timeouts, retries, permissions.
//! - [`world`], [`port`], [`fault`]: connect all of them.

pub mod alone;
pub mod branch;
pub mod clause;
pub mod facts;
pub mod fault;
pub mod invariant;
mod listed;
mod listener;
pub mod many;
pub mod mistake;
pub mod orders;
pub mod plan;
pub mod port;
pub mod reached;
pub mod run;
pub mod services;
pub mod shrink;
pub mod spent;
pub mod story;
pub mod watch;
pub mod world;

mod client;
mod customer;
mod functions;

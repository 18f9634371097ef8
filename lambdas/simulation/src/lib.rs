//! The real handlers and the generated state machine over simulated AWS services.
//!
//! One seed is one run: every latency, every fault and every duplicate follows from it. Simulated
//! services keep what AWS documents, and use all the freedom that it leaves. After every step the
//! invariants of the system are checked.
//!
//! - [`plan`]: what happens in a run, apart from its seed. Start here.
//! - [`mod@run`]: one run, from the first event to the last; [`mod@many`]: many of them, on every core.
//! - [`invariant`]: what must hold, at every step and in the end; [`clause`]: each clause of it; [`watch`]: what was seen
//!   until then.
//! - [`mistake`]: what a test makes wrong on purpose.
//! - [`reached`]: which states, ways and deliveries runs came to; [`branch`]: which branches of the handlers.
//! - [`story`]: what happened; [`shrink`]: how a failing run becomes a short one.
//! - [`mod@orders`]: how many orders a second our own code decides; [`spent`]: which code takes the time.
//! - [`services`]: DynamoDB, SQS and Step Functions.
//! - [`alone`]: one function in a prepared state of the services.
//! - [`facts`]: what is read from `generated/dev`: the machine, timeouts, retries, rights.
//! - [`world`], [`port`], [`fault`]: where it all comes together.

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

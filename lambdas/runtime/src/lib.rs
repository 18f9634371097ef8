//! The code that all Lambda functions of DOFS share.
//!
//! - [`port`]: traits for everything outside a function: AWS, the clock, randomness and metrics. The simulation
//!   implements them, too, so it runs the real handlers.
//! - [`table`], [`queue`], [`machine`]: typed clients. A client has exactly the methods that the function has
//!   permissions for.
//! - [`handler`]: the handler of a function, and its errors.
//! - [`message`]: the handler of a function that takes messages one by one.
//! - [`start`]: the start of a function, from `main` to the first event.
//! - [`live`]: the implementation of the ports with the AWS SDK.
//!
//! **Invariant:** only [`live`] uses the AWS SDK.

pub mod expression;
pub mod handler;
pub mod item;
pub mod live;
mod logs;
pub mod machine;
pub mod message;
mod metrics;
pub mod moment;
pub mod port;
pub mod queue;
pub mod start;
pub mod table;
mod trace;

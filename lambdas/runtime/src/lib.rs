//! What every Lambda function of DOFS shares.
//!
//! - [`port`]: everything outside a function, as traits: AWS, the clock, chance, metrics. The
//!   simulation implements them too, so what it runs are the real handlers.
//! - [`table`], [`queue`], [`machine`]: typed clients. They offer exactly the calls that the
//!   function's right contains.
//! - [`handler`]: what a function is, and how it fails.
//! - [`start`]: from `main` to the first event.
//! - [`live`]: the ports on the real AWS.
//!
//! **Invariant:** the AWS SDK is named in [`live`] alone.

pub mod expression;
pub mod handler;
pub mod item;
pub mod live;
mod logs;
pub mod machine;
mod metrics;
pub mod moment;
pub mod port;
pub mod queue;
pub mod start;
pub mod table;
mod trace;

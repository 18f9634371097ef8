//! What `docs/adding.md` adds to DOFS, in a crate of its own: the guide's code is this code. A test
//! holds the two together, and another the topology that comes of it.
//!
//! In DOFS each part goes into a file that is there already; here each is a module.

pub mod contract;
pub mod handler;
pub mod topology;
pub mod written;

//! An emulator of AWS on this machine: ministack, without Docker and without an AWS account. Patches correct it where it differs
//! from AWS.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use local_aws::{Account, Emulator, Tools};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tools = Tools::prepare(Path::new("target/tools"))?;
//! let account = Account { id: "111111111111".to_owned(), region: "ap-south-1".to_owned() };
//! let emulator = Emulator::start(&tools, Path::new("target/emulator"), &account)?;
//! emulator.make_bucket(&account, "a-bucket")?;
//! for (name, value) in emulator.environment(&account) {
//!     // For Terraform, and for every client of AWS.
//! }
//! // Dropping the variable ends the emulator, and so does the end of this process.
//! # Ok(())
//! # }
//! ```
//!
//! It needs Unix, because the emulator runs in its own process group.

mod account;
mod bucket;
mod call;
mod emulator;
mod function;
mod managed_policy;
mod patches;
mod process;
mod session;
mod store;
mod tools;

pub use account::{Account, Variables};
pub use bucket::Bucket;
pub use call::CallError;
pub use emulator::{END, Emulator, EmulatorError};
pub use function::{Function, Version};
pub use managed_policy::ManagedPolicy;
pub use patches::Faithfulness;
pub use session::Session;
pub use store::{Saved, Store, StoreError};
pub use tools::{Tools, ToolsError, emulators_python};

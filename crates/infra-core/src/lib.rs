//! Typed AWS infrastructure: describe resources as Rust values, and render Terraform JSON, Amazon States Language and build
//! specs from them.
//!
//! - [`model`]: resources, references between them, rights, alarms, state machines. A wrong wire does not compile.
//! - [`render`]: the text of each file. [`check`]: what the types cannot see, judged before anything is written.
//! - [`generate`]: a stack as files and violations. Start here.
//! - [`contracts`]: the data that versions pass to each other, and the releases that a version must read.
//! - [`ledger`]: the addresses that a committed stack has. [`tree`]: writes the files, or compares them.
//! - [`wiring`], [`graph`], [`explain`], [`overview`], [`baseline`]: what a stack says about itself.
//!
//! Dependencies point one way: `model` is at the bottom, then come `render` and `check`, then the rest. Only [`tree`] and
//! [`contracts::released::read`] do IO.
//!
//! # A complete topology
//!
//! A queue with its dead-letter queue, the function that takes its messages, and an alarm on what the function could not
//! take:
//!
//! ```
//! use function_contract::{
//!     contract, env_contract, error::NoError, payload,
//!     event::{SqsBatchResponse, SqsEvent}, kind::Function,
//!     setting::{LogLevel, Setting},
//! };
//! use infra_core::{generate, ledger, tree::{self, Tree}, model::{*, function::*, key::*, limits::*, queue::*, trigger::*}, resource};
//! use infra_core::model::{expr::RootVariable, place::{AccountId, Region}};
//!
//! payload! { /** A parcel that leaves. */ pub struct Parcel, at ParcelAt { /** Its number. */ number: String } }
//!
//! contract! {
//!     /// Announces parcels to their customers.
//!     pub enum Announce = "announce":
//!     SqsEvent<Parcel> => SqsBatchResponse, raises NoError, reads AnnounceEnv
//! }
//! env_contract! {
//!     /// The environment of [`Announce`].
//!     pub struct AnnounceEnv { /** The log level. */ LOG_LEVEL => log_level: Setting<LogLevel> }
//! }
//!
//! let mut stack = Stack::new(Scope {
//!     accounts: vec![AccountId::new("123456789012")],
//!     region: Region::EuCentral1,
//!     prefix: "parcels".to_owned(),
//!     tags: Default::default(),
//! });
//! let mut module = stack.module(ModuleName::new("parcels"));
//! let days = |days: u32| MessageRetention::new(days * 86_400);
//! let spec = DeadLetterQueueSpec { encryption: Encryption::Aws, retention: days(14) };
//! let dead = module.dead_letter_queue(resource!(/** Parcels that could not be announced. */ "parcels_dlq"), spec);
//! let to = DeadLetters { to: &dead, after: MaxReceiveCount::new(5) };
//! let visibility = VisibilityTimeout::new(60);
//! let spec = QueueSpec { encryption: Encryption::Aws, visibility, retention: days(4) };
//! let parcels = module.queue(resource!(/** Parcels that leave. */ "parcels"), spec, to);
//! let announce: Handle<Function<Announce>> = module.function(resource!(/** Announces parcels. */ "announce"), FunctionSpec {
//!     env: AnnounceEnv { log_level: Wire::setting(LogLevel::Info) },
//!     memory: MemoryMb::new(256),
//!     timeout: FunctionTimeout::new(10),
//!     architecture: Architecture::Arm64,
//!     reserved_concurrency: None,
//!     log_retention: LogRetention::days(30),
//!     packages: RootVariable::packages("zips"),
//! });
//! let source = EventSourceSpec {
//!     batch_size: BatchSize::new(10),
//!     batch_window: BatchWindow::new(0),
//!     maximum_concurrency: MaximumConcurrency::new(5),
//! };
//! module.on_messages(resource!(/** Feeds parcels to announce. */ "parcels"), &parcels, &announce, source);
//! let key = module.key(resource!(/** Encrypts the alarms. */ "alarms"), KeyDeletionWindow::new(30));
//! let topic = module.alarm_topic(resource!(/** Receives the alarms. */ "alarms"), &key, &[]);
//! module.watch(&dead, &topic);
//! module.watch(&announce, &topic);
//! // Without this line, a rule refuses the queue, because nothing here sends to it.
//! stack.others_send(&parcels);
//!
//! let mut root = generate::root(&stack.finish(), "parcels", None);
//! # let repository = tempfile::tempdir()?;
//! # let repository = repository.path();
//! // `repository` is the folder above `generated/`. An address that is committed must not vanish.
//! for (path, now) in &root.ledgers {
//!     if let Some(committed) = tree::text(repository, path)? {
//!         root.violations.extend(ledger::check(path, &committed, now));
//!     }
//! }
//! root.violations.iter().for_each(|it| eprintln!("{it}"));
//! assert!(root.violations.is_empty(), "nothing is written while a rule is broken");
//! Tree::owning("generated/parcels", root.files)?.write(repository)?;
//! # assert!(repository.join("generated/parcels/modules/parcels/main.tf.json").exists());
//! # Ok::<(), tree::TreeError>(())
//! ```
//!
//! The type of `announce` is given, because a function could implement any contract. `module` borrows the stack: to add to
//! another module, call [`model::Stack::module`] again. [`model::Module::table`] shows a table that a function reads.

// The macros of this crate expand to paths that begin with the crate's name.
extern crate self as infra_core;

pub mod baseline;
pub mod check;
pub mod contracts;
pub mod explain;
pub mod generate;
pub mod graph;
pub mod ledger;
pub mod model;
pub mod overview;
pub mod parallel;
pub mod render;
pub mod tree;
pub mod violation;
pub mod wiring;

/// The topology of an example, for the tests of this crate.
#[cfg(test)]
#[path = "../../../examples/thumbnails/src/lib.rs"]
pub mod thumbnails;

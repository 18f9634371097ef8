//! An interpreter of Amazon States Language, for simulations: the JSONata query language, and the
//! states Task, Pass, Choice, Wait, Succeed and Fail.
//!
//! It is a function of what it is given. It does no IO, and has no clock and no randomness of its
//! own: the caller runs the tasks, tells the time, and picks the delay of a retry with jitter.
//!
//! - [`Machine`]: a document, read once. What the interpreter cannot do is refused there.
//! - [`Execution`]: where one run stands. Each call says in [`Next`] what has to happen.
//!
//! ```
//! use std::{collections::BTreeMap, sync::Arc};
//!
//! use asl::{Execution, Failure, Machine, Next, Now};
//! use serde_json::json;
//!
//! let machine = json!({
//!     "QueryLanguage": "JSONata",
//!     "StartAt": "Greet",
//!     "States": {
//!         "Greet": {
//!             "Type": "Task",
//!             "Resource": "arn:aws:states:::lambda:invoke",
//!             "Arguments": {"FunctionName": "greet", "Payload": "{% $states.input.name %}"},
//!             "Output": "{% $states.result.Payload %}",
//!             "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
//!             "End": true
//!         }
//!     }
//! });
//! let machine = Arc::new(Machine::parse(&machine.to_string(), &BTreeMap::new())?);
//!
//! let mut now = Now::from_millis(0);
//! let (mut execution, next) = Execution::start(&machine, "id", "name", json!({"name": "Ada"}), now);
//! let Next::Task(task) = next else { panic!("{next:?}") };
//! assert_eq!(task.arguments["Payload"], "Ada");
//!
//! let next = execution.task_failed(Failure::timeout(), now)?;
//! let Next::Wait(wait) = next else { panic!("{next:?}") };
//! now = now + wait.choose(|longest| longest / 2);
//!
//! let _task = execution.woke(now)?;
//! let next = execution.task_succeeded(json!({"Payload": "Hello Ada"}), now)?;
//! assert_eq!(next, Next::Succeeded(json!("Hello Ada")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What differs from AWS
//!
//! - The end of an execution that takes longer than [`Machine::timeout`] is the caller's.
//! - There is no limit of events but for a circle that takes no time.
//! - An input of [`Execution::start`] has no limit: StartExecution has it.
//! - Parallel, Map, `Assign`, heartbeats, `Timestamp` of a Wait and expressions for `TimeoutSeconds` are
//!   refused, as are a Task without `Arguments` and a Fail without `Error`.
//! - The cause of a failed expression lacks the number of the event.
//! - `1/0` fails: JSON has no such number.
//! - `$string` of a number with more than 15 digits may have other digits than on AWS.
//!
//! # Errors of expressions
//!
//! An expression that fails, that gives nothing, or that gives a value of a type its field does not
//! take is `States.QueryEvaluationError`. In a Task it goes the way of any other error: `Retry`, then
//! `Catch`. So an `Output` that fails runs the task again. Within `Catch` itself, and in every other
//! state, it ends the execution.
//!
//! # Errors that end an execution
//!
//! `States.Runtime` is an argument that a service integration does not take, by name or by type: the
//! `integrations` crate knows them. Nothing retries or catches it. `States.DataLimitExceeded` is a payload above
//! 256 KiB; `States.ALL` and `States.TaskFailed` do not stand for it.
//!
//! # The engine
//!
//! Expressions are JSONata, evaluated by `jsonata-core`. Its parsed expressions are kept and shared by
//! threads, `$now` and `$millis` can be replaced, numbers are written as JavaScript writes them, and it
//! passes the suite of the reference implementation. `jsonata-rs` calls itself incomplete, ties an
//! expression to an arena, and binds its own clock over any other.
//!
//! AWS has JSONata 2.0.6. What came later, what reads a clock or is random, and what AWS adds to it
//! is refused.

mod clock;
mod engine;
mod execution;
mod expression;
mod failure;
mod fields;
mod machine;
mod next;
mod problem;
mod retry;
mod scope;
mod state;
mod template;
mod typed;
mod value;
mod variables;
mod vet;

pub use clock::Now;
pub use execution::Execution;
pub use failure::Failure;
pub use machine::Machine;
pub use next::{Awaits, Next, OutOfTurn, Task, Wait};
pub use problem::{Problem, Problems};
pub use retry::Jitter;

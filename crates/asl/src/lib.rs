//! An interpreter of Amazon States Language for simulations. It supports the JSONata query language, and the states
//! Task, Pass, Choice, Wait, Succeed and Fail.
//!
//! Its results depend only on its inputs. It does no IO, and has no clock and no randomness of its own: the caller runs
//! the tasks, provides the time, and chooses the delay of a retry with jitter.
//!
//! - [`Machine`]: a parsed document. Parsing refuses everything that the interpreter does not support.
//! - [`Execution`]: the state of one run. Each call returns a [`Next`], which is a request to the caller.
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
//! # Differences from AWS
//!
//! - The caller must end an execution that takes longer than [`Machine::timeout`].
//! - The number of events is limited only in a loop that takes no time.
//! - The input of [`Execution::start`] has no size limit. On AWS, StartExecution checks it.
//! - Parallel, Map, `Assign`, heartbeats, `Timestamp` of a Wait and expressions for `TimeoutSeconds` are
//!   refused, as are a Task without `Arguments` and a Fail without `Error`.
//! - The cause of a failed expression lacks the number of the event.
//! - `1/0` fails: JSON has no such number.
//! - `$string` of a number with more than 15 digits may have other digits than on AWS.
//!
//! # Errors of expressions
//!
//! If an expression fails, returns nothing, or returns a value of the wrong type for its field, the error is
//! `States.QueryEvaluationError`. In a Task state, it is handled like any other error: `Retry`, then `Catch`. So a
//! failed `Output` runs the task again. Within `Catch` itself, and in every other state, it ends the execution.
//!
//! # Errors that end an execution
//!
//! `States.Runtime` reports an argument that a service integration does not accept, because of its name or type. The
//! `integrations` crate checks the arguments. Nothing retries or catches this error. `States.DataLimitExceeded` reports
//! a payload above 256 KiB; `States.ALL` and `States.TaskFailed` do not match it.
//!
//! # The engine
//!
//! `jsonata-core` evaluates the JSONata expressions. Threads can share its parsed expressions, `$now` and `$millis` can
//! be replaced, numbers are written as in JavaScript, and it passes the test suite of the reference implementation. The
//! alternative `jsonata-rs` calls itself incomplete, binds an expression to an arena, and always uses its own clock.
//!
//! AWS has JSONata 2.0.6. The interpreter refuses features of later versions, functions that read a clock or are
//! random, and AWS's own functions.

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

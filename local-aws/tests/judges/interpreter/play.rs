//! A machine, and runs of it by `asl`, each with the data that another interpreter needs to repeat it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use asl::{Awaits, Execution, Failure, Machine, Next, Now};
use serde::Serialize;
use serde_json::Value;

const BEGAN: Now = Now { millis: 1_700_000_000_123 };
/// The duration of each call. It shows after which call an expression read the time.
const TAKES: Duration = Duration::from_millis(7_001);

/// The number of steps after which a run is stopped. A record whose arguments fail is tried until the execution times out.
const MOST_STEPS: usize = 60;

/// A machine as the other interpreter reads it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Document {
    pub(super) machine: String,
    pub(super) document: Value,
}

impl Document {
    pub(super) fn parse(&self) -> Arc<Machine> {
        let machine = Machine::parse(&self.document.to_string(), &BTreeMap::new());
        Arc::new(machine.unwrap_or_else(|err| panic!("{}: {err}", self.machine)))
    }
}

/// The result of a call.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Result { result: Value },
    Failure { error: String, cause: Option<String> },
}

impl Answer {
    pub(super) fn result(result: Value) -> Self {
        Answer::Result { result }
    }

    pub(super) fn error(error: &str, cause: &str) -> Self {
        Answer::Failure { error: error.to_owned(), cause: Some(cause.to_owned()) }
    }

    pub(super) fn timeout() -> Self {
        let Failure { error, cause } = Failure::timeout();
        Answer::Failure { error, cause }
    }
}

/// The next step for the caller of the interpreter.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "step", rename_all = "lowercase")]
enum Step {
    Call { state: String, resource: String, arguments: Value, answer: Answer },
    Wait { state: String, seconds: u64 },
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum End {
    /// It would continue.
    Open {
        open: String,
    },
    Output {
        state: String,
        output: Value,
    },
    Error {
        state: String,
        error: String,
        cause: Option<String>,
    },
}

/// One run, from its input to its end.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Run {
    machine: String,
    /// The kind by which its differences are accepted: the machine, in any environment.
    kind: String,
    name: String,
    input: Value,
    began: u64,
    takes: u64,
    steps: Vec<Step>,
    end: End,
    /// The states entered before each step and the one before it, and before the end.
    entered: Vec<Vec<String>>,
    /// The transitions that a Choice or a catcher chose: the state before and the state after.
    chosen: BTreeSet<(String, String)>,
}

impl Run {
    /// The same run, for another machine.
    pub(super) fn of(&self, machine: &str) -> Self {
        let name = format!("{machine}: {}", self.name);
        Run { machine: machine.to_owned(), name, ..self.clone() }
    }
}

/// Runs a machine. `answer` returns the answer to each call, by the state and the number of steps before.
pub(super) fn play(
    machine: &Arc<Machine>,
    (document, kind, name): (&str, &str, String),
    input: Value,
    mut answer: impl FnMut(&str, usize) -> Answer,
) -> Run {
    let mut now = BEGAN;
    let (mut execution, mut next) = Execution::start(machine, "arn:x:a", "a", input.clone(), now);
    let (mut steps, mut entered, mut chosen) = (Vec::new(), Vec::new(), BTreeSet::new());
    let end = loop {
        let state = execution.state().to_owned();
        if execution.awaits() != Awaits::Retry {
            let ways = machine.ways().iter().zip(bits(execution.take_ways()));
            let taken = ways.filter_map(|(way, is_taken)| is_taken.then_some(way));
            let (ways, states): (Vec<_>, Vec<_>) =
                taken.cloned().partition(|it| it.contains(" -> "));
            entered.push(states);
            chosen.extend(ways.iter().map(|it| from_and_to(it)));
        }
        next = match next {
            // Before a retry, no time passes: sfnx has no delays.
            Next::Wait(_) if execution.awaits() == Awaits::Retry => execution.woke(now),
            Next::Task(_) | Next::Wait(_) if steps.len() == MOST_STEPS => {
                break End::Open { open: state };
            }
            Next::Task(task) => {
                let answer = answer(&task.state, steps.len());
                let (resource, arguments) = (task.resource.to_string(), task.arguments);
                steps.push(Step::Call { state, resource, arguments, answer: answer.clone() });
                now = now + TAKES;
                match answer {
                    Answer::Result { result } => execution.task_succeeded(result, now),
                    Answer::Failure { error, cause } => {
                        execution.task_failed(Failure { error, cause }, now)
                    }
                }
            }
            Next::Wait(wait) => {
                now = now + wait.longest();
                steps.push(Step::Wait { state, seconds: wait.longest().as_secs() });
                execution.woke(now)
            }
            Next::Succeeded(output) => break End::Output { state, output },
            Next::Failed(Failure { error, cause }) => break End::Error { state, error, cause },
        }
        .unwrap();
    };
    Run {
        machine: document.to_owned(),
        kind: kind.to_owned(),
        name,
        input,
        began: BEGAN.millis,
        takes: TAKES.as_millis() as u64,
        steps,
        end,
        entered,
        chosen,
    }
}

fn bits(of: u128) -> impl Iterator<Item = bool> {
    (0..u128::BITS).map(move |bit| of >> bit & 1 == 1)
}

/// Of a way, as [`Machine::ways`] writes it. No state's name here has a space.
fn from_and_to(way: &str) -> (String, String) {
    let (from, _) = way.split_once(' ').unwrap();
    let (_, to) = way.rsplit_once(" -> ").unwrap();
    (from.to_owned(), to.to_owned())
}

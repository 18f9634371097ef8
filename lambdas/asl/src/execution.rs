//! Where one execution stands.

use std::{mem, sync::Arc, time::Duration};

use integrations::Arguments;
use serde_json::Value;

use crate::{
    clock::Now,
    failure::{DATA_LIMIT, Failure, NO_CHOICE, RUNTIME},
    machine::Machine,
    next::{Awaits, Next, OutOfTurn, Task, Wait},
    retry::{self, Jitter},
    scope::{Facts, Scope},
    state::{After, Kind, Rule, State, TaskState},
    template::Template,
    typed::Seconds,
    value::most_bytes,
};

/// One run of a [`Machine`]. The caller does what [`Next`] says, and tells how it went.
#[derive(Debug, Clone)]
pub struct Execution {
    machine: Arc<Machine>,
    id: Arc<str>,
    name: Arc<str>,
    began: Now,
    first_input: Arc<Value>,
    /// Where it stands: an index of the machine's states.
    at: usize,
    entered: Now,
    input: Arc<Value>,
    /// How often each retrier of this state was used.
    attempts: Vec<u32>,
    awaits: Awaits,
    taken: u128,
}

/// How a state goes on.
enum Step {
    Stay(Next),
    Leave(After, Arc<Value>),
}

/// AWS ends an execution at 25000 events, and the state that takes the least time has two. So a
/// circle without a task and without a delay ends too.
const MOST_AT_ONCE: usize = 12_500;

/// The most bytes of a payload, as UTF-8.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const MOST_BYTES: usize = 262_144;

impl Execution {
    /// Begins. `id` is the execution's ARN, `name` its name.
    pub fn start(
        machine: &Arc<Machine>,
        id: &str,
        name: &str,
        input: Value,
        now: Now,
    ) -> (Execution, Next) {
        let input = Arc::new(input);
        let mut execution = Execution {
            machine: Arc::clone(machine),
            id: id.into(),
            name: name.into(),
            began: now,
            first_input: Arc::clone(&input),
            at: machine.start,
            entered: now,
            input: Arc::clone(&input),
            attempts: Vec::new(),
            awaits: Awaits::Nothing,
            taken: 0,
        };
        let next = execution.follow(Step::Leave(After::Next(machine.start), input), now);
        (execution, next)
    }

    /// The task has given its result.
    ///
    /// # Errors
    ///
    /// Where no task is awaited.
    pub fn task_succeeded(&mut self, result: Value, now: Now) -> Result<Next, OutOfTurn> {
        self.expect(|it| it == Awaits::Task)?;
        let machine = Arc::clone(&self.machine);
        let Kind::Task(task) = &machine.states[self.at].kind else {
            return Err(self.out_of_turn());
        };
        let output = self.fits(result).and_then(|result| match &task.output {
            None => Ok(result),
            Some(output) => self.fits(output.evaluate(&self.scope(now).with_result(&result))?),
        });
        let step = match output {
            Ok(output) => Step::Leave(task.after, Arc::new(output)),
            Err(failure) => self.failed(task, failure, now),
        };
        Ok(self.follow(step, now))
    }

    /// The task has failed, or has taken longer than it may: [`Failure::timeout`].
    ///
    /// # Errors
    ///
    /// Where no task is awaited.
    pub fn task_failed(&mut self, failure: Failure, now: Now) -> Result<Next, OutOfTurn> {
        self.expect(|it| it == Awaits::Task)?;
        let machine = Arc::clone(&self.machine);
        let Kind::Task(task) = &machine.states[self.at].kind else {
            return Err(self.out_of_turn());
        };
        let step = self.failed(task, failure, now);
        Ok(self.follow(step, now))
    }

    /// The delay of [`Next::Wait`] is over.
    ///
    /// # Errors
    ///
    /// Where no delay is awaited.
    pub fn woke(&mut self, now: Now) -> Result<Next, OutOfTurn> {
        self.expect(|it| matches!(it, Awaits::Retry | Awaits::Wait))?;
        let machine = Arc::clone(&self.machine);
        let state = &machine.states[self.at];
        let step = match &state.kind {
            Kind::Task(task) => self.attempt(state, task, now),
            Kind::Wait { output, after, .. } => self.leave(*after, output.as_ref(), now),
            _ => return Err(self.out_of_turn()),
        };
        Ok(self.follow(step, now))
    }

    /// It is ended from outside: the caller's clock says that its time is up, or somebody stops it.
    pub fn stop(&mut self) {
        self.awaits = Awaits::Nothing;
    }

    /// RedriveExecution, of one that has failed or was stopped: the state it stands in begins anew, with the input that
    /// it had and with all of its attempts. So a Fail state fails again.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
    ///
    /// # Errors
    ///
    /// Where it runs.
    pub fn redrive(&mut self, now: Now) -> Result<Next, OutOfTurn> {
        self.expect(|it| it == Awaits::Nothing)?;
        let step = Step::Leave(After::Next(self.at), Arc::clone(&self.input));
        Ok(self.follow(step, now))
    }

    /// Which of [`Machine::ways`] it has taken so far: a bit each, of the first 128.
    pub fn ways(&self) -> u128 {
        self.taken
    }

    /// As [`Execution::ways`], and forgets them: of each way that is taken again, the next call tells again.
    pub fn take_ways(&mut self) -> u128 {
        mem::take(&mut self.taken)
    }

    /// The name of the state it stands in, or has ended in.
    pub fn state(&self) -> &str {
        &self.machine.states[self.at].name
    }

    /// What it awaits.
    pub fn awaits(&self) -> Awaits {
        self.awaits
    }

    /// When it began: [`Machine::timeout`] counts from there.
    pub fn began(&self) -> Now {
        self.began
    }

    fn expect(&self, allowed: impl Fn(Awaits) -> bool) -> Result<(), OutOfTurn> {
        if allowed(self.awaits) { Ok(()) } else { Err(self.out_of_turn()) }
    }

    fn out_of_turn(&self) -> OutOfTurn {
        OutOfTurn { awaits: self.awaits }
    }

    /// Goes on until the caller has to do something.
    fn follow(&mut self, mut step: Step, now: Now) -> Next {
        let machine = Arc::clone(&self.machine);
        for _ in 0..MOST_AT_ONCE {
            let next = match step {
                Step::Leave(After::Next(to), input) => {
                    step = self.enter(&machine.states[to], to, input, now);
                    continue;
                }
                Step::Leave(After::End, output) => Next::Succeeded(Arc::unwrap_or_clone(output)),
                Step::Stay(next) => next,
            };
            self.awaits = match (&next, &machine.states[self.at].kind) {
                (Next::Task(_), _) => Awaits::Task,
                (Next::Wait(_), Kind::Task(_)) => Awaits::Retry,
                (Next::Wait(_), _) => Awaits::Wait,
                (Next::Succeeded(_) | Next::Failed(_), _) => Awaits::Nothing,
            };
            return next;
        }
        self.awaits = Awaits::Nothing;
        Next::Failed(Failure::new(RUNTIME, "The execution loops without a task or a delay."))
    }

    fn enter(&mut self, state: &State, at: usize, input: Arc<Value>, now: Now) -> Step {
        self.at = at;
        self.entered = now;
        self.input = input;
        self.attempts.clear();
        self.takes(state, 0);
        match &state.kind {
            Kind::Task(task) => {
                self.attempts.resize(task.retry.len(), 0);
                self.attempt(state, task, now)
            }
            Kind::Pass { output, after } => self.leave(*after, output.as_ref(), now),
            Kind::Succeed { output } => self.leave(After::End, output.as_ref(), now),
            Kind::Choice { rules, default, output } => {
                match self.choose(rules, *default, output.as_ref(), now) {
                    Ok((way, step)) => {
                        self.takes(state, way);
                        step
                    }
                    Err(failure) => ended(failure),
                }
            }
            Kind::Wait { seconds, .. } => match seconds.evaluate(&self.scope(now)) {
                Ok(Seconds(seconds)) => {
                    let longest = Duration::from_secs(seconds.into());
                    Step::Stay(Next::Wait(Wait { longest, jitter: Jitter::None }))
                }
                Err(failure) => ended(failure),
            },
            Kind::Fail { error, cause } => {
                let scope = self.scope(now);
                let cause = cause.as_ref().map(|it| it.evaluate(&scope)).transpose();
                let failure =
                    error.evaluate(&scope).and_then(|error| Ok(Failure { error, cause: cause? }));
                ended(failure.unwrap_or_else(|failure| failure))
            }
        }
    }

    /// Notes that it takes a way of this state: 0 is the state itself.
    fn takes(&mut self, state: &State, way: usize) {
        let bit = u32::try_from(state.first_way + way).ok().and_then(|it| 1_u128.checked_shl(it));
        self.taken |= bit.unwrap_or_default();
    }

    /// Calls the task, for the first time or again.
    fn attempt(&mut self, state: &State, task: &TaskState, now: Now) -> Step {
        let arguments = task.arguments.evaluate(&self.scope(now));
        let arguments = arguments.and_then(|it| self.taken(task, self.fits(it)?));
        match arguments {
            Ok(arguments) => Step::Stay(Next::Task(Task {
                state: Arc::clone(&state.name),
                resource: Arc::clone(&task.resource),
                arguments,
                timeout: task.timeout,
                retries: self.retries(),
            })),
            Err(failure) => self.failed(task, failure, now),
        }
    }

    /// The arguments, if the integration takes them.
    fn taken(&self, task: &TaskState, arguments: Value) -> Result<Value, Failure> {
        let Some(integration) = task.integration else { return Ok(arguments) };
        let problems = integration.problems(&arguments, Arguments::Evaluated);
        let Some(problem) = problems.first() else { return Ok(arguments) };
        let state = self.state();
        let cause = format!("An error occurred while executing the state '{state}'. {problem}");
        Err(Failure::new(RUNTIME, cause))
    }

    /// The payload, if it is no larger than AWS takes.
    fn fits(&self, payload: Value) -> Result<Value, Failure> {
        if most_bytes(&payload) <= MOST_BYTES {
            return Ok(payload);
        }
        let bytes = payload.to_string().len();
        if bytes <= MOST_BYTES {
            return Ok(payload);
        }
        let state = self.state();
        let cause = format!(
            "The state '{state}' has a payload of {bytes} bytes, and {MOST_BYTES} is the maximum."
        );
        Err(Failure::new(DATA_LIMIT, cause))
    }

    /// First `Retry`, then `Catch`. That an expression failed is an error as any other, but for those
    /// of `Catch` itself: they end the execution.
    fn failed(&mut self, task: &TaskState, failure: Failure, now: Now) -> Step {
        if let Some((longest, jitter)) =
            retry::next(&task.retry, &mut self.attempts, &failure.error)
        {
            return Step::Stay(Next::Wait(Wait { longest, jitter }));
        }
        let Some((way, catcher)) = task.catcher(&failure.error) else { return ended(failure) };
        let machine = Arc::clone(&self.machine);
        self.takes(&machine.states[self.at], 1 + way);
        let error = failure.to_output();
        let output = match &catcher.output {
            None => Ok(error),
            Some(output) => output.evaluate(&self.scope(now).with_error(&error)),
        };
        match output.and_then(|it| self.fits(it)) {
            Ok(output) => Step::Leave(After::Next(catcher.next), Arc::new(output)),
            Err(failure) => ended(failure),
        }
    }

    /// The way that is taken, counted from 1, and the step.
    fn choose(
        &self,
        rules: &[Rule],
        default: Option<usize>,
        output: Option<&Template>,
        now: Now,
    ) -> Result<(usize, Step), Failure> {
        let scope = self.scope(now);
        for (at, rule) in rules.iter().enumerate() {
            if rule.condition.evaluate(&scope)? {
                let step = self.leave(After::Next(rule.next), rule.output.as_ref(), now);
                return Ok((1 + at, step));
            }
        }
        let nothing = || {
            Failure::new(NO_CHOICE, "No rule of the Choice state is true, and it has no `Default`.")
        };
        let step = self.leave(After::Next(default.ok_or_else(nothing)?), output, now);
        Ok((1 + rules.len(), step))
    }

    /// Leaves with `Output`, or with the input as it came.
    fn leave(&self, after: After, output: Option<&Template>, now: Now) -> Step {
        match output.map(|it| it.evaluate(&self.scope(now)).and_then(|it| self.fits(it))) {
            None => Step::Leave(after, Arc::clone(&self.input)),
            Some(Ok(output)) => Step::Leave(after, Arc::new(output)),
            Some(Err(failure)) => ended(failure),
        }
    }

    fn retries(&self) -> u32 {
        self.attempts.iter().fold(0, |sum, it| sum.saturating_add(*it))
    }

    fn scope(&self, now: Now) -> Scope<'_> {
        let facts = Facts {
            id: &self.id,
            name: &self.name,
            began: self.began,
            first_input: &self.first_input,
            state: self.state(),
            entered: self.entered,
            retries: self.retries(),
        };
        Scope::new(now, &self.input, facts)
    }
}

fn ended(failure: Failure) -> Step {
    Step::Stay(Next::Failed(failure))
}

#[cfg(test)]
mod tests;

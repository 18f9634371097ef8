//! The state of one execution.

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

/// One run of a [`Machine`]. The caller does what [`Next`] requests, and reports the result.
#[derive(Debug, Clone)]
pub struct Execution {
    machine: Arc<Machine>,
    id: Arc<str>,
    name: Arc<str>,
    began: Now,
    first_input: Arc<Value>,
    /// The current state: an index into the machine's states.
    at: usize,
    entered: Now,
    input: Arc<Value>,
    /// How often each retrier of the current state was used.
    attempts: Vec<u32>,
    awaits: Awaits,
    taken: u128,
}

/// The next step after a state.
enum Step {
    Stay(Next),
    Leave(After, Arc<Value>),
}

/// AWS ends an execution after 25000 events, and every state has at least two. This limit ends a loop without a task
/// and without a delay.
const MOST_AT_ONCE: usize = 12_500;

/// The maximum size of a payload in bytes of UTF-8.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const MOST_BYTES: usize = 262_144;

impl Execution {
    /// Starts an execution. `id` is its ARN, and `name` its name.
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

    /// Reports the result of the task.
    ///
    /// # Errors
    ///
    /// If the execution does not wait for a task.
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

    /// Reports that the task failed. For a task that took longer than its timeout, use [`Failure::timeout`].
    ///
    /// # Errors
    ///
    /// If the execution does not wait for a task.
    pub fn task_failed(&mut self, failure: Failure, now: Now) -> Result<Next, OutOfTurn> {
        self.expect(|it| it == Awaits::Task)?;
        let machine = Arc::clone(&self.machine);
        let Kind::Task(task) = &machine.states[self.at].kind else {
            return Err(self.out_of_turn());
        };
        let step = self.failed(task, failure, now);
        Ok(self.follow(step, now))
    }

    /// Reports that the delay of [`Next::Wait`] is over.
    ///
    /// # Errors
    ///
    /// If the execution does not wait for a delay.
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

    /// Ends the execution from outside, because of its timeout or a StopExecution.
    pub fn stop(&mut self) {
        self.awaits = Awaits::Nothing;
    }

    /// Redrives an execution that failed or was stopped, like RedriveExecution: its last state starts again, with the
    /// same input and with all of its attempts. So a Fail state fails again.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
    ///
    /// # Errors
    ///
    /// If the execution is running.
    pub fn redrive(&mut self, now: Now) -> Result<Next, OutOfTurn> {
        self.expect(|it| it == Awaits::Nothing)?;
        let step = Step::Leave(After::Next(self.at), Arc::clone(&self.input));
        Ok(self.follow(step, now))
    }

    /// Returns which of the first 128 [`Machine::ways`] the execution has taken, with one bit for each.
    pub fn ways(&self) -> u128 {
        self.taken
    }

    /// Returns the same as [`Execution::ways`], and clears it. The next call returns the ways that were taken after
    /// this one.
    pub fn take_ways(&mut self) -> u128 {
        mem::take(&mut self.taken)
    }

    /// Returns the name of the current state, or of the last state after the end.
    pub fn state(&self) -> &str {
        &self.machine.states[self.at].name
    }

    /// Returns what the execution waits for.
    pub fn awaits(&self) -> Awaits {
        self.awaits
    }

    /// Returns the start time, from which [`Machine::timeout`] counts.
    pub fn began(&self) -> Now {
        self.began
    }

    fn expect(&self, allowed: impl Fn(Awaits) -> bool) -> Result<(), OutOfTurn> {
        if allowed(self.awaits) { Ok(()) } else { Err(self.out_of_turn()) }
    }

    fn out_of_turn(&self) -> OutOfTurn {
        OutOfTurn { awaits: self.awaits }
    }

    /// Continues until the caller has to do something.
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

    /// Records that the execution takes a way of this state. Way 0 is the state itself.
    fn takes(&mut self, state: &State, way: usize) {
        let bit = u32::try_from(state.first_way + way).ok().and_then(|it| 1_u128.checked_shl(it));
        self.taken |= bit.unwrap_or_default();
    }

    /// Requests an attempt of the task: the first or a retry.
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

    /// Returns the arguments, if the integration accepts them.
    fn taken(&self, task: &TaskState, arguments: Value) -> Result<Value, Failure> {
        let Some(integration) = task.integration else { return Ok(arguments) };
        let problems = integration.problems(&arguments, Arguments::Evaluated);
        let Some(problem) = problems.first() else { return Ok(arguments) };
        let state = self.state();
        let cause = format!("An error occurred while executing the state '{state}'. {problem}");
        Err(Failure::new(RUNTIME, cause))
    }

    /// Returns the payload, if it is not larger than AWS's limit.
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

    /// Applies first `Retry`, then `Catch`. A failed expression is an error like any other, except in `Catch` itself,
    /// where it ends the execution.
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

    /// Returns the way that is taken, counted from 1, and the next step.
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

    /// Leaves the state with its `Output`, or with its unchanged input.
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

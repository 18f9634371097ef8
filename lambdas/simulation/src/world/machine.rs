//! Executions of the order machine: the calls of a state, and the next state.

use asl::{Failure, Next, Now};
use contracts::domain::OrderStatus;
use runtime::{handler::Raised, item::attribute, port::ExecutionStatus};
use serde_json::{Value, json};

use super::{Event, World};
use crate::{
    branch::Branch,
    facts::ORDER_QUEUE,
    fault::{Kind, Service, Verdict},
    listener::Message,
    mistake::MACHINE,
    services::{
        refusal::Refusal,
        sfn::{Direct, Running, found},
    },
    spent::{Code, by},
    world::Landing,
};

impl World {
    /// Starts an execution.
    pub(crate) fn start(&mut self, name: &str, input: String) {
        let machine = self.watch.machine.clone();
        // api_handler sends JSON. AWS would refuse anything else.
        let json: Value = serde_json::from_str(&input).unwrap_or_default();
        let id = format!("arn:aws:states:ap-south-1:111111111111:execution:order:{name}");
        let now = Now::from_millis(self.now);
        let (execution, next) =
            by(Code::Machine, || asl::Execution::start(&machine, &id, name, json, now));
        let status = ExecutionStatus::Running;
        let seen_from = self.now + self.lag();
        let running = Running {
            execution,
            input,
            status,
            failure: None,
            step: 0,
            seen_from,
            end_seen_from: seen_from,
            failed_once: false,
            timed_out: false,
            redriven: 0,
        };
        self.sfn.executions.insert(name.to_owned(), running);
        if self.plan.foreign && self.chance.bool() {
            self.store_another(name);
        }
        self.say(|| format!("the execution {name} starts"));
        self.tick_soon();
        self.limit(name, 0);
        self.follow(name, next);
    }

    /// Schedules the timeout of an execution.
    fn limit(&mut self, name: &str, redriven: u32) {
        if let Some(timeout) = self.watch.machine.timeout() {
            let after = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            self.at(after, Event::ExecutionTimeout { name: name.to_owned(), redriven });
        }
    }

    /// Times an execution out.
    pub(crate) fn execution_timeout(&mut self, name: &str, redriven: u32) {
        let end_seen_from = self.now + self.lag();
        let Some(running) = self.sfn.executions.get_mut(name) else { return };
        if running.redriven == redriven && running.status == ExecutionStatus::Running {
            running.execution.stop();
            running.timed_out = true;
            running.status = ExecutionStatus::Failed;
            running.step += 1;
            running.end_seen_from = running.seen_from.max(end_seen_from);
            self.say(|| format!("{name} has taken too long"));
        }
    }

    /// An operator redrives an execution, which continues at the failed state.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
    pub(crate) fn redrive_execution(&mut self, name: &str) {
        let now = Now::from_millis(self.now);
        let Some(running) = self.sfn.executions.get_mut(name) else { return };
        let Ok(next) = running.execution.redrive(now) else { return };
        (running.status, running.failure) = (ExecutionStatus::Running, None);
        running.timed_out = false;
        running.redriven += 1;
        let redriven = running.redriven;
        self.say(|| format!("an operator redrives the execution {name}"));
        self.tick_soon();
        self.limit(name, redriven);
        self.follow(name, next);
    }

    /// Returns the milliseconds until DescribeExecution shows a change everywhere.
    fn lag(&mut self) -> u64 {
        let most = match self.chance.u32(..100) {
            0..70 => 100,
            70..90 => 2_000,
            _ => 30_000,
        };
        let lag = self.chance.u64(..most);
        if self.plan.shown_late { lag } else { 0 }
    }

    /// Makes the call of an execution's state, or schedules its delay.
    fn follow(&mut self, name: &str, next: Next) {
        let end_seen_from = self.now + self.lag();
        let Some(running) = self.sfn.executions.get_mut(name) else { return };
        running.step += 1;
        running.end_seen_from = running.seen_from.max(end_seen_from);
        let step = running.step;
        let name = name.to_owned();
        match next {
            Next::Wait(wait) => {
                let longest = u64::try_from(wait.longest().as_millis()).unwrap_or(u64::MAX);
                let chosen =
                    wait.choose(|_| std::time::Duration::from_millis(self.chance.u64(..=longest)));
                let after = u64::try_from(chosen.as_millis()).unwrap_or(u64::MAX);
                if !self.plan.mistake.sleeps_for_ever {
                    self.at(after, Event::Woke { name, step });
                }
            }
            Next::Task(task) => {
                let timeout = u64::try_from(task.timeout.as_millis()).unwrap_or(u64::MAX);
                if !self.plan.mistake.sleeps_for_ever {
                    self.at(timeout, Event::StateTimeout { name: name.clone(), step });
                }
                self.say(|| format!("{name}: {} begins", task.state));
                match &*task.state {
                    "RecordFailure" | "RecordRejection" => self.store_another(&name),
                    "ReadRecord" => self.take_away(&name, 2),
                    _ => {}
                }
                if &*task.resource == "arn:aws:states:::lambda:invoke" {
                    let function = task.arguments["FunctionName"].as_str().unwrap_or_default();
                    let (function, payload) =
                        (function.to_owned(), task.arguments["Payload"].clone());
                    let after = self.start_up();
                    if self.faults.strikes(Kind::Repeated, self.now) {
                        let (function, payload) = (function.clone(), payload.clone());
                        let later = self.chance.u64(..60_000);
                        self.at(after + later, Event::Ghost { function, payload });
                    }
                    self.at(after, Event::Invoke { name, step, function, payload });
                } else {
                    let after = self.latency();
                    let (resource, arguments) = (task.resource.to_string(), task.arguments);
                    self.at(after, Event::Direct { name, step, resource, arguments });
                }
            }
            Next::Succeeded(_) => {
                running.status = ExecutionStatus::Succeeded;
                let state = running.execution.state().to_owned();
                if state == "Stored" && !self.watch.sent.contains(&name) {
                    let order = self.dynamodb.get("orders", &name);
                    let is_open = order.and_then(|it| it.get("status"))
                        == Some(&attribute(&OrderStatus::Processing));
                    self.watch.unsent.extend(is_open.then(|| name.clone()));
                }
                if self.watch.foreign.get(&name).is_some_and(|it| it.stands) {
                    self.watch.misled.insert(name.clone());
                }
                self.say(|| format!("{name} ends in {state}"));
            }
            Next::Failed(failure) => {
                running.status = ExecutionStatus::Failed;
                running.failed_once = true;
                self.say(|| format!("{name} fails: {failure}"));
                if let Some(running) = self.sfn.executions.get_mut(&name) {
                    running.failure = Some(failure);
                }
            }
        }
    }

    /// Returns the execution, if it still waits for the answer to this step.
    fn awaiting(&mut self, name: &str, step: u64) -> Option<&mut Running> {
        self.sfn.executions.get_mut(name).filter(|it| it.step == step)
    }

    /// Ends a delay.
    pub(crate) fn woke(&mut self, name: &str, step: u64) {
        let now = Now::from_millis(self.now);
        let next = self
            .awaiting(name, step)
            .and_then(|it| by(Code::Machine, || it.execution.woke(now)).ok());
        if let Some(next) = next {
            self.follow(name, next);
        }
    }

    /// Fails a state's task.
    pub(crate) fn state_failed(&mut self, name: &str, step: u64, failure: Failure) {
        let now = Now::from_millis(self.now);
        let told = failure.clone();
        let next = self
            .awaiting(name, step)
            .and_then(|it| by(Code::Machine, || it.execution.task_failed(failure, now)).ok());
        if let Some(next) = next {
            self.say(|| format!("{name}: {told}"));
            self.follow(name, next);
        }
    }

    fn state_succeeded(&mut self, name: &str, step: u64, result: Value) {
        let now = Now::from_millis(self.now);
        let next = self
            .awaiting(name, step)
            .and_then(|it| by(Code::Machine, || it.execution.task_succeeded(result, now)).ok());
        if let Some(next) = next {
            self.follow(name, next);
        }
    }

    /// Passes the result of a function to the state that called it.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
    pub(crate) fn function_ended(
        &mut self,
        name: &str,
        step: u64,
        answer: Option<Result<Value, Raised>>,
    ) {
        self.watch.reached.came_to(answer.as_ref().and_then(Branch::of_state));
        match answer {
            Some(Ok(payload)) => {
                self.state_succeeded(name, step, json!({ "Payload": payload, "StatusCode": 200 }));
            }
            Some(Err(raised)) => {
                let cause = json!({ "errorType": raised.name, "errorMessage": raised.cause });
                self.state_failed(name, step, Failure::new(raised.name, cause.to_string()));
            }
            None => self.state_failed(name, step, Failure::new("Lambda.Unknown", "it crashed")),
        }
    }

    /// Makes a state's call of a service.
    pub(crate) fn direct(&mut self, name: &str, step: u64, resource: &str, arguments: &Value) {
        let service = match resource.contains("sqs") {
            true => Service::Sqs,
            false => Service::DynamoDb,
        };
        let verdict = self.faults.next(service, self.now);
        if verdict != Verdict::Happens {
            self.say(|| format!("{name}: {resource}: {verdict:?}"));
        }
        let direct = match Direct::parse(resource, arguments) {
            Ok(direct) => direct,
            Err(problem) => {
                let failure = Failure::new("DynamoDB.ValidationException", problem);
                return self.state_failed(name, step, failure);
            }
        };
        let lost = direct.outage();
        match verdict {
            Verdict::Happens => match by(Code::Services, || self.act(&direct)) {
                Ok(result) => self.state_succeeded(name, step, result),
                Err(err) => {
                    if matches!(direct, Direct::Transact { .. }) {
                        self.take_away(name, 8);
                    }
                    self.state_failed(name, step, direct.failure(&err));
                }
            },
            Verdict::Fails => {
                let number = self.faults.calls();
                self.state_failed(name, step, direct.refusal(number));
            }
            Verdict::Twice => {
                let _ = self.act(&direct);
                match self.act(&direct) {
                    Ok(result) => self.state_succeeded(name, step, result),
                    Err(err) => self.state_failed(name, step, direct.failure(&err)),
                }
            }
            Verdict::Late => {
                self.later(Landing::new(move |world| drop(world.act(&direct))));
                self.state_failed(name, step, lost);
            }
            Verdict::CrashBefore => self.state_failed(name, step, lost),
            Verdict::AnswerLost | Verdict::CrashAfter => {
                let _ = self.act(&direct);
                self.state_failed(name, step, lost);
            }
            // The state's own timeout ends it.
            Verdict::Hangs => {}
        }
    }

    /// Makes a state's call of a service, and returns the service's answer.
    fn act(&mut self, direct: &Direct) -> Result<Value, Refusal> {
        let now = self.now;
        let mistake = self.plan.mistake;
        match direct {
            Direct::Get { table, key, attributes } => {
                return Ok(found(self.dynamodb.get(table, key), attributes));
            }
            Direct::Put(write) => {
                self.dynamodb.write(&mistake.written(MACHINE, vec![write.clone()]))?;
            }
            Direct::Transact { token, writes } => {
                let writes = mistake.written(MACHINE, writes.clone());
                self.dynamodb.write_once(token, &writes, now)?;
            }
            Direct::Send { queue, body } if queue == ORDER_QUEUE => self.send(body.clone()),
            Direct::Send { queue, body } => {
                let latency = self.latency();
                self.at(latency, Event::Message(Message::new(queue, body.clone())));
            }
        }
        self.index_soon();
        Ok(json!({}))
    }
}

//! The ports to the simulated services. Other events may happen during each call.

use std::{cell::RefCell, future::poll_fn, rc::Rc, task::Poll, time::Duration};

use contracts::{
    domain::OrderId,
    metric::{MessageMetric, OrderMetric},
};
use runtime::{
    item::Attributes,
    moment::Moment,
    port::{
        ChangeMessageVisibility, Clock, DescribeExecution, DynamoDb, Entropy, Execution,
        ExecutionStatus, Fault, GetItem, Meter, Page, PutItem, Query, SendMessage, Sfn, Sleep, Sqs,
        StartError, StartExecution, UpdateItem, Write, WriteError,
    },
};

use crate::{
    fault::{Service, Verdict},
    mistake::Mistake,
    plan::Safeguard,
    services::dynamodb::key,
    spent::{Code, by},
    world::{Event, Landing, OnTheWay, TaskId, World},
};

/// The world as one running function sees it.
#[derive(Debug, Clone)]
pub struct Port {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) task: TaskId,
    pub(crate) function: &'static str,
    /// Milliseconds by which this environment's clock is ahead; negative if it is behind.
    pub(crate) ahead: i64,
}

impl Port {
    /// Calls a service. The call takes time, and may fail.
    async fn call<T, E: From<Fault>>(
        &self,
        service: Service,
        rights: &[(&'static str, &str)],
        effect: impl Fn(&mut World) -> Result<T, E> + 'static,
    ) -> Result<T, E> {
        let verdict = self.gate(service, rights).await;
        match self.comes_to(verdict, service, effect) {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// Returns the result of a call. `None` if its caller gets no answer.
    fn comes_to<T, E: From<Fault>>(
        &self,
        verdict: Verdict,
        service: Service,
        act: impl Fn(&mut World) -> Result<T, E> + 'static,
    ) -> Option<Result<T, E>> {
        let lost =
            |reason: &str| Fault::Unavailable { service: name(service), reason: reason.to_owned() };
        let mut world = self.world.borrow_mut();
        let effect = |world: &mut World| by(Code::Services, || act(world));
        match verdict {
            Verdict::Happens => Some(effect(&mut world)),
            Verdict::Twice => {
                let _ = effect(&mut world);
                Some(effect(&mut world))
            }
            Verdict::Late => {
                world.later(Landing::new(move |world| drop(act(world))));
                Some(Err(lost("no answer in time").into()))
            }
            Verdict::Fails => Some(Err(lost("the simulation chose this fault").into())),
            Verdict::AnswerLost => {
                let _ = effect(&mut world);
                Some(Err(lost("the answer is lost").into()))
            }
            Verdict::CrashAfter => {
                let _ = effect(&mut world);
                world.crashed.insert(self.task);
                None
            }
            // A function that crashed before the call is not polled again.
            Verdict::CrashBefore | Verdict::Hangs => None,
        }
    }

    /// Waits until the call has arrived at its service.
    async fn gate(&self, service: Service, rights: &[(&'static str, &str)]) -> Verdict {
        let number = by(Code::Simulation, || {
            let mut world = self.world.borrow_mut();
            let now = world.now;
            let verdict = world.faults.next(service, now);
            let function = self.function;
            for (action, resource) in rights {
                if !world.seen.contains(&(function, *action, (*resource).to_owned())) {
                    world.seen.insert((function, *action, (*resource).to_owned()));
                }
            }
            if verdict != Verdict::Happens {
                world.troubled.insert(self.task);
                let what = rights.first().map_or("", |(action, _)| *action);
                world.say(|| format!("{function}: {what}: {verdict:?}"));
            }
            let number = world.fresh();
            let call = OnTheWay { task: self.task, verdict, arrived: false };
            world.calls.insert(number, call);
            let latency = world.latency();
            world.at(latency, Event::Call(number));
            number
        });
        self.arrival(number).await
    }

    /// Waits until the call with this number has arrived at its service.
    async fn arrival(&self, number: u64) -> Verdict {
        poll_fn(|_| {
            let mut world = self.world.borrow_mut();
            match world.calls.get(&number) {
                Some(call) if !call.arrived => Poll::Pending,
                _ => {
                    let verdict = world.calls.remove(&number).map(|it| it.verdict);
                    Poll::Ready(verdict.unwrap_or(Verdict::Hangs))
                }
            }
        })
        .await
    }

    async fn write(&self, write: Write) -> Result<(), WriteError> {
        let Some(write) = self.mistake().written(self.function, vec![write]).pop() else {
            return Ok(());
        };
        let again = write.clone();
        self.call(Service::DynamoDb, &[right(&write)], move |world| written(world, &again)).await
    }

    fn mistake(&self) -> Mistake {
        self.world.borrow().plan.mistake
    }

    fn without(&self, safeguard: Safeguard) -> bool {
        self.world.borrow().plan.without == Some(safeguard)
    }
}

fn name(service: Service) -> &'static str {
    match service {
        Service::DynamoDb => "DynamoDB",
        Service::Sqs => "SQS",
        Service::StepFunctions => "Step Functions",
        Service::Lambda => "Lambda",
    }
}

fn right(write: &Write) -> (&'static str, &str) {
    match write {
        Write::Put(it) => ("dynamodb:PutItem", &it.table),
        Write::Update(it) => ("dynamodb:UpdateItem", &it.table),
        Write::Delete(it) => ("dynamodb:DeleteItem", &it.table),
    }
}

fn written(world: &mut World, write: &Write) -> Result<(), WriteError> {
    world.dynamodb.write(std::slice::from_ref(write))?;
    world.index_soon();
    Ok(())
}

impl DynamoDb for Port {
    async fn get_item(&self, call: GetItem) -> Result<Option<Attributes>, Fault> {
        let table = call.table.clone();
        let is_late = self.mistake().reads_before == Some(self.function);
        self.call(Service::DynamoDb, &[("dynamodb:GetItem", &table)], move |world| {
            let now = world.dynamodb.read(&call)?;
            let key = key(&call.key)?;
            let before = is_late.then(|| world.dynamodb.before(&call.table, &key)).flatten();
            Ok(before.cloned().or(now))
        })
        .await
    }

    async fn put_item(&self, mut call: PutItem) -> Result<(), WriteError> {
        if self.function == "order_storage" && self.without(Safeguard::ConditionOfThePut) {
            call.condition = None;
        }
        self.write(Write::Put(call)).await
    }

    async fn update_item(&self, call: UpdateItem) -> Result<(), WriteError> {
        self.write(Write::Update(call)).await
    }

    async fn transact_write_items(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        if self.without(Safeguard::Transaction) {
            for write in writes {
                self.write(write).await?;
            }
            return Ok(());
        }
        let writes = self.mistake().written(self.function, writes);
        // The SDK sends each transaction with a token of its own, by which a repeat happens once.
        let token = format!("sdk-{}", self.world.borrow_mut().fresh());
        let again = writes.clone();
        let rights: Vec<_> = writes.iter().map(right).collect();
        self.call(Service::DynamoDb, &rights, move |world| {
            let now = world.now;
            world.dynamodb.write_once(&token, &again, now)?;
            world.index_soon();
            Ok(())
        })
        .await
    }

    async fn query(&self, call: Query) -> Result<Page, Fault> {
        let index = format!("{}/index/{}", call.table, call.index);
        let rights = [("dynamodb:Query", index.as_str())];
        self.call(Service::DynamoDb, &rights, move |world| world.dynamodb.query(&call)).await
    }
}

impl Sqs for Port {
    async fn send_message(&self, call: SendMessage) -> Result<(), Fault> {
        let queue = call.queue.clone();
        self.call(Service::Sqs, &[("sqs:SendMessage", &queue)], move |world| {
            world.send(call.body.clone());
            Ok(())
        })
        .await
    }

    async fn change_message_visibility(&self, call: ChangeMessageVisibility) -> Result<(), Fault> {
        let queue = call.queue.clone();
        self.call(Service::Sqs, &[("sqs:ChangeMessageVisibility", &queue)], move |world| {
            let (now, span) = (world.now, u64::from(call.seconds) * 1_000);
            world.queue.hide(&call.receipt_handle, now, span)?;
            world.poll_soon(span);
            Ok(())
        })
        .await
    }
}

impl Sfn for Port {
    async fn start_execution(&self, call: StartExecution) -> Result<(), StartError> {
        let machine = call.machine.clone();
        let rights = [("states:StartExecution", machine.as_str())];
        let started = self.call(Service::StepFunctions, &rights, move |world| {
            match world.sfn.may_start(&call.name, &call.input) {
                Ok(true) => world.start(&call.name, call.input.clone()),
                Err(_) if world.plan.mistake.names_are_free => {}
                other => drop(other?),
            }
            if let Ok(order) = OrderId::try_from(call.name.clone()) {
                world.watch.happened(OrderMetric::OrdersAccepted, &order);
            }
            Ok(())
        });
        match started.await {
            Err(StartError::Fault(_)) if self.mistake().believes_starts => Ok(()),
            other => other,
        }
    }

    async fn describe_execution(
        &self,
        call: DescribeExecution,
    ) -> Result<Option<Execution>, Fault> {
        let of = call.execution.rsplit_once(':');
        let (machine, name) = of.unwrap_or((&call.execution, ""));
        let name = name.to_owned();
        self.call(Service::StepFunctions, &[("states:DescribeExecution", machine)], move |world| {
            let mut seen = world.sfn.executions.get(&name).and_then(|it| it.seen(world.now));
            if let Some(seen) = &mut seen
                && world.plan.mistake.describes_before
                && world.odds(500)
            {
                (seen.status, seen.error, seen.cause) = (ExecutionStatus::Running, None, None);
            }
            Ok(seen)
        })
        .await
    }
}

impl Clock for Port {
    fn now(&self) -> Moment {
        Moment::from_millis(self.world.borrow().now.saturating_add_signed(self.ahead))
    }
}

impl Sleep for Port {
    async fn sleep(&self, span: Duration) {
        let number = {
            let mut world = self.world.borrow_mut();
            let number = world.fresh();
            let call = OnTheWay { task: self.task, verdict: Verdict::Happens, arrived: false };
            world.calls.insert(number, call);
            world.at(u64::try_from(span.as_millis()).unwrap_or(u64::MAX), Event::Call(number));
            number
        };
        self.arrival(number).await;
    }
}

impl Entropy for Port {
    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.world.borrow_mut().chance.fill(&mut bytes);
        bytes
    }
}

impl Meter for Port {
    fn count(&self, _: &str, metric: OrderMetric, order: &OrderId) {
        let mut world = self.world.borrow_mut();
        let times = world.plan.mistake.counts.unwrap_or(1);
        *world.metrics.entry((metric, order.clone())).or_default() += times;
    }

    fn count_message(&self, _: &str, metric: MessageMetric, message_id: &str) {
        let mut world = self.world.borrow_mut();
        *world.messages.entry((metric, message_id.to_owned())).or_default() += 1;
    }
}

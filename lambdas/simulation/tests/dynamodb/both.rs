//! The calls of functions and states, made to both DynamoDBs and compared. Calls of other services do nothing.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use asl::Failure;
use contracts::{
    domain::OrderId,
    metric::{MessageMetric, OrderMetric},
};
use futures::FutureExt as _;
use runtime::{
    item::Attributes,
    live::Live,
    moment::Moment,
    port::{
        ChangeMessageVisibility, Clock, DescribeExecution, DynamoDb, Entropy, Execution, Fault,
        GetItem, Meter, Page, PutItem, Query, SendMessage, Sfn, Sleep, Sqs, StartError,
        StartExecution, UpdateItem, Write, WriteError,
    },
};
use serde_json::{Value, json};
use simulation::services::{
    dynamodb::Dynamo,
    refusal::Refusal,
    sfn::{Direct, found},
};

use crate::{
    faults::Mistake,
    finding::Finding,
    second::{Answer, Second},
    stretch::WITHOUT_A_TOKEN,
    wire,
};

/// How long DynamoDB remembers the token of a transaction, in milliseconds.
const TOKEN: u64 = 600_000;

/// Both DynamoDBs, and the time.
pub(crate) struct Both {
    pub(crate) simulated: RefCell<Dynamo>,
    second: Second,
    live: Live,
    mistake: Option<Mistake>,
    seed: u64,
    pub(crate) now: Cell<u64>,
    pub(crate) chance: RefCell<fastrand::Rng>,
    /// The variation of the next calls.
    pub(crate) what: RefCell<String>,
    pub(crate) calls: RefCell<BTreeMap<String, u32>>,
    pub(crate) findings: RefCell<Vec<Finding>>,
    /// The writes that functions and states made, for variations of them.
    pub(crate) made: RefCell<Vec<Vec<Write>>>,
    started: RefCell<BTreeSet<String>>,
    tokens: RefCell<BTreeMap<String, (u64, u32)>>,
    count: Cell<u64>,
}

/// Marks the answer that a function gets from the SDK, as opposed to the answer of DynamoDB.
const BY_THE_SDK: &str = " by the SDK";

/// The name of the system's own requests in findings.
pub(crate) const AS_MADE: &str = "as made";

impl Both {
    pub(crate) fn new(seed: u64, mistake: Option<Mistake>) -> Self {
        let second = Second::new();
        Both {
            simulated: RefCell::default(),
            live: Live::dynamodb_behind(second.client()),
            second,
            mistake,
            seed,
            now: Cell::new(simulation::world::BEGIN),
            chance: RefCell::new(fastrand::Rng::with_seed(seed)),
            what: RefCell::new(AS_MADE.to_owned()),
            calls: RefCell::default(),
            findings: RefCell::default(),
            made: RefCell::default(),
            started: RefCell::default(),
            tokens: RefCell::default(),
            count: Cell::new(0),
        }
    }

    /// Makes a state's call of a service, and returns its result.
    pub(crate) fn state(&self, resource: &str, arguments: &Value) -> Result<Value, Failure> {
        let direct = Direct::parse(resource, arguments).unwrap_or_else(|err| panic!("{err}"));
        let operation = match &direct {
            Direct::Get { table, key, attributes } => {
                return Ok(self.state_reads(table, key, attributes, arguments));
            }
            Direct::Put(_) => "PutItem",
            Direct::Transact { .. } => "TransactWriteItems",
            Direct::Send { .. } => return Ok(json!({})),
        };
        let mut request = arguments.clone();
        if let Direct::Transact { token, .. } = &direct {
            request["ClientRequestToken"] = self.aged(token).into();
        }
        let answer = self.second.ask(operation, request);
        let simulated = match &direct {
            Direct::Put(write) => self.write(vec![write.clone()]),
            Direct::Transact { token, writes } => self.transact(token, writes.clone()),
            Direct::Get { .. } | Direct::Send { .. } => Ok(()),
        };
        self.compare(operation, &simulated, &answer, &arguments.to_string());
        self.made.borrow_mut().push(match direct {
            Direct::Put(write) => vec![write],
            Direct::Transact { writes, .. } => writes,
            Direct::Get { .. } | Direct::Send { .. } => Vec::new(),
        });
        simulated.map(|()| json!({})).map_err(|err| {
            Direct::parse(resource, arguments).map_or_else(
                |problem| Failure::new("Simulation", problem),
                |direct| direct.failure(&err),
            )
        })
    }

    /// Makes a state's read, and returns its result.
    fn state_reads(&self, table: &str, key: &str, attributes: &[String], request: &Value) -> Value {
        let answer = self.second.ask("GetItem", request.clone());
        let simulated = self.simulated.borrow();
        let item = simulated.get(table, key);
        let all: Vec<_> = item.into_iter().flat_map(|it| it.keys().cloned()).collect();
        let asked = match self.mistake {
            Some(Mistake::ForgetsProjections) => &all,
            _ => attributes,
        };
        let simulated = found(item, asked);
        // The order of attributes does not count.
        let second = match answer.body() {
            Some(body) if *body == simulated => simulated.to_string(),
            Some(body) => body.to_string(),
            None => format!("{answer:?}"),
        };
        self.note("GetItem by a state", simulated.to_string(), second, &request.to_string());
        simulated
    }

    /// The second DynamoDB's clock cannot be set. So a token that was used more than ten minutes ago is replaced by another one.
    fn aged(&self, token: &str) -> String {
        let mut tokens = self.tokens.borrow_mut();
        let (since, times) = tokens.entry(token.to_owned()).or_insert((self.now.get(), 0));
        if self.now.get() >= *since + TOKEN {
            (*since, *times) = (self.now.get(), *times + 1);
        }
        match times {
            0 => token.to_owned(),
            times => format!("{times}{}", token.chars().skip(1).collect::<String>()),
        }
    }

    /// Makes one write or several with the simulated DynamoDB, and the planted mistake, if there is one.
    fn write(&self, mut writes: Vec<Write>) -> Result<(), Refusal> {
        let mut simulated = self.simulated.borrow_mut();
        if let Some(mistake) = self.mistake {
            mistake.of_writes(&mut writes);
        }
        let done = simulated.write(&writes);
        self.index(&mut simulated, &writes);
        done
    }

    fn transact(&self, token: &str, mut writes: Vec<Write>) -> Result<(), Refusal> {
        let mut token = token.to_owned();
        let mut simulated = self.simulated.borrow_mut();
        if let Some(mistake) = self.mistake {
            mistake.of_writes(&mut writes);
            mistake.of_token(&mut token, self.fresh());
        }
        let done = match self.mistake {
            Some(Mistake::WritesHalf) => {
                let one = |it: &Write| simulated.write(std::slice::from_ref(it));
                writes
                    .iter()
                    .try_for_each(one)
                    .map_err(|_| Refusal::Canceled(vec!["ConditionalCheckFailed"]))
            }
            _ => simulated.write_once(&token, &writes, self.now.get()),
        };
        self.index(&mut simulated, &writes);
        done.map_err(|err| self.mistake.map_or(err.clone(), |it| it.of_refusal(err)))
    }

    /// The index of the second DynamoDB does not lag behind.
    fn index(&self, simulated: &mut Dynamo, writes: &[Write]) {
        if self.mistake == Some(Mistake::LeavesTheIndex) {
            return;
        }
        for write in writes {
            let key = match write {
                Write::Put(it) => it.item.get("order_id"),
                Write::Update(it) => it.key.get("order_id"),
                Write::Delete(it) => it.key.get("order_id"),
            };
            if let Some(runtime::item::Attribute::Text(key)) = key {
                simulated.propagate(key);
            }
        }
    }

    pub(crate) fn fresh(&self) -> u64 {
        self.count.set(self.count.get() + 1);
        self.count.get()
    }

    /// Compares both answers to a write.
    fn compare(
        &self,
        operation: &str,
        simulated: &Result<(), Refusal>,
        second: &Answer,
        request: &str,
    ) {
        let said = |code: &str, reasons: &[String]| match reasons {
            [] => code.to_owned(),
            reasons => format!("{code} [{}]", reasons.join(", ")),
        };
        let simulated = match simulated {
            Ok(()) => "done".to_owned(),
            Err(Refusal::ConditionFailed) => "ConditionalCheckFailedException".to_owned(),
            Err(Refusal::Canceled(reasons)) => {
                let reasons: Vec<_> = reasons.iter().map(|it| (*it).to_owned()).collect();
                said("TransactionCanceledException", &reasons)
            }
            Err(Refusal::Error(code, _)) => (*code).to_owned(),
        };
        let second = second.refusal().map_or("done".to_owned(), |(code, all)| said(&code, &all));
        self.note(operation, simulated, second, request);
    }

    /// Compares every item of both tables.
    pub(crate) fn compare_tables(&self) {
        for table in ["orders", "failed_orders"] {
            let mut second = self.second.items(table);
            second.remove(WITHOUT_A_TOKEN);
            let simulated = self.simulated.borrow();
            let simulated = simulated.items(table).map(|(key, it)| (key.clone(), wire::item(it)));
            let mut simulated: BTreeMap<String, Value> = simulated.collect();
            // Only differences are kept.
            simulated
                .retain(|key, item| second.get(key) != Some(item) || second.remove(key).is_none());
            let said = |it: &BTreeMap<String, Value>| serde_json::to_string(it).unwrap();
            self.note("Scan", said(&simulated), said(&second), table);
        }
    }

    /// Counts a call, and keeps it if the two answers differ.
    fn note(&self, operation: &str, simulated: String, second: String, request: &str) {
        if !operation.ends_with(BY_THE_SDK) {
            *self.calls.borrow_mut().entry(operation.to_owned()).or_insert(0) += 1;
        }
        if simulated != second {
            let request = match request.char_indices().nth(2_000) {
                Some((end, _)) => format!("{} …", &request[..end]),
                None => request.to_owned(),
            };
            self.findings.borrow_mut().push(Finding {
                operation: operation.to_owned(),
                what: self.what.borrow().clone(),
                simulated,
                second,
                seed: self.seed,
                request,
            });
        }
    }

    /// Compares the answers to a read that a function gets, or the errors.
    fn told<T, E>(
        &self,
        operation: &str,
        simulated: &Result<T, E>,
        live: &Result<T, E>,
        request: &str,
    ) where
        T: std::fmt::Debug,
        E: Clone + Into<WriteError>,
    {
        let said = |it: &Result<T, E>| match it {
            Ok(it) => format!("{it:?}"),
            Err(err) => match err.clone().into() {
                WriteError::ConditionFailed => "the condition failed".to_owned(),
                WriteError::Fault(Fault::Refused { code, .. }) => format!("refused: {code}"),
                WriteError::Fault(Fault::Throttled { code, .. }) => format!("throttled: {code}"),
                WriteError::Fault(other) => format!("{other:?}"),
            },
        };
        self.note(operation, said(simulated), said(live), request);
    }
}

/// Both DynamoDBs, as one running function sees them.
#[derive(Clone)]
pub(crate) struct Port(pub(crate) Rc<Both>);

impl Port {
    /// Makes a single write, and returns DynamoDB's answer and the one that a function gets.
    fn wrote(
        &self,
        operation: &str,
        write: Write,
        live: Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let request = format!("{write:?}");
        let answer = self.0.second.last();
        let simulated = self.0.write(vec![write.clone()]);
        self.0.compare(operation, &simulated, &answer, &request);
        self.0.made.borrow_mut().push(vec![write]);
        let simulated = simulated.map_err(WriteError::from);
        self.0.told(&format!("{operation}{BY_THE_SDK}"), &simulated, &live, &request);
        simulated
    }
}

/// Returns the result of an SDK call, which never waits here.
fn at_once<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("the second DynamoDB answers at once")
}

impl DynamoDb for Port {
    async fn get_item(&self, call: GetItem) -> Result<Option<Attributes>, Fault> {
        let live = at_once(self.0.live.get_item(call.clone()));
        let simulated = self.0.simulated.borrow().read(&call);
        self.0.told("GetItem", &simulated, &live, &format!("{call:?}"));
        simulated
    }

    async fn put_item(&self, call: PutItem) -> Result<(), WriteError> {
        let live = at_once(self.0.live.put_item(call.clone()));
        self.wrote("PutItem", Write::Put(call), live)
    }

    async fn update_item(&self, call: UpdateItem) -> Result<(), WriteError> {
        let live = at_once(self.0.live.update_item(call.clone()));
        self.wrote("UpdateItem", Write::Update(call), live)
    }

    async fn transact_write_items(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        let operation = "TransactWriteItems";
        let request = format!("{writes:?}");
        let live = at_once(self.0.live.transact_write_items(writes.clone()));
        let answer = self.0.second.last();
        let token = format!("sdk-{}", self.0.fresh());
        let simulated = self.0.transact(&token, writes.clone());
        self.0.compare(operation, &simulated, &answer, &request);
        self.0.made.borrow_mut().push(writes);
        let simulated = simulated.map_err(WriteError::from);
        self.0.told(&format!("{operation}{BY_THE_SDK}"), &simulated, &live, &request);
        simulated
    }

    async fn query(&self, call: Query) -> Result<Page, Fault> {
        let live = at_once(self.0.live.query(call.clone()));
        let mut simulated = self.0.simulated.borrow().query(&call);
        if let (Some(mistake), Ok(page)) = (self.0.mistake, &mut simulated) {
            mistake.of_page(page);
        }
        self.0.told("Query", &simulated, &live, &format!("{call:?}"));
        simulated
    }
}

impl Sqs for Port {
    async fn send_message(&self, _: SendMessage) -> Result<(), Fault> {
        Ok(())
    }

    async fn change_message_visibility(&self, _: ChangeMessageVisibility) -> Result<(), Fault> {
        Ok(())
    }
}

impl Sfn for Port {
    async fn start_execution(&self, call: StartExecution) -> Result<(), StartError> {
        let is_new = self.0.started.borrow_mut().insert(call.name);
        if is_new { Ok(()) } else { Err(StartError::AlreadyExists) }
    }

    async fn describe_execution(&self, _: DescribeExecution) -> Result<Option<Execution>, Fault> {
        Ok(None)
    }
}

impl Clock for Port {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.now.get())
    }
}

impl Sleep for Port {
    async fn sleep(&self, span: Duration) {
        self.0.now.set(self.0.now.get() + u64::try_from(span.as_millis()).unwrap());
    }
}

impl Entropy for Port {
    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.0.chance.borrow_mut().fill(&mut bytes);
        bytes
    }
}

impl Meter for Port {
    fn count(&self, _: &str, _: OrderMetric, _: &OrderId) {}

    fn count_message(&self, _: &str, _: MessageMetric, _: &str) {}
}

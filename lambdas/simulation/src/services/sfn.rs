//! Step Functions: executions with unique names, and the states that call services without a function. StartExecution
//! is consistent. DescribeExecution lags behind.
//!
//! - <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
//! - <https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html>

use std::collections::BTreeMap;

use asl::Failure;
use runtime::{
    expression::Expression,
    item::{Attribute, Attributes},
    port::{Execution, ExecutionStatus, PutItem, StartError, Write},
};
use serde_json::{Map, Value, json};

use super::{
    dynamodb::key,
    refusal::{NO_REASON, Refusal},
};

/// An execution.
#[derive(Debug)]
pub struct Running {
    /// Its status and its current state.
    pub execution: asl::Execution,
    /// Its input, as text.
    pub input: String,
    /// Its status.
    pub status: ExecutionStatus,
    /// The error that ended it.
    pub failure: Option<Failure>,
    /// The number of its steps so far. An answer to an earlier step is ignored.
    pub step: u64,
    /// The time from which DescribeExecution shows it everywhere.
    pub seen_from: u64,
    /// The time from which DescribeExecution shows its end everywhere.
    pub end_seen_from: u64,
    /// Whether it has failed, including before a redrive.
    pub failed_once: bool,
    /// Whether it timed out. It may be redriven, so handlers treat it as running.
    pub timed_out: bool,
    /// How often an operator has redriven it.
    pub redriven: u32,
}

impl Running {
    /// Returns the answer of DescribeExecution. For a while it does not find a new execution, and shows an ended one as running.
    pub(crate) fn seen(&self, now: u64) -> Option<Execution> {
        let runs = self.status == ExecutionStatus::Running || self.timed_out;
        let is_over = !runs && now >= self.end_seen_from;
        let failure = self.failure.as_ref().filter(|_| is_over);
        (now >= self.seen_from).then(|| Execution {
            status: if is_over { self.status } else { ExecutionStatus::Running },
            input: self.input.clone(),
            error: failure.map(|it| it.error.clone()),
            cause: failure.and_then(|it| it.cause.clone()),
        })
    }
}

/// All executions of the order machine.
#[derive(Debug, Default)]
pub struct StepFunctions {
    /// The executions by their names.
    pub executions: BTreeMap<String, Running>,
}

impl StepFunctions {
    /// Whether an execution with this name and input may start. `Ok(false)`: it already runs, which AWS
    /// answers as if it had just been started.
    pub(crate) fn may_start(&self, name: &str, input: &str) -> Result<bool, StartError> {
        match self.executions.get(name) {
            None => Ok(true),
            Some(it) if it.status == ExecutionStatus::Running && it.input == input => Ok(false),
            Some(_) => Err(StartError::AlreadyExists),
        }
    }
}

/// A call that a state makes to a service, without a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Direct {
    /// `dynamodb:getItem`, consistent, of these attributes.
    Get {
        /// The table.
        table: String,
        /// The value of its key.
        key: String,
        /// The requested attributes.
        attributes: Vec<String>,
    },
    /// `dynamodb:putItem`
    Put(Write),
    /// `aws-sdk:dynamodb:transactWriteItems`
    Transact {
        /// The token by which a repeat is known.
        token: String,
        /// The requested writes.
        writes: Vec<Write>,
    },
    /// `sqs:sendMessage`
    Send {
        /// The queue's URL.
        queue: String,
        /// The text.
        body: String,
    },
}

impl Direct {
    /// Reads a task's resource and arguments.
    ///
    /// # Errors
    ///
    /// If the simulation does not know the service, or a member of the arguments.
    pub fn parse(resource: &str, arguments: &Value) -> Result<Self, String> {
        match resource {
            "arn:aws:states:::dynamodb:getItem" => {
                let names = "ExpressionAttributeNames";
                let all = ["ConsistentRead", names, "Key", "ProjectionExpression", "TableName"];
                let call = members(arguments, &all)?;
                if call.get("ConsistentRead") != Some(&Value::Bool(true)) {
                    return Err("a read that is not consistent".to_owned());
                }
                let key = call.get("Key").ok_or("no Key")?;
                let table = call.get("TableName").and_then(Value::as_str).ok_or("no TableName")?;
                Ok(Direct::Get {
                    table: table.to_owned(),
                    key: self::key(&attributes(key)?).map_err(|it| it.to_string())?,
                    attributes: projection(arguments)?,
                })
            }
            "arn:aws:states:::dynamodb:putItem" => Ok(Direct::Put(put(arguments)?)),
            "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems" => {
                let call = members(arguments, &["ClientRequestToken", "TransactItems"])?;
                let items = call.get("TransactItems").and_then(Value::as_array);
                let writes = items.ok_or("no TransactItems")?.iter().map(|it| {
                    let item = members(it, &["Put"])?;
                    put(item.get("Put").ok_or("no Put")?)
                });
                let writes = writes.collect::<Result<_, _>>()?;
                let token = call.get("ClientRequestToken").and_then(Value::as_str);
                Ok(Direct::Transact { token: token.ok_or("no token")?.to_owned(), writes })
            }
            "arn:aws:states:::sqs:sendMessage" => {
                let call = members(arguments, &["QueueUrl", "MessageBody"])?;
                let queue = call.get("QueueUrl").and_then(Value::as_str).ok_or("no QueueUrl")?;
                let body = match call.get("MessageBody").ok_or("no MessageBody")? {
                    Value::String(body) => body.clone(),
                    other => other.to_string(),
                };
                Ok(Direct::Send { queue: queue.to_owned(), body })
            }
            other => Err(format!("the simulation knows no {other}")),
        }
    }

    /// Returns the error that the state gets for a refused write. Step Functions names an error as the SDK for Java does: those
    /// that the service's model lacks, such as `ValidationException`, have the name of the service's own exception. The
    /// optimised integration has version 1 of that SDK, and the other one version 2.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>
    pub fn failure(&self, refusal: &Refusal) -> Failure {
        let name = match (self, refusal) {
            (_, Refusal::Canceled(reasons)) => return canceled(reasons),
            (Direct::Put(_), Refusal::ConditionFailed) => {
                "DynamoDB.ConditionalCheckFailedException".to_owned()
            }
            (Direct::Put(_), Refusal::Error(..)) => "DynamoDB.AmazonDynamoDBException".to_owned(),
            (Direct::Transact { .. }, Refusal::Error(code, _))
                if *code != "ValidationException" =>
            {
                format!("DynamoDb.{code}")
            }
            (Direct::Get { .. }, _) => "DynamoDB.InternalServerErrorException".to_owned(),
            (Direct::Transact { .. }, _) => "DynamoDb.DynamoDbException".to_owned(),
            // It writes nothing that could be refused.
            (Direct::Send { .. }, _) => "SQS.SdkClientException".to_owned(),
        };
        Failure::new(name, refusal.to_string())
    }

    /// Returns the error that the state gets if the service refuses the call. A transaction is canceled, for each reason in turn.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
    pub(crate) fn refusal(&self, number: u32) -> Failure {
        const REASONS: [&str; 5] = [
            "TransactionConflict",
            "ThrottlingError",
            "ProvisionedThroughputExceeded",
            "ValidationError",
            "ItemCollectionSizeLimitExceeded",
        ];
        match self {
            Direct::Transact { writes, .. } => {
                let mut reasons = vec![NO_REASON; writes.len()];
                if let Some(first) = reasons.first_mut() {
                    *first = REASONS[number as usize % REASONS.len()];
                }
                canceled(&reasons)
            }
            Direct::Get { .. } | Direct::Put(_) | Direct::Send { .. } => self.outage(),
        }
    }

    /// Returns the error that the state gets without an answer.
    pub(crate) fn outage(&self) -> Failure {
        let name = match self {
            Direct::Get { .. } | Direct::Put(_) => "DynamoDB.InternalServerErrorException",
            Direct::Transact { .. } => "DynamoDb.InternalServerErrorException",
            Direct::Send { .. } => "SQS.SdkClientException",
        };
        Failure::new(name, "the simulation chose this fault")
    }
}

/// Returns the error of a canceled transaction, with the reason of each write.
fn canceled(reasons: &[&str]) -> Failure {
    let reasons = reasons.join(", ");
    let cause = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{reasons}]"
    );
    Failure::new("DynamoDb.TransactionCanceledException", cause)
}

fn put(arguments: &Value) -> Result<Write, String> {
    const NAMES: &str = "ExpressionAttributeNames";
    const VALUES: &str = "ExpressionAttributeValues";
    const CONDITION: &str = "ConditionExpression";
    let put = members(arguments, &["TableName", "Item", CONDITION, NAMES, VALUES])?;
    let condition = match put.get(CONDITION).and_then(Value::as_str) {
        None => None,
        Some(text) => {
            let names = put.get(NAMES).and_then(Value::as_object);
            let names = names
                .into_iter()
                .flatten()
                .map(|(at, name)| (at.clone(), name.as_str().unwrap_or_default().to_owned()));
            let values = put.get(VALUES).map(attributes).transpose()?.unwrap_or_default();
            Some(Expression { text: text.to_owned(), names: names.collect(), values })
        }
    };
    Ok(Write::Put(PutItem {
        table: put.get("TableName").and_then(Value::as_str).ok_or("no TableName")?.to_owned(),
        item: attributes(put.get("Item").ok_or("no Item")?)?,
        condition,
    }))
}

/// Returns the members of an object, if it has no others.
fn members<'a>(json: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let all = json.as_object().ok_or_else(|| format!("{json} is not an object"))?;
    match all.keys().find(|it| !known.contains(&it.as_str())) {
        Some(unknown) => Err(format!("the simulation knows no {unknown}")),
        None => Ok(all),
    }
}

/// Reads attributes as both kinds of integration write them: `{ "status": { "S": "FAILED" } }`. They do not agree on
/// the names of other types, of which the machine writes none.
fn attributes(json: &Value) -> Result<Attributes, String> {
    let fields = json.as_object().ok_or_else(|| format!("{json} is not an item"))?;
    fields.iter().map(|(name, it)| Ok((name.clone(), attribute(it)?))).collect()
}

/// Returns the attributes that a read requests.
fn projection(arguments: &Value) -> Result<Vec<String>, String> {
    let of = |at: &str| arguments["ExpressionAttributeNames"][at].as_str().map(str::to_owned);
    let text = arguments["ProjectionExpression"].as_str().ok_or("no ProjectionExpression")?;
    text.split(", ").map(|at| of(at).ok_or_else(|| format!("{at} has no name"))).collect()
}

/// Returns the output of `dynamodb:getItem`, for an existing item or for none.
pub fn found(item: Option<&Attributes>, attributes: &[String]) -> Value {
    let Some(item) = item else { return json!({}) };
    let asked = item.iter().filter(|(name, _)| attributes.contains(name));
    let asked = asked.map(|(name, it)| (name.clone(), written(it)));
    json!({ "Item": asked.collect::<Value>() })
}

/// Returns an attribute as an optimized integration returns it.
fn written(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::Text(it) => json!({ "S": it }),
        Attribute::Number(it) => json!({ "N": it }),
        Attribute::Bool(it) => json!({ "BOOL": it }),
        Attribute::List(it) => json!({ "L": it.iter().map(written).collect::<Vec<_>>() }),
        Attribute::Map(it) => {
            let fields = it.iter().map(|(name, it)| (name.clone(), written(it)));
            json!({ "M": fields.collect::<Value>() })
        }
        Attribute::Null => json!({ "NULL": true }),
    }
}

fn attribute(json: &Value) -> Result<Attribute, String> {
    let bad = || format!("{json} is not an attribute");
    let fields = json.as_object().filter(|it| it.len() == 1).ok_or_else(bad)?;
    let (kind, value) = fields.iter().next().ok_or_else(bad)?;
    match (kind.as_str(), value) {
        ("S", Value::String(it)) => Ok(Attribute::Text(it.clone())),
        ("N", Value::String(it)) => Ok(Attribute::Number(it.clone())),
        ("M", it) => attributes(it).map(Attribute::Map),
        _ => Err(bad()),
    }
}

//! Step Functions: executions with unique names, and the states that call services by themselves. StartExecution
//! is consistent; what DescribeExecution says lags behind.
//!
//! - <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
//! - <https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html>

use std::collections::BTreeMap;

use asl::Failure;
use runtime::{
    expression::Expression,
    item::{Attribute, Attributes},
    port::{Execution, ExecutionStatus, Fault, PutItem, StartError, Write, WriteError},
};
use serde_json::Value;

/// An execution.
#[derive(Debug)]
pub struct Running {
    /// Where it stands.
    pub execution: asl::Execution,
    /// What it was started with, as text.
    pub input: String,
    /// Running, or how it ended.
    pub status: ExecutionStatus,
    /// The error it ended with.
    pub failure: Option<Failure>,
    /// Its steps so far: an answer to an earlier one comes too late.
    pub step: u64,
    /// When it can be seen everywhere.
    pub seen_from: u64,
    /// When its end can be seen everywhere.
    pub end_seen_from: u64,
    /// Whether it has failed, before a redrive, too.
    pub failed_once: bool,
    /// Whether it ended since its time was over. It may be redriven, so handlers see that it runs.
    pub timed_out: bool,
    /// How often an operator has redriven it.
    pub redriven: u32,
}

impl Running {
    /// What DescribeExecution says: nothing for a while, and that it runs for a while after it has ended.
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

/// Every execution of the order machine.
#[derive(Debug, Default)]
pub struct StepFunctions {
    /// By name.
    pub executions: BTreeMap<String, Running>,
}

impl StepFunctions {
    /// Whether an execution of this name and input may start. `Ok(false)`: it runs already, which AWS
    /// answers as if it had just been started.
    pub(crate) fn may_start(&self, name: &str, input: &str) -> Result<bool, StartError> {
        match self.executions.get(name) {
            None => Ok(true),
            Some(it) if it.status == ExecutionStatus::Running && it.input == input => Ok(false),
            Some(_) => Err(StartError::AlreadyExists),
        }
    }
}

/// A call that a state makes by itself, on a service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Direct {
    /// `dynamodb:putItem`
    Put(Write),
    /// `aws-sdk:dynamodb:transactWriteItems`
    Transact { token: String, writes: Vec<Write> },
    /// `sqs:sendMessage`
    Send { queue: String, body: String },
}

impl Direct {
    /// Reads a task's resource and arguments.
    pub(crate) fn parse(resource: &str, arguments: &Value) -> Result<Self, String> {
        match resource {
            "arn:aws:states:::dynamodb:putItem" => Ok(Direct::Put(put(arguments)?)),
            "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems" => {
                let items = arguments["TransactItems"].as_array().ok_or("no TransactItems")?;
                let writes = items.iter().map(|it| put(&it["Put"])).collect::<Result<_, _>>()?;
                let token = arguments["ClientRequestToken"].as_str().ok_or("no token")?.to_owned();
                Ok(Direct::Transact { token, writes })
            }
            "arn:aws:states:::sqs:sendMessage" => Ok(Direct::Send {
                queue: arguments["QueueUrl"].as_str().ok_or("no QueueUrl")?.to_owned(),
                body: match &arguments["MessageBody"] {
                    Value::String(body) => body.clone(),
                    other => other.to_string(),
                },
            }),
            other => Err(format!("the simulation knows no {other}")),
        }
    }

    /// What the state sees of a write that did not happen.
    pub(crate) fn failure(&self, err: &WriteError) -> Failure {
        let name = match (self, err) {
            (Direct::Transact { writes, .. }, WriteError::ConditionFailed) => {
                return canceled(writes, "ConditionalCheckFailed");
            }
            (Direct::Put(_), WriteError::ConditionFailed) => {
                "DynamoDB.ConditionalCheckFailedException"
            }
            (Direct::Put(_), WriteError::Fault(Fault::Refused { .. })) => {
                "DynamoDB.ValidationException"
            }
            (Direct::Put(_), WriteError::Fault(_)) => "DynamoDB.InternalServerErrorException",
            (Direct::Transact { .. }, WriteError::Fault(_)) => "DynamoDb.DynamoDbException",
            // It writes nothing that could be refused.
            (Direct::Send { .. }, _) => "SQS.SdkClientException",
        };
        Failure::new(name, err.to_string())
    }

    /// What the state sees where the service does not do it. A transaction is canceled, for each reason in turn.
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
                canceled(writes, REASONS[number as usize % REASONS.len()])
            }
            Direct::Put(_) | Direct::Send { .. } => self.outage(),
        }
    }

    /// What the state sees where no answer comes.
    pub(crate) fn outage(&self) -> Failure {
        let name = match self {
            Direct::Put(_) => "DynamoDB.InternalServerErrorException",
            Direct::Transact { .. } => "DynamoDb.InternalServerErrorException",
            Direct::Send { .. } => "SQS.SdkClientException",
        };
        Failure::new(name, "the simulation says so")
    }
}

/// A transaction of which the first write is the reason that none happened.
fn canceled(writes: &[Write], reason: &str) -> Failure {
    let reasons = [reason].into_iter().chain(std::iter::repeat("None"));
    let reasons = reasons.take(writes.len()).collect::<Vec<_>>().join(", ");
    let cause = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{reasons}]"
    );
    Failure::new("DynamoDb.TransactionCanceledException", cause)
}

fn put(arguments: &Value) -> Result<Write, String> {
    let condition = match arguments.get("ConditionExpression").and_then(Value::as_str) {
        None => None,
        Some(text) => {
            let names = arguments["ExpressionAttributeNames"].as_object();
            let names = names
                .into_iter()
                .flatten()
                .map(|(at, name)| (at.clone(), name.as_str().unwrap_or_default().to_owned()));
            let values = match arguments.get("ExpressionAttributeValues") {
                None => Attributes::new(),
                Some(values) => attributes(values)?,
            };
            Some(Expression { text: text.to_owned(), names: names.collect(), values })
        }
    };
    Ok(Write::Put(PutItem {
        table: arguments["TableName"].as_str().ok_or("no TableName")?.to_owned(),
        item: attributes(&arguments["Item"])?,
        condition,
    }))
}

/// Reads attributes as both kinds of integration write them: `{ "status": { "S": "FAILED" } }`. They do not agree on
/// the names of other types, of which the machine writes none.
fn attributes(json: &Value) -> Result<Attributes, String> {
    let fields = json.as_object().ok_or_else(|| format!("{json} is no item"))?;
    fields.iter().map(|(name, it)| Ok((name.clone(), attribute(it)?))).collect()
}

fn attribute(json: &Value) -> Result<Attribute, String> {
    let bad = || format!("{json} is no attribute");
    let fields = json.as_object().filter(|it| it.len() == 1).ok_or_else(bad)?;
    let (kind, value) = fields.iter().next().ok_or_else(bad)?;
    match (kind.as_str(), value) {
        ("S", Value::String(it)) => Ok(Attribute::Text(it.clone())),
        // DynamoDB refuses what is no number, so the simulation does too.
        ("N", Value::String(it)) if it.parse::<f64>().is_ok_and(f64::is_finite) => {
            Ok(Attribute::Number(it.clone()))
        }
        ("M", it) => attributes(it).map(Attribute::Map),
        _ => Err(bad()),
    }
}

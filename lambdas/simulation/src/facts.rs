//! The facts about the system that the simulation reads from the generated files, so that it simulates
//! exactly that system.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use asl::Machine;
use fs_err as fs;
use serde_json::Value;

/// The ARN of the order machine in the simulation.
pub const MACHINE: &str = "arn:aws:states:ap-south-1:111111111111:stateMachine:order";

/// The queue of orders.
pub(crate) const ORDER_QUEUE: &str = "order_queue";

/// Facts of one environment.
#[derive(Debug)]
pub struct Facts {
    /// The order machine.
    pub machine: Arc<Machine>,
    /// The functions, by the name of their binary.
    pub functions: BTreeMap<String, Function>,
    /// The function that listens to each queue, except `order_queue`.
    pub listeners: BTreeMap<String, String>,
    /// The largest batch of fulfill_order.
    pub batch_size: usize,
    /// The largest number of concurrent executions of fulfill_order.
    pub concurrency: usize,
    /// How often a message is delivered before SQS moves it to the dead-letter queue.
    pub max_receive_count: u32,
    /// Milliseconds for which a delivered message is hidden.
    pub visibility: u64,
    /// Milliseconds between two ticks of the reconciler.
    pub tick: u64,
    /// Milliseconds after which the reconciler closes an order.
    pub deadline: u64,
    /// The share of orders that can be fulfilled, in percent.
    pub rate: u8,
}

/// Facts of a function.
#[derive(Debug)]
pub struct Function {
    /// Its variables.
    pub environment: BTreeMap<String, String>,
    /// The timeout in milliseconds.
    pub timeout: u64,
    /// Each action that its role allows the function, with the resource.
    pub rights: Vec<(String, String)>,
}

/// Why the generated files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// A file is missing.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A file is not JSON.
    #[error("{0}: {1}")]
    Json(String, serde_json::Error),
    /// A file lacks a value that the simulation needs.
    #[error("{file} has no {what}")]
    Missing {
        /// The file.
        file: String,
        /// The JSON pointer or the name of the value.
        what: String,
    },
    /// The machine cannot be interpreted.
    #[error("the order machine: {0}")]
    Machine(String),
}

impl Facts {
    /// Reads `generated/dev` of this repository.
    ///
    /// # Errors
    ///
    /// If the files are not those that infra-gen wrote.
    pub fn of_dev() -> Result<Self, FactsError> {
        Facts::with_machine(|_| ())
    }

    /// As [`Facts::of_dev`], with a change of the state machine's document.
    ///
    /// # Errors
    ///
    /// As [`Facts::of_dev`], and if the changed document is not a state machine.
    pub fn with_machine(change: impl FnOnce(&mut Value)) -> Result<Self, FactsError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated/dev/modules");
        let module = |name: &str| Module::read(&root, name);
        let (dynamodb, lambdas, sqs) = (module("dynamodb")?, module("lambdas")?, module("sqs")?);
        let file = "stepfunctions/order.asl.json";
        let text = fs::read_to_string(root.join(file))?;
        let mut document =
            serde_json::from_str(&text).map_err(|err| FactsError::Json(file.to_owned(), err))?;
        change(&mut document);
        let names = names(&dynamodb, &lambdas, &sqs)?;
        let machine = Machine::parse(&document.to_string(), &names)
            .map_err(|err| FactsError::Machine(err.to_string()))?;
        let mut functions = BTreeMap::new();
        for name in lambdas.keys("/resource/aws_lambda_function")? {
            functions.insert(name.clone(), function(&lambdas, &name, &names)?);
        }
        let mut listeners = BTreeMap::new();
        let sources = "/resource/aws_lambda_event_source_mapping";
        for listener in lambdas.keys(sources)? {
            let queue = lambdas.text(&format!("{sources}/{listener}/event_source_arn"))?;
            listeners.insert(resolve(&queue, &names), listener);
        }
        listeners.remove(ORDER_QUEUE);
        let source = format!("{sources}/fulfill_order");
        let redrive =
            sqs.text("/resource/aws_sqs_queue_redrive_policy/order_queue/redrive_policy")?;
        let rate = &functions["fulfill_order"].environment["FULFILLMENT_RATE"];
        let deadline = &functions["reconcile_orders"].environment["PROCESSING_DEADLINE_MINUTES"];
        let deadline = deadline.parse::<u64>();
        Ok(Facts {
            deadline: 60_000
                * deadline.map_err(|_| lambdas.missing("PROCESSING_DEADLINE_MINUTES"))?,
            batch_size: lambdas.number(&format!("{source}/batch_size"))? as usize,
            concurrency: lambdas
                .number(&format!("{source}/scaling_config/0/maximum_concurrency"))?
                as usize,
            max_receive_count: after(&redrive, "maxReceiveCount")
                .and_then(|it| u32::try_from(it).ok())
                .ok_or_else(|| sqs.missing("maxReceiveCount"))?,
            visibility: 1_000
                * sqs.number("/resource/aws_sqs_queue/order_queue/visibility_timeout_seconds")?,
            tick: 60_000
                * after(
                    &lambdas.text(
                        "/resource/aws_scheduler_schedule/reconcile_schedule/schedule_expression",
                    )?,
                    "rate",
                )
                .ok_or_else(|| lambdas.missing("rate of minutes"))?,
            rate: rate.parse().map_err(|_| lambdas.missing("FULFILLMENT_RATE"))?,
            machine: Arc::new(machine),
            functions,
            listeners,
        })
    }
}

/// Terraform's references, and their names in the simulation: `order_queue_url` is `order_queue`.
fn names(
    dynamodb: &Module,
    lambdas: &Module,
    sqs: &Module,
) -> Result<BTreeMap<String, String>, FactsError> {
    let mut names = BTreeMap::from([("order_machine_arn".to_owned(), MACHINE.to_owned())]);
    let mut add = |module: &Module, tf_type: &str, kind: &str, attributes: &[&str]| {
        for name in module.keys(&format!("/resource/{tf_type}"))? {
            let kind = if name.ends_with(kind) { String::new() } else { format!("_{kind}") };
            for attribute in attributes {
                names.insert(format!("{name}{kind}_{attribute}"), name.clone());
            }
        }
        Ok::<_, FactsError>(())
    };
    add(dynamodb, "aws_dynamodb_table", "table", &["name"])?;
    add(sqs, "aws_sqs_queue", "queue", &["arn", "url"])?;
    add(lambdas, "aws_lambda_alias", "alias", &["arn"])?;
    Ok(names)
}

fn function(
    lambdas: &Module,
    name: &str,
    names: &BTreeMap<String, String>,
) -> Result<Function, FactsError> {
    let at = format!("/resource/aws_lambda_function/{name}");
    let variables = format!("{at}/environment/0/variables");
    let mut environment = BTreeMap::new();
    for variable in lambdas.keys(&variables)? {
        let value = resolve(&lambdas.text(&format!("{variables}/{variable}"))?, names);
        environment.insert(variable, value);
    }
    let mut rights = Vec::new();
    let policy = format!("/data/aws_iam_policy_document/{name}/statement");
    for statement in lambdas.at(&policy)?.as_array().into_iter().flatten() {
        let resource = statement["resources"][0].as_str().unwrap_or_default();
        for action in statement["actions"].as_array().into_iter().flatten() {
            rights.push((action.as_str().unwrap_or_default().to_owned(), resource.to_owned()));
        }
    }
    Ok(Function { environment, timeout: 1_000 * lambdas.number(&format!("{at}/timeout"))?, rights })
}

/// `${var.orders_table_name}` is `orders`; a plain value is itself.
fn resolve(text: &str, names: &BTreeMap<String, String>) -> String {
    let variable = text.strip_prefix("${var.").and_then(|it| it.strip_suffix('}'));
    variable.and_then(|it| names.get(it)).map_or_else(|| text.to_owned(), String::clone)
}

/// Returns the first number after a word.
fn after(text: &str, word: &str) -> Option<u64> {
    let rest = text.split_once(word)?.1;
    let rest = rest.trim_start_matches(|it: char| !it.is_ascii_digit());
    rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}

/// Reads a module's `main.tf.json`.
struct Module {
    file: String,
    json: Value,
}

impl Module {
    fn read(root: &Path, name: &str) -> Result<Self, FactsError> {
        let file = format!("{name}/main.tf.json");
        let text = fs::read_to_string(root.join(&file))?;
        let json =
            serde_json::from_str(&text).map_err(|err| FactsError::Json(file.clone(), err))?;
        Ok(Module { file, json })
    }

    fn missing(&self, what: &str) -> FactsError {
        FactsError::Missing { file: self.file.clone(), what: what.to_owned() }
    }

    fn at(&self, pointer: &str) -> Result<&Value, FactsError> {
        self.json.pointer(pointer).ok_or_else(|| self.missing(pointer))
    }

    fn number(&self, pointer: &str) -> Result<u64, FactsError> {
        self.at(pointer)?.as_u64().ok_or_else(|| self.missing(pointer))
    }

    fn text(&self, pointer: &str) -> Result<String, FactsError> {
        let text = self.at(pointer)?.as_str();
        text.map(str::to_owned).ok_or_else(|| self.missing(pointer))
    }

    fn keys(&self, pointer: &str) -> Result<Vec<String>, FactsError> {
        let keys = self.at(pointer)?.as_object().map(|it| it.keys().cloned().collect());
        keys.ok_or_else(|| self.missing(pointer))
    }
}

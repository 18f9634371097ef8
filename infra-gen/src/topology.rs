//! The topology of DOFS, with one file for each Terraform module.
//!
//! The calls below are in the order of the wiring: each takes handles that earlier calls have returned. `api_handler`
//! is added after the state machine that it starts, but to the same module as the other functions. So the modules of
//! the functions and of the state machine refer to each other, and no two resources do.

mod accepted;
mod api_gateway;
mod backend;
mod bootstrap;
pub mod build;
mod cicd;
mod dynamodb;
mod keys;
mod lambdas;
mod monitoring;
mod names;
pub(crate) mod sqs;
mod stepfunctions;

use std::time::Duration;

use contracts::metric::{MessageMetric, OrderMetric};

pub use backend::{backend, cicd_backend};
pub use bootstrap::{Bootstrap, account_root, bootstraps};
pub use cicd::cicd;
pub use names::{Names, names};

use infra_core::model::{
    ModuleName, Scope, Stack, delivery::rights::Does, expr::RootVariable, metric::Namespace,
    stack::Finished,
};

use crate::config::{Config, Environment};

/// The prefix of every name.
pub const PREFIX: &str = "dofs";
/// The prefix of the pipeline's names.
const PIPELINE_PREFIX: &str = "dofs-cicd";

/// The output of an environment's root with the URL of its API.
pub const API_URL: &str = "api_url";
/// The output with the API key, if the API requires one.
pub const API_KEY: &str = "api_key";

const DYNAMODB: ModuleName = ModuleName::new("dynamodb");
const SQS: ModuleName = ModuleName::new("sqs");
const LAMBDAS: ModuleName = ModuleName::new("lambdas");
const STEPFUNCTIONS: ModuleName = ModuleName::new("stepfunctions");
const API_GATEWAY: ModuleName = ModuleName::new("api_gateway");
const MONITORING: ModuleName = ModuleName::new("monitoring");

/// DOFS in one environment.
pub fn dofs(environment: Environment) -> Finished {
    configured(environment.config())
}

/// DOFS with this configuration.
pub fn configured(config: &'static Config) -> Finished {
    let mut stack = Stack::new(scope(config));
    add(&mut stack, config);
    stack.finish()
}

/// The longest time until an order's message is deleted or becomes a dead letter: every delivery fails, and each hides
/// the message for the queue's visibility timeout.
pub fn longest_delivery(config: &Config) -> Duration {
    let deliveries = u32::from(config.max_receive_count.get());
    Duration::from_secs(u64::from(sqs::VISIBILITY.get())) * deliveries
}

/// DOFS in one environment, once for each cell. The benchmark of the generator's scale uses it.
pub fn cells(environment: Environment, cells: &[&'static str]) -> Finished {
    let config = environment.config();
    Stack::of_cells(&scope(config), cells, |stack| drop(add(stack, config)))
}

fn add(stack: &mut Stack, config: &'static Config) -> monitoring::Watched {
    let metrics = Namespace::new(stack.scope(), "orders");
    let messages = metrics.also();
    let shared = Shared { config, packages: lambdas::PACKAGES, metrics, messages };

    stack.set_posture(config.environment.posture());
    stack.set_quotas(config.quotas, config.taken_by_others());
    stack.bound_roles(bootstrap::boundary(config.environment));
    keys::operation_keys(stack, config);
    let tables = dynamodb::tables(stack, config);
    let stores = Stores { tables, queues: sqs::queues(stack, config) };
    let workers = lambdas::workers(stack, &shared, &stores);
    let machine = stepfunctions::order_machine(stack, config, &stores, &workers);
    let api_handler = lambdas::api_handler(stack, &shared, &stores, &machine);
    let api = api_gateway::order_api(stack, config, &api_handler);
    let watched = monitoring::Watched { stores, workers, machine, api };
    monitoring::monitoring(stack, &shared, &watched);
    accepted::accept(stack, config, &watched);
    watched
}

/// The name of the pipeline's build for a task on an environment. The pipeline's root has the build, and the trust of a
/// role in the environment's account has its name.
fn project_name(does: Does, environment: Environment) -> String {
    format!("{}_{environment}", does.as_str())
}

/// The resources with orders in them.
struct Stores {
    tables: dynamodb::Tables,
    queues: sqs::Queues,
}

/// The values that several modules use.
struct Shared {
    config: &'static Config,
    packages: RootVariable,
    metrics: Namespace<OrderMetric>,
    /// The same namespace with other metrics: a function has only one namespace.
    messages: Namespace<MessageMetric>,
}

fn scope(config: &Config) -> Scope {
    Scope::of(PREFIX, Some(config.environment.as_str()), config.account, config.region)
}

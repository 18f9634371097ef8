//! What the resources of an environment are called: as the generated files call them.

use infra_gen::{config::Environment, generate};
use serde_json::Value;

/// Names of one environment's resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The table of orders.
    pub orders: String,
    /// The table of failed orders.
    pub failed_orders: String,
    /// The order queue.
    pub queue: String,
    /// Its dead letters.
    pub dead_letters: String,
    /// The order machine.
    pub machine: String,
    /// The API's stage.
    pub stage: String,
}

impl Names {
    /// The names that infra-gen gives.
    ///
    /// # Errors
    ///
    /// Where the topology has no such resource any more.
    pub fn of(environment: Environment) -> anyhow::Result<Self> {
        let files = generate::environment(environment).files;
        let name = |module: &str, kind: &str, resource: &str, field: &str| {
            let path = format!("generated/{environment}/modules/{module}/main.tf.json");
            let file: Value = serde_json::from_str(files.get(&path).map_or("", String::as_str))?;
            let name = file["resource"][kind][resource][field].as_str().map(str::to_owned);
            name.ok_or_else(|| anyhow::anyhow!("{path} has no {kind}.{resource} with a {field}"))
        };
        Ok(Names {
            orders: name("dynamodb", "aws_dynamodb_table", "orders", "name")?,
            failed_orders: name("dynamodb", "aws_dynamodb_table", "failed_orders", "name")?,
            queue: name("sqs", "aws_sqs_queue", "order_queue", "name")?,
            dead_letters: name("sqs", "aws_sqs_queue", "order_dlq", "name")?,
            machine: name("stepfunctions", "aws_sfn_state_machine", "order", "name")?,
            stage: name("api_gateway", "aws_api_gateway_stage", "orders", "stage_name")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_has_names() {
        fn check(environment: Environment, orders: &str, machine: &str) {
            let names = Names::of(environment).unwrap();
            assert_eq!((&*names.orders, &*names.machine), (orders, machine));
            assert_eq!(names.stage, environment.as_str());
        }
        check(Environment::Dev, "dofs-dev-orders", "dofs-dev-order");
        check(Environment::Staging, "dofs-staging-orders", "dofs-staging-order");
        check(Environment::Prod, "dofs-prod-orders", "dofs-prod-order");
    }
}

//! The environment variables of all functions: those of Lambda, and those that the generated files set.

use std::{ffi::OsString, net::SocketAddr, process::Command};

/// Lambda's own variables, and those of all functions. Each function reads those that it knows.
const VARIABLES: &[(&str, &str)] = &[
    ("AWS_ACCESS_KEY_ID", "111111111111"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
    ("AWS_REGION", "ap-south-1"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("CORS_ORIGIN", "https://shop.example.com"),
    ("FAILED_ORDERS_TABLE", "failed_orders"),
    ("FULFILLMENT_RATE", "100"),
    ("LOG_LEVEL", "info"),
    ("METRICS_NAMESPACE", "dofs-dev/orders"),
    ("NODE_ENV", "production"),
    ("ORDERS_TABLE", "orders"),
    ("ORDER_MACHINE_ARN", "arn:aws:states:ap-south-1:111111111111:stateMachine:order"),
    ("PROCESSING_DEADLINE_MINUTES", "30"),
    ("TZ", ":UTC"),
];

/// The variables that depend on where services are.
pub(super) struct Environment {
    endpoint: String,
    queue: String,
    path: OsString,
}

impl Environment {
    #[expect(
        clippy::disallowed_methods,
        reason = "the path of programs is not a setting of a function"
    )]
    pub(super) fn calling(aws: SocketAddr) -> Self {
        let endpoint = format!("http://{aws}");
        let queue = format!("{endpoint}/111111111111/order-queue");
        Environment { endpoint, queue, path: std::env::var_os("PATH").unwrap_or_default() }
    }

    /// A command that finds these variables, those that were set for it already, and no other.
    pub(super) fn around(&self, mut command: Command) -> Command {
        let set =
            command.get_envs().filter_map(|(name, it)| Some((name.to_owned(), it?.to_owned())));
        let set: Vec<_> = set.collect();
        command
            .env_clear()
            .envs(set)
            .envs(VARIABLES.iter().copied())
            .env("PATH", &self.path)
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("ORDER_QUEUE_URL", &self.queue);
        command
    }
}

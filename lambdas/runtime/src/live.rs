//! The implementation of the ports with the AWS SDK.
//!
//! The futures of the SDK's calls are boxed, because their types are nested so deeply that an optimised build of the
//! code around them fails.

mod canceled;
mod connect;
mod dynamodb;
mod fault;
mod sfn;
mod sqs;
#[cfg(test)]
mod wire;

pub use dynamodb::item;

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use contracts::{
    domain::OrderId,
    metric::{MessageMetric, OrderMetric},
};
use function_contract::{env::EnvContract, kind::Service, metric::MetricName as _};

use self::connect::Trust;
use crate::{
    metrics,
    moment::Moment,
    port::{Clock, Entropy, Fault, Meter, Sleep},
};

/// The timeout of one attempt. AWS answers nearly all calls within a tenth of it.
const ATTEMPT: Duration = Duration::from_millis(1_200);
/// The timeout of a call with all its attempts. The functions with the shortest timeout, ten seconds, make at most
/// three calls one after the other.
const CALL: Duration = Duration::from_secs(3);
/// The timeout for opening a connection with TCP and TLS.
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 3;

/// The real AWS: SDK clients for the services in a function's contract.
#[derive(Debug)]
pub struct Live {
    dynamodb: Option<aws_sdk_dynamodb::Client>,
    sqs: Option<aws_sdk_sqs::Client>,
    sfn: Option<aws_sdk_sfn::Client>,
}

impl Live {
    /// Creates clients for the services in a function's contract, and opens their connections. So the first event does
    /// not have to wait for a connection, and Lambda gives a function more processor time before its first event than
    /// later.
    ///
    /// The services are known at compile time, so the binary does not contain the clients of other services.
    ///
    /// # Errors
    ///
    /// If Lambda's own environment variables are not set.
    pub async fn connect<E: EnvContract>() -> Result<Self, String> {
        if const { calls_nobody::<E>() } {
            return Ok(Live { dynamodb: None, sqs: None, sfn: None });
        }
        let settings = Settings::from_process()?;
        let dynamodb = async {
            match const { calls::<E>(Service::DynamoDb) } {
                true => Some(dynamodb::connect(&settings).await),
                false => None,
            }
        };
        let sqs = async {
            match const { calls::<E>(Service::SimpleQueueService) } {
                true => Some(sqs::connect(&settings).await),
                false => None,
            }
        };
        let sfn = async {
            match const { calls::<E>(Service::StepFunctions) } {
                true => Some(sfn::connect(&settings).await),
                false => None,
            }
        };
        let (dynamodb, sqs, sfn) = futures::join!(dynamodb, sqs, sfn);
        Ok(Live { dynamodb, sqs, sfn })
    }

    /// Creates only the DynamoDB client, with the caller's HTTP client. Tests use it to write requests and read
    /// responses with the SDK, but without a network.
    pub fn dynamodb_behind(http: SharedHttpClient) -> Self {
        let settings = Settings {
            region: "us-east-1".to_owned(),
            endpoint: None,
            credentials: Credentials::new("none", "none", None, None, "a test"),
            http,
        };
        let client = aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb, &settings));
        Live { dynamodb: Some(client), sqs: None, sfn: None }
    }
}

/// Whether a function with this environment calls the service.
const fn calls<E: EnvContract>(service: Service) -> bool {
    let mut at = 0;
    while at < E::SERVICES.len() {
        if let Some(found) = E::SERVICES[at]
            && found as u8 == service as u8
        {
            return true;
        }
        at += 1;
    }
    false
}

const fn calls_nobody<E: EnvContract>() -> bool {
    !calls::<E>(Service::DynamoDb)
        && !calls::<E>(Service::SimpleQueueService)
        && !calls::<E>(Service::StepFunctions)
}

/// The settings that all clients share.
pub(crate) struct Settings {
    region: String,
    endpoint: Option<String>,
    credentials: Credentials,
    http: SharedHttpClient,
}

impl Settings {
    /// Reads the variables that Lambda sets for every function. The SDK's crate `aws-config` also reads files and calls
    /// servers that a function does not need, and would double the time of a cold start.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
    #[expect(clippy::disallowed_methods, reason = "Lambda's own variables are in no contract")]
    fn from_process() -> Result<Self, String> {
        let due = |name: &str| {
            let set = std::env::var(name).ok().filter(|it| !it.is_empty());
            set.ok_or_else(|| format!("Lambda's variable {name} is not set"))
        };
        // The AWS SDKs use this variable for another endpoint, such as a local one.
        let endpoint = std::env::var("AWS_ENDPOINT_URL").ok();
        Ok(Settings {
            region: due("AWS_REGION")?,
            http: connect::http_client(Trust::of(endpoint.as_deref()))?,
            endpoint,
            credentials: Credentials::new(
                due("AWS_ACCESS_KEY_ID")?,
                due("AWS_SECRET_ACCESS_KEY")?,
                std::env::var("AWS_SESSION_TOKEN").ok(),
                None,
                "Lambda",
            ),
        })
    }

    fn retry() -> RetryConfig {
        RetryConfig::standard().with_max_attempts(ATTEMPTS)
    }

    fn timeouts() -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build()
    }
}

/// The configuration of a client, which is the same for every service.
macro_rules! config {
    ($sdk:ident, $settings:expr) => {{
        let settings: &$crate::live::Settings = $settings;
        let mut config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new(settings.region.clone()))
            .credentials_provider(settings.credentials.clone())
            .http_client(settings.http.clone())
            .retry_config($crate::live::Settings::retry())
            .timeout_config($crate::live::Settings::timeouts());
        config.set_endpoint_url(settings.endpoint.clone());
        config.build()
    }};
}
use config;

/// Returns the client, or a fault if the contract does not contain the service. The typed clients never ask for such a
/// client.
fn due<'a, C>(client: &'a Option<C>, service: &'static str) -> Result<&'a C, Fault> {
    client.as_ref().ok_or_else(|| Fault::Refused {
        service,
        code: "NoClient".to_owned(),
        message:
            "the function has no client, because its contract names no resource of this service"
                .to_owned(),
    })
}

impl Clock for Live {
    fn now(&self) -> Moment {
        // A clock before 1970 is a fault of the host. Orders must not fail because of it.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Moment::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

impl Sleep for Live {
    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

impl Entropy for Live {
    /// # Panics
    ///
    /// If the kernel has no randomness. Linux guarantees that this does not happen after boot.
    fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        getrandom::fill(&mut bytes).expect("the kernel has randomness");
        bytes
    }
}

impl Meter for Live {
    fn count(&self, namespace: &str, metric: OrderMetric, order: &OrderId) {
        self.write(namespace, metric.name(), ("order_id", order.as_str()));
    }

    fn count_message(&self, namespace: &str, metric: MessageMetric, message_id: &str) {
        self.write(namespace, metric.name(), ("message_id", message_id));
    }
}

impl Live {
    fn write(&self, namespace: &str, metric: &'static str, of: (&'static str, &str)) {
        let mut stdout = std::io::stdout().lock();
        if let Err(err) = metrics::write(&mut stdout, namespace, self.now(), metric, of) {
            tracing::error!(metric, of = of.1, error = %err, "a metric cannot be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Instant};

    use contracts::functions::{ApiHandlerEnv, FulfillOrderEnv, OrderStorageEnv, ValidatorEnv};

    use super::*;

    #[test]
    fn a_function_has_the_clients_that_its_contract_asks_for() {
        #[track_caller]
        fn check<E: EnvContract>(expected: [bool; 3]) {
            use Service::{DynamoDb, SimpleQueueService, StepFunctions};
            let found = [DynamoDb, SimpleQueueService, StepFunctions].map(calls::<E>);
            assert_eq!(found, expected);
            assert_eq!(calls_nobody::<E>(), expected == [false; 3]);
        }
        check::<ValidatorEnv>([false, false, false]);
        check::<ApiHandlerEnv>([true, false, true]);
        check::<OrderStorageEnv>([true, true, false]);
        check::<FulfillOrderEnv>([true, true, false]);
        check::<OnlyMachine>([false, false, true]);
        check::<OnlyQueue>([false, true, false]);
    }

    function_contract::env_contract! {
        /// A function that calls only Step Functions.
        pub struct OnlyMachine {
            /// A machine.
            MACHINE => machine: function_contract::env::Access<
                function_contract::kind::StateMachine<contracts::order::OrderSubmitted>,
                function_contract::kind::StartExecution,
            >,
        }
    }

    function_contract::env_contract! {
        /// A function that calls only SQS.
        pub struct OnlyQueue {
            /// A queue.
            QUEUE => queue: function_contract::env::Access<
                function_contract::kind::Queue<contracts::order::OrderAccepted>,
                function_contract::kind::SendMessage,
            >,
        }
    }

    const LIVE: Live = Live { dynamodb: None, sqs: None, sfn: None };

    #[test]
    fn a_sleep_takes_its_time() {
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (span, began) = (Duration::from_millis(30), Instant::now());
        threads.block_on(LIVE.sleep(span));
        assert!(began.elapsed() >= span, "{:?}", began.elapsed());
    }

    #[test]
    fn random_bytes_differ() {
        let drawn: BTreeSet<_> = (0..100).map(|_| LIVE.random()).collect();
        assert_eq!(drawn.len(), 100);
    }

    /// Calls to a service that is not in the contract are refused.
    #[test]
    fn a_call_without_a_client_is_refused() {
        let fault = due::<()>(&None, "SQS").unwrap_err().to_string();
        assert_eq!(
            fault,
            "SQS refused the call: NoClient: the function has no client, because its contract names no resource of this service"
        );
    }
}

//! The ports on the real AWS.
//!
//! Calls of the SDK are boxed: their types are nested so deeply that an optimising compiler gives up on
//! what contains them.

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
    env::EnvContract,
    kind::Service,
    metric::{MessageMetric, OrderMetric},
};

use self::connect::Trust;
use crate::{
    metrics,
    moment::Moment,
    port::{Clock, Entropy, Fault, Meter, Sleep},
};

/// One attempt of a call. AWS answers nearly all within a tenth of this.
const ATTEMPT: Duration = Duration::from_millis(1_200);
/// A call with all its attempts. The functions with the shortest timeout, ten seconds, make three
/// calls one after the other at most.
const CALL: Duration = Duration::from_secs(3);
/// A connection of TCP and TLS.
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 3;

/// AWS as it is, through the clients that a function's contract asks for.
#[derive(Debug)]
pub struct Live {
    dynamodb: Option<aws_sdk_dynamodb::Client>,
    sqs: Option<aws_sdk_sqs::Client>,
    sfn: Option<aws_sdk_sfn::Client>,
}

impl Live {
    /// Clients for the services behind a function's environment, each with an open connection: the
    /// first event does not pay for it, and Lambda gives a function more processor time before its
    /// first event than later.
    ///
    /// What a function calls is known while compiling, so the others' clients are not even in its
    /// binary.
    ///
    /// # Errors
    ///
    /// Where Lambda's own variables are not set.
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

    /// DynamoDB alone, behind an HTTP client of the caller's, for tests: requests as the SDK writes them, and answers
    /// as the SDK reads them, without a network.
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

/// Whether a function with this environment calls a service.
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

/// What all clients share.
pub(crate) struct Settings {
    region: String,
    endpoint: Option<String>,
    credentials: Credentials,
    http: SharedHttpClient,
}

impl Settings {
    /// Lambda's own variables, which it sets for every function. The SDK's own crate for this also
    /// looks into files, and asks servers that a function has no use for; it would double what a
    /// cold start costs.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
    #[expect(clippy::disallowed_methods, reason = "Lambda's own variables are in no contract")]
    fn from_process() -> Result<Self, String> {
        let due = |name: &str| {
            let set = std::env::var(name).ok().filter(|it| !it.is_empty());
            set.ok_or_else(|| format!("Lambda's variable {name} is not set"))
        };
        // How the AWS SDKs find another endpoint, a local one for instance.
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

/// A client's configuration, the same for every service.
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

/// A client that the function's contract asks for. The typed clients ask for no other.
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
        // A clock before 1970 is a fault of the machine that no order should suffer from.
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
    /// Where the kernel has no randomness, which Linux promises not to happen after boot.
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

    contracts::env_contract! {
        /// One that calls Step Functions alone.
        pub struct OnlyMachine {
            /// A machine.
            MACHINE => machine: contracts::env::Access<
                contracts::kind::StateMachine<contracts::order::OrderSubmitted>,
                contracts::kind::StartExecution,
            >,
        }
    }

    contracts::env_contract! {
        /// One that calls SQS alone.
        pub struct OnlyQueue {
            /// A queue.
            QUEUE => queue: contracts::env::Access<
                contracts::kind::Queue<contracts::order::OrderAccepted>,
                contracts::kind::SendMessage,
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
    fn nobody_draws_what_another_has_drawn() {
        let drawn: BTreeSet<_> = (0..100).map(|_| LIVE.random()).collect();
        assert_eq!(drawn.len(), 100);
    }

    /// Where a contract names nothing of a service, its calls are refused.
    #[test]
    fn a_client_that_is_not_there_is_a_fault() {
        let fault = due::<()>(&None, "SQS").unwrap_err().to_string();
        assert_eq!(
            fault,
            "SQS refused the call: NoClient: the function has no client, because its contract names no resource of this service"
        );
    }
}

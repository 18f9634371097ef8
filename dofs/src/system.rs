//! A running system: the clients of its services and of its API.

use anyhow::Context as _;
use aws_config::SdkConfig;
use contracts::domain::OrderId;
use infra_gen::{
    config::Environment,
    topology::{Names, names},
};

use crate::{
    api::Api,
    aws::{self, AwsContext as _},
    local::{state::Running, terraform},
    root::Root,
    site::Site,
    target::{Address, ApiKey, Target},
};

/// A running system: its services and its API.
#[derive(Debug, Clone)]
pub struct System {
    /// The clients of its tables, queues and order machine.
    pub services: Services,
    /// The client of its API.
    pub api: Api,
}

/// A function that takes [`Services`] also accepts a [`System`].
impl std::ops::Deref for System {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.services
    }
}

impl System {
    /// Finds the system that a command uses: see [`Target::site`].
    ///
    /// # Errors
    ///
    /// If there is none, or the address of its API is not known.
    pub async fn find(target: &Target) -> anyhow::Result<Self> {
        let services = Services::find(target).await?;
        let local = services.local.as_ref();
        let (url, key) = match (&target.api_url, local) {
            (None, None) => terraform::api(&Root::of(target).await?).await.context(
                "the address of the API is unknown\n  fix: give it with --api-url, or solve the following problem, so \
                 that Terraform can read its state",
            )?,
            // With --api-url, Terraform need not run.
            (Some(url), None) => (url.to_string(), None),
            (named, Some(running)) => {
                let url =
                    named.as_ref().map_or_else(|| running.api_url.clone(), Address::to_string);
                (url, running.api_key.clone().map(ApiKey::from))
            }
        };
        let key = target.api_key().cloned().or(key);
        Ok(System { api: Api::new(&url)?.with_key(key), services })
    }

    /// Returns the system with the API at `api`. Its services are called with `config`.
    ///
    /// # Errors
    ///
    /// As [`Api::new`].
    pub fn new(
        environment: Environment,
        api: &str,
        config: &SdkConfig,
        local: Option<Running>,
    ) -> anyhow::Result<Self> {
        Ok(System { services: Services::new(environment, config, local), api: Api::new(api)? })
    }
}

/// The services behind the API of a system. A command that needs only these does not run Terraform: only the address of the
/// API comes from Terraform's state.
#[derive(Debug, Clone)]
pub struct Services {
    /// Its environment.
    pub environment: Environment,
    /// The names of its resources.
    pub names: Names,
    /// The client of its tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The client of its queues.
    pub sqs: aws_sdk_sqs::Client,
    /// The client of its order machine.
    pub sfn: aws_sdk_sfn::Client,
    /// The ARN of its order machine.
    pub machine_arn: String,
    /// The system that `dofs local up` has started; `None` on AWS.
    pub local: Option<Running>,
}

impl Services {
    /// Finds the services of the system that a command uses: see [`Target::site`].
    ///
    /// # Errors
    ///
    /// If there is none.
    pub async fn find(target: &Target) -> anyhow::Result<Self> {
        let local = match target.site()? {
            Site::Local(running) => Some(*running),
            Site::Aws => None,
        };
        let config = match &local {
            Some(running) => running.sdk_config(),
            None => {
                let endpoint = target.endpoint_url.as_ref().map(Address::as_str);
                aws::config(target.env.config().region.as_str(), endpoint).await?
            }
        };
        Ok(Self::new(target.env, &config, local))
    }

    /// Returns the services of an environment. They are called with `config`.
    pub fn new(environment: Environment, config: &SdkConfig, local: Option<Running>) -> Self {
        let names = names(environment);
        let (account, region) =
            (environment.config().account.as_str(), environment.config().region.as_str());
        Services {
            environment,
            machine_arn: format!(
                "arn:aws:states:{region}:{account}:stateMachine:{}",
                names.machine
            ),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            sfn: aws_sdk_sfn::Client::new(config),
            names,
            local,
        }
    }

    /// Does long work, and stops it if the local system ends meanwhile.
    ///
    /// # Errors
    ///
    /// If the emulated AWS ends meanwhile, or hangs.
    pub(crate) async fn while_there<T>(&self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        match &self.local {
            Some(running) => running.while_there(work).await,
            None => Ok(work.await),
        }
    }

    /// Returns the ARN of an order's execution. The name of the execution is the order's id.
    pub fn execution_arn(&self, order: &OrderId) -> String {
        format!("{}:{order}", self.machine_arn.replacen(":stateMachine:", ":execution:", 1))
    }

    /// Returns the URL of a queue.
    ///
    /// # Errors
    ///
    /// If there is no such queue, or SQS does not answer.
    pub async fn queue_url(&self, name: &str) -> anyhow::Result<String> {
        let answer = self.sqs.get_queue_url().queue_name(name).send().await;
        let answer =
            answer.aws_context(|| format!("the URL of the queue {name} cannot be read"))?;
        let url = answer.queue_url;
        url.with_context(|| format!("the queue {name} has no URL"))
    }
}

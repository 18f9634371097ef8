//! Where DOFS runs, and how to call it.

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

/// One running DOFS: its services, and the API in front of them.
#[derive(Debug, Clone)]
pub struct System {
    /// Its tables, queues and order machine.
    pub services: Services,
    /// Its API.
    pub api: Api,
}

/// What asks for the services of a system takes the system, too.
impl std::ops::Deref for System {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.services
    }
}

impl System {
    /// The system that a command goes to: see [`Target::site`].
    ///
    /// # Errors
    ///
    /// Where there is none, or the address of its API is not known.
    pub async fn find(target: &Target) -> anyhow::Result<Self> {
        let services = Services::find(target).await?;
        let local = services.local.as_ref();
        let (url, key) = match (&target.api_url, local) {
            (None, None) => terraform::api(&Root::of(target).await?).await.context(
                "the address of the API is unknown\n  fix: give it with --api-url, or solve the following problem, so \
                 that Terraform can read its state",
            )?,
            // Where the address was named, Terraform is not asked at all.
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

    /// The system whose API is at `api`, and that is called as `config` says.
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

/// What stands behind the API of a system. Who needs no more than this does not need Terraform, which knows the API's address.
#[derive(Debug, Clone)]
pub struct Services {
    /// Which environment it is.
    pub environment: Environment,
    /// What its resources are called.
    pub names: Names,
    /// Its tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Its queues.
    pub sqs: aws_sdk_sqs::Client,
    /// Its order machine.
    pub sfn: aws_sdk_sfn::Client,
    /// Its order machine's ARN.
    pub machine_arn: String,
    /// The system that `dofs local up` has started; `None` on AWS.
    pub local: Option<Running>,
}

impl Services {
    /// The services of the system that a command goes to: see [`Target::site`].
    ///
    /// # Errors
    ///
    /// Where there is none.
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

    /// Those of an environment, which are called as `config` says.
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

    /// Does something that takes long. A local system has to be there as long.
    ///
    /// # Errors
    ///
    /// Where the emulated AWS ends meanwhile, or hangs.
    pub(crate) async fn while_there<T>(&self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        match &self.local {
            Some(running) => running.while_there(work).await,
            None => Ok(work.await),
        }
    }

    /// The ARN of an order's execution: its name is the order's id.
    pub fn execution_arn(&self, order: &OrderId) -> String {
        format!("{}:{order}", self.machine_arn.replacen(":stateMachine:", ":execution:", 1))
    }

    /// A queue's URL.
    ///
    /// # Errors
    ///
    /// Where there is no such queue, or nobody answers.
    pub async fn queue_url(&self, name: &str) -> anyhow::Result<String> {
        let answer = self.sqs.get_queue_url().queue_name(name).send().await;
        let answer =
            answer.aws_context(|| format!("the URL of the queue {name} cannot be read"))?;
        let url = answer.queue_url;
        url.with_context(|| format!("the queue {name} has no URL"))
    }
}

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
    local::state::Running,
    site::Site,
    target::{Address, ApiKey, Target},
};

/// One running DOFS.
#[derive(Debug, Clone)]
pub struct System {
    /// Which environment it is.
    pub environment: Environment,
    /// What its resources are called.
    pub names: Names,
    /// Its API.
    pub api: Api,
    /// Its tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Its queues.
    pub sqs: aws_sdk_sqs::Client,
    /// Its order machine.
    pub sfn: aws_sdk_sfn::Client,
    /// Its order machine's ARN.
    pub machine_arn: String,
    /// The one that `dofs local up` has started; `None` on AWS.
    pub local: Option<Running>,
}

impl System {
    /// The system that a command goes to: see [`Target::site`].
    ///
    /// # Errors
    ///
    /// Where there is none, or the address of its API is not known.
    pub async fn find(target: &Target) -> anyhow::Result<Self> {
        let local = match target.site()? {
            Site::Local(running) => Some(*running),
            Site::Aws => None,
        };
        let config = match &local {
            Some(running) => running.sdk_config(),
            None => {
                let endpoint = target.endpoint_url.as_ref().map(Address::as_str);
                aws::config(target.env.config().region.as_str(), endpoint).await
            }
        };
        let api = match (&target.api_url, &local) {
            (Some(url), _) => url.to_string(),
            (None, Some(running)) => running.api_url.clone(),
            (None, None) => crate::local::terraform::api_url(target.env).context(
                "the address of the API is not known\n  fix: name it with --api-url, or let \
                 Terraform read its state, as below",
            )?,
        };
        let key = match (target.api_key(), &local) {
            (Some(key), _) => Some(key.clone()),
            (None, Some(running)) => running.api_key.clone().map(ApiKey::from),
            // Where the address was named, Terraform is not asked at all.
            (None, None) if target.api_url.is_some() => None,
            (None, None) => crate::local::terraform::api_key(target.env)?,
        };
        let system = Self::new(target.env, &api, &config, local);
        Ok(System { api: system.api.with_key(key), ..system })
    }

    /// The system whose API is at `api`, and that is called as `config` says.
    pub fn new(
        environment: Environment,
        api: &str,
        config: &SdkConfig,
        local: Option<Running>,
    ) -> Self {
        let names = names(environment);
        let (account, region) =
            (environment.config().account.as_str(), environment.config().region.as_str());
        System {
            environment,
            machine_arn: format!(
                "arn:aws:states:{region}:{account}:stateMachine:{}",
                names.machine
            ),
            api: Api::new(api),
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            sfn: aws_sdk_sfn::Client::new(config),
            names,
            local,
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
            answer.aws_context(|| format!("SQS does not say where the queue {name} is"))?;
        let url = answer.queue_url;
        url.with_context(|| format!("the queue {name} has no URL"))
    }
}

//! Calls of AWS outside of the system itself: the caller's identity, readable errors, and signed requests to services without an
//! SDK client in `dofs`.

mod fault;
mod lent;
mod request;

use anyhow::{Context as _, ensure};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;

pub(crate) use fault::{AwsContext, Fault};
pub(crate) use lent::Lent;
pub(crate) use request::{Answer, Call};

use crate::http::{ProxyError, http_client};

#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
/// Returns the configuration of the SDK for a region, from the standard variables and profiles. An endpoint counts for every
/// service.
///
/// # Errors
///
/// If a variable names a proxy that cannot be used.
pub(crate) async fn config(
    region: &'static str,
    endpoint: Option<&str>,
) -> Result<SdkConfig, ProxyError> {
    let mut config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .http_client(http_client()?);
    // As in the AWS CLI, an empty variable chooses no profile.
    if std::env::var_os("AWS_PROFILE").is_some_and(|it| it.is_empty()) {
        config = config.profile_name("default");
    }
    if let Some(url) = endpoint {
        config = config.endpoint_url(url);
    }
    Ok(config.load().await)
}

/// An account, called with the user's credentials.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    config: SdkConfig,
    region: &'static str,
}

impl Account {
    /// Returns the account in a region. An endpoint counts for every service.
    ///
    /// # Errors
    ///
    /// As [`config`].
    pub(crate) async fn of(
        region: &'static str,
        endpoint: Option<&str>,
    ) -> Result<Self, ProxyError> {
        Ok(Account { config: config(region, endpoint).await?, region })
    }

    /// Its region.
    pub(crate) fn region(&self) -> &'static str {
        self.region
    }

    /// Returns the account's id and the caller's ARN.
    pub(crate) async fn caller(&self) -> anyhow::Result<(String, String)> {
        let answer = aws_sdk_sts::Client::new(&self.config).get_caller_identity().send().await;
        let answer =
            answer.aws_context(|| "STS cannot tell whose credentials these are".to_owned())?;
        let [account, arn] = [answer.account, answer.arn];
        Ok((account.context("the answer of STS has no account")?, arn.unwrap_or_default()))
    }

    /// Checks that the credentials are of this account, and returns the caller's ARN.
    pub(crate) async fn expect(&self, id: &str, name: &str) -> anyhow::Result<String> {
        let (found, arn) = self.caller().await?;
        ensure!(
            found == id,
            "the credentials are of the account {found} ({arn}), but {name} is in the account {id}\n  \
             fix: choose a profile of {id} with AWS_PROFILE, or set the account of {name} in \
             infra-gen/src/config.rs"
        );
        Ok(arn)
    }

    /// Signs a request with the credentials, and sends it.
    ///
    /// # Errors
    ///
    /// If there are no credentials or no answer. An error of AWS is an [`Answer`].
    pub(crate) async fn send(&self, call: Call) -> Result<Answer, Fault> {
        let provider = self.config.credentials_provider().ok_or_else(Fault::no_credentials)?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|err| Fault::of_credentials(&err))?;
        let endpoint = self.config.endpoint_url().map(str::to_owned);
        let region = self.region;
        let sent = tokio::task::spawn_blocking(move || {
            request::send(&call, &credentials, region, endpoint.as_deref())
        });
        sent.await.unwrap_or_else(|err| Err(Fault::unreachable(&err)))
    }
}

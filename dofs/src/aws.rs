//! AWS beside the system itself: who calls, what went wrong, and plain signed requests for what `dofs` has
//! no client for.

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
/// AWS by the standard variables and profiles, in a region; every service at another endpoint, if one is
/// named.
///
/// # Errors
///
/// Where a variable names a proxy that cannot be used.
pub(crate) async fn config(
    region: &'static str,
    endpoint: Option<&str>,
) -> Result<SdkConfig, ProxyError> {
    let mut config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .http_client(http_client()?);
    // As the AWS CLI takes it: a variable that is set to nothing names no profile.
    if std::env::var_os("AWS_PROFILE").is_some_and(|it| it.is_empty()) {
        config = config.profile_name("default");
    }
    if let Some(url) = endpoint {
        config = config.endpoint_url(url);
    }
    Ok(config.load().await)
}

/// An account, as whoever calls sees it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    config: SdkConfig,
    region: &'static str,
}

impl Account {
    /// In a region; every service at another endpoint, if one is named.
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

    /// The region that is called.
    pub(crate) fn region(&self) -> &'static str {
        self.region
    }

    /// Who calls: the account's id, and the caller's ARN.
    pub(crate) async fn caller(&self) -> anyhow::Result<(String, String)> {
        let answer = aws_sdk_sts::Client::new(&self.config).get_caller_identity().send().await;
        let answer =
            answer.aws_context(|| "STS cannot tell whose credentials these are".to_owned())?;
        let [account, arn] = [answer.account, answer.arn];
        Ok((account.context("the answer of STS has no account")?, arn.unwrap_or_default()))
    }

    /// Whose credentials these are, if they are of the account that is meant.
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

    /// Sends a request that is signed with the credentials.
    ///
    /// # Errors
    ///
    /// Where there are no credentials, or nobody answers. What AWS refuses is an [`Answer`].
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

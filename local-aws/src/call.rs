//! A call of a service in the emulator, as far as it takes no client of AWS.

use std::time::Duration;

use crate::account::Account;

/// The emulator said no, or nothing.
#[derive(Debug, thiserror::Error)]
#[error("the emulator at {endpoint} did not {what}: {why}")]
pub struct CallError {
    endpoint: String,
    what: String,
    why: String,
}

/// A service of the emulator, called as one account.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    endpoint: String,
    account: Account,
    name: &'static str,
}

/// What it answered: the status and the text.
type Answer = (u16, String);

impl Service {
    /// By the name that signatures have for it, in the emulator at this endpoint.
    pub(crate) fn at(endpoint: &str, account: &Account, name: &'static str) -> Self {
        Service { endpoint: endpoint.to_owned(), account: account.clone(), name }
    }

    /// The account that calls.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Reads. `what` names the call for people: `get a-bucket/key`.
    pub(crate) fn get(&self, what: &str, path: &str) -> Result<Answer, CallError> {
        let request = agent().get(self.url(path)).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().call())
    }

    /// Writes, where the condition holds that the headers state.
    pub(crate) fn put(
        &self,
        what: &str,
        path: &str,
        headers: &[(&str, &str)],
        text: &str,
    ) -> Result<Answer, CallError> {
        let request = agent().put(self.url(path)).header("Authorization", self.signature());
        let request = headers.iter().fold(request, |it, (name, value)| it.header(*name, *value));
        self.read(what, request.config().http_status_as_error(false).build().send(text))
    }

    /// Posts.
    pub(crate) fn post(&self, what: &str, path: &str, text: &str) -> Result<Answer, CallError> {
        let request = agent().post(self.url(path)).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().send(text))
    }

    /// Posts a form, as the Query protocol takes it.
    pub(crate) fn form<'a>(
        &self,
        what: &str,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Answer, CallError> {
        let request = agent().post(self.url("")).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().send_form(fields))
    }

    /// Deletes.
    pub(crate) fn delete(&self, what: &str, path: &str) -> Result<Answer, CallError> {
        let request = agent().delete(self.url(path)).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().call())
    }

    /// The error of a call that was answered otherwise than it should be.
    pub(crate) fn refused(&self, what: &str, why: impl ToString) -> CallError {
        let (what, why) = (what.to_owned(), why.to_string());
        CallError { endpoint: self.endpoint.clone(), what, why }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.endpoint)
    }

    /// The emulator reads the account out of it, and does not check it.
    fn signature(&self) -> String {
        let Account { id, region } = &self.account;
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/20260101/{region}/{}/aws4_request, \
             SignedHeaders=host, Signature=none",
            self.name
        )
    }

    fn read(
        &self,
        what: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, CallError> {
        let mut answer = answer.map_err(|err| self.refused(what, err))?;
        let text = answer.body_mut().read_to_string().map_err(|err| self.refused(what, err))?;
        Ok((answer.status().as_u16(), text))
    }
}

/// Without proxies: what is called is on this machine.
pub(crate) fn agent() -> ureq::Agent {
    let timeout = Some(Duration::from_secs(10));
    ureq::Agent::config_builder().timeout_global(timeout).proxy(None).build().into()
}

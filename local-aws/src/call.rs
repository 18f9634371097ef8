//! Calls of the emulator without a client of AWS.

use std::time::Duration;

use crate::account::Account;

/// A failed call of the emulator.
#[derive(Debug, thiserror::Error)]
#[error("the emulator at {endpoint} did not {what}: {why}")]
pub struct CallError {
    endpoint: String,
    what: String,
    why: String,
}

/// A service of the emulator, called with one account.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    endpoint: String,
    account: Account,
    name: &'static str,
}

/// An answer: the status and the text.
type Answer = (u16, String);

impl Service {
    /// Returns the service with this name, as in signatures, in the emulator at this endpoint.
    pub(crate) fn at(endpoint: &str, account: &Account, name: &'static str) -> Self {
        Service { endpoint: endpoint.to_owned(), account: account.clone(), name }
    }

    /// The calling account.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Sends a GET request. `what` describes the call in errors: `get a-bucket/key`.
    pub(crate) fn get(&self, what: &str, path: &str) -> Result<Answer, CallError> {
        let request = agent().get(self.url(path)).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().call())
    }

    /// Sends a PUT request, with headers such as a condition.
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

    /// Sends a POST request.
    pub(crate) fn post(&self, what: &str, path: &str, text: &str) -> Result<Answer, CallError> {
        let request = agent().post(self.url(path)).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().send(text))
    }

    /// Sends a POST request with a form, for the Query protocol.
    pub(crate) fn form<'a>(
        &self,
        what: &str,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Answer, CallError> {
        let request = agent().post(self.url("")).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().send_form(fields))
    }

    /// Sends a DELETE request.
    pub(crate) fn delete(&self, what: &str, path: &str) -> Result<Answer, CallError> {
        let request = agent().delete(self.url(path)).header("Authorization", self.signature());
        self.read(what, request.config().http_status_as_error(false).build().call())
    }

    /// Returns the error of a call with an unexpected answer.
    pub(crate) fn refused(&self, what: &str, why: impl ToString) -> CallError {
        let (what, why) = (what.to_owned(), why.to_string());
        CallError { endpoint: self.endpoint.clone(), what, why }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.endpoint)
    }

    /// Returns a signature. The emulator reads only the account from it, and does not verify it.
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

/// Returns a client without proxies, because the emulator is on this machine.
pub(crate) fn agent() -> ureq::Agent {
    let timeout = Some(Duration::from_secs(10));
    ureq::Agent::config_builder().timeout_global(timeout).proxy(None).build().into()
}

//! S3 in the emulator, as far as it takes no client of AWS.

use std::time::Duration;

use crate::account::Account;

/// A bucket in an emulator that runs.
#[derive(Debug, Clone)]
pub struct Bucket {
    endpoint: String,
    account: Account,
    name: String,
}

/// The emulator said no, or nothing.
#[derive(Debug, thiserror::Error)]
#[error("the emulator at {endpoint} did not {what}: {why}")]
pub struct BucketError {
    endpoint: String,
    what: String,
    why: String,
}

impl Bucket {
    /// By its name, in the emulator at this endpoint.
    pub fn at(endpoint: &str, account: &Account, name: &str) -> Self {
        let (endpoint, name) = (endpoint.to_owned(), name.to_owned());
        Bucket { endpoint, account: account.clone(), name }
    }

    /// Makes it. One that is there already will do.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn make(&self) -> Result<(), BucketError> {
        // That region, and only that, must not be named.
        let place = match self.account.region.as_str() {
            "us-east-1" => String::new(),
            region => format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let request = agent().put(self.url("")).header("Authorization", self.signature());
        let answer = request.config().http_status_as_error(false).build().send(place);
        match self.read("make", "", answer)? {
            (200..300, _) => Ok(()),
            (_, said) if said.contains("BucketAlreadyOwnedByYou") => Ok(()),
            (status, said) => Err(self.refused("make", "", format!("{status} {said}"))),
        }
    }

    /// Puts a text there.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn put(&self, key: &str, text: &str) -> Result<(), BucketError> {
        let request = agent().put(self.url(key)).header("Authorization", self.signature());
        let answer = request.config().http_status_as_error(false).build().send(text);
        match self.read("put", key, answer)? {
            (200..300, _) => Ok(()),
            (status, said) => Err(self.refused("put", key, format!("{status} {said}"))),
        }
    }

    /// The text that is there.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn get(&self, key: &str) -> Result<Option<String>, BucketError> {
        let request = agent().get(self.url(key)).header("Authorization", self.signature());
        let answer = request.config().http_status_as_error(false).build().call();
        match self.read("get", key, answer)? {
            (200, text) => Ok(Some(text)),
            (404, _) => Ok(None),
            (status, said) => Err(self.refused("get", key, format!("{status} {said}"))),
        }
    }

    /// Takes away what is there, if anything is.
    ///
    /// # Errors
    ///
    /// Where the emulator refuses.
    pub fn delete(&self, key: &str) -> Result<(), BucketError> {
        let request = agent().delete(self.url(key)).header("Authorization", self.signature());
        let answer = request.config().http_status_as_error(false).build().call();
        match self.read("delete", key, answer)? {
            (200..300 | 404, _) => Ok(()),
            (status, said) => Err(self.refused("delete", key, format!("{status} {said}"))),
        }
    }

    fn url(&self, key: &str) -> String {
        format!("{}/{}/{key}", self.endpoint, self.name)
    }

    /// The emulator reads the account out of it, and does not check it.
    fn signature(&self) -> String {
        let Account { id, region } = &self.account;
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/20260101/{region}/s3/aws4_request, \
             SignedHeaders=host, Signature=none"
        )
    }

    fn read(
        &self,
        what: &str,
        key: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<(u16, String), BucketError> {
        let mut answer = answer.map_err(|err| self.refused(what, key, err.to_string()))?;
        let text = answer.body_mut().read_to_string();
        let text = text.map_err(|err| self.refused(what, key, err.to_string()))?;
        Ok((answer.status().as_u16(), text))
    }

    fn refused(&self, what: &str, key: &str, why: String) -> BucketError {
        let what = format!("{what} {}/{key}", self.name);
        BucketError { endpoint: self.endpoint.clone(), what, why }
    }
}

/// Without proxies: what is called is on this machine.
pub(crate) fn agent() -> ureq::Agent {
    let timeout = Some(Duration::from_secs(10));
    ureq::Agent::config_builder().timeout_global(timeout).proxy(None).build().into()
}

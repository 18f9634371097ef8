//! Functions in the emulator. A few calls of Lambda do not need a client of AWS.

use std::{
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    account::Account,
    call::{CallError, Service},
};

/// A function in a running emulator.
#[derive(Debug, Clone)]
pub struct Function {
    lambda: Service,
    name: String,
}

/// A version of a function, with immutable code and configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Version {
    /// Its version number.
    #[serde(rename = "Version")]
    pub number: String,
    /// Its ARN, which ends in the version number.
    #[serde(rename = "FunctionArn")]
    pub arn: String,
    /// The SHA-256 of its zip, as base64.
    pub code_sha256: String,
    /// The size of its zip in bytes.
    pub code_size: u64,
    /// When the code or the configuration last changed.
    pub last_modified: String,
}

/// How long to wait for an update, because AWS publishes no version during an update.
const UPDATED: Duration = Duration::from_secs(10);

impl Function {
    /// Returns the function with this name, in the emulator at this endpoint.
    pub fn at(endpoint: &str, account: &Account, name: &str) -> Self {
        Function { lambda: Service::at(endpoint, account, "lambda"), name: name.to_owned() }
    }

    /// Updates the code, and publishes it as a version. It makes the same calls as Terraform: `UpdateFunctionCode`,
    /// `GetFunctionConfiguration` until the update is over, `PublishVersion`. [`Function::point`] moves an alias to it.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn publish(&self, zip: &[u8]) -> Result<Version, CallError> {
        let what = format!("update the code of {}", self.name);
        let code = json!({ "ZipFile": STANDARD.encode(zip) });
        self.read::<Value>(
            &what,
            self.lambda.put(&what, &self.path("code"), &[], &code.to_string())?,
        )?;
        self.is_updated()?;
        let what = format!("publish a version of {}", self.name);
        self.read(&what, self.lambda.post(&what, &self.path("versions"), "{}")?)
    }

    /// Moves an alias to a version.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub fn point(&self, alias: &str, version: &str) -> Result<(), CallError> {
        let what = format!("point {}:{alias} to version {version}", self.name);
        let path = self.path(&format!("aliases/{alias}"));
        let to = json!({ "FunctionVersion": version });
        self.read::<Value>(&what, self.lambda.put(&what, &path, &[], &to.to_string())?).map(drop)
    }

    fn is_updated(&self) -> Result<(), CallError> {
        let (what, began) = (format!("finish the update of {}", self.name), Instant::now());
        loop {
            let now: Value =
                self.read(&what, self.lambda.get(&what, &self.path("configuration"))?)?;
            match now["LastUpdateStatus"].as_str() {
                Some("Successful") => return Ok(()),
                Some("InProgress") if began.elapsed() < UPDATED => {
                    thread::sleep(Duration::from_millis(50));
                }
                _ => return Err(self.lambda.refused(&what, now)),
            }
        }
    }

    fn read<T: for<'a> Deserialize<'a>>(
        &self,
        what: &str,
        (status, said): (u16, String),
    ) -> Result<T, CallError> {
        match status {
            200..300 => serde_json::from_str(&said).map_err(|err| self.lambda.refused(what, err)),
            _ => Err(self.lambda.refused(what, format!("{status} {said}"))),
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("2015-03-31/functions/{}/{rest}", self.name)
    }
}

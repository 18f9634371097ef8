//! Replaces the code of running functions as Terraform would, but without Terraform.
//!
//! Terraform needs some seconds to find out that one function has changed. So this module makes the same calls, and writes the
//! same changes to Terraform's state. It holds the lock of the state meanwhile: no other run of Terraform plans with a partial
//! change, and the emulator does not save one.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fs_err as fs;
use local_aws::{Account, Bucket, Function, Version};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    local::applied::Record,
    root::Backend,
    tell::{now, warn},
};

/// How often to try to take the lock, once per second.
const ATTEMPTS: u32 = 60;

/// The emulator of the functions, and the address of Terraform's state.
pub(super) struct Swap<'a> {
    pub(super) endpoint: &'a str,
    pub(super) account: &'a Account,
    pub(super) backend: &'a Backend,
    pub(super) record: &'a Record,
}

impl Swap<'_> {
    /// Publishes the current zips of functions as new versions, and moves their aliases. The zips are in `folder`, with the
    /// names of the functions' programs.
    ///
    /// If a call fails, the next save or the next `dofs local up` completes the change. Until its alias moves, a function runs
    /// the old code.
    ///
    /// # Errors
    ///
    /// If the state has no function with such a zip, another process holds the lock, or the emulator refuses a call.
    pub(super) fn swap(&self, folder: &Path, changed: &[&str]) -> anyhow::Result<()> {
        let bucket = Bucket::at(self.endpoint, self.account, &self.backend.bucket);
        let lock = Lock::take(&bucket, &self.backend.key)?;
        let swapped = self.swap_locked(&bucket, folder, changed);
        if swapped.is_err() {
            // Forget the last apply, so that the next one applies everything.
            self.record.forget()?;
        }
        lock.free()?;
        swapped
    }

    fn swap_locked(&self, bucket: &Bucket, folder: &Path, changed: &[&str]) -> anyhow::Result<()> {
        let applied = self.record.read()?;
        let state = bucket.get(&self.backend.key)?.context("Terraform has no state")?;
        let mut state = State::read(&state)?;
        let zips: Vec<_> = changed.iter().map(|it| folder.join(it).with_extension("zip")).collect();
        let names = zips.iter().map(|it| state.function(it)).collect::<anyhow::Result<Vec<_>>>()?;
        let published = self.publish(&names, &zips)?;
        let mut moves = Vec::new();
        for (name, version) in names.iter().zip(&published) {
            moves.extend(state.publish(name, version).into_iter().map(|it| (name, it, version)));
        }
        bucket.put(&self.backend.key, &state.next()?)?;
        for (name, alias, version) in moves {
            let function = Function::at(self.endpoint, self.account, name);
            function.point(&alias, &version.number)?;
        }
        // Without a record, the last apply did not finish, so the next one is still needed.
        let Some(mut applied) = applied else { return Ok(()) };
        let outputs = applied.outputs().unwrap_or_default().to_owned();
        let folder = folder.file_name().unwrap_or_default().to_string_lossy();
        for (binary, version) in changed.iter().zip(&published) {
            let hash = STANDARD
                .decode(&version.code_sha256)
                .context("the hash of a package is not base64")?;
            applied = applied.with_package(&format!("{folder}/{binary}.zip"), &hash);
        }
        self.record.write(&applied, &outputs)
    }

    /// Publishes in parallel, because the emulator takes half a second per function.
    fn publish(&self, names: &[String], zips: &[PathBuf]) -> anyhow::Result<Vec<Version>> {
        let publish = |name: &str, zip: &Path| {
            let function = Function::at(self.endpoint, self.account, name);
            anyhow::Ok(function.publish(&fs::read(zip)?)?)
        };
        thread::scope(|scope| {
            let started: Vec<_> = names
                .iter()
                .zip(zips)
                .map(|(name, zip)| scope.spawn(move || publish(name, zip)))
                .collect();
            let ended = started.into_iter().map(|it| match it.join() {
                Ok(published) => published,
                Err(_) => Err(anyhow!("a thread ended early")),
            });
            ended.collect()
        })
    }
}

/// Terraform's state, of which this module changes functions and aliases.
/// <https://developer.hashicorp.com/terraform/internals/json-format>
struct State(Value);

impl State {
    fn read(text: &str) -> anyhow::Result<Self> {
        let state: Value =
            serde_json::from_str(text).context("Terraform's state is not valid JSON")?;
        match state["version"].as_u64() {
            Some(4) => Ok(State(state)),
            _ => bail!("Terraform's state has another format than version 4"),
        }
    }

    /// Returns the name of the function with this zip.
    fn function(&self, zip: &Path) -> anyhow::Result<String> {
        let mut functions = attributes(&self.0, "aws_lambda_function");
        let found = functions.find(|it| it["filename"].as_str() == zip.to_str());
        let name = found.and_then(|it| it["function_name"].as_str()).map(str::to_owned);
        name.with_context(|| {
            format!("Terraform's state has no function with the package {}", zip.display())
        })
    }

    /// Sets the new version of a function, in the attributes that the provider reads. Returns the aliases, which get it, too.
    fn publish(&mut self, name: &str, version: &Version) -> Vec<String> {
        for it in attributes_mut(&mut self.0, "aws_lambda_function") {
            if it["function_name"] != name {
                continue;
            }
            let before = it["qualified_arn"].as_str().unwrap_or_default().to_owned();
            let invoke = it["qualified_invoke_arn"].as_str().unwrap_or_default();
            it["qualified_invoke_arn"] = json!(invoke.replace(&before, &version.arn));
            it["qualified_arn"] = json!(version.arn);
            it["version"] = json!(version.number);
            it["source_code_hash"] = json!(version.code_sha256);
            it["code_sha256"] = json!(version.code_sha256);
            it["source_code_size"] = json!(version.code_size);
            it["last_modified"] = json!(version.last_modified);
        }
        let mut aliases = Vec::new();
        for it in attributes_mut(&mut self.0, "aws_lambda_alias") {
            if it["function_name"] == name {
                it["function_version"] = json!(version.number);
                aliases.extend(it["name"].as_str().map(str::to_owned));
            }
        }
        aliases
    }

    /// Returns the next state: the same with a higher serial.
    fn next(mut self) -> anyhow::Result<String> {
        let serial = self.0["serial"].as_u64().context("Terraform's state has no serial")?;
        self.0["serial"] = json!(serial + 1);
        Ok(serde_json::to_string_pretty(&self.0)?)
    }
}

/// Returns the attributes of each resource of a type.
fn attributes<'a>(state: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let resources = state["resources"].as_array().into_iter().flatten();
    resources
        .filter(move |it| it["mode"] == "managed" && it["type"] == kind)
        .flat_map(|it| it["instances"].as_array().into_iter().flatten())
        .map(|it| &it["attributes"])
}

fn attributes_mut<'a>(state: &'a mut Value, kind: &'a str) -> impl Iterator<Item = &'a mut Value> {
    let resources = state["resources"].as_array_mut().into_iter().flatten();
    resources
        .filter(move |it| it["mode"] == "managed" && it["type"] == kind)
        .flat_map(|it| it["instances"].as_array_mut().into_iter().flatten())
        .map(|it| &mut it["attributes"])
}

/// The lock of Terraform's state. As Terraform does, it creates an object with a conditional write. The object names the owner.
/// <https://developer.hashicorp.com/terraform/language/backend/s3#state-locking>
struct Lock<'a> {
    bucket: &'a Bucket,
    key: String,
}

impl<'a> Lock<'a> {
    fn take(bucket: &'a Bucket, state: &str) -> anyhow::Result<Self> {
        let lock = Lock { bucket, key: format!("{state}.tflock") };
        let ours = json!({
            "ID": Uuid::now_v7().to_string(),
            "Operation": "OperationTypeApply",
            "Info": "a function gets other code",
            "Who": format!("dofs local up --watch, process {}", std::process::id()),
            "Version": "",
            "Created": now().timestamp().to_string(),
            "Path": state,
        });
        for attempt in 0..ATTEMPTS {
            if bucket.put_new(&lock.key, &ours.to_string())? {
                return Ok(lock);
            }
            if attempt == 0 {
                warn(&format!(
                    "  waiting for the lock of Terraform's state, which {} holds",
                    lock.owner()
                ));
            }
            thread::sleep(Duration::from_secs(1));
        }
        bail!(
            "{} holds the lock of Terraform's state\n  fix: wait until it has ended; if it was killed, stop this system \
             and start it again, which releases the lock",
            lock.owner()
        )
    }

    fn owner(&self) -> String {
        let lock = self.bucket.get(&self.key).ok().flatten();
        let lock: Value = lock.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
        lock["Who"].as_str().unwrap_or("somebody").to_owned()
    }

    fn free(self) -> anyhow::Result<()> {
        Ok(self.bucket.delete(&self.key)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a shortened state of Terraform, with a function and its alias.
    fn state() -> State {
        let arn = "arn:aws:lambda:ap-south-1:111111111111:function:dofs-dev-validator";
        let function = json!({
            "filename": "/lambda/x86_64/validator.zip",
            "function_name": "dofs-dev-validator",
            "memory_size": 128,
            "qualified_arn": format!("{arn}:1"),
            "qualified_invoke_arn": format!("arn:aws:apigateway:path/{arn}:1/invocations"),
            "source_code_hash": "old",
            "version": "1",
        });
        let other = json!({
            "filename": "/lambda/x86_64/api_handler.zip",
            "function_name": "dofs-dev-api-handler",
            "source_code_hash": "old",
        });
        let alias = json!({ "function_name": "dofs-dev-validator", "function_version": "1", "name": "live" });
        let resource = |kind: &str, instances: &[&Value]| {
            let instances: Vec<_> =
                instances.iter().map(|it| json!({ "attributes": it })).collect();
            json!({ "mode": "managed", "type": kind, "instances": instances })
        };
        State(json!({
            "version": 4,
            "serial": 7,
            "resources": [
                resource("aws_lambda_function", &[&function, &other]),
                resource("aws_lambda_alias", &[&alias]),
            ],
        }))
    }

    #[test]
    fn the_state_follows_a_new_version() {
        let mut state = state();
        assert_eq!(
            state.function(Path::new("/lambda/x86_64/validator.zip")).unwrap(),
            "dofs-dev-validator"
        );
        assert!(state.function(Path::new("/lambda/x86_64/unknown.zip")).is_err());
        let arn = "arn:aws:lambda:ap-south-1:111111111111:function:dofs-dev-validator:2";
        let version = Version {
            number: "2".to_owned(),
            arn: arn.to_owned(),
            code_sha256: "new".to_owned(),
            code_size: 3,
            last_modified: "now".to_owned(),
        };
        assert_eq!(state.publish("dofs-dev-validator", &version), ["live"]);
        let next: Value = serde_json::from_str(&state.next().unwrap()).unwrap();
        assert_eq!(next["serial"], 8);
        let functions: Vec<_> = attributes(&next, "aws_lambda_function").collect();
        assert_eq!(
            functions[0],
            &json!({
                "filename": "/lambda/x86_64/validator.zip",
                "function_name": "dofs-dev-validator",
                "memory_size": 128,
                "qualified_arn": arn,
                "qualified_invoke_arn": format!("arn:aws:apigateway:path/{arn}/invocations"),
                "source_code_hash": "new",
                "code_sha256": "new",
                "source_code_size": 3,
                "last_modified": "now",
                "version": "2",
            })
        );
        assert_eq!(functions[1]["source_code_hash"], "old");
        let alias = attributes(&next, "aws_lambda_alias").next().unwrap();
        assert_eq!(alias["function_version"], "2");
    }

    #[test]
    fn another_format_of_the_state_is_refused() {
        assert!(State::read(r#"{"version": 4, "serial": 1}"#).is_ok());
        for text in ["", "{}", r#"{"version": 5}"#] {
            assert!(State::read(text).is_err(), "{text}");
        }
    }
}

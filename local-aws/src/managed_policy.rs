//! Managed policies in the emulator. A few calls of IAM do not need a client of AWS.

use std::{io, path::Path};

use fs_err as fs;
use serde_json::Value;

use crate::{
    account::Account,
    call::{CallError, Service},
};

/// A managed policy. AWS refuses to create a role whose permissions boundary does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedPolicy {
    name: String,
    document: String,
}

impl ManagedPolicy {
    /// Reads the managed policies of a Terraform root, such as an account's.
    ///
    /// # Errors
    ///
    /// If its files cannot be read.
    pub fn of_root(root: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        for module in fs::read_dir(root.join("modules"))? {
            let text = fs::read_to_string(module?.path().join("main.tf.json"))?;
            let main: Value = serde_json::from_str(&text)?;
            let policies = main["resource"]["aws_iam_policy"].as_object().into_iter().flatten();
            found.extend(policies.filter_map(|(_, policy)| {
                let text = |it: &str| policy[it].as_str().map(str::to_owned);
                Some(ManagedPolicy { name: text("name")?, document: text("policy")? })
            }));
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Creates the policy. An existing one gets this document.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub(crate) fn make(&self, endpoint: &str, account: &Account) -> Result<(), CallError> {
        let iam = Service::at(endpoint, account, "iam");
        let what = format!("make the policy {}", self.name);
        let call = |action: &str, fields: &[(&str, &str)]| {
            let own = [("Action", action), ("Version", "2010-05-08")];
            iam.form(&what, own.iter().chain(fields).copied())
        };
        let refused =
            |(status, said): (u16, String)| iam.refused(&what, format!("{status} {said}"));
        let document = ("PolicyDocument", self.document.as_str());
        match call("CreatePolicy", &[("PolicyName", &self.name), document])? {
            (200..300, _) => return Ok(()),
            (409, said) if said.contains("EntityAlreadyExists") => {}
            other => return Err(refused(other)),
        }
        let arn = format!("arn:aws:iam::{}:policy/{}", account.id, self.name);
        let arn = ("PolicyArn", arn.as_str());
        let before = match call("GetPolicy", &[arn])? {
            (200..300, said) => said,
            other => return Err(refused(other)),
        };
        match call("CreatePolicyVersion", &[arn, document, ("SetAsDefault", "true")])? {
            (200..300, _) => {}
            other => return Err(refused(other)),
        }
        // Delete the previous version, because a policy has at most five versions.
        let before = before.split_once("<DefaultVersionId>").and_then(|it| it.1.split_once('<'));
        let Some((before, _)) = before else { return Ok(()) };
        match call("DeletePolicyVersion", &[arn, ("VersionId", before)])? {
            (200..300, _) => Ok(()),
            other => Err(refused(other)),
        }
    }
}

//! The files from which a local system was last applied. The record is in the emulated AWS, next to Terraform's state, so the two
//! always match, also if the emulator is killed and continues with an earlier save.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use fs_err as fs;
use infra_gen::config::Environment;
use local_aws::{Account, Bucket};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::root::{Backend, Root};

/// The files from which a system was applied, with their hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Applied {
    files: BTreeMap<String, String>,
    /// Terraform's outputs after that apply.
    outputs: Option<String>,
}

/// The prefix of the functions' zips among the files.
const PACKAGES: &str = "lambda/";

/// The key of the record, in the bucket with Terraform's state.
const KEY: &str = "dofs/applied.json";

impl Applied {
    /// Hashes the current files: the root, and the zips of the functions.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub(crate) fn now(root: &Root, work: &Path) -> anyhow::Result<Self> {
        let mut files = BTreeMap::new();
        read(&root.folder, "", &|it| !it.starts_with(".terraform"), &mut files)?;
        read(&Root::packages(work), PACKAGES, &|it| it.ends_with(".zip"), &mut files)?;
        Ok(Applied { files, outputs: None })
    }

    /// As [`Applied::now`], if only these zips have changed. It does not read the other zips again. The paths count from the
    /// folder of the packages.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub(crate) fn now_after(
        &self,
        root: &Path,
        work: &Path,
        changed: &[String],
    ) -> anyhow::Result<Self> {
        let mut files = BTreeMap::new();
        read(root, "", &|it| !it.starts_with(".terraform"), &mut files)?;
        let zips = self.files.iter().filter(|(path, _)| path.starts_with(PACKAGES));
        files.extend(zips.map(|(path, hash)| (path.clone(), hash.clone())));
        let mut now = Applied { files, outputs: None };
        for path in changed {
            let zip = fs::read(Root::packages(work).join(path))?;
            now = now.with_package(path, &Sha256::digest(zip));
        }
        Ok(now)
    }

    /// Returns the outputs, if `now` has the same files.
    pub(crate) fn outputs_of(&self, now: &Self) -> Option<&str> {
        self.outputs.as_deref().filter(|_| self.files == now.files)
    }

    /// Replaces the hash of a function's zip. The path counts from the folder of the packages: `x86_64/validator.zip`.
    pub(crate) fn with_package(mut self, path: &str, sha256: &[u8]) -> Self {
        self.files.insert(format!("{PACKAGES}{path}"), hex(sha256));
        self
    }

    /// Terraform's outputs after that apply.
    pub(crate) fn outputs(&self) -> Option<&str> {
        self.outputs.as_deref()
    }

    /// Returns the paths of the files that have changed.
    pub(crate) fn changed<'a>(&'a self, now: &'a Self) -> Vec<&'a str> {
        let all: std::collections::BTreeSet<&String> =
            self.files.keys().chain(now.files.keys()).collect();
        let differs = |it: &&String| self.files.get(*it) != now.files.get(*it);
        all.into_iter().filter(differs).map(String::as_str).collect()
    }
}

/// Returns a text with the first few paths.
pub(super) fn listed(changed: &[&str]) -> String {
    const SHOWN: usize = 5;
    let first = changed.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match changed.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// The record of the last apply of a running system.
#[derive(Debug, Clone)]
pub(crate) struct Record(Bucket);

impl Record {
    /// Returns the record in the emulated AWS at this endpoint.
    ///
    /// # Errors
    ///
    /// If the environment's files name no bucket.
    pub(crate) fn at(
        environment: Environment,
        endpoint: &str,
        account: &Account,
    ) -> anyhow::Result<Self> {
        Ok(Record(Bucket::at(endpoint, account, &Backend::of(environment)?.bucket)))
    }

    /// Reads the record. `None` if the last apply did not finish.
    ///
    /// # Errors
    ///
    /// If the emulator does not answer.
    pub(crate) fn read(&self) -> anyhow::Result<Option<Applied>> {
        // A record that cannot be parsed counts as none, so the root is applied again.
        Ok(self.0.get(KEY)?.and_then(|it| serde_json::from_str(&it).ok()))
    }

    /// Deletes the record before an apply, which changes the system.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub(crate) fn forget(&self) -> anyhow::Result<()> {
        Ok(self.0.delete(KEY)?)
    }

    /// Writes the record after an apply.
    ///
    /// # Errors
    ///
    /// If the emulator refuses.
    pub(crate) fn write(&self, applied: &Applied, outputs: &str) -> anyhow::Result<()> {
        let applied = Applied { outputs: Some(outputs.to_owned()), ..applied.clone() };
        Ok(self.0.put(KEY, &serde_json::to_string(&applied)?)?)
    }
}

/// Hashes every wanted file below a folder.
fn read(
    folder: &Path,
    prefix: &str,
    wanted: &dyn Fn(&str) -> bool,
    files: &mut BTreeMap<String, String>,
) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string();
        let name =
            name.ok().with_context(|| format!("a name in {} is not a text", folder.display()))?;
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{path}/"), wanted, files)?;
        } else if wanted(&name) {
            files.insert(path, hex(&Sha256::digest(fs::read(entry.path())?)));
        }
    }
    Ok(())
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|it| format!("{it:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Applied {
        let files = files.iter().map(|(path, text)| (path.to_string(), text.to_string()));
        Applied { files: files.collect(), outputs: Some("{}".to_owned()) }
    }

    #[test]
    fn changed_added_and_deleted_files_are_reported() {
        fn check(before: &[(&str, &str)], now: &[(&str, &str)], expected: &[&str]) {
            let (before, now) = (of(before), of(now));
            assert_eq!(before.changed(&now), expected);
            assert_eq!(before.outputs_of(&now).is_some(), expected.is_empty());
        }
        check(&[("a", "1")], &[("a", "1")], &[]);
        check(&[("a", "1")], &[("a", "2")], &["a"]);
        check(&[("a", "1"), ("b", "1")], &[("b", "1"), ("c", "1")], &["a", "c"]);
    }

    #[test]
    fn only_changed_zips_are_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (root, work) = (folder.path().join("root"), folder.path());
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(work.join("lambda/x86_64")).unwrap();
        fs::write(root.join("main.tf.json"), "{}").unwrap();
        fs::write(work.join("lambda/x86_64/validator.zip"), "new").unwrap();
        let before = of(&[
            ("lambda/x86_64/validator.zip", "1"),
            ("lambda/x86_64/other.zip", "1"),
            ("gone", "1"),
        ]);
        let changed = ["x86_64/validator.zip".to_owned()];
        let now = before.now_after(&root, work, &changed).unwrap();
        assert_eq!(before.changed(&now), ["gone", "lambda/x86_64/validator.zip", "main.tf.json"]);
        let again = now.now_after(&root, work, &[]).unwrap();
        assert!(now.changed(&again).is_empty());
    }

    #[test]
    fn files_are_found_at_any_depth() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir_all(path.join("modules/sqs")).unwrap();
        for file in ["main.tf.json", "modules/sqs/main.tf.json", ".terraform.lock.hcl"] {
            fs::write(path.join(file), file).unwrap();
        }
        let mut files = BTreeMap::new();
        read(path, "", &|it| !it.starts_with(".terraform"), &mut files).unwrap();
        let found: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(found, ["main.tf.json", "modules/sqs/main.tf.json"]);
    }
}

//! The peers: the tools that the product is compared with. They are installed from npm into cargo's target folder, and
//! compiled there once, because compiled JavaScript is their best case.

mod topology;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};
use fs_err as fs;
use serde_json::Value;

use crate::workspace::{Workspace, said};

/// A peer: a folder of `bench/peers`, and the npm package that it represents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) folder: &'static str,
    package: &'static str,
    /// The folder of `bench/peers` that it reads in addition to its own.
    beside: Option<&'static str>,
    /// The command that compiles it, if it must be compiled.
    compile: Option<&'static [&'static str]>,
}

const TSC: Option<&[&str]> = Some(&["exec", "--no", "tsc"]);

/// The description of the topology without a framework. It reads a file that is written from `generated/dev`.
const TOPOLOGY: Option<&str> = Some("topology");
const DEV: &str = "dev.json";

pub(crate) const CDKTN: Peer =
    Peer { folder: "cdktn", package: "cdktn", beside: TOPOLOGY, compile: TSC };
pub(crate) const CDK: Peer =
    Peer { folder: "cdk", package: "aws-cdk-lib", beside: TOPOLOGY, compile: TSC };

/// The functions, on AWS's runtime client. It compiles a part of itself, with Node's headers.
pub(crate) const LAMBDA_NODE: Peer = Peer {
    folder: "lambda-node",
    package: "aws-lambda-ric",
    beside: None,
    compile: Some(&["run", "compile"]),
};

/// An installed peer.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) folder: PathBuf,
    /// The version of its package.
    pub(crate) version: String,
}

impl Peer {
    /// Installs it, unless the same files were installed before.
    pub(crate) fn install(self, workspace: &Workspace) -> anyhow::Result<Installed> {
        let sources = workspace.root.join("bench/peers");
        let installed = workspace.target.join("bench/peers");
        let folder = installed.join(self.folder);
        let stamp = folder.join("installed-from");
        let parts = [Some(self.folder), self.beside].map(|it| it.map(|it| sources.join(it)));
        let fingerprints: Result<Vec<_>, _> =
            parts.iter().flatten().map(|it| fingerprint(it)).collect();
        let mut fingerprint = fingerprints?.join("\n");
        let dev = match self.beside {
            Some(_) => topology::of_dev(&workspace.root)?.to_string(),
            None => String::new(),
        };
        fingerprint.push_str(&dev);
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&fingerprint) {
            say!("  installing {} from npm", self.package);
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            copy(&sources.join(self.folder), &folder)?;
            if let Some(beside) = self.beside {
                copy(&sources.join(beside), &installed.join(beside))?;
                fs::write(installed.join(beside).join(DEV), &dev)?;
            }
            let fix = "check that npm can connect to its registry, and run the command again";
            npm(&folder, &["ci", "--no-audit", "--no-fund"], fix)?;
            if let Some(compile) = self.compile {
                npm(&folder, compile, COMPILERS)?;
            }
            fs::write(&stamp, fingerprint)?;
        }
        let version = version(&folder, self.package)?;
        Ok(Installed { folder, version })
    }
}

impl Installed {
    /// Returns a command that writes so many copies of the topology into a folder.
    pub(crate) fn synth(&self, copies: usize, out: &Path) -> Command {
        let mut command = Command::new("node");
        command.current_dir(&self.folder).arg("main.js");
        command.env("N", copies.to_string()).env("OUT", out);
        command
    }
}

/// The version of Node, which all peers run on.
pub(crate) fn node() -> anyhow::Result<String> {
    let mut node = Command::new("node");
    node.arg("--version");
    let version = said(node).context(
        "the peers run on Node.js\n  fix: install Node.js 20 or newer with npm, and put both on the PATH",
    )?;
    Ok(version.trim().trim_start_matches('v').to_owned())
}

/// The `fix:` line for a peer that does not compile.
const COMPILERS: &str = "install the missing tool: AWS's runtime client for Node needs cmake, \
                         autoconf, automake, libtool, make and g++";

fn npm(folder: &Path, arguments: &[&str], fix: &str) -> anyhow::Result<()> {
    let mut npm = Command::new("npm");
    let output = npm.current_dir(folder).args(arguments).output().context(
        "npm cannot be started\n  fix: install Node.js 20 or newer with npm, and put both on the PATH",
    )?;
    if !output.status.success() {
        let told = [output.stdout, output.stderr].concat();
        bail!(
            "npm {} failed in {}\n{}\n  fix: {fix}",
            arguments.join(" "),
            folder.display(),
            String::from_utf8_lossy(&told).trim_end()
        );
    }
    Ok(())
}

/// A fingerprint of the names and contents of all files of a folder.
fn fingerprint(folder: &Path) -> anyhow::Result<String> {
    use sha2::{Digest as _, Sha256};
    let mut hash = Sha256::new();
    for path in super::files::below(folder)? {
        let bytes = fs::read(&path)?;
        hash.update(path.strip_prefix(folder)?.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    }
    Ok(hash.finalize().iter().map(|it| format!("{it:02x}")).collect())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for path in super::files::below(from)? {
        let copy = to.join(path.strip_prefix(from)?);
        fs::create_dir_all(copy.parent().unwrap_or(to))?;
        fs::copy(&path, copy)?;
    }
    Ok(())
}

fn version(folder: &Path, package: &str) -> anyhow::Result<String> {
    let manifest = folder.join("node_modules").join(package).join("package.json");
    let manifest: Value = serde_json::from_slice(&fs::read(&manifest)?)
        .with_context(|| format!("{} is not JSON", manifest.display()))?;
    let version = manifest["version"].as_str();
    Ok(version.with_context(|| format!("{package} has no version"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_peer_counts() {
        let folder = tempfile::tempdir().unwrap();
        let of = |files: &[(&str, &str)]| {
            let _ = fs::remove_dir_all(folder.path());
            for (name, text) in files {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            fingerprint(folder.path()).unwrap()
        };
        let all = [
            of(&[("main.ts", "a"), ("package.json", "{}")]),
            of(&[("main.ts", "b"), ("package.json", "{}")]),
            of(&[("main.ts", "a"), ("package-lock.json", "{}")]),
            of(&[("main.ts", "a"), ("package.json", "{}"), ("asset/bootstrap", "")]),
            of(&[("main.ts", "a")]),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert_eq!(all[0], of(&[("main.ts", "a"), ("package.json", "{}")]));
    }
}

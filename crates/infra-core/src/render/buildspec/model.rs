//! The typed model of a build spec, with the parts that this project uses.
//!
//! A YAML parser must read the rendered build spec as the same value that serde serializes to JSON.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Command;

/// A build spec.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildSpec {
    /// The version of the format.
    pub version: Version,
    /// Variables and the shell.
    #[serde(skip_serializing_if = "Env::is_empty")]
    pub env: Env,
    /// The commands.
    pub phases: Phases,
    /// The test results, by report group.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reports: BTreeMap<String, Report>,
    /// The output artifact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Artifacts>,
    /// The cache, which is kept from one build to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<Cache>,
}

/// The version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 0.2: all commands run in one shell.
    V0_2,
}

impl Version {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Version::V0_2 => "0.2",
        }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Version::V0_2 => serializer.serialize_f64(0.2),
        }
    }
}

/// Variables and the shell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Env {
    /// The shell that commands run in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<Shell>,
    /// The variables. Everybody who may read the project can read them, so they must not contain secrets.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// The variables that later stages of a pipeline read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exported_variables: Vec<String>,
}

impl Env {
    fn is_empty(&self) -> bool {
        *self == Env::default()
    }
}

/// A shell of CodeBuild on Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Shell {
    /// Bash.
    #[serde(rename = "bash")]
    Bash,
    /// The shell of POSIX.
    #[serde(rename = "/bin/sh")]
    Sh,
}

/// The phases that have commands. They run in the order of their fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Phases {
    /// Installs tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install: Option<Phase>,
    /// Prepares the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_build: Option<Phase>,
    /// Builds and tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Phase>,
    /// Follows the build. It runs after a failed build, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_build: Option<Phase>,
}

impl Phases {
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &Phase)> {
        let Phases { install, pre_build, build, post_build } = self;
        let all = [
            ("install", install),
            ("pre_build", pre_build),
            ("build", build),
            ("post_build", post_build),
        ];
        all.into_iter().filter_map(|(name, phase)| Some((name, phase.as_ref()?)))
    }
}

/// The commands of a phase, which run one after another until one fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Phase {
    /// The effect of a failed command on the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
    /// The commands, at least one.
    pub commands: Vec<Command>,
    /// The commands that run in any case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finally: Vec<Command>,
}

/// The effect of a failed command on the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OnFailure {
    /// The build stops here.
    Abort,
    /// The build continues with the next phase.
    Continue,
    /// CodeBuild retries the build up to three times.
    Retry,
}

/// Test results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The paths of the files. `**/*` matches all files in all folders.
    pub files: Vec<String>,
    /// The folder that `files` start from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_directory: Option<String>,
    /// The format of the files.
    pub file_format: ReportFormat,
}

/// The format of a report's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReportFormat {
    /// JUnit's XML, which most test runners write.
    JunitXml,
    /// Cobertura's XML: coverage.
    CoberturaXml,
}

/// The output artifact of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Artifacts {
    /// The name of the archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The folder that `files` start from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_directory: Option<String>,
    /// Which files. `**/*` stands for all files in all folders.
    pub files: Vec<String>,
    /// Which files not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_paths: Vec<String>,
}

/// The cache of a build, which is kept from one build to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cache {
    /// The key that the cache is found by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which files.
    pub paths: Vec<String>,
}

//! What a build spec may say, as far as this project says it.
//!
//! Serialised to JSON, a value here is what a YAML parser must read back.

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
    /// What is run.
    pub phases: Phases,
    /// Where test results are, by report group.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reports: BTreeMap<String, Report>,
    /// What is kept of a build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Artifacts>,
    /// What is kept from one build to the next.
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
    /// Plain variables. They can be read by whoever may see the project: no secrets.
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
    /// Tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install: Option<Phase>,
    /// What the build needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_build: Option<Phase>,
    /// The build, and its tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Phase>,
    /// What follows a build. It runs after a failed one too.
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

/// Commands, one after the other, until one fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Phase {
    /// What a failed command means for the build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
    /// What is run. A phase has one command or more.
    pub commands: Vec<Command>,
    /// What is run in any case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finally: Vec<Command>,
}

/// What a failed command means for the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OnFailure {
    /// The build stops here.
    Abort,
    /// The build goes on with the next phase.
    Continue,
    /// The build is tried again, up to three times.
    Retry,
}

/// Test results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Where they are. `**/*` stands for all files in all folders.
    pub files: Vec<String>,
    /// The folder that `files` start from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_directory: Option<String>,
    /// What is in them.
    pub file_format: ReportFormat,
}

/// What is in the files of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReportFormat {
    /// JUnit's XML, which most test runners write.
    JunitXml,
    /// Cobertura's XML: coverage.
    CoberturaXml,
}

/// What is kept of a build.
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

/// What is kept from one build to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cache {
    /// The key that the cache is found by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which files.
    pub paths: Vec<String>,
}

//! The typed model of a workflow, with the parts that this project uses.

use std::{collections::BTreeMap, fmt};

use crate::render::buildspec::Command;

/// A workflow that runs on every push to some branches, and on every pull request into one of them. GitHub does not run
/// it again if the base of a pull request changes. So a pull request into another branch has no checks, which it could
/// keep after a change of its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// Its name.
    pub name: &'static str,
    /// The branches.
    pub branches: &'static [&'static str],
    /// When it also runs once a week, as a cron expression in UTC. GitHub takes the newest commit of the default
    /// branch.
    pub weekly: &'static str,
    /// Its jobs, by their ids.
    pub jobs: Vec<(&'static str, Job)>,
}

/// A job: steps on a machine of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: Text,
    /// The machine.
    pub runs_on: Runner,
    /// The timeout in minutes.
    pub timeout_minutes: u16,
    /// The jobs that it waits for.
    pub needs: Vec<&'static str>,
    /// The condition for running it.
    pub condition: Option<Condition>,
    /// The permissions of its token, which has no others.
    pub permissions: BTreeMap<Scope, TokenAccess>,
    /// The matrix: it runs once for each entry.
    pub matrix: Vec<BTreeMap<&'static str, String>>,
    /// Its outputs for jobs that wait for it, by name. In contrast to artifacts, no other job can write them: each job
    /// of a run can delete an artifact and upload another one with the same name.
    pub outputs: Vec<(&'static str, Expression)>,
    /// Variables.
    pub env: Vec<(&'static str, Text)>,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A machine of GitHub's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// Ubuntu with a C library that is old enough for programs that Lambda runs.
    Ubuntu2204,
    /// macOS on Apple silicon.
    MacOs15,
}

impl Runner {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Runner::Ubuntu2204 => "ubuntu-22.04",
            Runner::MacOs15 => "macos-15",
        }
    }
}

/// The scope of a permission of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The repository.
    Contents,
    /// OpenID Connect tokens, which identify the job.
    IdToken,
    /// Pull requests, and comments on them.
    PullRequests,
}

impl Scope {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Scope::Contents => "contents",
            Scope::IdToken => "id-token",
            Scope::PullRequests => "pull-requests",
        }
    }
}

/// The level of a permission of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAccess {
    /// Read.
    Read,
    /// Write.
    Write,
}

impl TokenAccess {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            TokenAccess::Read => "read",
            TokenAccess::Write => "write",
        }
    }
}

/// The condition for running a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// On a push or a pull request.
    Change,
    /// Once a week.
    Weekly,
    /// On pull requests.
    PullRequest,
    /// On pull requests from a branch of this repository. A pull request from a fork gets no permissions.
    OwnPullRequest,
    /// The same, even if a job that it waits for has failed.
    OwnPullRequestEvenIfRed,
}

impl Condition {
    pub(super) fn text(self) -> String {
        let is_one = "github.event_name == 'pull_request'";
        let is_own = "github.event.pull_request.head.repo.full_name == github.repository";
        match self {
            Condition::Change => "github.event_name != 'schedule'".to_owned(),
            Condition::Weekly => "github.event_name == 'schedule'".to_owned(),
            Condition::PullRequest => is_one.to_owned(),
            Condition::OwnPullRequest => format!("{is_one} && {is_own}"),
            // Without a status function, GitHub adds `success()`.
            Condition::OwnPullRequestEvenIfRed => format!("!cancelled() && {is_one} && {is_own}"),
        }
    }
}

/// An expression that GitHub evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expression {
    /// A value of the job's matrix.
    Matrix(&'static str),
    /// The branch that a pull request goes to.
    BaseRef,
    /// A pull request's number.
    PullRequestNumber,
    /// `owner/name`
    Repository,
    /// The job's token.
    Token,
    /// A hash of files that determine the build.
    LockHash,
    /// An output of a step of the same job: the step's id, and the output's name.
    StepOutput(&'static str, &'static str),
    /// An output of a job that this one waits for: the job's id, and the output's name.
    JobOutput(&'static str, &'static str),
}

/// Text with expressions. A command must get the values as variables, because otherwise a branch's name could contain
/// shell commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Literal text.
    Plain(String),
    /// An expression.
    Filled(&'static str, Expression),
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::Plain(text.to_owned())
    }
}

impl From<Expression> for Text {
    fn from(it: Expression) -> Self {
        Text::Filled("", it)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Text::Plain(text) => f.write_str(text),
            Text::Filled(before, expression) => write!(f, "{before}${{{{ {expression} }}}}"),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Matrix(name) => write!(f, "matrix.{name}"),
            Expression::BaseRef => f.write_str("github.base_ref"),
            Expression::PullRequestNumber => f.write_str("github.event.pull_request.number"),
            Expression::Repository => f.write_str("github.repository"),
            Expression::Token => f.write_str("github.token"),
            Expression::StepOutput(id, name) => write!(f, "steps.{id}.outputs.{name}"),
            Expression::JobOutput(id, name) => write!(f, "needs.{id}.outputs.{name}"),
            Expression::LockHash => f.write_str("hashFiles('Cargo.lock', 'rust-toolchain.toml')"),
        }
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An action.
    Uses {
        /// Its name, which says what it does.
        name: &'static str,
        /// The action.
        action: PinnedAction,
        /// Its inputs.
        with: Vec<(&'static str, Text)>,
    },
    /// A command.
    Run {
        /// Its name, which says what it does.
        name: String,
        /// Its id, if an output of the job refers to it.
        id: Option<&'static str>,
        /// The command, which bash runs.
        command: Command,
        /// Variables.
        env: Vec<(&'static str, Text)>,
    },
}

impl Step {
    pub(super) fn name(&self) -> &str {
        match self {
            Step::Uses { name, .. } => name,
            Step::Run { name, .. } => name,
        }
    }
}

/// An action, pinned to the commit that was reviewed. A tag can be moved, and a commit cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedAction {
    repository: &'static str,
    commit: &'static str,
    tag: &'static str,
}

impl PinnedAction {
    /// Use it in a `const` item, where a text that is not a full commit hash does not compile.
    ///
    /// ```compile_fail,E0080
    /// # use infra_core::render::workflow::PinnedAction;
    /// const CHECKOUT: PinnedAction = PinnedAction::new("actions/checkout", "v5", "v5.0.0");
    /// ```
    ///
    /// # Panics
    ///
    /// If the commit is not forty hexadecimal digits.
    #[track_caller]
    pub const fn new(repository: &'static str, commit: &'static str, tag: &'static str) -> Self {
        let bytes = commit.as_bytes();
        assert!(bytes.len() == 40, "a commit's hash has forty digits");
        let mut i = 0;
        while i < bytes.len() {
            let digit = bytes[i].is_ascii_digit() || (bytes[i] >= b'a' && bytes[i] <= b'f');
            assert!(digit, "a commit's hash has only hexadecimal digits");
            i += 1;
        }
        PinnedAction { repository, commit, tag }
    }

    pub(super) fn uses(&self) -> String {
        format!("{}@{}", self.repository, self.commit)
    }

    pub(super) fn tag(&self) -> &'static str {
        self.tag
    }
}

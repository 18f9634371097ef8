//! What a workflow may say, as far as this project says it.

use std::{collections::BTreeMap, fmt};

use crate::render::buildspec::Command;

/// A workflow: on every push to some branches, and on every pull request into one of them. A pull request that changes its
/// base is not checked again by GitHub, so one into another branch has no checks that it could bring along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// What it is called.
    pub name: &'static str,
    /// The branches.
    pub branches: &'static [&'static str],
    /// When it runs besides, once a week, in UTC, as cron says it. GitHub takes the newest commit of the default branch.
    pub weekly: &'static str,
    /// Its jobs, by their ids.
    pub jobs: Vec<(&'static str, Job)>,
}

/// A job: steps on a machine of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What it is called.
    pub name: Text,
    /// The machine.
    pub runs_on: Runner,
    /// After which GitHub ends it.
    pub timeout_minutes: u16,
    /// The jobs that it waits for.
    pub needs: Vec<&'static str>,
    /// Where it runs at all.
    pub condition: Option<Condition>,
    /// What its token may do. Nothing else is granted.
    pub permissions: BTreeMap<Scope, TokenAccess>,
    /// It runs once for each.
    pub matrix: Vec<BTreeMap<&'static str, String>>,
    /// What jobs that wait for it get of it, by name. No other job can write it: artefacts belong to the whole run, and
    /// each of its jobs can delete one and upload another of the same name.
    pub outputs: Vec<(&'static str, Expression)>,
    /// Variables.
    pub env: Vec<(&'static str, Text)>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// A machine of GitHub's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// Its C library is old enough for what Lambda runs.
    Ubuntu2204,
    /// Apple's own processor.
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

/// What a token is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The repository.
    Contents,
    /// Tokens that say who the job is.
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

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAccess {
    /// Look.
    Read,
    /// Change.
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

/// Where a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// On a push or a pull request.
    Change,
    /// Once a week.
    Weekly,
    /// On pull requests.
    PullRequest,
    /// On pull requests from a branch of this repository. One from a fork gets no rights.
    OwnPullRequest,
    /// There, too, where a job that it waits for has failed.
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
            // Without a call of this kind GitHub adds `success()`.
            Condition::OwnPullRequestEvenIfRed => format!("!cancelled() && {is_one} && {is_own}"),
        }
    }
}

/// What GitHub fills in.
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
    /// A hash of files that say what is built.
    LockHash,
    /// What a step of the same job has put out: the step's id, and the name.
    StepOutput(&'static str, &'static str),
    /// What a job has put out that this one waits for: the job's id, and the name.
    JobOutput(&'static str, &'static str),
}

/// Text, some of it filled in by GitHub. In a command it must come by a variable: who names a branch
/// would write shell otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// As it stands.
    Plain(String),
    /// Filled in.
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
    /// An action of somebody's.
    Uses {
        /// What it is for.
        name: &'static str,
        /// Which.
        action: PinnedAction,
        /// What it is given.
        with: Vec<(&'static str, Text)>,
    },
    /// A command of ours.
    Run {
        /// What it is for.
        name: String,
        /// By which the job's outputs name it, if they do.
        id: Option<&'static str>,
        /// What is run, by bash.
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

/// An action, by the commit that was looked at. A tag can be moved, a commit cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedAction {
    repository: &'static str,
    commit: &'static str,
    tag: &'static str,
}

impl PinnedAction {
    /// Meant for a `const` item: there, what is no whole commit hash does not compile.
    ///
    /// ```compile_fail,E0080
    /// # use infra_gen::render::workflow::PinnedAction;
    /// const CHECKOUT: PinnedAction = PinnedAction::new("actions/checkout", "v5", "v5.0.0");
    /// ```
    ///
    /// # Panics
    ///
    /// Where the commit is not forty hexadecimal digits.
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

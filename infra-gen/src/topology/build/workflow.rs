//! The workflow on GitHub for pull requests: build, test, check, plan, and a comment with the review.
//!
//! It deploys nothing. It does not plan an environment whose state has a secret, because everybody who can push a
//! branch decides what a job runs. Each job has only the permissions that it needs: a job that runs the pull request's
//! code cannot comment, and the jobs that review and comment run none of that code.
//!
//! GitHub takes the workflow itself from the pull request. The protection of the branch must decide who may merge a
//! change of it; README names the settings.

use std::collections::BTreeMap;

use super::{super::bootstrap::bootstraps, BUILT_ONCE, checks, mutated, steps, tools};
use infra_core::{
    model::delivery::github::PullRequestRole,
    render::{
        buildspec::Command,
        workflow::{
            Condition, Expression, Job, PinnedAction, Runner, Scope, Step, Text, TokenAccess,
            Workflow,
        },
    },
};

use crate::config::{Environment, delivery::DELIVERY};

/// The workflow's path.
pub const WORKFLOW: &str = ".github/workflows/ci.yml";

const CHECKOUT: PinnedAction =
    PinnedAction::new("actions/checkout", "08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5.0.0");
const PYTHON: PinnedAction =
    PinnedAction::new("actions/setup-python", "a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0");
const CACHE: PinnedAction =
    PinnedAction::new("actions/cache", "0057852bfaa89a56745cba8c7296529d2fc39830", "v4.3.0");
const UPLOAD: PinnedAction = PinnedAction::new(
    "actions/upload-artifact",
    "ea165f8d65b6e75b540449e92b4886f43607fa02",
    "v4.6.2",
);
const DOWNLOAD: PinnedAction = PinnedAction::new(
    "actions/download-artifact",
    "d3f86a106a0bac45b974a628896c90dbdf5c8093",
    "v4.3.0",
);
const CREDENTIALS: PinnedAction = PinnedAction::new(
    "aws-actions/configure-aws-credentials",
    "b47578312673ae6fa5b5096b330d9fbac3d116df",
    "v4.2.1",
);

const BUILD: &str = "build";
const REVIEW: &str = "review";
const PACKAGE: &str = "package";

/// The workflow of this repository.
pub fn workflow() -> Workflow {
    let branches: &'static [&'static str] = const { &[DELIVERY.branch] };
    let jobs = vec![
        (BUILD, build()),
        ("macos", macos()),
        ("mutants", mutants()),
        ("plan", plan()),
        (REVIEW, review()),
        ("comment", comment()),
    ];
    // Early on a Monday, and not at the full hour, when many workflows start.
    Workflow { name: "ci", branches, weekly: "17 2 * * 1", jobs }
}

fn job(
    name: Text,
    timeout_minutes: u16,
    permissions: &[(Scope, TokenAccess)],
    steps: Vec<Step>,
) -> Job {
    Job {
        name,
        runs_on: Runner::Ubuntu2204,
        timeout_minutes,
        needs: Vec::new(),
        condition: None,
        permissions: permissions.iter().copied().collect(),
        matrix: Vec::new(),
        outputs: Vec::new(),
        env: Vec::new(),
        steps,
    }
}

const READ: (Scope, TokenAccess) = (Scope::Contents, TokenAccess::Read);

fn build() -> Job {
    let packages = Step::Uses {
        name: "Keep the packed functions",
        action: UPLOAD,
        with: vec![
            ("name", PACKAGE.into()),
            ("path", "target/lambda".into()),
            ("if-no-files-found", "error".into()),
            ("retention-days", "7".into()),
        ],
    };
    let mut steps = vec![checkout(), python(), cache()];
    steps.extend(run_each([tools::rust(), tools::terraform(), checks()].concat()));
    steps.push(packages);
    building(job("Build, test, check, pack".into(), 120, &[READ], steps))
}

/// Runs all mutants once a week. They are too many for each change; the suite runs the mutants of changed lines.
fn mutants() -> Job {
    let run = Step::Run {
        name: "cargo xtask mutants".to_owned(),
        id: None,
        command: const { Command::line(r#"cargo xtask mutants "$PACKAGE""#) },
        env: Vec::new(),
    };
    let mut steps = vec![checkout(), python()];
    steps.extend(run_each(tools::rust()));
    steps.push(run);
    let name = Text::Filled("Mutants of ", Expression::Matrix("package"));
    Job {
        condition: Some(Condition::Weekly),
        matrix: mutated().map(|it| BTreeMap::from([("package", it.to_owned())])).collect(),
        env: vec![("PACKAGE", Expression::Matrix("package").into())],
        ..job(name, 350, &[READ], steps)
    }
}

/// Makes a job one for changes, and not for the weekly run. With [`BUILT_ONCE`], all of its steps build in the same
/// way.
fn building(job: Job) -> Job {
    let env = BUILT_ONCE.map(|(name, value)| (name, value.into())).into();
    Job { condition: Some(Condition::Change), env, ..job }
}

/// Runs the suite on macOS, where many people develop. No other job waits for this one, and it packs nothing, because
/// the functions run on Linux. GitHub's machine has Chrome, and rustup installs the toolchain of rust-toolchain.toml.
fn macos() -> Job {
    let commands = vec![
        const { Command::line("brew install bash coreutils hashicorp/tap/terraform") },
        const { Command::line("rustup toolchain install") },
        const { Command::line("cargo build --workspace --all-targets --locked") },
        const { Command::line("cargo xtask test") },
    ];
    let mut steps = vec![checkout(), python()];
    steps.extend(run_each(commands));
    let job = building(job("Build and test on macOS".into(), 120, &[READ], steps));
    Job { runs_on: Runner::MacOs15, ..job }
}

fn python() -> Step {
    Step::Uses { name: "Python", action: PYTHON, with: vec![("python-version", "3.11".into())] }
}

fn plan() -> Job {
    let roles: BTreeMap<_, _> = bootstraps().into_iter().flat_map(|it| it.pull_requests).collect();
    let entry = |(environment, role): (Environment, PullRequestRole)| {
        BTreeMap::from([
            ("environment", environment.to_string()),
            ("region", environment.config().region.as_str().to_owned()),
            ("role", role.arn()),
        ])
    };
    let credentials = Step::Uses {
        name: "Assume the role that may plan",
        action: CREDENTIALS,
        with: vec![
            ("aws-region", Expression::Matrix("region").into()),
            ("role-to-assume", Expression::Matrix("role").into()),
        ],
    };
    let mut steps = vec![checkout(), download("The packed functions", PACKAGE, "target/lambda")];
    steps.extend(run_each(tools::terraform()));
    steps.push(credentials);
    steps.push(run("Plan", planning()));
    let name = Text::Filled("Plan ", Expression::Matrix("environment"));
    Job {
        needs: vec![BUILD],
        condition: Some(Condition::OwnPullRequest),
        matrix: roles.into_iter().map(entry).collect(),
        env: vec![("ENVIRONMENT", Expression::Matrix("environment").into())],
        ..job(name, 30, &[READ, (Scope::IdToken, TokenAccess::Write)], steps)
    }
}

/// The commands of CodeBuild's plan, in one shell as there. The job has credentials already.
fn planning() -> Command {
    let tell = r#"{ echo '```'; cat target/plan/plan.txt; echo '```'; } >> "$GITHUB_STEP_SUMMARY""#;
    let commands = steps::planning();
    let lines = commands.iter().map(Command::as_str).chain([tell]);
    Command::try_script(lines.collect::<Vec<_>>().join("\n"))
        .expect("its last line is written above, so it is not empty")
}

/// Reviews the change with infra-gen of the base branch, because a changed infra-gen would judge itself. The merged
/// files are only read, and nothing of them runs. GitHub merges the change into the tip of the base branch, which is
/// the first parent. The two trees are below `target`, where cargo looks for no configuration.
///
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request>
fn review() -> Job {
    let base = const { Command::line("git -C target/head worktree add --detach ../base 'HEAD^1'") };
    let hand_on = Step::Run {
        name: "Pass the review to the next job".to_owned(),
        id: Some(REVIEW),
        command: hand_on(),
        env: Vec::new(),
    };
    let head = vec![("path", "target/head".into()), ("fetch-depth", "2".into())];
    let mut steps = vec![
        checkout_of(
            "The base branch, with the reviewer",
            vec![("ref", Expression::BaseRef.into())],
        ),
        checkout_of("The merged change, which is only read", head),
        run("The tip of the base branch", base),
    ];
    steps.extend(run_each(tools::rust()));
    steps.push(run("Review the change to each environment", look()));
    steps.push(hand_on);
    let verdict = const { Command::line("test ! -e target/review/unreadable") };
    steps.push(run("Check that the reviewer could read the change", verdict));
    Job {
        condition: Some(Condition::PullRequest),
        outputs: vec![(REVIEW, Expression::StepOutput(REVIEW, REVIEW))],
        ..job("Review".into(), 30, &[READ], steps)
    }
}

/// Sets an output of several lines. It ends with a random word, so no line of the review can end it. The review has at
/// most 60,000 characters, and an output may have a million bytes.
///
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings>
fn hand_on() -> Command {
    const {
        Command::script(
            r#"END="$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')"
{
  echo "review<<$END"
  cat target/review/review.md
  echo
  echo "$END"
} >> "$GITHUB_OUTPUT""#,
        )
    }
}

/// If the review fails, the comment reports the failure.
fn look() -> Command {
    const {
        Command::script(
            r#"mkdir -p target/review
REVIEW_EXIT=0
cargo run --locked --quiet -p infra-gen -- review --base target/base --head target/head --format markdown \
  > target/review/review.md 2> target/review/error.txt || REVIEW_EXIT=$?
case "$REVIEW_EXIT" in
  0) ;;
  3 | 4 | 5) echo "::warning::the review found something: exit code $REVIEW_EXIT" ;;
  *)
    touch target/review/unreadable
    {
      echo "**No review.** The base branch's \`infra-gen review\` cannot read this change (exit code $REVIEW_EXIT)."
      echo "Read the diff of \`generated/\` by hand, or bring the reviewer's change to the base branch first."
      echo
      # Indented, so that nothing in it is Markdown; and short, because GitHub limits the length of comments.
      head -c 20000 target/review/error.txt | tr '\r' ' ' | sed 's/^/    /'
    } > target/review/review.md
    ;;
esac
test -s target/review/review.md"#,
        )
    }
}

fn comment() -> Job {
    let say = const {
        Command::script(
            r#"test -n "$REVIEW"
printf '%s' "$REVIEW" |
  gh pr comment "$NUMBER" --repo "$REPOSITORY" --body-file - --edit-last --create-if-none"#,
        )
    };
    let steps = vec![Step::Run {
        name: "Comment on the pull request".to_owned(),
        id: None,
        command: say,
        env: vec![
            ("REVIEW", Expression::JobOutput(REVIEW, REVIEW).into()),
            ("GH_TOKEN", Expression::Token.into()),
            ("NUMBER", Expression::PullRequestNumber.into()),
            ("REPOSITORY", Expression::Repository.into()),
        ],
    }];
    Job {
        needs: vec![REVIEW],
        condition: Some(Condition::OwnPullRequestEvenIfRed),
        ..job("Comment".into(), 5, &[(Scope::PullRequests, TokenAccess::Write)], steps)
    }
}

/// Checks out the source, and leaves no token in it.
fn checkout() -> Step {
    checkout_of("Source", Vec::new())
}

fn checkout_of(name: &'static str, more: Vec<(&'static str, Text)>) -> Step {
    let mut with = vec![("persist-credentials", "false".into())];
    with.extend(more);
    Step::Uses { name, action: CHECKOUT, with }
}

fn run(name: &str, command: Command) -> Step {
    Step::Run { name: name.to_owned(), id: None, command, env: Vec::new() }
}

fn cache() -> Step {
    Step::Uses {
        name: "Restore the build of the last run",
        action: CACHE,
        with: vec![
            ("path", "~/.cargo/registry\ntarget".into()),
            ("key", Text::Filled("cargo-", Expression::LockHash)),
        ],
    }
}

fn download(name: &'static str, artifact: &'static str, path: &'static str) -> Step {
    Step::Uses {
        name,
        action: DOWNLOAD,
        with: vec![("name", artifact.into()), ("path", path.into())],
    }
}

/// Makes each command a step of its own. A step does not see the variables that an earlier one exports, and need not:
/// GitHub's machines have these folders on the PATH.
fn run_each(commands: Vec<Command>) -> impl Iterator<Item = Step> {
    let commands = commands.into_iter().filter(|it| !it.as_str().starts_with("export "));
    commands.map(|command| {
        let first = command.as_str().lines().next().unwrap_or_default();
        let name = first.strip_suffix(" || {").unwrap_or(first).replace("command -v ", "Install ");
        Step::Run { name, id: None, command, env: Vec::new() }
    })
}

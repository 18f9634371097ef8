//! One round: builds what a change affects, generates the files, and deploys the result.

use std::{collections::BTreeSet, path::Path, process::Stdio};

use anyhow::Context as _;
use infra_gen::{config::Environment, topology::API_URL};
use terminal::{plain, stderr_painted};
use tokio::process::Command;

use super::{
    LocalSystem,
    sources::{Asks, GENERATOR},
    swap::Swap,
};
use crate::{
    local::{
        applied::{Applied, listed},
        build::{self, Built, Format},
        functions,
        steps::Steps,
        terraform::output,
    },
    page::Stage,
    place::repository,
    root::{Backend, Root},
};

/// The result of a round.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// No program and no file has changed.
    Nothing,
    /// These functions have new code, and nothing else has changed.
    Swapped(Vec<&'static str>),
    /// Terraform applied the changes.
    Applied,
    /// Terraform applied the changes, and the API has another address.
    ApiMoved,
}

/// Why a round failed.
#[derive(Debug)]
pub(super) struct Problem {
    /// The problem in one line.
    pub(super) what: String,
    /// The first few messages, without colours. The terminal has shown all of them.
    pub(super) texts: Vec<String>,
}

/// The end of a message about a round that failed before it changed the system.
const AS_BEFORE: &str = "; the running system is unchanged";

/// How many problems the page shows, and how many bytes of each. The first problems are the important ones.
const PROBLEMS: usize = 10;
const LONGEST: usize = 8 * 1_024;

impl Problem {
    /// Prints a problem to the terminal, and returns it.
    pub(super) fn of(what: &str, text: &str) -> Self {
        stderr_painted(text.trim_end());
        Problem::shown(what, [text])
    }

    fn shown<'a>(what: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let cut = |text: &str| {
            let text = plain(text.trim_end());
            let end = text.floor_char_boundary(LONGEST);
            text[..end].to_owned()
        };
        let texts = texts.into_iter().take(PROBLEMS).map(cut).collect();
        Problem { what: what.to_owned(), texts }
    }

    /// Returns the problem of a failed build.
    fn of_build(built: &Built) -> Self {
        let errors = built.diagnostics.iter().filter(|it| it.level.starts_with("error"));
        let errors: Vec<&str> = errors.filter_map(|it| it.rendered.as_deref()).collect();
        match errors.len() {
            // The error is cargo's own, or one of the linker.
            0 => Problem::of(&format!("the build failed{AS_BEFORE}"), &built.said),
            1 => Problem::shown(&format!("the build failed with 1 error{AS_BEFORE}"), errors),
            many => {
                Problem::shown(&format!("the build failed with {many} errors{AS_BEFORE}"), errors)
            }
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(err: anyhow::Error) -> Self {
        Problem::of(
            "deploying the change failed; the next save tries again",
            &format!("error: {err:#}"),
        )
    }
}

/// The work that rounds still have to do.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// The parts to build.
    pub(super) asks: Asks,
    /// Functions whose zip differs from the deployed one.
    zips: BTreeSet<&'static str>,
    /// Whether the root needs a `terraform init`.
    init: bool,
}

/// Does the owed work, and clears it.
///
/// # Errors
///
/// If a step fails. Then all of the work is still owed. The running system is unchanged, unless Terraform stopped during an
/// apply.
pub(super) async fn run(owed: &mut Owed, local: &LocalSystem<'_>) -> Result<Done, Problem> {
    let done = bring_in(owed, local).await?;
    *owed = Owed::default();
    Ok(done)
}

async fn bring_in(owed: &mut Owed, local: &LocalSystem<'_>) -> Result<Done, Problem> {
    let topology = owed.asks.topology;
    let steps = Steps::begin(local.path);
    let more: &[&str] = if topology { &[GENERATOR] } else { &[] };
    let build = build::run(Format::Painted, more, |it| steps.says("build", it));
    let built = steps.step("build", build).await?;
    for it in built.diagnostics.iter().filter_map(|it| it.rendered.as_deref()) {
        stderr_painted(it.trim_end());
    }
    if !built.success {
        return Err(Problem::of_build(&built));
    }
    let environment = local.deployed.environment;
    if topology {
        generate(&built.program(GENERATOR)?, environment).await?;
    }
    let programs = functions::programs(&built)?;
    let zips = functions::zips(environment, &Root::packages(local.path));
    owed.zips.extend(functions::pack_programs(&programs, &zips).await?);
    let Some(now) = other_files(owed, local)? else {
        return match owed.zips.is_empty() {
            true => Ok(Done::Nothing),
            false => swap(local, &steps, &zips, owed.zips.iter().copied().collect()).await,
        };
    };
    apply(local, &steps, &now, owed.init).await
}

/// Runs the generator for an environment.
async fn generate(program: &Path, environment: Environment) -> Result<(), Problem> {
    let mut generator = Command::new(program);
    generator.current_dir(repository()).kill_on_drop(true).stdin(Stdio::null());
    generator.args(["--env", environment.as_str()]);
    let output = generator.output().await.context("the generator cannot be started")?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Problem::of(
        &format!("infra-gen wrote nothing, because the topology breaks a rule{AS_BEFORE}"),
        &said,
    ))
}

/// Returns the current files if Terraform has to apply them: if a file other than a function's zip has changed since the last
/// apply, or the last apply did not finish.
fn other_files(owed: &mut Owed, local: &LocalSystem<'_>) -> anyhow::Result<Option<Applied>> {
    let deployed = local.deployed;
    let before = deployed.record.read()?;
    if !owed.asks.topology && before.is_some() {
        return Ok(None);
    }
    owed.init |= deployed.root.copy_again(deployed.environment)?;
    let folder = deployed.environment.config().architecture.as_str();
    let changed: Vec<_> = owed.zips.iter().map(|it| format!("{folder}/{it}.zip")).collect();
    let now = match &before {
        Some(before) => before.now_after(&deployed.root.folder, local.path, &changed)?,
        None => Applied::now(&deployed.root, local.path)?,
    };
    let is_other = before.is_none_or(|it| it.changed(&now).iter().any(|it| !it.ends_with(".zip")));
    Ok(is_other.then_some(now))
}

/// Replaces the code of functions.
async fn swap(
    local: &LocalSystem<'_>,
    steps: &Steps,
    zips: &Path,
    changed: Vec<&'static str>,
) -> Result<Done, Problem> {
    let deployed = local.deployed;
    local.shows(Stage::Working, format!("new code for {}", changed.join(", ")), Vec::new());
    let (endpoint, account) = (deployed.endpoint.clone(), deployed.account.clone());
    let (record, backend) = (deployed.record.clone(), Backend::of(deployed.environment)?);
    let (zips, names) = (zips.to_owned(), changed.clone());
    // The thread finishes even if this future is dropped: the emulator waits for the lock before it ends.
    let swapped = tokio::task::spawn_blocking(move || {
        Swap { endpoint: &endpoint, account: &account, backend: &backend, record: &record }
            .swap(&zips, &names)
    });
    steps.step("new code", async { swapped.await? }).await?;
    Ok(Done::Swapped(changed))
}

/// Applies the changes with Terraform.
async fn apply(
    local: &LocalSystem<'_>,
    steps: &Steps,
    now: &Applied,
    init: bool,
) -> Result<Done, Problem> {
    let deployed = local.deployed;
    let before = deployed.record.read()?;
    let changed = before.as_ref().map(|it| it.changed(now)).unwrap_or_default();
    if changed.contains(&BACKEND) {
        let fix = "fix: run `dofs local down`, then `dofs local up --watch`";
        return Err(Problem::of(
            "the address of Terraform's state has changed; the running system is unchanged",
            &format!("a change of {BACKEND} needs a restart\n  {fix}"),
        ));
    }
    let what = if changed.is_empty() { "all of it".to_owned() } else { listed(&changed) };
    local.shows(Stage::Working, format!("Terraform applies {what}"), Vec::new());
    steps.says_once(&format!("  changed: {what}"));
    // Only the root's own files call modules and providers, so only their changes need an `init`.
    if init || before.is_none() || changed.iter().any(|it| !it.contains('/')) {
        deployed.init(steps).await?;
    }
    // After a complete apply, Terraform's state is up to date, because only this command changes the resources.
    let refresh = if before.is_some() { "-refresh=false" } else { "-refresh=true" };
    deployed.record.forget()?;
    let mut waits = false;
    let slow = |line: &str| {
        if !waits && is_slow(line) {
            waits = true;
            steps.says_once(SLOW);
        }
    };
    deployed
        .apply("apply", &[refresh, "-lock-timeout=60s"], local.options, steps, slow)
        .await
        .map_err(|why| {
            Problem::of(
                "Terraform did not apply all changes; the next save tries again",
                &format!("error: {why:#}"),
            )
        })?;
    let outputs = deployed.outputs().await?;
    deployed.record.write(now, &outputs)?;
    let url = |outputs: &str| output(outputs, API_URL).ok();
    let is_moved = before.is_some_and(|it| it.outputs().and_then(url) != url(&outputs));
    Ok(if is_moved { Done::ApiMoved } else { Done::Applied })
}

/// The file with the address of Terraform's state.
const BACKEND: &str = "backend.tf.json";

/// The explanation of a slow apply.
const SLOW: &str = "  this takes long: the AWS provider waits 25 s for each queue that it creates or changes, and \
                    longer if queues refer to each other";

/// Whether a line of Terraform's output begins a slow operation.
/// <https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/sqs/queue.go>
fn is_slow(line: &str) -> bool {
    line.contains("aws_sqs_queue")
        && (line.ends_with(": Creating...") || line.contains(": Modifying..."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_queues_are_slow() {
        fn check(line: &str, expected: bool) {
            assert_eq!(is_slow(line), expected, "{line}");
        }
        check("module.sqs.aws_sqs_queue.order_dlq: Creating...", true);
        check(
            "module.sqs.aws_sqs_queue.order_queue: Modifying... [id=http://127.0.0.1:1/a/b]",
            true,
        );
        check("module.sqs.aws_sqs_queue_redrive_policy.order_queue: Creating...", true);
        check("module.sqs.aws_sqs_queue.order_queue: Modifications complete after 25s", false);
        check("module.lambdas.aws_lambda_function.validator: Modifying... [id=a]", false);
    }
}

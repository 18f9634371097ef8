//! Workflows of GitHub Actions: a typed model, and the YAML that is rendered from it.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>

mod model;

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Serialize;
use tera::{Context, Tera};

pub use self::model::{
    Condition, Expression, Job, PinnedAction, Runner, Scope, Step, Text, TokenAccess, Workflow,
};
use super::buildspec::{RenderError, yaml};

/// Renders the YAML of a workflow. Equal workflows give the same bytes.
///
/// # Errors
///
/// If the template cannot be rendered. No [`Workflow`] is known to cause that.
pub fn render(workflow: &Workflow) -> Result<String, RenderError> {
    static TERA: OnceLock<Tera> = OnceLock::new();
    let context = Context::from_serialize(&View::of(workflow))?;
    Ok(TERA.get_or_init(template).render(TEMPLATE, &context)?)
}

const TEMPLATE: &str = "workflow.yml";

fn template() -> Tera {
    let mut tera = Tera::new();
    tera.register_filter("yaml", yaml::filter);
    tera.add_raw_template(TEMPLATE, include_str!("../../../../../templates/workflow.yml.tera"))
        .expect("the template is a file of this crate, and a test renders it");
    tera
}

/// The values for the template. Tera's maps have no order, so each map is a list here.
#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    branches: &'a [&'static str],
    weekly: &'a str,
    jobs: Vec<JobView<'a>>,
}

#[derive(Serialize)]
struct JobView<'a> {
    id: &'a str,
    name: String,
    runs_on: &'static str,
    timeout_minutes: u16,
    needs: &'a [&'static str],
    condition: Option<String>,
    permissions: Vec<Pair>,
    matrix: Vec<Vec<Pair>>,
    outputs: Vec<Pair>,
    env: Vec<Pair>,
    steps: Vec<StepView<'a>>,
}

#[derive(Serialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct StepView<'a> {
    name: &'a str,
    id: Option<&'static str>,
    uses: Option<String>,
    tag: &'static str,
    with: Vec<Pair>,
    run: Option<String>,
    env: Vec<Pair>,
}

impl<'a> View<'a> {
    fn of(workflow: &'a Workflow) -> Self {
        let Workflow { name, branches, weekly, jobs } = workflow;
        let jobs = jobs.iter().map(|(id, job)| JobView::of(id, job)).collect();
        View { name, branches, weekly, jobs }
    }
}

impl<'a> JobView<'a> {
    fn of(id: &'a str, job: &'a Job) -> Self {
        let Job { name, runs_on, timeout_minutes, needs, condition, permissions, .. } = job;
        JobView {
            id,
            name: name.to_string(),
            runs_on: runs_on.as_str(),
            timeout_minutes: *timeout_minutes,
            needs,
            condition: condition.map(Condition::text),
            permissions: permissions
                .iter()
                .map(|(scope, access)| pair(scope.as_str(), access.as_str().to_owned()))
                .collect(),
            matrix: job.matrix.iter().map(plain).collect(),
            outputs: job
                .outputs
                .iter()
                .map(|(name, it)| pair(name, Text::from(*it).to_string()))
                .collect(),
            env: pairs(&job.env),
            steps: job.steps.iter().map(StepView::of).collect(),
        }
    }
}

impl<'a> StepView<'a> {
    fn of(step: &'a Step) -> Self {
        let none = StepView {
            name: step.name(),
            id: None,
            uses: None,
            tag: "",
            with: Vec::new(),
            run: None,
            env: Vec::new(),
        };
        match step {
            Step::Uses { action, with, .. } => {
                StepView { uses: Some(action.uses()), tag: action.tag(), with: pairs(with), ..none }
            }
            Step::Run { command, env, id, .. } => StepView {
                id: *id,
                run: Some(command.as_str().to_owned()),
                env: pairs(env),
                ..none
            },
        }
    }
}

fn plain(values: &BTreeMap<&'static str, String>) -> Vec<Pair> {
    values.iter().map(|(name, value)| pair(name, value.clone())).collect()
}

fn pairs(values: &[(&'static str, Text)]) -> Vec<Pair> {
    values.iter().map(|(name, value)| pair(name, value.to_string())).collect()
}

fn pair(name: &str, value: String) -> Pair {
    Pair { name: name.to_owned(), value }
}

//! Build specifications for CodeBuild: a typed model, and the YAML that is rendered from it.
//!
//! <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html>

mod command;
mod model;
pub(super) mod yaml;

use std::sync::OnceLock;

use serde::Serialize;
use tera::{Context, Tera};

pub use self::{
    command::{Command, CommandError},
    model::{
        Artifacts, BuildSpec, Cache, Env, OnFailure, Phase, Phases, Report, ReportFormat, Shell,
        Version,
    },
};

/// The error for a build spec that could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("the build spec could not be rendered: {0}")]
pub struct RenderError(#[from] tera::Error);

/// Renders the YAML of a build spec. Equal build specs give the same bytes.
///
/// # Errors
///
/// If the template cannot be rendered. No [`BuildSpec`] is known to cause that.
pub fn render(spec: &BuildSpec) -> Result<String, RenderError> {
    static TERA: OnceLock<Tera> = OnceLock::new();
    let context = Context::from_serialize(&View::of(spec))?;
    Ok(TERA.get_or_init(template).render(TEMPLATE, &context)?)
}

const TEMPLATE: &str = "buildspec.yml";

fn template() -> Tera {
    let mut tera = Tera::new();
    tera.register_filter("yaml", yaml::filter);
    tera.add_raw_template(TEMPLATE, include_str!("../../../../../templates/buildspec.yml.tera"))
        .expect("the template is a file of this crate, and a test renders it");
    tera
}

/// The values for the template. Tera's maps have no order, so each map is a list here.
#[derive(Serialize)]
struct View<'a> {
    version: &'static str,
    env: Option<EnvView<'a>>,
    phases: Vec<PhaseView<'a>>,
    reports: Vec<ReportView<'a>>,
    artifacts: Option<ArtifactsView<'a>>,
    cache: &'a Option<Cache>,
}

#[derive(Serialize)]
struct EnvView<'a> {
    shell: Option<Shell>,
    variables: Vec<Variable<'a>>,
    exported: &'a [String],
}

#[derive(Serialize)]
struct Variable<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct PhaseView<'a> {
    name: &'static str,
    on_failure: Option<OnFailure>,
    commands: &'a [Command],
    finally: &'a [Command],
}

#[derive(Serialize)]
struct ReportView<'a> {
    group: &'a str,
    files: &'a [String],
    base_directory: Option<&'a str>,
    file_format: ReportFormat,
}

#[derive(Serialize)]
struct ArtifactsView<'a> {
    name: Option<&'a str>,
    base_directory: Option<&'a str>,
    files: &'a [String],
    exclude_paths: &'a [String],
}

impl<'a> View<'a> {
    fn of(spec: &'a BuildSpec) -> Self {
        let BuildSpec { version, env, phases, reports, artifacts, cache } = spec;
        let variable = |(name, value): (&'a String, &'a String)| Variable { name, value };
        View {
            version: version.text(),
            env: (*env != Env::default()).then(|| EnvView {
                shell: env.shell,
                variables: env.variables.iter().map(variable).collect(),
                exported: &env.exported_variables,
            }),
            phases: phases.named().map(|(name, phase)| PhaseView::of(name, phase)).collect(),
            reports: reports.iter().map(|(group, report)| ReportView::of(group, report)).collect(),
            artifacts: artifacts.as_ref().map(ArtifactsView::of),
            cache,
        }
    }
}

impl<'a> PhaseView<'a> {
    fn of(name: &'static str, phase: &'a Phase) -> Self {
        let Phase { on_failure, commands, finally } = phase;
        PhaseView { name, on_failure: *on_failure, commands, finally }
    }
}

impl<'a> ReportView<'a> {
    fn of(group: &'a str, report: &'a Report) -> Self {
        let Report { files, base_directory, file_format } = report;
        ReportView {
            group,
            files,
            base_directory: base_directory.as_deref(),
            file_format: *file_format,
        }
    }
}

impl<'a> ArtifactsView<'a> {
    fn of(artifacts: &'a Artifacts) -> Self {
        let Artifacts { name, base_directory, files, exclude_paths } = artifacts;
        let (name, base_directory) = (name.as_deref(), base_directory.as_deref());
        ArtifactsView { name, base_directory, files, exclude_paths }
    }
}

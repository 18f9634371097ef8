//! Renders and checks stacks: returns the generated files and the violations. Does no IO.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock, mpsc},
};

use crate::{
    baseline,
    check::{self, Violation},
    config::Environment,
    ledger::{self, Ledger},
    model::{BlockKind, Stack, backend::Backend, stack::Finished},
    overview, parallel,
    render::{
        self,
        buildspec::{BuildSpec, RenderError},
        workflow::Workflow,
    },
    topology,
};

/// The files of a root, and its violations.
pub struct Generated {
    /// The texts, by path in the repository.
    pub files: BTreeMap<String, String>,
    /// The number of resources.
    pub resources: usize,
    /// The number of modules.
    pub modules: usize,
    /// The ledger of each root, by its path.
    pub ledgers: BTreeMap<String, Ledger>,
    /// The violations. If there is one, the files must not be written.
    pub violations: Vec<Violation>,
}

/// One environment: `generated/<environment>/`.
pub fn environment(environment: Environment) -> Generated {
    let name = environment.as_str();
    let pages = Arc::new(OnceLock::new());
    let (made, stack) = mpsc::channel::<Arc<Finished>>();
    let shared = Arc::clone(&pages);
    parallel::ahead(move || {
        check::get_ready();
        if let Ok(stack) = stack.recv() {
            shared.get_or_init(|| self::pages(&stack, name));
        }
    });
    let stack = Arc::new(topology::dofs(environment));
    // The send fails if no thread could be started. The pages are then made below.
    let _ = made.send(Arc::clone(&stack));
    let mut generated = root(&stack, name, Some(&topology::backend(environment.config())));
    generated.files.extend(pages.get_or_init(|| self::pages(&stack, name)).clone());
    generated
}

/// The files of a root for people and for checkov.
fn pages(stack: &Stack, name: &str) -> Vec<(String, String)> {
    let page = (overview::FILE, Some(overview::page(stack, name)));
    let pages = [page, (baseline::FILE, baseline::file(stack))];
    let below = |(file, text): (&str, _)| Some((format!("generated/{name}/{file}"), text?));
    pages.into_iter().filter_map(below).collect()
}

/// The roots that exist once for each account, by folder.
pub fn bootstraps() -> Vec<(String, Generated)> {
    let root = |it: topology::Bootstrap| {
        let folder = format!("bootstrap/{}", it.name);
        let generated = root(&it.stack, &folder, Some(&it.backend));
        (folder, generated)
    };
    topology::bootstraps().into_iter().map(root).collect()
}

/// The roots of all accounts: `generated/bootstrap/`.
pub fn bootstrap() -> Generated {
    Generated::all(bootstraps().into_iter().map(|(_, it)| it))
}

impl Generated {
    fn all(parts: impl IntoIterator<Item = Generated>) -> Self {
        let none = Vec::new();
        let (files, ledgers) = (BTreeMap::new(), BTreeMap::new());
        let all = Generated { files, resources: 0, modules: 0, ledgers, violations: none };
        parts.into_iter().fold(all, |mut all, part| {
            all.files.extend(part.files);
            all.resources += part.resources;
            all.modules += part.modules;
            all.ledgers.extend(part.ledgers);
            all.violations.extend(part.violations);
            all
        })
    }
}

/// The files of any stack, below `generated/<name>/`.
pub fn root(stack: &Stack, name: &str, backend: Option<&Backend>) -> Generated {
    // Checks come first, so that their memory is free before the text is rendered.
    let violations = check::stack(stack);
    let files = render::root(stack, backend);
    let resources = stack.nodes().filter(|it| it.address.kind() == BlockKind::Resource).count();
    let mut modules: Vec<_> = stack.nodes().map(|it| it.address.module()).collect();
    modules.sort();
    modules.dedup();
    let folder = |(path, text)| (format!("generated/{name}/{path}"), text);
    Generated {
        files: files.into_iter().map(folder).collect(),
        resources,
        modules: modules.len(),
        ledgers: BTreeMap::from([(
            format!("generated/{name}/{}", ledger::FILE),
            Ledger::of(stack),
        )]),
        violations,
    }
}

/// The pipeline: `generated/cicd/`.
pub fn cicd() -> Generated {
    root(&topology::cicd(), "cicd", Some(&topology::cicd_backend()))
}

/// The build specs: `buildspec.yml` in the root of the repository, and one for each other step of the pipeline.
pub fn build_specs() -> Generated {
    let specs = topology::build::build_specs().into_iter();
    Generated::all(
        specs.map(|(path, spec)| build_spec_from(path, render::buildspec::render(&spec), &spec)),
    )
}

/// The workflow of GitHub Actions.
pub fn workflow() -> Generated {
    let workflow = topology::build::workflow();
    workflow_from(render::workflow::render(&workflow), &workflow)
}

fn workflow_from(rendered: Result<String, RenderError>, workflow: &Workflow) -> Generated {
    const PATH: &str = topology::build::WORKFLOW;
    let (files, violations) = match rendered {
        Ok(text) => {
            let violations = check::workflow::check(PATH, &text, workflow);
            (BTreeMap::from([(PATH.to_owned(), text)]), violations)
        }
        Err(err) => {
            let fix = "mend templates/workflow.yml.tera";
            let broken = Violation::new("workflow/template", PATH, err.to_string(), fix);
            (BTreeMap::new(), vec![broken])
        }
    };
    Generated { files, resources: 0, modules: 0, ledgers: BTreeMap::new(), violations }
}

fn build_spec_from(
    path: &str,
    rendered: Result<String, RenderError>,
    spec: &BuildSpec,
) -> Generated {
    let (files, violations) = match rendered {
        Ok(text) => {
            let mut violations = check::buildspec::check(path, &text);
            violations.extend(check::buildspec::check_round_trip(path, &text, spec));
            (BTreeMap::from([(path.to_owned(), text)]), violations)
        }
        Err(err) => {
            let fix = "mend templates/buildspec.yml.tera";
            let broken = Violation::new("buildspec/template", path, err.to_string(), fix);
            (BTreeMap::new(), vec![broken])
        }
    };
    Generated { files, resources: 0, modules: 0, ledgers: BTreeMap::new(), violations }
}

/// Types that the model can make and DOFS does not use. The examples use them, and are checked, too.
const BESIDE_DOFS: &[&str] = &[
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_notification",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
];

/// Every stack that is generated.
pub(crate) fn stacks() -> impl Iterator<Item = Arc<Finished>> {
    Environment::ALL
        .into_iter()
        .map(topology::dofs)
        .chain([topology::cicd()])
        .map(Arc::new)
        .chain(topology::bootstraps().into_iter().map(|it| it.stack))
}

/// Every type of block that the model can make, and that the vendored schema must contain.
pub fn block_types() -> BTreeSet<(BlockKind, String)> {
    let beside = BESIDE_DOFS.iter().map(|it| (BlockKind::Resource, (*it).to_owned()));
    let mut types: BTreeSet<_> = beside.collect();
    for stack in stacks() {
        types.extend(stack.nodes().map(|it| (it.address.kind(), it.address.tf_type().to_owned())));
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_spec_that_cannot_be_rendered_is_a_violation() {
        let spec = topology::build::build_spec();
        let broken = RenderError::from(tera::Error::message("it lacks a value"));
        let generated = build_spec_from("buildspec.yml", Err(broken), &spec);
        assert!(generated.files.is_empty());
        assert_eq!(generated.violations[0].rule, "buildspec/template");
        assert_eq!(generated.violations[0].address, "buildspec.yml");
    }

    #[test]
    fn a_workflow_that_cannot_be_rendered_is_a_violation() {
        let broken = RenderError::from(tera::Error::message("it lacks a value"));
        let generated = workflow_from(Err(broken), &topology::build::workflow());
        assert!(generated.files.is_empty());
        assert_eq!(generated.violations[0].rule, "workflow/template");
    }
}

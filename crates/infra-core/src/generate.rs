//! Renders and checks a stack: returns its files and its violations. Does no IO.

use std::collections::BTreeMap;

use crate::{
    baseline,
    check::{self, Violation},
    contracts::{self, Contracts},
    ledger::{self, Ledger},
    model::{BlockKind, Stack, backend::Backend},
    overview,
    render::{
        self,
        buildspec::{BuildSpec, RenderError},
        workflow::Workflow,
    },
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
    /// The data of each root, by the path of its file.
    pub contracts: BTreeMap<String, Contracts>,
    /// The violations. If there is one, the files must not be written.
    pub violations: Vec<Violation>,
}

impl Generated {
    /// All parts as one: their files, sums and violations.
    pub fn all(parts: impl IntoIterator<Item = Generated>) -> Self {
        let none = Vec::new();
        let all = Generated::file(BTreeMap::new(), none);
        parts.into_iter().fold(all, |mut all, part| {
            all.files.extend(part.files);
            all.resources += part.resources;
            all.modules += part.modules;
            all.ledgers.extend(part.ledgers);
            all.contracts.extend(part.contracts);
            all.violations.extend(part.violations);
            all
        })
    }

    /// Files of no root.
    fn file(files: BTreeMap<String, String>, violations: Vec<Violation>) -> Self {
        let (ledgers, contracts) = (BTreeMap::new(), BTreeMap::new());
        Generated { files, resources: 0, modules: 0, ledgers, contracts, violations }
    }
}

/// The files of any stack, below `generated/<name>/`.
pub fn root(stack: &Stack, name: &str, backend: Option<&Backend>) -> Generated {
    // Checks come first, so that their memory is free before the text is rendered.
    let mut violations = check::stack(stack);
    violations.extend(backend.and_then(|it| it.violation(name)));
    let mut files = render::root(stack, backend);
    files.extend(stack.apis().iter().map(render::openapi::file));
    let resources = stack.nodes().filter(|it| it.address.kind() == BlockKind::Resource).count();
    let mut modules: Vec<_> = stack.nodes().map(|it| it.address.module()).collect();
    modules.sort();
    modules.dedup();
    let ledger = Ledger::of(stack);
    let contracts = Contracts::of(stack, ledger.clone());
    if !contracts.is_empty() {
        files.insert(contracts::FILE.to_owned(), contracts.text());
    }
    let folder = |(path, text)| (format!("generated/{name}/{path}"), text);
    Generated {
        files: files.into_iter().map(folder).collect(),
        resources,
        modules: modules.len(),
        ledgers: BTreeMap::from([(format!("generated/{name}/{}", ledger::FILE), ledger)]),
        contracts: BTreeMap::from([(format!("generated/{name}/{}", contracts::FILE), contracts)]),
        violations,
    }
}

/// The files of a root for people and for checkov.
pub fn pages(stack: &Stack, name: &str) -> Vec<(String, String)> {
    let page = (overview::FILE, Some(overview::page(stack, name)));
    let pages = [page, (baseline::FILE, baseline::file(stack))];
    let below = |(file, text): (&str, _)| Some((format!("generated/{name}/{file}"), text?));
    pages.into_iter().filter_map(below).collect()
}

/// A workflow of GitHub Actions, at a path in the repository.
pub fn workflow(path: &str, workflow: &Workflow) -> Generated {
    workflow_from(path, render::workflow::render(workflow), workflow)
}

fn workflow_from(
    path: &str,
    rendered: Result<String, RenderError>,
    workflow: &Workflow,
) -> Generated {
    let (files, violations) = match rendered {
        Ok(text) => {
            let violations = check::workflow::check(path, &text, workflow);
            (BTreeMap::from([(path.to_owned(), text)]), violations)
        }
        Err(err) => {
            let fix = "correct templates/workflow.yml.tera";
            let broken = Violation::new("workflow/template", path, err.to_string(), fix);
            (BTreeMap::new(), vec![broken])
        }
    };
    Generated::file(files, violations)
}

/// A build spec of CodeBuild, at a path in the repository.
pub fn build_spec(path: &str, spec: &BuildSpec) -> Generated {
    build_spec_from(path, render::buildspec::render(spec), spec)
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
            let fix = "correct templates/buildspec.yml.tera";
            let broken = Violation::new("buildspec/template", path, err.to_string(), fix);
            (BTreeMap::new(), vec![broken])
        }
    };
    Generated::file(files, violations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::buildspec::{Env, Phases, Version};

    fn broken() -> RenderError {
        RenderError::from(tera::Error::message("it lacks a value"))
    }

    #[test]
    fn a_build_spec_that_cannot_be_rendered_is_a_violation() {
        let spec = BuildSpec {
            version: Version::V0_2,
            env: Env::default(),
            phases: Phases { install: None, pre_build: None, build: None, post_build: None },
            reports: [].into(),
            artifacts: None,
            cache: None,
        };
        let generated = build_spec_from("buildspec.yml", Err(broken()), &spec);
        assert!(generated.files.is_empty());
        assert_eq!(generated.violations[0].rule, "buildspec/template");
        assert_eq!(generated.violations[0].address, "buildspec.yml");
    }

    #[test]
    fn a_workflow_that_cannot_be_rendered_is_a_violation() {
        let workflow =
            Workflow { name: "ci", branches: &[], weekly: "0 0 * * 0", jobs: Vec::new() };
        let generated = workflow_from("ci.yml", Err(broken()), &workflow);
        assert!(generated.files.is_empty());
        assert_eq!(generated.violations[0].rule, "workflow/template");
    }
}

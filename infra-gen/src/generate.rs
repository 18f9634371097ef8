//! From the topology to files: render, check, and hand over both. No IO.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    check::{self, Violation},
    config::Environment,
    ledger::Ledger,
    model::{BlockKind, Stack, backend::Backend},
    overview,
    render::{
        self,
        buildspec::{BuildSpec, RenderError},
    },
    topology,
};

/// The files of a root, and what is wrong with them.
pub struct Generated {
    /// Text by path, as seen from the top of the repository.
    pub files: BTreeMap<String, String>,
    /// How many resources the files describe.
    pub resources: usize,
    /// How many modules.
    pub modules: usize,
    /// The addresses, and what became of those that are no longer. None where Terraform has none.
    pub ledger: Option<Ledger>,
    /// Broken rules. Files with any must not be written.
    pub violations: Vec<Violation>,
}

/// One environment: `generated/<environment>/`.
pub fn environment(environment: Environment) -> Generated {
    let stack = topology::dofs(environment);
    let backend = topology::backend(environment.config());
    let mut generated = root(&stack, environment.as_str(), Some(&backend));
    let path = format!("generated/{environment}/{}", overview::FILE);
    generated.files.insert(path, overview::page(&stack, environment.as_str()));
    generated
}

/// What exists once for each account: `generated/bootstrap/`.
pub fn bootstrap() -> Generated {
    root(&topology::bootstrap(), "bootstrap", None)
}

fn root(stack: &Stack, name: &str, backend: Option<&Backend>) -> Generated {
    // Neither needs the other, and both take their time.
    let (files, violations) = std::thread::scope(|scope| {
        let files = scope.spawn(|| render::root(stack, backend));
        let violations = check::stack(stack);
        (files.join().unwrap_or_else(|it| std::panic::resume_unwind(it)), violations)
    });
    let resources = stack.nodes().filter(|it| it.address.kind() == BlockKind::Resource).count();
    let mut modules: Vec<_> = stack.nodes().map(|it| it.address.module()).collect();
    modules.sort();
    modules.dedup();
    let folder = |(path, text)| (format!("generated/{name}/{path}"), text);
    Generated {
        files: files.into_iter().map(folder).collect(),
        resources,
        modules: modules.len(),
        ledger: Some(Ledger::of(stack)),
        violations,
    }
}

/// The build spec: `buildspec.yml` at the top of the repository.
pub fn build_spec() -> Generated {
    let spec = topology::build::build_spec();
    build_spec_from(render::buildspec::render(&spec), &spec)
}

fn build_spec_from(rendered: Result<String, RenderError>, spec: &BuildSpec) -> Generated {
    const PATH: &str = "buildspec.yml";
    let (files, violations) = match rendered {
        Ok(text) => {
            let mut violations = check::buildspec::check(PATH, &text);
            violations.extend(check::buildspec::check_round_trip(PATH, &text, spec));
            (BTreeMap::from([(PATH.to_owned(), text)]), violations)
        }
        Err(err) => {
            let fix = "mend templates/buildspec.yml.tera";
            let broken = Violation::new("buildspec/template", PATH, err.to_string(), fix);
            (BTreeMap::new(), vec![broken])
        }
    };
    Generated { files, resources: 0, modules: 0, ledger: None, violations }
}

/// What the model can make and DOFS does not use. The examples do, and are checked, too.
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

/// Every type of block that the model can make: what the vendored schema must hold.
pub fn block_types() -> BTreeSet<(BlockKind, String)> {
    let beside = BESIDE_DOFS.iter().map(|it| (BlockKind::Resource, (*it).to_owned()));
    let mut types: BTreeSet<_> = beside.collect();
    let stacks = Environment::ALL.into_iter().map(topology::dofs).chain([topology::bootstrap()]);
    for stack in stacks {
        types.extend(stack.nodes().map(|it| (it.address.kind(), it.address.tf_type().to_owned())));
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_spec_that_cannot_be_rendered_is_told() {
        let spec = topology::build::build_spec();
        let broken = RenderError::from(tera::Error::message("it lacks a value"));
        let generated = build_spec_from(Err(broken), &spec);
        assert!(generated.files.is_empty());
        assert_eq!(generated.violations[0].rule, "buildspec/template");
        assert_eq!(generated.violations[0].address, "buildspec.yml");
    }
}

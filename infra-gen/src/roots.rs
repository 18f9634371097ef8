//! Every root that DOFS generates: its files and its violations. Does no IO.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock, mpsc},
};

pub use infra_core::generate::Generated;
use infra_core::{
    check,
    explain::Roots,
    generate::{self, build_spec, root},
    model::{BlockKind, stack::Finished},
    parallel,
};

use crate::{config::Environment, topology};

/// One environment: `generated/<environment>/`.
pub fn environment(environment: Environment) -> Generated {
    let name = environment.as_str();
    let pages = Arc::new(OnceLock::new());
    let (made, stack) = mpsc::channel::<Arc<Finished>>();
    let shared = Arc::clone(&pages);
    parallel::ahead(move || {
        check::get_ready();
        if let Ok(stack) = stack.recv() {
            shared.get_or_init(|| generate::pages(&stack, name));
        }
    });
    let stack = Arc::new(topology::dofs(environment));
    // The send fails if no thread could be started. The pages are then made below.
    let _ = made.send(Arc::clone(&stack));
    let mut generated = root(&stack, name, Some(&topology::backend(environment.config())));
    generated.files.extend(pages.get_or_init(|| generate::pages(&stack, name)).clone());
    generated
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

/// The pipeline: `generated/cicd/`.
pub fn cicd() -> Generated {
    root(&topology::cicd(), "cicd", Some(&topology::cicd_backend()))
}

/// The build specs: `buildspec.yml` in the root of the repository, and one for each other step of the pipeline.
pub fn build_specs() -> Generated {
    let specs = topology::build::build_specs().into_iter();
    Generated::all(specs.map(|(path, spec)| build_spec(path, &spec)))
}

/// The workflow of GitHub Actions.
pub fn workflow() -> Generated {
    generate::workflow(topology::build::WORKFLOW, &topology::build::workflow())
}

/// Every root, by the name of its folder, for `infra-gen explain`.
pub fn explained() -> Roots {
    let environments = Environment::ALL.map(|it| (it.to_string(), Arc::new(topology::dofs(it))));
    let bootstraps = topology::bootstraps().into_iter();
    let bootstraps = bootstraps.map(|it| (format!("bootstrap/{}", it.name), it.stack));
    let cicd = ("cicd".to_owned(), Arc::new(topology::cicd()));
    Roots::new(environments.into(), bootstraps.chain([cicd]).collect())
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
pub fn stacks() -> impl Iterator<Item = Arc<Finished>> {
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
        types.extend(
            stack.nodes().map(|it| (it.address().kind(), it.address().tf_type().to_owned())),
        );
    }
    types
}

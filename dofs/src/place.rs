//! Where things lie: the repository, and what belongs to a local system.

use std::path::{Path, PathBuf};

use infra_gen::config::Environment;

/// The repository that this program was built from: the generated files lie there.
pub(crate) fn repository() -> &'static Path {
    // The manifest's folder has a parent: the repository.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where everything about an environment's local system lies.
pub(crate) fn folder(environment: Environment) -> PathBuf {
    repository().join("target/local").join(environment.as_str())
}

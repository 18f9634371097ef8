//! Where things lie: the repository, and what belongs to a local system.

use std::path::{Path, PathBuf};

use infra_gen::config::Environment;

/// The repository that this program was built from: the generated files lie there.
pub(crate) fn repository() -> &'static Path {
    // The manifest's folder has a parent: the repository.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The variable that names another folder for local systems than `target/local`, such as for a second
/// one of the same environment.
const FOLDER: &str = "DOFS_LOCAL_DIR";

/// Where everything about an environment's local system lies.
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub(crate) fn folder(environment: Environment) -> PathBuf {
    let chosen = std::env::var_os(FOLDER).filter(|it| !it.is_empty());
    let all = chosen.map_or_else(|| repository().join("target/local"), PathBuf::from);
    // Terraform runs in folders of its own, and finds it from there.
    std::path::absolute(&all).unwrap_or(all).join(environment.as_str())
}

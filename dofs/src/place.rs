//! Where things lie: the repository, and what belongs to a local system.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use infra_gen::config::Environment;

/// The repository, in which the generated files lie: the one around the working directory, else the one
/// that this program was built from.
pub(crate) fn repository() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let here = std::env::current_dir().unwrap_or_default();
        let around = here.ancestors().find(|it| is_repository(it)).map(Path::to_owned);
        // The manifest's folder has a parent: the repository.
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        around.unwrap_or_else(|| built_from.to_owned())
    })
}

/// A pipeline hands on what is generated, and not what it is generated from.
fn is_repository(folder: &Path) -> bool {
    Environment::ALL
        .iter()
        .all(|it| folder.join("generated").join(it.as_str()).join("main.tf.json").is_file())
}

/// The variable that names another folder for local systems than `target/local`, such as for a second
/// one of the same environment.
pub(crate) const FOLDER: &str = "DOFS_LOCAL_DIR";

/// Where everything about an environment's local system lies.
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub(crate) fn folder(environment: Environment) -> PathBuf {
    let chosen = std::env::var_os(FOLDER).filter(|it| !it.is_empty());
    let all = chosen.map_or_else(|| repository().join("target/local"), PathBuf::from);
    // Terraform runs in folders of its own, and finds it from there.
    std::path::absolute(&all).unwrap_or(all).join(environment.as_str())
}

//! Paths: the repository, and the folders of a local system.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use infra_gen::config::Environment;

/// Returns the repository with the generated files: the one around the working directory, otherwise the one from which this
/// program was built.
pub(crate) fn repository() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let here = std::env::current_dir().unwrap_or_default();
        let around = here.ancestors().find(|it| is_repository(it)).map(Path::to_owned);
        // The parent of the manifest's folder is the repository.
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        around.unwrap_or_else(|| built_from.to_owned())
    })
}

/// Whether a folder is the repository. It checks only generated files, because a pipeline passes on no sources.
fn is_repository(folder: &Path) -> bool {
    Environment::ALL
        .iter()
        .all(|it| folder.join("generated").join(it.as_str()).join("main.tf.json").is_file())
}

/// The environment variable that sets the folder of local systems. Default: `target/local`. With another folder, a second system
/// of the same environment can run.
pub(crate) const FOLDER: &str = "DOFS_LOCAL_DIR";

/// Returns the folder of an environment's local system.
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub(crate) fn folder(environment: Environment) -> PathBuf {
    let chosen = std::env::var_os(FOLDER).filter(|it| !it.is_empty());
    let all = chosen.map_or_else(|| repository().join("target/local"), PathBuf::from);
    // Terraform runs in another folder, so the path must be absolute.
    std::path::absolute(&all).unwrap_or(all).join(environment.as_str())
}

/// Returns Terraform's data folder for a root on AWS: the folder in `TF_DATA_DIR`, otherwise `.terraform` in the root. The
/// pipeline sets a new folder for each build.
/// <https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_data_dir>
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub(crate) fn terraform_data(root: &Path) -> PathBuf {
    data_in(root, std::env::var_os("TF_DATA_DIR"))
}

/// Terraform runs in the root, so a relative path counts from there.
fn data_in(root: &Path, named: Option<OsString>) -> PathBuf {
    root.join(named.filter(|it| !it.is_empty()).unwrap_or_else(|| ".terraform".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_keeps_its_files_where_its_variable_says() {
        fn check(named: Option<&str>, expected: &str) {
            let found = data_in(Path::new("/repository/generated/dev"), named.map(OsString::from));
            assert_eq!(found, Path::new(expected), "{named:?}");
        }
        check(None, "/repository/generated/dev/.terraform");
        check(Some(""), "/repository/generated/dev/.terraform");
        check(Some("/tmp/tmp.1"), "/tmp/tmp.1");
        check(Some(".data"), "/repository/generated/dev/.data");
    }
}

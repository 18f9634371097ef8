//! Where things lie: the repository, and what belongs to a local system.

use std::{
    ffi::OsString,
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

/// Where Terraform keeps its own files for a root on AWS, as Terraform finds it: the folder that `TF_DATA_DIR` names,
/// else `.terraform` in the root. The pipeline names a new one for each
/// build.
/// <https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_data_dir>
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub(crate) fn terraform_data(root: &Path) -> PathBuf {
    data_in(root, std::env::var_os("TF_DATA_DIR"))
}

/// Terraform runs in the root, so a relative folder is one below it.
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

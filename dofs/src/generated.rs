//! The generated files, beside the topology that this program is built with.

use std::path::Path;

use fs_err as fs;
use infra_gen::{config::Environment, generate};

use crate::{place::repository, tell::warn};

/// Says so where they differ. Names of resources and the contracts of the functions are built in; Terraform reads the files.
pub(crate) fn compare(environment: Environment) {
    let differ = differ(environment, repository());
    if let Some(first) = differ.first() {
        let others = match differ.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        warn(&format!(
            "warning: generated files differ from the topology that this dofs was built with: {first}{others}\n  \
             fix: `cargo run -p infra-gen -- --env {}`, and review the change",
            environment.as_str()
        ));
    }
}

/// Terraform adds the hashes of other platforms to it.
const LOCK_FILE: &str = ".terraform.lock.hcl";

/// The paths of those that differ or are missing.
fn differ(environment: Environment, repository: &Path) -> Vec<String> {
    let files = generate::environment(environment).files.into_iter();
    let files = files.filter(|(path, _)| !path.ends_with(LOCK_FILE));
    let differ = files.filter(|(path, text)| {
        fs::read(repository.join(path)).ok().as_deref() != Some(text.as_bytes())
    });
    differ.map(|(path, _)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_older_than_the_topology_are_found() {
        let files = generate::environment(Environment::Dev).files;
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &files {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        assert_eq!(differ(Environment::Dev, folder.path()), [""; 0]);
        let lock = folder.path().join("generated/dev").join(LOCK_FILE);
        fs::write(lock, "more hashes").unwrap();
        assert_eq!(differ(Environment::Dev, folder.path()), [""; 0]);
        let changed = "generated/dev/main.tf.json";
        fs::write(folder.path().join(changed), "{}").unwrap();
        assert_eq!(differ(Environment::Dev, folder.path()), [changed]);
    }
}

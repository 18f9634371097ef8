//! Compares the generated files with the topology that is built into this program.

use std::path::Path;

use infra_core::tree::{Tree, TreeError};
use infra_gen::{
    config::Environment,
    roots::{self, Generated},
};

use crate::{place::repository, tell::warn};

/// Warns if the generated files of an environment differ from the built-in topology. `dofs` uses the built-in names of resources
/// and contracts of functions, while Terraform reads the files.
///
/// # Errors
///
/// If the files cannot be read.
pub(crate) fn compare(environment: Environment) -> anyhow::Result<()> {
    let (name, generated) = (environment.as_str(), roots::environment(environment));
    tell(&differ(name, generated, repository())?, &format!(" -- --env {name}"));
    Ok(())
}

/// As [`compare`], for the root of an account.
///
/// # Errors
///
/// As [`compare`].
pub(crate) fn compare_bootstrap(name: &str) -> anyhow::Result<()> {
    let root = format!("bootstrap/{name}");
    let found = roots::bootstraps().into_iter().find(|(it, _)| *it == root);
    if let Some((_, generated)) = found {
        tell(&differ(&root, generated, repository())?, "");
    }
    Ok(())
}

fn tell(differ: &[String], arguments: &str) {
    let Some(first) = differ.first() else { return };
    let others = match differ.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    warn(&format!(
        "warning: generated files differ from the topology that this dofs was built with: {first}{others}\n  \
         fix: run `cargo run -p infra-gen{arguments}`, and review the change"
    ));
}

/// The lock file is not compared, because Terraform adds the hashes of other platforms to it.
const LOCK_FILE: &str = ".terraform.lock.hcl";

/// Returns the paths of files that differ or are missing, and of other files in their folders, because Terraform may read those,
/// too.
fn differ(root: &str, generated: Generated, repository: &Path) -> Result<Vec<String>, TreeError> {
    let tree = Tree::owning(&format!("generated/{root}"), generated.files)?;
    let changes = tree.changes(repository)?.into_iter();
    Ok(changes.map(|it| it.path.to_string()).filter(|it| !it.ends_with(LOCK_FILE)).collect())
}

#[cfg(test)]
mod tests {
    use fs_err as fs;

    use super::*;

    #[test]
    fn changed_and_stray_files_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let differ = || differ("dev", roots::environment(Environment::Dev), folder.path()).unwrap();
        for (path, text) in &roots::environment(Environment::Dev).files {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        assert_eq!(differ(), [""; 0]);
        let lock = folder.path().join("generated/dev").join(LOCK_FILE);
        fs::write(lock, "more hashes").unwrap();
        assert_eq!(differ(), [""; 0]);
        let changed = "generated/dev/main.tf.json";
        fs::write(folder.path().join(changed), "{}").unwrap();
        assert_eq!(differ(), [changed]);
        let left = ["generated/dev/left.tf.json", "generated/dev/modules/sqs/left.tf.json"];
        for left in left {
            fs::write(folder.path().join(left), "{}").unwrap();
        }
        assert_eq!(differ(), [left[0], changed, left[1]]);
    }
}

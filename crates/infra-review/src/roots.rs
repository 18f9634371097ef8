//! Finds the Terraform root of a file.

use std::collections::BTreeSet;

use super::Files;

/// The roots of two trees, by name: `prod`, `bootstrap/prod`.
#[derive(Debug)]
pub(super) struct Roots(BTreeSet<String>);

impl Roots {
    /// Finds the roots of trees: folders with Terraform files that are not modules.
    pub(super) fn of<'f>(trees: impl IntoIterator<Item = &'f Files>) -> Self {
        let paths = trees.into_iter().flat_map(|it| it.keys());
        let endings = [".tf.json", ".tf", ".tofu.json", ".tofu"];
        let is_read = |it: &&String| endings.iter().any(|ending| it.ends_with(ending));
        let folders = paths.filter(is_read).filter_map(|path| {
            let inside = path.strip_prefix("generated/")?;
            let (folder, _) = inside.rsplit_once('/')?;
            let root = folder.split_once("/modules/").map_or(folder, |(root, _)| root);
            Some(root.to_owned())
        });
        Roots(folders.collect())
    }

    /// `prod` of `generated/prod/main.tf.json`. `None` for a file outside all roots.
    pub(super) fn of_file(&self, path: &str) -> Option<&str> {
        let mut folder = path.strip_prefix("generated/")?;
        while let Some((outer, _)) = folder.rsplit_once('/') {
            if let Some(root) = self.0.get(outer) {
                return Some(root);
            }
            folder = outer;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_the_root_around_it() {
        let paths = [
            "generated/prod/main.tf.json",
            "generated/prod/modules/sqs/main.tf.json",
            "generated/bootstrap/prod/main.tf.json",
            "generated/bootstrap/prod/modules/account/main.tf.json",
            "generated/cicd/main.tf.json",
            "buildspec.yml",
        ];
        let files: Files = paths.into_iter().map(|it| (it.to_owned(), String::new())).collect();
        let roots = Roots::of([&files]);
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(roots.of_file(path), expected, "{path}");
        };
        check("generated/prod/modules/sqs/main.tf.json", Some("prod"));
        check("generated/prod/TOPOLOGY.md", Some("prod"));
        check("generated/bootstrap/prod/addresses.txt", Some("bootstrap/prod"));
        check("generated/bootstrap/prod/modules/account/main.tf.json", Some("bootstrap/prod"));
        check("generated/cicd/buildspecs/plan.yml", Some("cicd"));
        check("generated/bootstrap/README.md", None);
        check("generated/product/main.txt", None);
        check("buildspec.yml", None);
    }
}

//! CodeBuild, as far as the build specs need it: one shell for all commands, artifacts, variables.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use infra_gen::render::buildspec::{Artifacts, BuildSpec};

/// What a build came to.
pub(crate) struct Build {
    pub(crate) success: bool,
    pub(crate) said: String,
    /// The variables that it exports.
    pub(crate) exported: BTreeMap<String, String>,
}

/// Runs the commands of a build spec in a folder, in one shell, until one of them fails.
pub(crate) fn play(
    spec: &BuildSpec,
    source: &Path,
    environment: &[(String, Option<String>)],
) -> Build {
    let phases = &spec.phases;
    let all = [&phases.install, &phases.pre_build, &phases.build, &phases.post_build];
    let commands = all.into_iter().flatten().flat_map(|it| &it.commands);
    let folder = source.join("target/codebuild");
    fs::create_dir_all(&folder).unwrap();
    let mut script = String::new();
    for (at, command) in commands.enumerate() {
        let file = folder.join(format!("{at}.sh"));
        fs::write(&file, format!("{command}\n")).unwrap();
        script.push_str(&format!(". {} || exit 1\n", file.display()));
    }
    let exports = folder.join("exported");
    for name in &spec.env.exported_variables {
        script.push_str(&format!("echo {name}=\"${name}\" >> {}\n", exports.display()));
    }
    let _ = fs::remove_file(&exports);
    let mut bash = Command::new("bash");
    bash.arg("-c")
        .arg(format!("exec 2>&1\nPATH=\"$SUBSTITUTED:$PATH\"\n{script}"))
        .current_dir(source);
    for (name, value) in environment {
        match value {
            Some(value) => bash.env(name, value),
            None => bash.env_remove(name),
        };
    }
    let output = bash.output().unwrap();
    let exported = fs::read_to_string(&exports).unwrap_or_default();
    let exported = exported.lines().filter_map(|it| it.split_once('='));
    Build {
        success: output.status.success(),
        said: String::from_utf8_lossy(&output.stdout).into_owned(),
        exported: exported.map(|(name, it)| (name.to_owned(), it.to_owned())).collect(),
    }
}

/// What a build puts out, in a fresh folder.
pub(crate) fn artifact(artifacts: &Artifacts, source: &Path, target: &Path) -> PathBuf {
    let mut files = Vec::new();
    list(source, source, &mut files);
    for path in files {
        let kept = artifacts.files.iter().any(|it| fits(it, &path));
        if kept && !artifacts.exclude_paths.iter().any(|it| fits(it, &path)) {
            let to = target.join(&path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(source.join(&path), to).unwrap();
        }
    }
    target.to_owned()
}

fn list(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        // Terraform links its provider, which nobody wants in an artifact.
        if kind.is_dir() {
            list(root, &path, files);
        } else if kind.is_file() {
            files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// `**` stands for any folders, `*` for any name.
fn fits(pattern: &str, path: &str) -> bool {
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern, path) {
            ([], []) => true,
            (["**", rest @ ..], _) => (0..=path.len()).any(|it| parts(rest, &path[it..])),
            ([first, rest @ ..], [name, more @ ..]) => {
                (*first == "*" || first == name) && parts(rest, more)
            }
            _ => false,
        }
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    parts(&pattern, &path)
}

#[test]
fn paths_are_picked_as_codebuild_does() {
    fn check(pattern: &str, path: &str, expected: bool) {
        assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
    }
    check("generated/**/*", "generated/dev/main.tf.json", true);
    check("generated/**/*", "generated/a", true);
    check("generated/**/*", "target/a", false);
    check("target/debug/dofs", "target/debug/dofs", true);
    check("generated/**/.terraform/**/*", "generated/dev/.terraform/a/b", true);
    check("generated/**/.terraform/**/*", "generated/dev/main.tf.json", false);
}

//! Runs the generated commands of the builds in bash, and checks that each build compares its input with the hashes
//! before it continues.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use infra_core::render::buildspec::BuildSpec;
use infra_gen::topology::build::{apply_spec, build_spec, plan_spec, smoke_spec};
use tempfile::TempDir;

use crate::delivery::commands;

/// Runs commands as CodeBuild does, in one shell until one of them fails, and then a last one. Returns the output of the last one, if
/// all succeeded.
fn bash(
    folder: &Path,
    variables: &[(&str, String)],
    commands: &[String],
    then: &str,
) -> Option<String> {
    let commands = commands.iter().map(|it| format!("{it}\n[ $? = 0 ] || exit 1\n"));
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(format!("{}{then}", String::from_iter(commands)));
    bash.current_dir(folder).envs(variables.iter().map(|(name, it)| (name, it)));
    let output = bash.output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// The input artifacts of a build, and the commands that it runs first.
struct Handed {
    folder: TempDir,
    files: Vec<String>,
    hashes: Vec<(&'static str, String)>,
    compares: Vec<String>,
}

impl Handed {
    /// The artifact of the last of some builds, each of which hands on a hash in a variable.
    fn to(to: &BuildSpec, from: &[(&BuildSpec, &'static str)]) -> Self {
        let hashes = from.iter().map(|(from, variable)| {
            let exported = &from.env.exported_variables;
            assert!(exported.iter().any(|it| it == variable), "{exported:?}");
            let mut made = commands(from.phases.build.as_ref()).into_iter();
            let hash = made.find(|it| it.starts_with(&format!("{variable}=")));
            (*variable, hash.unwrap_or_else(|| panic!("no command sets {variable}")))
        });
        let artifacts = from.last().unwrap().0.artifacts.as_ref().unwrap();
        assert!(artifacts.exclude_paths.is_empty());
        let files = artifacts.files.iter().map(|it| it.replace("**/*", "deep/a b"));
        let all = commands(to.phases.pre_build.as_ref()).into_iter();
        let handed = Handed {
            folder: tempfile::tempdir().unwrap(),
            files: files.map(|it| it.replace("**", "deep")).collect(),
            hashes: hashes.collect(),
            compares: all.take_while(|it| it != "mkdir -p target").collect(),
        };
        for file in &handed.files {
            handed.write(file, "as it was");
        }
        handed
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    /// The hashes that the earlier builds export of the files, or would export.
    fn sums(&self) -> Vec<(&'static str, String)> {
        let sum = |(variable, hash): &(&'static str, String)| {
            let hash = [hash.clone()];
            let sum = bash(self.folder.path(), &[], &hash, &format!("echo ${variable}")).unwrap();
            assert_eq!(sum.len(), 64, "{sum}");
            (*variable, sum)
        };
        self.hashes.iter().map(sum).collect()
    }

    /// Whether the build continues.
    fn is_taken(&self, sums: &[(&str, String)]) -> bool {
        bash(self.folder.path(), sums, &self.compares, "").is_some()
    }

    /// Each build that a role belongs to, with what it is handed.
    fn each(judge: impl Fn(&Handed)) {
        let (build, plan) = (build_spec(), plan_spec());
        let built = (&build, "PACKAGE_SHA256");
        let planned = (&plan, "PLAN_SHA256");
        judge(&Handed::to(&plan, &[built]));
        judge(&Handed::to(&apply_spec(), &[built, planned]));
        judge(&Handed::to(&smoke_spec(), &[built, planned]));
    }
}

/// Before a build does anything with what it is handed, it compares all of it with the hashes that came by the
/// pipeline's variables: the terraform files, the functions, the program and the plan.
#[test]
fn a_build_ends_where_what_it_is_handed_is_not_what_was_hashed() {
    Handed::each(|handed| {
        let sums = handed.sums();
        assert!(handed.is_taken(&sums));
        for at in 0..sums.len() {
            for other in [String::new(), "0".repeat(64)] {
                let mut others = sums.clone();
                others[at].1 = other;
                assert!(!handed.is_taken(&others), "{others:?}");
            }
        }
        for path in &handed.files {
            handed.write(path, "otherwise");
            assert!(!handed.is_taken(&sums), "{path} was changed");
            handed.write(path, "as it was");
            let (file, moved) = (handed.at(path), handed.at(&format!("{path} moved")));
            fs::rename(&file, &moved).unwrap();
            assert!(!handed.is_taken(&sums), "{path} is called otherwise");
            fs::rename(&moved, &file).unwrap();
            fs::remove_file(&file).unwrap();
            assert!(!handed.is_taken(&sums), "{path} was removed");
            handed.write(path, "as it was");
            assert!(handed.is_taken(&sums));
        }
    });
}

/// Terraform reads more than the files that are hashed: its own folder and settings, wherever a build looks for them.
#[test]
fn a_build_ends_where_it_is_handed_a_file_that_no_hash_covers() {
    Handed::each(|handed| {
        let sums = handed.sums();
        for more in [
            "generated/prod/more.tf.json",
            "generated/prod/.terraform/modules/modules.json",
            "target/terraform/modules/modules.json",
            "target/aws-config",
            "target/debug/dofs.d",
            "terraform.d/plugins/a",
            ".terraformrc",
            "generated ",
        ] {
            handed.write(more, "{}");
            assert!(!handed.is_taken(&sums), "{more} is new");
            fs::remove_file(handed.at(more)).unwrap();
        }
        assert!(handed.is_taken(&sums));
    });
    // A plan has not written these files yet.
    let handed = Handed::to(&plan_spec(), &[(&build_spec(), "PACKAGE_SHA256")]);
    handed.write("target/plan/plan.tfplan", "{}");
    assert!(!handed.is_taken(&handed.sums()));
}

/// A link leads to files that are not hashed, and `sha256sum` reads no folder.
#[test]
fn a_build_ends_where_it_is_handed_a_link() {
    Handed::each(|handed| {
        let sums = handed.sums();
        let elsewhere = tempfile::tempdir().unwrap();
        let file = elsewhere.path().join("file");
        fs::write(&file, "as it was").unwrap();
        let nowhere = elsewhere.path().join("nowhere");
        for target in [elsewhere.path(), &file, &nowhere] {
            for more in ["generated/prod", "target/lambda/more", "target/more", "more"] {
                symlink(target, handed.at(more)).unwrap();
                assert!(!handed.is_taken(&sums), "{more} leads to {}", target.display());
                fs::remove_file(handed.at(more)).unwrap();
            }
        }
        // A link that replaces a file or folder is hashed by its target.
        for path in ["generated", "target/lambda", "target/debug", "target/debug/dofs"] {
            let moved = elsewhere.path().join("moved");
            fs::rename(handed.at(path), &moved).unwrap();
            symlink(&moved, handed.at(path)).unwrap();
            assert!(!handed.is_taken(&sums), "{path} is a link");
            fs::remove_file(handed.at(path)).unwrap();
            fs::rename(&moved, handed.at(path)).unwrap();
        }
        assert!(handed.is_taken(&sums));
    });
}

/// The build that plans can say what it planned, and not what is deployed.
#[test]
fn what_is_applied_and_tried_is_what_was_built() {
    let (build, plan) = (build_spec(), plan_spec());
    for spec in [apply_spec(), smoke_spec()] {
        let handed = Handed::to(&spec, &[(&build, "PACKAGE_SHA256"), (&plan, "PLAN_SHA256")]);
        let built = handed.sums().remove(0);
        for path in &handed.files {
            handed.write(path, "otherwise");
            let planned = handed.sums().remove(1);
            let is_taken = handed.is_taken(&[built.clone(), planned]);
            assert_eq!(is_taken, path.starts_with("target/plan/"), "{path} was changed");
            handed.write(path, "as it was");
        }
    }
}

/// Each build makes Terraform ready by itself, in a folder that is new.
#[test]
fn what_terraform_keeps_is_not_handed_on() {
    for spec in [plan_spec(), apply_spec(), smoke_spec()] {
        let phases = [spec.phases.pre_build.as_ref(), spec.phases.build.as_ref()];
        let all: Vec<_> = phases.into_iter().flat_map(commands).collect();
        let inits: Vec<_> = (0..all.len()).filter(|&it| all[it].contains(" init ")).collect();
        let [init] = inits[..] else { panic!("{all:?}") };
        assert!(all[init].contains("-lockfile=readonly"));
        let set: Vec<_> =
            all[..init].iter().filter(|it| it.contains("TF_DATA_DIR")).cloned().collect();
        let source = tempfile::tempdir().unwrap();
        let then = r#"bash -c 'ls -A "$TF_DATA_DIR" && echo "$TF_DATA_DIR"'"#;
        let folders = [(), ()].map(|()| bash(source.path(), &[], &set, then).unwrap());
        for folder in folders.iter().map(Path::new) {
            assert!(folder.is_absolute() && !folder.starts_with(source.path()), "{folder:?}");
            fs::remove_dir(folder).unwrap();
        }
        assert_ne!(folders[0], folders[1]);
    }
}

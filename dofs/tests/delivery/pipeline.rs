//! The pipeline's steps for dev: runs the commands of the generated build specs in a shell, against the emulator.
//!
//! `cargo` and `rustup` on the PATH are replaced: the real `cargo` would test and pack for an hour, and the replacement puts the
//! functions where `cargo xtask package` does. `target/debug/dofs` gets the emulator's address of the API.
//!
//! Each build has the credentials of its own role in the pipeline's account, as in CodeBuild, and assumes the role of its project
//! in the account of the environment, as its build spec says. All of these roles come from the generated roots, and the emulator
//! evaluates IAM: trust policies, permissions and boundaries.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use dofs::local::functions;
use infra_core::{model::backend::PROVIDER_VERSION, render::buildspec::BuildSpec};
use infra_gen::{
    config::Environment,
    roots,
    topology::build::{apply_spec, build_spec, plan_spec, smoke_spec},
};
use serde_json::Value;
use terraform_cli::Terraform;

use crate::{
    bootstrap,
    codebuild::{Build, Keys, artifact, play},
    rights, roles,
    support::{account, copy, repository, root, work},
};

struct Pipeline {
    work: PathBuf,
    environment: Vec<(String, Option<String>)>,
    keys: Keys,
    account: bootstrap::Case,
}

impl Pipeline {
    fn new() -> Self {
        let work = work("pipeline");
        let prepared = bootstrap::prepared("pipeline/account");
        let emulator = &prepared.emulator;
        let account = account(&root("dev"));
        roles::create(emulator, &work);

        // The paths of Terraform and its provider.
        let terraform = Terraform::find(PROVIDER_VERSION, &work)
            .unwrap_or_else(|err| panic!("{err}"))
            .with_environment(emulator.environment(&account));
        let command = terraform.command(&work, &work.join("data"), &["version"]).unwrap();
        let text = |it: &std::ffi::OsStr| it.to_str().unwrap().to_owned();
        let mut environment: Vec<(String, Option<String>)> = command
            .get_envs()
            .map(|(name, value)| (text(name), value.map(text)))
            .filter(|(name, _)| name != "TF_DATA_DIR")
            .collect();
        let mut set = |name: &str, value: Option<String>| {
            environment.retain(|(it, _)| it != name);
            environment.push((name.to_owned(), value));
        };
        set("ENDPOINT", Some(emulator.endpoint()));
        let bin = work.join("bin");
        set("SUBSTITUTED", Some(bin.display().to_string()));
        set("HOME", Some(work.join("home").display().to_string()));
        fs::create_dir_all(work.join("home/.cargo/bin")).unwrap();
        // Only the credentials of the build's own role, in another account.
        let keys = Keys::new();
        set("AWS_CONTAINER_CREDENTIALS_FULL_URI", Some(keys.url.clone()));
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            set(name, None);
        }
        // Without this, Terraform's backend would call the real STS, in spite of the endpoint for all services.
        set("AWS_ENDPOINT_URL_STS", Some(emulator.endpoint()));
        Pipeline { work, environment, keys, account: prepared }
    }

    /// Runs a step with the variables of its project, such as the role that it assumes.
    fn step(&self, name: &str, spec: &BuildSpec, source: &Path, more: &[(&str, &str)]) -> Build {
        self.keys.asked();
        self.keys.give(&roles::session(&self.account.emulator, name));
        let project = project(name);
        let own = project.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<_> = own.chain(more.iter().copied()).collect();
        let build = self.play(spec, source, &all);
        let asked = self.keys.asked();
        assert!(asked > 0 || !build.success, "{name} took on no role\n{}", build.said);
        build
    }

    fn play(&self, spec: &BuildSpec, source: &Path, more: &[(&str, &str)]) -> Build {
        let begin = Instant::now();
        let more = more.iter().map(|(name, it)| ((*name).to_owned(), Some((*it).to_owned())));
        let environment: Vec<_> = self.environment.iter().cloned().chain(more).collect();
        let build = play(spec, source, &environment);
        println!("{}: {:.1} s", source.display(), begin.elapsed().as_secs_f64());
        build
    }

    /// Builds what is committed.
    fn build(&self) {
        let packages = self.work.join("packages");
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        threads.block_on(functions::pack(Environment::Dev, &packages, |_| {})).unwrap();
        let calls = self.work.join("calls");
        let dofs = self.work.join("dofs");
        script(
            &dofs,
            &format!(
                r#"[ "$1" != load ] || {{
  id="$(terraform -chdir=generated/dev output -raw api_url | sed 's|https://\([^.]*\)\..*|\1|')"
  set -- "$@" --api-url "$ENDPOINT/restapis/$id/dev/_user_request_"
}}
exec {} "$@""#,
                env!("CARGO_BIN_EXE_dofs")
            ),
        );
        script(
            &self.work.join("bin/rustup"),
            &format!("echo rustup \"$@\" >> {}", calls.display()),
        );
        script(
            &self.work.join("bin/cargo"),
            &format!(
                r#"echo cargo "$@" >> {}
case "$*" in
  build*) mkdir -p target/debug && cp {} target/debug/dofs ;;
  "xtask package") mkdir -p target && cp -r {} target/lambda ;;
esac"#,
                calls.display(),
                dofs.display(),
                packages.display()
            ),
        );
        let source = self.work.join("source");
        copy(&repository().join("generated"), &source.join("generated"));
        let built = self.play(&build_spec(), &source, &[]);
        assert!(built.success, "{}", built.said);
        assert_eq!(
            fs::read_to_string(&calls).unwrap().lines().collect::<Vec<_>>(),
            [
                "rustup toolchain install",
                "cargo fetch --locked",
                "cargo build --workspace --all-targets --locked",
                "cargo xtask test",
                "cargo run --locked -p infra-gen -- --check",
                "cargo xtask package",
            ]
        );
        let package =
            artifact(&build_spec().artifacts.unwrap(), &source, &self.work.join("package"));
        assert_eq!(built.exported["PACKAGE_SHA256"], hash(&package));
    }

    /// Plans a package, after a change.
    fn plan(&self, name: &str, change: impl Fn(&Path)) -> Planned {
        let source = self.work.join(format!("{name}-source"));
        copy(&self.work.join("package"), &source);
        change(&source.join("generated/dev"));
        let sum = hash(&source);
        let handed = [("PACKAGE_SHA256", sum.as_str())];
        let build = self.step("plan_dev", &plan_spec(), &source, &handed);
        let folder = artifact(&plan_spec().artifacts.unwrap(), &source, &self.work.join(name));
        Planned { folder, build, built: sum }
    }

    /// Applies the plan, with the variables that the pipeline passes on.
    fn apply(&self, planned: &Planned) -> Build {
        self.step("apply_dev", &apply_spec(), &fresh(&planned.folder), &planned.variables())
    }
}

/// The output of a plan.
struct Planned {
    folder: PathBuf,
    build: Build,
    /// The hash of the package.
    built: String,
}

impl Planned {
    fn said(&self, name: &str) -> &str {
        &self.build.exported[name]
    }

    fn variables(&self) -> [(&str, &str); 3] {
        [
            ("PLAN_EXIT", self.said("PLAN_EXIT")),
            ("PLAN_SHA256", self.said("PLAN_SHA256")),
            ("PACKAGE_SHA256", &self.built),
        ]
    }
}

/// Copies an artifact for a build, so that it contains nothing of another build.
fn fresh(artifact: &Path) -> PathBuf {
    let fresh = artifact.with_extension("fresh");
    let _ = fs::remove_dir_all(&fresh);
    copy(artifact, &fresh);
    fresh
}

/// The manifest of the files that the build passes on.
fn hash(package: &Path) -> String {
    let build = build_spec().phases.build.unwrap();
    let command = build.commands.iter().find(|it| it.as_str().starts_with("PACKAGE_SHA256="));
    let script = format!("{}; echo $PACKAGE_SHA256", command.unwrap());
    let output = Command::new("bash").args(["-c", &script]).current_dir(package).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The variables that a project sets.
fn project(name: &str) -> Vec<(String, String)> {
    let files = roots::cicd().files;
    let file: Value =
        serde_json::from_str(&files["generated/cicd/modules/cicd/main.tf.json"]).unwrap();
    let project = &file["resource"]["aws_codebuild_project"][name];
    let variables = project["environment"][0]["environment_variable"].as_array().unwrap();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    variables.iter().map(|it| (text(&it["name"]), text(&it["value"]))).collect()
}

fn script(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, format!("#!/usr/bin/env bash\n{text}\n")).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Changes the number of receives of a queue.
fn attempts(count: u8) -> impl Fn(&Path) {
    move |root| edit(root, "modules/sqs/main.tf.json", "Count\\\":3", &format!("Count\\\":{count}"))
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let file = root.join(file);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[track_caller]
fn green(build: &Build, words: &str) {
    assert!(build.success && build.said.contains(words), "{}", build.said);
}

#[track_caller]
fn red(build: &Build, words: &str) {
    assert!(!build.success && build.said.contains(words), "{}", build.said);
}

#[test]
fn a_bootstrap_continues_after_an_interrupt_at_any_step_and_the_pipeline_deploys_exactly_what_was_planned()
 {
    let pipeline = Pipeline::new();
    pipeline.build();

    // The first deployment.
    let mut first = pipeline.plan("first", |_| ());
    green(&first.build, "something differs");
    assert_eq!(first.said("PLAN_EXIT"), "2");
    assert!(first.said("PLAN_SUMMARY").starts_with("Plan: "), "{:?}", first.build.exported);
    // A user with write access to the bucket can neither change nor add a file.
    let artifact = first.folder.clone();
    let changed = "these files are not those that PLAN_SHA256 was made of";
    for (name, file, words) in [
        ("a", "generated/dev/providers.tf.json", changed),
        ("b", "generated/dev/b.tf.json", changed),
        ("c", "target/terraform/modules/modules.json", "no build hands on these files"),
    ] {
        first.folder = pipeline.work.join(name);
        copy(&artifact, &first.folder);
        let file = first.folder.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "{}").unwrap();
        red(&pipeline.apply(&first), words);
    }
    first.folder = artifact;
    // The build that plans cannot change a file, either.
    let built = std::mem::replace(&mut first.built, "0".repeat(64));
    red(&pipeline.apply(&first), "these files are not those that PACKAGE_SHA256 was made of");
    first.built = built;
    green(&pipeline.apply(&first), "Apply complete!");
    // The smoke test places five orders. Three of ten orders fail by design, and it deletes the dead letters of those. In one
    // of six runs all five succeed, so it is repeated until it has needed that permission, too.
    for _ in 0..8 {
        let source = fresh(&first.folder);
        let smoke = pipeline.step("smoke_dev", &smoke_spec(), &source, &first.variables());
        green(&smoke, "deployed as generated");
        if roles::deletes_dead_letters(&pipeline.account.emulator) {
            break;
        }
    }

    // A plan without changes passes.
    let same = pipeline.plan("same", |_| ());
    green(&same.build, "nothing differs");
    assert_eq!(same.said("PLAN_EXIT"), "0");
    assert!(same.said("PLAN_SUMMARY").starts_with("No changes"), "{:?}", same.build.exported);
    green(&pipeline.apply(&same), "nothing is applied");

    // After one of two plans is applied, the other one is stale.
    let old = pipeline.plan("old", attempts(4));
    let new = pipeline.plan("new", attempts(5));
    assert_eq!(new.said("PLAN_EXIT"), "2");
    green(&pipeline.apply(&new), "1 changed");
    red(&pipeline.apply(&old), "Saved plan is stale");

    // No call was denied so far. A build may assume the role of its own project, and no other.
    let emulator = &pipeline.account.emulator;
    assert_eq!(rights::denied(emulator.log()), [""; 0]);
    roles::check_unused(emulator);
    let alone = pipeline.work.join("alone");
    copy(&pipeline.work.join("package"), &alone);
    let other = format!("arn:aws:iam::{}:role/dofs-delivery-apply-dev", account(&root("dev")).id);
    let sum = hash(&alone);
    let more = [("TARGET_ROLE", other.as_str()), ("PACKAGE_SHA256", sum.as_str())];
    let build = pipeline.step("plan_dev", &plan_spec(), &alone, &more);
    red(&build, "AccessDenied");
    let denied = rights::denied(emulator.log());
    assert!(!denied.is_empty() && denied.iter().all(|it| it.contains(&other)), "{denied:#?}");

    // A failed plan is not applied.
    let broken = pipeline.plan("broken", |root| {
        edit(root, "providers.tf.json", "111111111111", "999999999999");
    });
    red(&broken.build, "terraform plan failed");
    assert!(broken.build.exported.is_empty());
}

//! Runs the real Terraform and the real provider on the generated files, and checks that there is no error and no
//! warning.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, OnceLock},
    thread,
    time::{Duration, Instant},
};

use infra_core::model::backend::PROVIDER_VERSION;
use infra_gen::{
    config::Environment,
    roots::{self, Generated},
};
use serde_json::{Value, json};
use terraform_cli::{Provider, Terraform};

/// The provider is a program of 700 MB: one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Writes what is generated into a fresh folder, with a change, and asks Terraform about it.
fn validate(name: &str, generated: Generated, change: impl Fn(&str, String) -> String) -> Value {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let written = Written::of(name, name, generated, change).with_the_provider();
    written.init();
    let output = written.output(&["validate", "-json"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The provider that most tests use. It ends with this process.
static PROVIDER: OnceLock<Provider> = OnceLock::new();

/// A root in a fresh folder.
struct Written {
    terraform: Terraform,
    root: PathBuf,
    data: PathBuf,
}

impl Written {
    fn of(
        folder: &str,
        name: &str,
        generated: Generated,
        change: impl Fn(&str, String) -> String,
    ) -> Self {
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder.replace('/', "-"));
        let _ = fs::remove_dir_all(&work);
        let root = work.join("root");
        for (path, text) in generated.files {
            let path = path.strip_prefix(&format!("generated/{name}/")).unwrap().to_owned();
            let target: PathBuf = root.join(&path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, change(&path, text)).unwrap();
        }
        let data = work.join("data");
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-cache");
        let terraform = Terraform::find(PROVIDER_VERSION, &work)
            .and_then(|it| it.with_plugin_cache(&cache))
            .unwrap_or_else(|err| panic!("{err}"));
        Written { terraform, root, data }
    }

    /// Has Terraform ask the provider that runs already, and not compare its hash with the lock file: that is
    /// [`the_lock_file_names_the_provider_that_is_there`].
    fn with_the_provider(self) -> Self {
        let provider = PROVIDER.get_or_init(|| {
            let started = self.terraform.start_provider(&self.data);
            let started = started.unwrap_or_else(|err| panic!("{err}"));
            started.expect("the provider is in the plugin cache")
        });
        Written { terraform: self.terraform.with_provider(provider), ..self }
    }

    fn init(&self) {
        let said = self.terraform.run(&self.root, &self.data, &["init", "-backend=false"]);
        said.unwrap_or_else(|err| panic!("{err}"));
    }

    fn output(&self, args: &[&str]) -> Output {
        self.terraform.output(&self.root, &self.data, args).unwrap()
    }
}

/// Terraform itself does not guard the folder in which it keeps providers.
#[test]
fn one_folder_is_filled_by_many_at_once() {
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let cache = work.path().join("cache");
    let half = cache.join("registry.terraform.io/hashicorp/aws").join(PROVIDER_VERSION);
    let init = |at: usize| {
        let own = work.path().join(at.to_string());
        let root = own.join("root");
        fs::create_dir_all(&root).unwrap();
        let aws = json!({ "source": "hashicorp/aws", "version": PROVIDER_VERSION });
        let main = json!({ "terraform": { "required_providers": { "aws": aws } } });
        fs::write(root.join("main.tf.json"), main.to_string()).unwrap();
        let terraform = Terraform::find(PROVIDER_VERSION, &own)
            .and_then(|it| it.with_plugin_cache(&cache))
            .unwrap_or_else(|err| panic!("{err}"));
        // All of them fill it, and each that then takes the provider from there reads the whole of it.
        if at.is_multiple_of(3) {
            let said = terraform.run(&root, &own.join("data"), &["init", "-backend=false"]);
            said.unwrap_or_else(|err| panic!("{err}"));
        }
    };
    let all_at_once = |begin: usize| {
        std::thread::scope(|scope| {
            (begin..begin + 6).for_each(|at| drop(scope.spawn(move || init(at))));
        });
    };
    all_at_once(0);
    // One that was killed at it leaves half of it.
    let platform = fs::read_dir(&half).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&platform).or_else(|_| fs::remove_dir_all(&platform)).unwrap();
    fs::create_dir(&platform).unwrap();
    for stamp in fs::read_dir(&cache).unwrap().map(|it| it.unwrap().path()) {
        if stamp.extension().is_some_and(|it| it == "whole") {
            fs::remove_file(stamp).unwrap();
        }
    }
    all_at_once(6);
}

/// A machine that runs out of memory ends the largest program first.
#[test]
fn a_provider_that_has_died_is_not_up() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let prod = roots::environment(Environment::Prod);
    let written = Written::of("dead-provider", "prod", prod, |_, text| text);
    let provider = written.terraform.start_provider(&written.data).unwrap().unwrap();
    assert!(provider.is_up());
    let address: Value = serde_json::from_str(&provider.variable().1.unwrap()).unwrap();
    let process = &address["registry.terraform.io/hashicorp/aws"]["Pid"];
    let kill = Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap();
    assert!(kill.success());
    let began = Instant::now();
    while provider.is_up() {
        assert!(began.elapsed() < Duration::from_secs(20), "{address} is up");
        thread::sleep(Duration::from_millis(10));
    }
}

#[track_caller]
fn check(name: &str, generated: Generated) {
    let said = validate(name, generated, |_, text| text);
    let clean = said["valid"] == true && said["error_count"] == 0 && said["warning_count"] == 0;
    assert!(clean && said["diagnostics"] == Value::Array(Vec::new()), "{said:#}");
}

#[test]
fn dev_is_valid() {
    check("dev", roots::environment(Environment::Dev));
}

#[test]
fn staging_is_valid() {
    check("staging", roots::environment(Environment::Staging));
}

#[test]
fn prod_is_valid() {
    check("prod", roots::environment(Environment::Prod));
}

#[test]
fn bootstrap_is_valid_in_every_account() {
    let roots = roots::bootstraps();
    assert_eq!(roots.len(), 4);
    roots.into_iter().for_each(|(name, generated)| check(&name, generated));
}

#[test]
fn cicd_is_valid() {
    check("cicd", cicd());
}

#[test]
fn a_broken_root_is_not() {
    let said = validate("dev", roots::environment(Environment::Dev), |path, text| match path {
        "modules/sqs/main.tf.json" => text.replace("visibility_timeout_seconds", "visibility"),
        _ => text,
    });
    assert_eq!(said["valid"], false);
    let detail = said["diagnostics"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("visibility"), "{detail}");
}

/// The pipeline's root, with the build specs that it reads.
fn cicd() -> Generated {
    let mut cicd = roots::cicd();
    let specs = roots::build_specs().files.into_iter();
    cicd.files.extend(specs.filter(|(path, _)| path.starts_with("generated/cicd/")));
    cicd
}

/// Terraform finds nothing to add to the lock file, and takes no provider but the one that it names. Every root has the
/// same.
#[test]
fn the_lock_file_names_the_provider_that_is_there() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let prod = roots::environment(Environment::Prod);
    let lock = prod.files["generated/prod/.terraform.lock.hcl"].clone();
    let others = [Environment::Dev, Environment::Staging].map(roots::environment);
    let others = others.into_iter().chain([roots::cicd()]);
    let others = others.chain(roots::bootstraps().into_iter().map(|it| it.1));
    let locks: Vec<_> = others
        .flat_map(|it| it.files)
        .filter(|(path, _)| path.ends_with("/.terraform.lock.hcl"))
        .collect();
    assert_eq!(locks.len(), 7);
    for (path, other) in locks {
        assert_eq!(other, lock, "{path}");
    }
    let written = Written::of("lock-file", "prod", prod, |_, text| text);
    written.init();
    let file = written.root.join(".terraform.lock.hcl");
    assert_eq!(fs::read_to_string(&file).unwrap(), lock);
    let ready = |data: &str| {
        let args = ["init", "-backend=false", "-lockfile=readonly"];
        written.terraform.output(&written.root, &written.root.with_file_name(data), &args).unwrap()
    };
    let output = ready("same");
    assert!(output.status.success(), "{output:?}");
    // The same hashes, each with another first letter.
    fs::write(&file, lock.replace("\"h1:", "\"h1:A").replace("=\",", "\",")).unwrap();
    assert!(!ready("another").status.success(), "a provider that is not in the lock file is taken");
}

/// Returns the output of `terraform test` over the pipeline, applied to a mock provider.
fn tested(folder: &str, change: impl Fn(&str, String) -> String) -> Output {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let written = Written::of(folder, "cicd", cicd(), change).with_the_provider();
    let tests = written.root.join("tests");
    fs::create_dir_all(&tests).unwrap();
    fs::write(tests.join("cicd.tftest.json"), include_str!("cicd.tftest.json")).unwrap();
    // Its run is about a module, so Terraform must know the tests before.
    written.init();
    written.output(&["test", "-no-color"])
}

#[test]
fn the_pipeline_can_be_applied() {
    let output = tested("cicd-applied", |_, text| text);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed, 0 failed"), "{said}{errors}");

    let output = tested("cicd-other-plan", |path, text| match path {
        "modules/cicd/main.tf.json" => {
            text.replacen("#{prod.PLAN_SHA256}", "#{dev.PLAN_SHA256}", 1)
        }
        _ => text,
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "a plan of another environment is applied");
    assert!(errors.contains("the hash of its own plan"), "{errors}");
}

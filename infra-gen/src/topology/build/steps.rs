//! The steps after the build, for each environment: plan, apply, verify.
//!
//! Each build hashes every file of its output artifact. The hash is a variable of the pipeline, so it does not go
//! through the bucket. Each later build compares the hash before it runs anything, and ends if a file was changed,
//! added or removed, or if there is a link. The build that applies also compares the hash of the first build, so the
//! build that plans cannot change what was built. Terraform refuses a plan if something was deployed after it.

use super::{PLAN_EXIT, PLAN_SHA256, PLAN_SUMMARY, cache, phase, tools};
use infra_core::render::buildspec::{
    Artifacts, BuildSpec, Command, Env, Phase, Phases, Shell, Version,
};

/// Assumes the environment's role in its account. The credentials are renewed when they expire.
const TAKE_ROLE: [Command; 3] = [
    Command::line("mkdir -p target"),
    Command::script(
        r#"printf '[profile target]\nrole_arn = %s\nrole_session_name = %s\ncredential_source = EcsContainer\n' \
  "$TARGET_ROLE" "dofs-$ENVIRONMENT" > target/aws-config"#,
    ),
    Command::line(r#"export AWS_CONFIG_FILE="$PWD/target/aws-config" AWS_PROFILE=target"#),
];

/// Runs `terraform init`, with the provider whose hash is in the root's lock file.
const INIT: Command = Command::line(
    r#"terraform -chdir="generated/$ENVIRONMENT" init -input=false -no-color -lockfile=readonly"#,
);

/// Keeps the provider for the next build on this machine. Terraform does not create the folder, and takes a provider
/// from it only if its hash is in the lock file.
/// <https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache>
const KEEP_PROVIDER: [Command; 2] = [
    Command::line(r#"mkdir -p "$HOME/.terraform.d/plugin-cache""#),
    Command::line(r#"export TF_PLUGIN_CACHE_DIR="$HOME/.terraform.d/plugin-cache""#),
];

/// The same folder as a path for CodeBuild's cache: builds run as root.
const KEPT_PROVIDER: &str = "/root/.terraform.d/plugin-cache/**/*";

/// The folder in which Terraform records its modules and providers. It is new in each build, so no build takes them
/// from its input.
/// <https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_data_dir>
const OWN_FOLDER: [Command; 2] =
    [Command::line(r#"TF_DATA_DIR="$(mktemp -d)""#), Command::line("export TF_DATA_DIR")];

/// A hash of the names and contents of all files below some folders.
macro_rules! hash_of {
    ($files:literal) => {
        concat!(
            "$(set -o pipefail; find ",
            $files,
            " ! -type d -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)"
        )
    };
}

/// Ends the build if its input has another hash, or cannot be hashed.
macro_rules! compare {
    ($files:literal, $variable:literal) => {
        Command::script(concat!(
            "if ! { sum=\"",
            hash_of!($files),
            "\" && [ \"$sum\" = \"$",
            $variable,
            "\" ]; }; then\n",
            "  echo \"these files are not those that ",
            $variable,
            " was made of\" >&2\n",
            "  false\n",
            "fi"
        ))
    };
}

/// Ends the build if its input has a file that is not hashed, or a link, whose target is not hashed.
macro_rules! only {
    ($others:literal) => {
        Command::script(concat!(
            "if ! others=\"$(find . ! -type d ! -type f -o -type f ",
            $others,
            ")\" || [ -n \"$others\" ]; then\n",
            "  echo \"no build hands on these files: $others\" >&2\n",
            "  false\n",
            "fi"
        ))
    };
}

/// The lock files of the roots. AWS does not document whether `**/*` matches names that begin with a dot.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files>
const LOCK_FILES: &str = "generated/**/.terraform.lock.hcl";

/// The output artifact of the build.
pub(super) const PACKAGE: [&str; 4] =
    ["generated/**/*", LOCK_FILES, "target/lambda/**/*", "target/debug/dofs"];
/// The output artifact of the plan.
const PLANNED: [&str; 5] =
    ["generated/**/*", LOCK_FILES, "target/lambda/**/*", "target/debug/dofs", "target/plan/**/*"];

/// Exports the hash of the build's output.
pub(super) const HASH_PACKAGE: [Command; 2] = [
    Command::line(concat!(
        "PACKAGE_SHA256=\"",
        hash_of!("generated target/lambda target/debug/dofs"),
        "\""
    )),
    Command::line("export PACKAGE_SHA256"),
];
const ONLY_PACKAGE: Command =
    only!("! -path './generated/*' ! -path './target/lambda/*' ! -path ./target/debug/dofs");
const COMPARE_PACKAGE: Command =
    compare!("generated target/lambda target/debug/dofs", "PACKAGE_SHA256");
const HASH_PLANNED: Command = Command::line(concat!(
    "PLAN_SHA256=\"",
    hash_of!("generated target/lambda target/debug/dofs target/plan"),
    "\""
));
const ONLY_PLANNED: Command = only!(
    "! -path './generated/*' ! -path './target/lambda/*' ! -path ./target/debug/dofs ! -path './target/plan/*'"
);
const COMPARE_PLANNED: Command =
    compare!("generated target/lambda target/debug/dofs target/plan", "PLAN_SHA256");

/// Plans an environment. It only reads, so it takes no lock. Terraform refuses an outdated plan when it applies.
pub fn plan_spec() -> BuildSpec {
    let export = const { Command::line("export PLAN_EXIT PLAN_SHA256 PLAN_SUMMARY") };
    spec(
        Env {
            exported_variables: [PLAN_EXIT, PLAN_SHA256, PLAN_SUMMARY].map(str::to_owned).into(),
            ..bash()
        },
        go_on_from(&[ONLY_PACKAGE, COMPARE_PACKAGE]),
        [planning(), vec![HASH_PLANNED, export]].concat(),
        Some(files(&PLANNED)),
    )
}

/// The output artifact of a build.
pub(super) fn files(of: &[&str]) -> Artifacts {
    Artifacts {
        name: None,
        base_directory: None,
        files: of.iter().map(|it| (*it).to_owned()).collect(),
        exclude_paths: Vec::new(),
    }
}

/// Plans, saves the plan, and exports its summary. Exit code 0 means no changes, 2 means changes, and any other code is
/// an error.
pub(super) fn planning() -> Vec<Command> {
    vec![
        const { Command::line("mkdir -p target/plan") },
        INIT,
        const {
            Command::script(
                r#"PLAN_EXIT=0
terraform -chdir="generated/$ENVIRONMENT" plan -input=false -no-color -lock=false \
  -detailed-exitcode -out="$PWD/target/plan/plan.tfplan" || PLAN_EXIT=$?
case "$PLAN_EXIT" in
  0) echo "nothing differs" ;;
  2) echo "something differs" ;;
  *) echo "terraform plan failed" >&2 && false ;;
esac"#,
            )
        },
        const {
            Command::script(
                r#"terraform -chdir="generated/$ENVIRONMENT" show -no-color "$PWD/target/plan/plan.tfplan" \
  > target/plan/plan.txt"#,
            )
        },
        const {
            Command::script(
                r#"PLAN_SUMMARY="$(grep -E '^(Plan: |No changes)' target/plan/plan.txt)" ||
  PLAN_SUMMARY="Plan: only outputs change.""#,
            )
        },
        const { Command::line(r#"echo "$ENVIRONMENT: $PLAN_SUMMARY""#) },
    ]
}

/// Applies exactly the saved plan.
pub fn apply_spec() -> BuildSpec {
    let apply = const {
        Command::script(
            r#"case "$PLAN_EXIT" in
  0) echo "nothing differs: nothing is applied" ;;
  2)
    terraform -chdir="generated/$ENVIRONMENT" apply -input=false -no-color -lock-timeout=5m \
      "$PWD/target/plan/plan.tfplan"
    ;;
  *) echo "there is no plan to apply: the plan's exit code is '$PLAN_EXIT'" >&2 && false ;;
esac"#,
        )
    };
    spec(bash(), with_the_plan(), vec![apply], None)
}

/// Compares the deployed resources with the files, and places a few orders, none of which may be lost. The dead letters
/// of orders that fail by design are deleted.
pub fn smoke_spec() -> BuildSpec {
    spec(
        bash(),
        with_the_plan(),
        vec![
            const { Command::line(r#"target/debug/dofs verify --aws --env "$ENVIRONMENT""#) },
            const {
                Command::line(
                    r#"target/debug/dofs load --aws --env "$ENVIRONMENT" --count 5 --rate 1 --clean-up"#,
                )
            },
        ],
        None,
    )
}

/// The preparation of a build that follows the plan. The built files are compared with the hash of the first build,
/// because the plan's hash comes from the build that planned.
fn with_the_plan() -> Vec<Command> {
    [go_on_from(&[ONLY_PLANNED, COMPARE_PLANNED, COMPARE_PACKAGE]), vec![INIT]].concat()
}

/// The preparation to run Terraform with the input, after its hash was compared.
fn go_on_from(compared: &[Command]) -> Vec<Command> {
    [compared, &TAKE_ROLE, &KEEP_PROVIDER, &OWN_FOLDER].concat()
}

fn bash() -> Env {
    Env { shell: Some(Shell::Bash), ..Env::default() }
}

fn spec(
    env: Env,
    pre_build: Vec<Command>,
    build: Vec<Command>,
    artifacts: Option<Artifacts>,
) -> BuildSpec {
    let install: Option<Phase> = phase(tools::terraform());
    BuildSpec {
        version: Version::V0_2,
        env,
        phases: Phases {
            install,
            pre_build: phase(pre_build),
            build: phase(build),
            post_build: None,
        },
        reports: [].into(),
        artifacts,
        cache: cache(&[KEPT_PROVIDER]),
    }
}

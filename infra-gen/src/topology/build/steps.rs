//! What follows the build, for each environment: plan, apply, try.
//!
//! Each build hashes every file that it hands on. The hash goes through the pipeline's variables and not through the
//! bucket, and each later build compares it before it runs anything: a file that was changed, added or removed in
//! between ends it, and so does a link. Who applies compares the build's own hash, too, so the build that plans cannot
//! change what was built. Terraform refuses a plan where something was deployed since.

use super::{PLAN_EXIT, PLAN_SHA256, PLAN_SUMMARY, cache, phase, tools};
use crate::render::buildspec::{Artifacts, BuildSpec, Command, Env, Phase, Phases, Shell, Version};

/// Takes the environment's role on, in its account. The credentials are fetched anew when they end.
const TAKE_ROLE: [Command; 3] = [
    Command::line("mkdir -p target"),
    Command::script(
        r#"printf '[profile target]\nrole_arn = %s\nrole_session_name = %s\ncredential_source = EcsContainer\n' \
  "$TARGET_ROLE" "dofs-$ENVIRONMENT" > target/aws-config"#,
    ),
    Command::line(r#"export AWS_CONFIG_FILE="$PWD/target/aws-config" AWS_PROFILE=target"#),
];

/// Makes Terraform ready, with the provider that the root's lock file names by its hash.
const INIT: Command = Command::line(
    r#"terraform -chdir="generated/$ENVIRONMENT" init -input=false -no-color -lockfile=readonly"#,
);

/// Keeps the provider where the next build on this machine finds it. Terraform makes no such folder, and takes a
/// provider from there only where its hash is in the lock file.
/// <https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache>
const KEEP_PROVIDER: [Command; 2] = [
    Command::line(r#"mkdir -p "$HOME/.terraform.d/plugin-cache""#),
    Command::line(r#"export TF_PLUGIN_CACHE_DIR="$HOME/.terraform.d/plugin-cache""#),
];

/// That folder, as CodeBuild names it: builds run as root.
const KEPT_PROVIDER: &str = "/root/.terraform.d/plugin-cache/**/*";

/// Where Terraform keeps which modules and providers it runs: a new folder for each build, so none takes these from what
/// it is handed.
/// <https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_data_dir>
const OWN_FOLDER: [Command; 2] =
    [Command::line(r#"TF_DATA_DIR="$(mktemp -d)""#), Command::line("export TF_DATA_DIR")];

/// One hash over the names and contents of all files below some folders.
macro_rules! hash_of {
    ($files:literal) => {
        concat!(
            "$(set -o pipefail; find ",
            $files,
            " ! -type d -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)"
        )
    };
}

/// Ends the build where what it was handed is not what was hashed, or cannot be hashed.
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

/// Ends the build where it was handed a file outside of what is hashed, or a link: what it leads to is not hashed.
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

/// The lock files of the roots. AWS does not say whether `**/*` takes names that begin with a dot.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files>
const LOCK_FILES: &str = "generated/**/.terraform.lock.hcl";

/// What the build hands on.
pub(super) const PACKAGE: [&str; 4] =
    ["generated/**/*", LOCK_FILES, "target/lambda/**/*", "target/debug/dofs"];
/// What the plan hands on.
const PLANNED: [&str; 5] =
    ["generated/**/*", LOCK_FILES, "target/lambda/**/*", "target/debug/dofs", "target/plan/**/*"];

/// Says what the build hands on.
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

/// Plans an environment. It only reads, so it takes no lock: a plan that is too old is refused later.
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

/// What a build puts out.
pub(super) fn files(of: &[&str]) -> Artifacts {
    Artifacts {
        name: None,
        base_directory: None,
        files: of.iter().map(|it| (*it).to_owned()).collect(),
        exclude_paths: Vec::new(),
    }
}

/// Plans, saves the plan, and says what is in it. Exit code 0 means that nothing differs, 2 that
/// something does, and anything else that nobody knows.
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

/// Holds what is deployed against the files, and places a few orders, of which none may be lost. The
/// dead letters of those that fail by design are deleted.
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

/// What it takes to go on from a plan. What was built is compared with what the build says of it: the plan's own hash
/// is the word of the build that planned.
fn with_the_plan() -> Vec<Command> {
    [go_on_from(&[ONLY_PLANNED, COMPARE_PLANNED, COMPARE_PACKAGE]), vec![INIT]].concat()
}

/// What it takes to run Terraform with what was handed on, once it is compared.
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

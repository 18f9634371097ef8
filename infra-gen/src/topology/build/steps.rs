//! What follows the build, for each environment: plan, apply, try.
//!
//! A plan is saved in `target/plan`, beside the lock file of the provider that made it. What is applied
//! is that file, by its hash; Terraform refuses it where something was deployed since.

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

/// The provider of the plan, and no other.
const SAME_PROVIDER: [Command; 2] = [
    Command::line(
        r#"cp target/plan/terraform.lock.hcl "generated/$ENVIRONMENT/.terraform.lock.hcl""#,
    ),
    Command::line(
        r#"terraform -chdir="generated/$ENVIRONMENT" init -input=false -no-color -lockfile=readonly"#,
    ),
];

/// Plans an environment. It only reads, so it takes no lock: a plan that is too old is refused later.
pub fn plan_spec() -> BuildSpec {
    spec(
        Env {
            exported_variables: [PLAN_EXIT, PLAN_SHA256, PLAN_SUMMARY].map(str::to_owned).into(),
            ..bash()
        },
        TAKE_ROLE.to_vec(),
        planning(),
        Some(Artifacts {
            name: None,
            base_directory: None,
            files: [
                "generated/**/*",
                "target/lambda/**/*",
                "target/plan/**/*",
                "target/debug/dofs",
            ]
            .map(str::to_owned)
            .into(),
            exclude_paths: vec!["generated/**/.terraform/**/*".to_owned()],
        }),
    )
}

/// Plans, saves the plan, and says what is in it. Exit code 0 means that nothing differs, 2 that
/// something does, and anything else that nobody knows.
pub(super) fn planning() -> Vec<Command> {
    vec![
        const { Command::line("mkdir -p target/plan") },
        const {
            Command::line(
                r#"terraform -chdir="generated/$ENVIRONMENT" init -input=false -no-color"#,
            )
        },
        const {
            Command::line(
                r#"cp "generated/$ENVIRONMENT/.terraform.lock.hcl" target/plan/terraform.lock.hcl"#,
            )
        },
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
        const {
            Command::line(r#"PLAN_SHA256="$(sha256sum target/plan/plan.tfplan | cut -d ' ' -f 1)""#)
        },
        const { Command::line("export PLAN_EXIT PLAN_SHA256 PLAN_SUMMARY") },
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
    let is_the_plan = const {
        Command::line(
            r#"echo "$PLAN_SHA256  target/plan/plan.tfplan" | sha256sum --check --strict"#,
        )
    };
    let prepare = [TAKE_ROLE.to_vec(), vec![is_the_plan], SAME_PROVIDER.to_vec()].concat();
    spec(bash(), prepare, vec![apply], None)
}

/// Holds what is deployed against the files, and places a few orders, of which none may be lost.
pub fn smoke_spec() -> BuildSpec {
    spec(
        bash(),
        [TAKE_ROLE.to_vec(), SAME_PROVIDER.to_vec()].concat(),
        vec![
            const { Command::line(r#"target/debug/dofs verify --aws --env "$ENVIRONMENT""#) },
            const {
                Command::line(
                    r#"target/debug/dofs load --aws --env "$ENVIRONMENT" --count 5 --rate 1"#,
                )
            },
        ],
        None,
    )
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
        cache: cache(&["/root/.terraform.d/plugin-cache/**/*"]),
    }
}

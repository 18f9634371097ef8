//! The pipeline: it builds once, and then for each environment it plans, asks for approval, applies exactly that plan,
//! and verifies the deployment.

use std::collections::BTreeMap;

use super::{PIPELINE_PREFIX, PREFIX, backend, bootstrap, build};
use infra_core::model::{
    Handle, ModuleName, Scope, Stack,
    bucket::{Artifacts, Bucket, Expiry},
    delivery::{
        build::{Commands, KeptFor, Project, ProjectSpec, Size},
        pipeline::{ArtifactName, BuildAction, Event, Question, Stages},
        rights::Does,
    },
    limits::{BuildTimeout, ObjectDays},
    stack::Finished,
    topic::NotificationTopic,
};

use crate::{
    config::{Environment, delivery::DELIVERY},
    resource,
};

const CICD: ModuleName = ModuleName::new("cicd");

/// How long artifacts of an execution are kept, so that it can be inspected.
const OLD_RUNS: Expiry = Expiry::Everything(ObjectDays::new(30));

/// The environments in the order of deployment, and whether each needs an approval.
const ORDER: [(Environment, Asked); 3] = [
    (Environment::Dev, Asked::Never),
    (Environment::Staging, Asked::BeforeApply),
    (Environment::Prod, Asked::BeforeApply),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Never,
    BeforeApply,
}

/// The pipeline's root.
pub fn cicd() -> Finished {
    let scope = Scope::of(PREFIX, None, DELIVERY.account, DELIVERY.region);
    let mut stack = Stack::new(Scope { prefix: PIPELINE_PREFIX.to_owned(), ..scope });
    let (artifacts, told) = (artifacts(&mut stack), told(&mut stack));
    let connection = stack.module(CICD).github_connection(resource!(
        /// Lets the pipeline read the repository. An administrator confirms it once, in the console.
        "github"
    ));
    let (mut stages, source) =
        Stages::from_github(&connection, DELIVERY.repository, DELIVERY.branch);

    let build = build_project(&mut stack, &artifacts);
    let action = BuildAction { name: "Build", project: &build, input: &source, variables: &[] };
    let (package, [package_sum]) =
        stages.stage("Build").make(&action, PACKAGE, [build::PACKAGE_SHA256]);

    let roles: BTreeMap<_, _> =
        bootstrap::bootstraps().into_iter().flat_map(|it| it.roles).collect();
    for (environment, asked) in ORDER {
        let project = |stack: &mut Stack, does| {
            let role = roles.get(&(environment, does));
            step_project(stack, environment, does, role)
        };
        let [plan, apply, smoke] =
            [Does::Plan, Does::Apply, Does::Smoke].map(|it| project(&mut stack, it));
        let mut stage = stages.stage(title(environment));
        let built = (build::PACKAGE_SHA256, &package_sum);
        let (planned, [exit, sum, summary]) = stage.make(
            &BuildAction { name: "Plan", project: &plan, input: &package, variables: &[built] },
            planned_name(environment),
            [build::PLAN_EXIT, build::PLAN_SHA256, build::PLAN_SUMMARY],
        );
        if asked == Asked::BeforeApply {
            let text = format!("{environment}: ");
            stage.ask("Approve", &Question { text, about: &summary, told: &told });
        }
        let said = [(build::PLAN_EXIT, &exit), (build::PLAN_SHA256, &sum), built];
        stage.run(&BuildAction {
            name: "Apply",
            project: &apply,
            input: &planned,
            variables: &said,
        });
        stage.run(&BuildAction {
            name: "Smoke",
            project: &smoke,
            input: &planned,
            variables: &[(build::PLAN_SHA256, &sum), built],
        });
    }

    let mut module = stack.module(CICD);
    let pipeline = module.pipeline(
        resource!(
            /// Takes every push to the branch to dev, and after an approval each to staging and prod.
            "deploy"
        ),
        stages,
        &artifacts,
    );
    module.notify(
        resource!(
            /// Says what ended well, what failed, and what waits for a yes.
            "deploy"
        ),
        &pipeline,
        &[Event::Failed, Event::Succeeded, Event::ApprovalNeeded],
        &told,
    );
    stack.output("pipeline", "The ARN of the pipeline.", &pipeline.arn());
    stack.output(
        "connection",
        "The connection to GitHub, to be confirmed in the console.",
        &connection.arn(),
    );
    stack.finish()
}

const PACKAGE: ArtifactName = ArtifactName::new("package");

const fn planned_name(environment: Environment) -> ArtifactName {
    match environment {
        Environment::Dev => const { ArtifactName::new("dev") },
        Environment::Staging => const { ArtifactName::new("staging") },
        Environment::Prod => const { ArtifactName::new("prod") },
    }
}

const fn title(environment: Environment) -> &'static str {
    match environment {
        Environment::Dev => "Dev",
        Environment::Staging => "Staging",
        Environment::Prod => "Prod",
    }
}

fn artifacts(stack: &mut Stack) -> Handle<Bucket<Artifacts>> {
    let name = backend::artifacts_bucket();
    stack.module(CICD).private_bucket(
        resource!(
            /// Stores the artifacts of the pipeline, and the caches of the builds.
            "artifacts"
        ),
        &name,
        OLD_RUNS,
    )
}

fn told(stack: &mut Stack) -> Handle<NotificationTopic> {
    let mut module = stack.module(CICD);
    let key = module.key(
        resource!(
            /// Encrypts the pipeline's topic. It must be a key of ours: with the AWS-managed one,
            /// notifications would be dropped silently.
            "delivery"
        ),
        super::dynamodb::KEY_DELETION_WINDOW,
    );
    module.notification_topic(
        resource!(
            /// Receives the notifications of the pipeline.
            "delivery"
        ),
        &key,
        DELIVERY.emails,
    )
}

fn build_project(stack: &mut Stack, artifacts: &Handle<Bucket<Artifacts>>) -> Handle<Project> {
    stack.module(CICD).project(
        resource!(
            /// Builds, tests, checks and packs.
            "build"
        ),
        None,
        ProjectSpec {
            build_spec: Commands::OfSource(build::BUILD),
            architecture: DELIVERY.architecture,
            size: Size::Large,
            timeout: BuildTimeout::new(120),
            log_retention: DELIVERY.log_retention,
            cache: KeptFor::Bucket(artifacts),
            variables: &[],
            takes: None,
        },
    )
}

fn step_project(
    stack: &mut Stack,
    environment: Environment,
    does: Does,
    takes: Option<&infra_core::model::delivery::terraform_role::TerraformRole>,
) -> Handle<Project> {
    let (id, build_spec, timeout) = match does {
        Does::Plan => (
            resource!(
                /// Plans, saves the plan, and says what is in it.
                "plan"
            ),
            "buildspecs/plan.yml",
            BuildTimeout::new(30),
        ),
        Does::Apply => (
            resource!(
                /// Applies exactly the plan that was saved.
                "apply"
            ),
            "buildspecs/apply.yml",
            BuildTimeout::new(60),
        ),
        Does::Smoke => (
            resource!(
                /// Holds what is deployed against the files, and places a few orders.
                "smoke"
            ),
            "buildspecs/smoke.yml",
            // It waits for dead letters, which takes a quarter of an hour in prod.
            BuildTimeout::new(45),
        ),
    };
    stack.module(CICD).project(
        id,
        Some(environment.as_str()),
        ProjectSpec {
            build_spec: Commands::OfProject(build_spec),
            architecture: DELIVERY.architecture,
            size: Size::Small,
            timeout,
            log_retention: DELIVERY.log_retention,
            cache: KeptFor::ThisMachine,
            variables: &[(build::ENVIRONMENT, environment.as_str().to_owned())],
            takes,
        },
    )
}

//! CodeBuild projects, each with its own role and log group.
//!
//! <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html>

use super::terraform_role::TerraformRole;
use crate::{
    model::{
        bucket::{Artifacts, Bucket},
        expr::{Address, Body, Term},
        function::Architecture,
        limits::{BuildTimeout, LogRetention},
        name::Id,
        role::Service,
        stack::{Handle, Kind, Meta, Module},
        statement::Statement,
    },
    violation::Violation,
};

/// A build project, for a pipeline.
pub enum Project {}

impl Kind for Project {
    const TF_TYPE: &'static str = "aws_codebuild_project";
    const LABEL: &'static str = "project";
    /// Its role.
    type Facts = Address;
}

/// The machine that a build runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 2 vCPUs.
    Small,
    /// 8 vCPUs.
    Large,
}

impl Size {
    const fn as_str(self) -> &'static str {
        match self {
            Size::Small => "BUILD_GENERAL1_SMALL",
            Size::Large => "BUILD_GENERAL1_LARGE",
        }
    }
}

/// The cache of a build.
pub enum KeptFor<'a> {
    /// On the build's machine. A later build has it only on the same machine.
    ThisMachine,
    /// In a bucket, for builds on every machine.
    Bucket(&'a Handle<Bucket<Artifacts>>),
}

/// The build spec of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commands {
    /// A file of the source, by its path: the author of the source decides what runs.
    OfSource(&'static str),
    /// Stored in the project, from a file by its path in the root's folder: the input of the build cannot change what
    /// runs.
    OfProject(&'static str),
}

/// The configuration of a project.
pub struct ProjectSpec<'a> {
    /// The build spec.
    pub build_spec: Commands,
    /// The architecture.
    pub architecture: Architecture,
    /// The size of the machine.
    pub size: Size,
    /// The timeout of a build.
    pub timeout: BuildTimeout,
    /// How long its log is kept.
    pub log_retention: LogRetention,
    /// The cache for the folders that the build spec names.
    pub cache: KeptFor<'a>,
    /// The environment variables.
    pub variables: &'a [(&'static str, String)],
    /// The role that its commands assume, whose ARN is in [`ROLE_VARIABLE`].
    pub takes: Option<&'a TerraformRole>,
}

/// The variable with the ARN of the role that the commands assume.
pub const ROLE_VARIABLE: &str = "TARGET_ROLE";

impl Module<'_> {
    /// Adds a project that a pipeline starts. `name` is appended to the resource's name if there are several: `plan`
    /// and `dev` become `plan_dev`.
    #[track_caller]
    pub fn project(
        &mut self,
        id: Id,
        name: Option<&str>,
        spec: ProjectSpec<'_>,
    ) -> Handle<Project> {
        let name = match name {
            Some(name) => format!("{}_{name}", id.name()),
            None => id.name().to_owned(),
        };
        let aws_name = self.aws_name(&name);
        let role = self.role(&name, Service::CodeBuild, &format!("the build {name}"));
        let group = self.log_group(
            &name,
            format!("/aws/codebuild/{aws_name}"),
            spec.log_retention,
            format!(
                "The log of {name}. Without it CodeBuild would make one that is kept for ever."
            ),
        );
        let cache = format!("cache/{name}");
        let mut rights = vec![Statement::new(
            &["logs:CreateLogStream", "logs:PutLogEvents"],
            [Term::concat([group.attribute("arn"), ":*".into()])],
        )];
        if let KeptFor::Bucket(bucket) = spec.cache {
            rights.push(
                bucket.object_rights(&format!("{cache}/*"), &["s3:GetObject", "s3:PutObject"]),
            );
        }
        let mut variables: Vec<(&str, String)> = spec.variables.to_vec();
        if let Some(target) = spec.takes {
            rights.push(Statement::new(&["sts:AssumeRole"], [Term::Text(target.arn())]));
            variables.push((ROLE_VARIABLE, target.arn()));
            self.mutual(&name, target);
        }
        self.stack.allow(role.address(), rights);

        let build_spec = match spec.build_spec {
            Commands::OfSource(path) => Body::from(path),
            Commands::OfProject(path) => Term::File(path).into(),
        };
        let one = |fields: Vec<(&'static str, Body)>| Body::List(vec![Body::map(fields)]);
        let (image, machine) = image(spec.architecture);
        let variables = variables.into_iter().map(|(name, value)| {
            Body::map([
                ("name", name.into()),
                ("type", "PLAINTEXT".into()),
                ("value", value.into()),
            ])
        });
        let cache = match spec.cache {
            KeptFor::ThisMachine => {
                vec![("type", "LOCAL".into()), ("modes", Body::list(["LOCAL_CUSTOM_CACHE"]))]
            }
            KeptFor::Bucket(bucket) => {
                let at =
                    Term::concat([bucket.attribute("bucket"), Term::Text(format!("/{cache}"))]);
                vec![("type", "S3".into()), ("location", at.into())]
            }
        };
        let log =
            one(vec![("status", "ENABLED".into()), ("group_name", group.attribute("name").into())]);
        let body = Body::map([
            ("name", aws_name.into()),
            ("description", id.doc().into()),
            ("service_role", role.attribute("arn").into()),
            ("build_timeout", spec.timeout.into()),
            ("queued_timeout", 60u32.into()),
            ("artifacts", one(vec![("type", "CODEPIPELINE".into())])),
            ("source", one(vec![("type", "CODEPIPELINE".into()), ("buildspec", build_spec)])),
            ("cache", one(cache)),
            ("logs_config", one(vec![("cloudwatch_logs", log)])),
            (
                "environment",
                one(vec![
                    ("type", machine.into()),
                    ("image", image.into()),
                    ("image_pull_credentials_type", "CODEBUILD".into()),
                    ("compute_type", spec.size.as_str().into()),
                    ("privileged_mode", false.into()),
                    ("environment_variable", Body::List(variables.collect())),
                ]),
            ),
        ]);
        let facts = role.address().clone();
        self.add_derived(&name, id.doc(), facts, body, Meta::default())
    }

    /// Checks that the role trusts this project, because otherwise the project could not assume it.
    #[track_caller]
    fn mutual(&mut self, name: &str, target: &TerraformRole) {
        let account = self.stack.scope().account_ids().next().unwrap_or_default();
        let own = format!("arn:aws:iam::{account}:role/{}", self.aws_name(name));
        let trusted = target.taker().arn();
        if trusted != own {
            let address = self.address(Project::TF_TYPE, name);
            self.stack.violate(Violation::new(
                "delivery/trust",
                address.to_string(),
                format!("it assumes {}, which trusts {trusted}, and not {own}", target.arn()),
                "let the project assume the role that trusts it",
            ));
        }
    }
}

/// Amazon Linux 2023, which the functions run on, so that programs from a build run there.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html>
const fn image(architecture: Architecture) -> (&'static str, &'static str) {
    match architecture {
        Architecture::X86_64 => {
            ("aws/codebuild/amazonlinux-x86_64-standard:5.0", "LINUX_CONTAINER")
        }
        Architecture::Arm64 => ("aws/codebuild/amazonlinux-aarch64-standard:3.0", "ARM_CONTAINER"),
    }
}

//! Pipelines: stages of actions. An action can only use artifacts and variables of earlier actions.
//!
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html>

use super::{build::Project, connection::Connection, github::Repository};
use crate::model::{
    bucket::{Artifacts, Bucket},
    expr::{Address, Body},
    name::Id,
    role::Service,
    stack::{Handle, Kind, Module},
    statement::Statement,
    topic::NotificationTopic,
};

/// A pipeline.
pub enum Pipeline {}

impl Kind for Pipeline {
    const TF_TYPE: &'static str = "aws_codepipeline";
    const LABEL: &'static str = "pipeline";
    type Facts = ();
}

/// The name of an artifact. CodePipeline stores it in a folder with the first ten characters of the name. A longer name
/// is refused, because the rights of builds contain the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArtifactName(&'static str);

impl ArtifactName {
    /// Use it in a `const` item, where a name that is too long does not compile.
    ///
    /// # Panics
    ///
    /// If it is empty, is longer than ten letters, or has other characters than lower-case letters.
    #[track_caller]
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        assert!(
            !bytes.is_empty() && bytes.len() <= 10,
            "an artifact's name has one to ten letters"
        );
        let mut i = 0;
        while i < bytes.len() {
            assert!(
                bytes[i].is_ascii_lowercase(),
                "an artifact's name has only lower-case letters"
            );
            i += 1;
        }
        ArtifactName(name)
    }
}

/// An artifact of an action. Only adding the action creates it, so it exists before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact(ArtifactName);

/// A variable that an earlier action sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    namespace: &'static str,
    name: &'static str,
}

impl Variable {
    /// The expression for the variable in a later action.
    fn written(&self) -> String {
        format!("#{{{}.{}}}", self.namespace, self.name)
    }
}

/// A manual approval: its text, followed by a variable of an earlier action.
pub struct Question<'a> {
    /// Text.
    pub text: String,
    /// The variable with what must be approved.
    pub about: &'a Variable,
    /// The topic that is notified.
    pub told: &'a Handle<NotificationTopic>,
}

/// The stages of a pipeline, one after another.
pub struct Stages {
    stages: Vec<(String, Vec<Body>)>,
    branch: &'static str,
    rights: Vec<Statement>,
    moved: Vec<Moved>,
}

/// The artifacts that a build reads and writes. Only its role has rights on them.
struct Moved {
    role: Address,
    input: ArtifactName,
    output: Option<ArtifactName>,
}

const SOURCE: &str = "Source";
const SOURCE_ARTIFACT: ArtifactName = ArtifactName::new("source");

impl Stages {
    /// Begins with the source: the pipeline starts at every push to a branch of a repository.
    pub fn from_github(
        connection: &Handle<Connection>,
        repository: Repository,
        branch: &'static str,
    ) -> (Self, Artifact) {
        let mut stages =
            Stages { stages: Vec::new(), branch, rights: Vec::new(), moved: Vec::new() };
        let configuration = Body::map([
            ("ConnectionArn", connection.attribute("arn").into()),
            ("FullRepositoryId", repository.as_str().into()),
            ("BranchName", branch.into()),
            // The trigger below starts the pipeline.
            ("DetectChanges", "false".into()),
            ("OutputArtifactFormat", "CODE_ZIP".into()),
        ]);
        let artifact = Artifact(SOURCE_ARTIFACT);
        let mut stage = stages.stage(SOURCE);
        let action = stage.action(SOURCE, "Source", ["AWS", "CodeStarSourceConnection"]);
        let action = action
            .with("configuration", Some(configuration))
            .with("output_artifacts", Some(Body::list([artifact.0.0])));
        stage.push(action);
        let use_it =
            Statement::new(&["codestar-connections:UseConnection"], [connection.attribute("arn")]);
        stages.rights.push(use_it);
        (stages, artifact)
    }

    /// Adds the next stage.
    pub fn stage(&mut self, name: &str) -> Stage<'_> {
        self.stages.push((name.to_owned(), Vec::new()));
        let at = self.stages.len() - 1;
        Stage { stages: self, at }
    }
}

/// A stage, to which actions can be added. Each action waits for the one before.
pub struct Stage<'s> {
    stages: &'s mut Stages,
    at: usize,
}

/// The configuration of a build in a pipeline.
pub struct BuildAction<'a> {
    /// Its name in the pipeline.
    pub name: &'a str,
    /// The project.
    pub project: &'a Handle<Project>,
    /// Its input artifacts.
    pub input: &'a Artifact,
    /// Variables of earlier actions, by their names in the build.
    pub variables: &'a [(&'static str, &'a Variable)],
}

impl Stage<'_> {
    /// Runs a build.
    pub fn run(&mut self, build: &BuildAction<'_>) {
        let action = self.build(build, None);
        self.push(action);
    }

    /// Runs a build that has an output artifact and sets variables for later actions.
    pub fn make<const N: usize>(
        &mut self,
        build: &BuildAction<'_>,
        output: ArtifactName,
        exported: [&'static str; N],
    ) -> (Artifact, [Variable; N]) {
        let mut action =
            self.build(build, Some(output)).with("output_artifacts", Some(Body::list([output.0])));
        if N > 0 {
            action = action.with("namespace", Some(output.0));
        }
        self.push(action);
        let variable = |name| Variable { namespace: output.0, name };
        (Artifact(output), exported.map(variable))
    }

    /// Waits for a manual approval.
    pub fn ask(&mut self, name: &str, question: &Question<'_>) {
        let text = format!("{}{}", question.text, question.about.written());
        let configuration = Body::map([
            ("CustomData", text.into()),
            ("NotificationArn", question.told.attribute("arn").into()),
        ]);
        let action = self.action(name, "Approval", ["AWS", "Manual"]);
        self.push(action.with("configuration", Some(configuration)));
        let topic = question.told.attribute("arn");
        let key = question.told.facts().as_ref();
        let key = key.and_then(|it| it.statement(&["kms:Decrypt", "kms:GenerateDataKey"]));
        self.stages.rights.push(Statement::new(&["sns:Publish"], [topic]));
        self.stages.rights.extend(key);
    }

    fn build(&mut self, build: &BuildAction<'_>, output: Option<ArtifactName>) -> Body {
        let (role, input) = (build.project.facts().clone(), build.input.0);
        self.stages.moved.push(Moved { role, input, output });
        let variables = build.variables.iter().map(|(name, variable)| {
            Body::map([
                ("name", (*name).into()),
                ("type", "PLAINTEXT".into()),
                ("value", variable.written().into()),
            ])
        });
        let variables: Vec<Body> = variables.collect();
        let project = build.project.attribute("name");
        let mut configuration = Body::map([("ProjectName", project.into())]);
        if !variables.is_empty() {
            let variables = Body::List(variables).json();
            configuration = configuration.with("EnvironmentVariables", Some(variables));
        }
        self.stages.rights.push(Statement::new(
            &["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
            [build.project.attribute("arn")],
        ));
        self.action(build.name, "Build", ["AWS", "CodeBuild"])
            .with("configuration", Some(configuration))
            .with("input_artifacts", Some(Body::list([build.input.0.0])))
    }

    fn action(
        &self,
        name: &str,
        category: &'static str,
        [owner, provider]: [&'static str; 2],
    ) -> Body {
        let order = self.stages.stages[self.at].1.len() as u64 + 1;
        Body::map([
            ("name", name.to_owned().into()),
            ("category", category.into()),
            ("owner", owner.into()),
            ("provider", provider.into()),
            ("version", "1".into()),
            ("run_order", order.into()),
        ])
    }

    fn push(&mut self, action: Body) {
        self.stages.stages[self.at].1.push(action);
    }
}

impl Module<'_> {
    /// Adds a pipeline. Its executions wait for each other, so a later push is deployed later.
    #[track_caller]
    pub fn pipeline(
        &mut self,
        id: Id,
        stages: Stages,
        artifacts: &Handle<Bucket<Artifacts>>,
    ) -> Handle<Pipeline> {
        let name = self.enter(id);
        let role = self.role(name, Service::CodePipeline, "the pipeline");
        self.stack.allow(role.address(), stages.rights);
        let aws_name = self.aws_name(name);
        // The folder of a pipeline in the bucket has the first twenty characters of the pipeline's name.
        let folder: String = aws_name.chars().take(20).collect();
        self.stack.allow(role.address(), store_rights(artifacts, &folder));
        for moved in &stages.moved {
            self.stack.allow(&moved.role, moved.rights(artifacts, &folder));
        }
        let one = |fields: Vec<(&'static str, Body)>| Body::List(vec![Body::map(fields)]);
        let branches = one(vec![("includes", Body::list([stages.branch]))]);
        let git = one(vec![
            ("source_action_name", SOURCE.into()),
            ("push", one(vec![("branches", branches)])),
        ]);
        let body = Body::map([
            ("name", aws_name.into()),
            ("role_arn", role.attribute("arn").into()),
            ("pipeline_type", "V2".into()),
            ("execution_mode", "QUEUED".into()),
            (
                "artifact_store",
                one(vec![
                    ("type", "S3".into()),
                    ("location", artifacts.attribute("bucket").into()),
                ]),
            ),
            (
                "trigger",
                one(vec![
                    ("provider_type", "CodeStarSourceConnection".into()),
                    ("git_configuration", git),
                ]),
            ),
            (
                "stage",
                Body::List(
                    stages
                        .stages
                        .into_iter()
                        .map(|(name, actions)| {
                            Body::map([("name", name.into()), ("action", Body::List(actions))])
                        })
                        .collect(),
                ),
            ),
        ]);
        self.add(id, (), body)
    }
}

/// The rights of a pipeline on the bucket of its artifacts.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html>
fn store_rights(artifacts: &Handle<Bucket<Artifacts>>, folder: &str) -> [Statement; 2] {
    [
        artifacts.rights(&["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]),
        artifacts.object_rights(
            &format!("{folder}/*"),
            &["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl"],
        ),
    ]
}

impl Moved {
    /// The rights of a build on the bucket: it reads its input artifacts, and writes its output artifact.
    /// <https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html>
    fn rights(&self, artifacts: &Handle<Bucket<Artifacts>>, folder: &str) -> Vec<Statement> {
        let at = |name: ArtifactName| format!("{folder}/{}/*", name.0);
        let mut rights = vec![
            artifacts.rights(&["s3:GetBucketAcl", "s3:GetBucketLocation"]),
            artifacts.object_rights(&at(self.input), &["s3:GetObject", "s3:GetObjectVersion"]),
        ];
        rights.extend(self.output.map(|it| artifacts.object_rights(&at(it), &["s3:PutObject"])));
        rights
    }
}

/// A notification about a pipeline.
/// <https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html#events-ref-pipeline>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// An execution failed.
    Failed,
    /// An execution succeeded.
    Succeeded,
    /// A manual approval is waiting.
    ApprovalNeeded,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Event::Failed => "codepipeline-pipeline-pipeline-execution-failed",
            Event::Succeeded => "codepipeline-pipeline-pipeline-execution-succeeded",
            Event::ApprovalNeeded => "codepipeline-pipeline-manual-approval-needed",
        }
    }
}

impl Module<'_> {
    /// Sends notifications about a pipeline to a topic.
    #[track_caller]
    pub fn notify(
        &mut self,
        id: Id,
        pipeline: &Handle<Pipeline>,
        events: &[Event],
        topic: &Handle<NotificationTopic>,
    ) {
        let name = self.enter(id);
        let target = Body::map([("address", topic.attribute("arn").into())]);
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("detail_type", "FULL".into()),
            ("event_type_ids", Body::list(events.iter().map(|it| it.as_str()))),
            ("resource", pipeline.attribute("arn").into()),
            ("target", Body::List(vec![target])),
        ]);
        self.push(
            "aws_codestarnotifications_notification_rule",
            name,
            id.doc(),
            body,
            Default::default(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_written_as_codepipeline_reads_it() {
        let variable = Variable { namespace: "dev", name: "PLAN_SUMMARY" };
        assert_eq!(variable.written(), "#{dev.PLAN_SUMMARY}");
    }
}

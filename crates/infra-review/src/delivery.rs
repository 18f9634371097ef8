//! The delivery: the pipeline, its builds, function packages, and commands that Terraform runs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Files,
    block::{Block, items, number},
    compare::Comparison,
    diff::{self, Field},
    finding::{Found, Rule, Severity},
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_codepipeline") {
        pipeline(before, after, found);
    }
    for (address, before, after) in compare.all() {
        if let Some(after) = after {
            commands(address, before, after, found);
        }
    }
    for (before, after) in compare.changed("aws_lambda_function") {
        package(before, after, found);
    }
    for (before, after) in compare.changed("aws_api_gateway_deployment") {
        // `depends_on` has the names without the module, which is the module of the deployment.
        let module = after.address.strip_suffix(after.local()).unwrap_or_default();
        let gone = |it: &str| compare.is_gone(&format!("{module}{it}"));
        let waits = |it: &Block| super::block::scalars(&it.body["depends_on"]);
        let new = waits(after);
        let early = waits(before).into_iter().filter(|it| !new.contains(it) && !gone(it));
        let early: Vec<_> = early.collect();
        if !early.is_empty() {
            let problem =
                "it can be created before parts of the API, and then its snapshot lacks them";
            found.push(loosened(Severity::Warning, &after.address, problem).with(early));
        }
    }
    let version = |it: &Value| items(it).first().map(|it| it["required_version"].clone());
    if version(&compare.before.terraform) != version(&compare.after.terraform) {
        let problem = "other versions of Terraform may run it";
        found.push(loosened(Severity::Warning, "terraform", problem));
    }
    let providers = |it: &Value| items(it).first().map(|it| it["required_providers"].clone());
    let (old, new) = (providers(&compare.before.terraform), providers(&compare.after.terraform));
    for field in diff::fields(&old.unwrap_or_default(), &new.unwrap_or_default()) {
        let (severity, what) = match field.path.rsplit('.').next() {
            Some("version") => (Severity::Warning, "another version of a provider is run"),
            Some("source") => (Severity::Danger, "another provider is run"),
            _ if !field.path.contains('.') => (Severity::Danger, "another provider is run"),
            _ => continue,
        };
        found.push(loosened(severity, "terraform", format!("{what}: {field}")));
    }
}

/// A package is built for one processor. If the processor changes, the path of the package must change with it, and
/// only in the name of the processor.
fn package(before: &Block, after: &Block, found: &mut Vec<Found>) {
    let processor = |it: &Block| it.texts(&["architectures"]).concat();
    let processor = |it: &Block| match processor(it).as_str() {
        "" => "x86_64".to_owned(),
        it => it.to_owned(),
    };
    let (old, new) = (processor(before), processor(after));
    let file = |it: &Block| it.text(&["filename"]).unwrap_or_default().to_owned();
    // A path that names a processor names the one that the function runs on.
    let is_of_other = ["x86_64", "arm64"].iter().any(|it| *it != new && file(after).contains(it));
    if before.body["filename"] == after.body["filename"] && old != new
        || is_of_other && before.body["filename"] != after.body["filename"]
    {
        let problem =
            format!("it does not start: it runs on {new}, and its package is for another one");
        found.push(Found::new(Severity::Danger, Rule::Stopped, &after.address, problem));
    }
    let is_elsewhere = ["filename", "source_code_hash"].iter().any(|name| {
        let text = |it: &Block| match it.body[*name].as_str() {
            Some(it) => Value::from(it.replace("x86_64", "arm64")),
            None => it.body[*name].clone(),
        };
        // If the processor changes, only its name may differ.
        if old == new {
            before.body[*name] != after.body[*name]
        } else {
            text(before) != text(after)
        }
    });
    if is_elsewhere {
        let problem =
            "its code, or the hash by which Terraform sees that it changed, comes from elsewhere";
        found.push(loosened(Severity::Warning, &after.address, problem));
    }
}

fn loosened(severity: Severity, address: &str, problem: impl Into<String>) -> Found {
    Found::new(severity, Rule::DeliveryLoosened, address, problem)
}

/// Changed files that Terraform does not read, such as those with the commands of builds.
pub(super) fn files(
    name: &str,
    (before, after): (&Files, &Files),
    other: &[String],
    found: &mut Vec<Found>,
) {
    for path in other {
        let inside = path.strip_prefix(&format!("generated/{name}/")).unwrap_or(path);
        let is_for_people = inside.ends_with(".md") || inside == "addresses.txt";
        let delivers = ["buildspecs/", ".github/", "buildspec.yml"];
        if delivers.iter().any(|it| inside.starts_with(it)) {
            let word = match (before.contains_key(path), after.contains_key(path)) {
                (false, _) => "new commands that a build can run: read them",
                (_, false) => "commands that a build runs are gone",
                _ => "a build runs other commands: read them",
            };
            found.push(loosened(Severity::Warning, inside, word));
        } else if !is_for_people && !is_baseline(inside) {
            let problem = "it differs, and the review does not know its readers: read it";
            found.push(Found::new(Severity::Warning, Rule::Unjudged, inside, problem));
        }
    }
}

/// Whether the file is the list of accepted findings of checkov. Tests read it, and no deployment does.
fn is_baseline(inside: &str) -> bool {
    inside == "checkov.baseline.json"
}

/// Commands that run on the machine of the apply, with its credentials.
fn commands(address: &str, before: Option<&Block>, after: &Block, found: &mut Vec<Found>) {
    let differs = |name: &str| {
        let old = before.map_or(&Value::Null, |it| &it.body[name]);
        !after.body[name].is_null() && *old != after.body[name]
    };
    if differs("provisioner") {
        let problem = "Terraform runs a command of its own when it makes or destroys this, with the \
                       credentials of the apply";
        found.push(loosened(Severity::Danger, address, problem));
    }
    if after.is_data()
        && after.tf_type == "external"
        && before.is_none_or(|it| it.body != after.body)
    {
        let problem = "Terraform runs a program with each plan, with the credentials of the plan";
        found.push(loosened(Severity::Danger, address, problem));
    }
}

/// One action of a pipeline, and when it runs: the position of its stage, and its `run_order` in the stage.
#[derive(Debug, Clone, Copy)]
struct Action<'b> {
    body: &'b Value,
    when: (usize, u64),
}

impl Action<'_> {
    fn is_approval(&self) -> bool {
        self.body["category"] == "Approval"
    }
}

type Actions<'b> = BTreeMap<(&'b str, &'b str), Action<'b>>;

/// Actions by the names of their stage and their own. In AWS, both are unique.
fn actions(pipeline: &Block) -> Actions<'_> {
    let stages = items(&pipeline.body["stage"]).iter().enumerate();
    let actions = stages.flat_map(|(at, stage)| {
        items(&stage["action"]).iter().filter_map(move |body| {
            // Without a number it is the first: <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html>
            let order = number(&body["run_order"]).unwrap_or(1.0) as u64;
            let name = (stage["name"].as_str()?, body["name"].as_str()?);
            Some((name, Action { body, when: (at, order) }))
        })
    });
    actions.collect()
}

/// The actions that an approval holds back: all that run after it.
fn held_back<'b>(all: &Actions<'b>, approval: &Action<'_>) -> Vec<(&'b str, &'b str)> {
    all.iter().filter(|(_, it)| it.when > approval.when).map(|(name, _)| *name).collect()
}

fn pipeline(before: &Block, after: &Block, found: &mut Vec<Found>) {
    let (old, new) = (actions(before), actions(after));
    for ((stage, name), action) in old.iter().filter(|(_, it)| it.is_approval()) {
        let is = new.get(&(*stage, *name)).filter(|it| it.is_approval());
        let Some(is) = is else {
            let problem = format!("{stage} runs without approval: the action {name} is gone");
            found.push(loosened(Severity::Danger, &after.address, problem));
            continue;
        };
        let held = held_back(&new, is);
        // Actions that the approval held back before the change, and that still run.
        let free = held_back(&old, action).into_iter().filter(|it| new.contains_key(it));
        let free: Vec<_> = free
            .filter(|it| !held.contains(it))
            .map(|(stage, name)| format!("{stage}/{name}"))
            .collect();
        if !free.is_empty() {
            let free = free.join(", ");
            let problem = format!("the approval {stage}/{name} comes too late to hold back {free}");
            found.push(loosened(Severity::Danger, &after.address, problem));
        }
    }
    let fields = diff::fields(&before.body, &after.body);
    let lines: Vec<_> = fields.iter().filter(|it| !is_harmless(it)).map(Field::to_string).collect();
    if !lines.is_empty() {
        let problem = "the pipeline runs other actions, or runs them in another way";
        found.push(loosened(Severity::Warning, &after.address, problem).with(lines));
    }
}

/// Whether the field changes no action of the pipeline. Another rule reports a new name.
fn is_harmless(field: &Field) -> bool {
    let path = field.argument();
    field.is_for_people() || path == "depends_on" || path == "name" || path.starts_with("tags")
}

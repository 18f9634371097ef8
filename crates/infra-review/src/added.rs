//! New blocks that affect existing resources: they use an existing role, or open an existing API.

use serde_json::Value;

use super::{
    block::{Block, items, target},
    compare::Comparison,
    finding::{
        Found, Rule,
        Rule::{DeliveryLoosened, Exposed, RightsWidened},
        Severity,
    },
    policy::bare,
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for block in compare.added().filter(|it| !it.is_data()) {
        let mut tell = |rule: Rule, problem: String| {
            found.push(Found::new(Severity::Warning, rule, &block.address, problem));
        };
        match block.tf_type.as_str() {
            "aws_codepipeline" => tell(DeliveryLoosened, "a new pipeline: read its steps".into()),
            "aws_codebuild_project" => {
                tell(DeliveryLoosened, "a new project runs commands: read them".into());
            }
            // If it names a stage, this stage serves the new deployment.
            "aws_api_gateway_deployment" if is_of_old(compare, block, "rest_api_id") => {
                tell(Rule::FlowChanged, "another snapshot of an existing API".into());
            }
            "aws_api_gateway_stage" if is_alone_unprotected(compare, block) => {
                let problem = "a new stage without the firewall that other stages have";
                tell(Exposed, problem.into());
            }
            "aws_api_gateway_stage" if is_without_limit(compare, block) => {
                let problem = "a new stage that no limit of its own bounds";
                tell(Exposed, problem.into());
            }
            "aws_api_gateway_stage" if is_of_old(compare, block, "rest_api_id") => {
                tell(Exposed, "an existing API can be called by another URL, too".into());
            }
            "aws_api_gateway_usage_plan" if is_for_old_stage(compare, block) => {
                let problem = match block.at(&["throttle_settings", "rate_limit"]).is_null() {
                    true => "its keys may call an existing stage, without a rate limit",
                    false => "its keys may call an existing stage",
                };
                tell(Exposed, problem.into());
            }
            "aws_api_gateway_usage_plan_key" if is_of_old(compare, block, "usage_plan_id") => {
                tell(Exposed, "another key may call the API".into());
            }
            // The rules for policies judge the permissions.
            it if it.starts_with("aws_iam_") => continue,
            _ => (),
        }
        if let Some(provider) = block.text(&["provider"]) {
            tell(
                Rule::Unjudged,
                format!("it is new, and the provider {provider} makes it: read the plan"),
            );
        }
        let mut roles = Vec::new();
        walk("", &block.body, &mut |name, text| {
            if is_role(name) && !target(text).is_some_and(|it| compare.is_new(it)) {
                roles.push(bare(text));
            }
        });
        for role in roles {
            tell(
                RightsWidened,
                format!("it works with the permissions of an existing role: {role}"),
            );
        }
    }
}

fn is_of_old(compare: &Comparison<'_>, block: &Block, argument: &str) -> bool {
    !block.refers(&[argument]).is_some_and(|it| compare.is_new(it))
}

/// Whether other stages have a firewall, and this one has none.
fn is_alone_unprotected(compare: &Comparison<'_>, stage: &Block) -> bool {
    let protected: Vec<_> = compare
        .after
        .of_type("aws_wafv2_web_acl_association")
        .filter_map(|it| it.refers(&["resource_arn"]))
        .collect();
    let is_stage = |it: &&str| {
        let block = compare.after.blocks.get(*it);
        block.is_some_and(|it| it.tf_type == "aws_api_gateway_stage")
    };
    protected.iter().any(is_stage) && !protected.contains(&stage.address.as_str())
}

/// Whether the stage has no method settings for `*/*`, which limit the calls of all its methods.
fn is_without_limit(compare: &Comparison<'_>, stage: &Block) -> bool {
    let mut settings = compare.after.of_type("aws_api_gateway_method_settings");
    !settings.any(|it| {
        it.text(&["method_path"]) == Some("*/*")
            && it.refers(&["stage_name"]) == Some(stage.address.as_str())
    })
}

/// Whether a usage plan is for a stage that existed before. A stage that is not a reference counts as such a stage.
fn is_for_old_stage(compare: &Comparison<'_>, plan: &Block) -> bool {
    let stage = |it: &Value| it["stage"].as_str().and_then(target).map(str::to_owned);
    let mut stages = items(&plan.body["api_stages"]).iter();
    stages.any(|it| !stage(it).is_some_and(|it| compare.is_new(&it)))
}

/// Whether the argument names the role that a resource assumes.
fn is_role(name: &str) -> bool {
    matches!(name, "role" | "service_role" | "credentials") || name.ends_with("role_arn")
}

/// Calls `tell` with every text of a body and the name of its argument.
fn walk(name: &str, value: &Value, tell: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => tell(name, text),
        Value::Array(items) => items.iter().for_each(|it| walk(name, it, tell)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "//" | "description"))
            .for_each(|(name, it)| walk(name, it, tell)),
        _ => (),
    }
}

//! Blocks that are new, and have a hold on what was there: a known role, the API.

use serde_json::Value;

use super::{
    block::{Block, target},
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
            "aws_api_gateway_stage" if is_alone_unprotected(compare, block) => {
                let problem = "a new stage without the firewall that other stages have";
                tell(Exposed, problem.into());
            }
            "aws_api_gateway_usage_plan_key" if is_of_old(compare, block, "usage_plan_id") => {
                tell(Exposed, "another key may call the API".into());
            }
            // What rights they give is judged with the policies.
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
                format!("it works with the rights of a role that is not new: {role}"),
            );
        }
    }
}

fn is_of_old(compare: &Comparison<'_>, block: &Block, argument: &str) -> bool {
    !block.refers(&[argument]).is_some_and(|it| compare.is_new(it))
}

/// Whether stages have a firewall, and this one has none.
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

/// Arguments that name the role by which something works.
fn is_role(name: &str) -> bool {
    matches!(name, "role" | "service_role" | "credentials") || name.ends_with("role_arn")
}

/// Every text of a body, with the name of the argument that it stands in.
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

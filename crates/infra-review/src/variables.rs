//! Judges changes of the environment variables of functions.

use serde_json::Value;

use super::{
    block::{Block, target},
    compare::Comparison,
    diff::short,
    finding::{Found, Rule, Severity},
    policy::bare,
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_lambda_function") {
        let (old, new) = (variables(before), variables(after));
        for (name, value) in new.as_object().into_iter().flatten() {
            let was = &old[name];
            // Other rules judge a reference to another resource, and another allowed origin.
            let is_told = !was.is_null()
                && (name == "CORS_ORIGIN" || refers(was) || refers(value))
                && !is_of_the_runtime(name);
            if was == value || is_told {
                continue;
            }
            let severity =
                if is_of_the_runtime(name) { Severity::Danger } else { Severity::Warning };
            let value = bare(&short(value));
            let problem = match was {
                Value::Null => format!("it gets the variable `{name}`: {value}"),
                was => format!("`{name}` is {value}, before {}", bare(&short(was))),
            };
            found.push(Found::new(severity, Rule::FlowChanged, &after.address, problem));
        }
    }
}

fn variables(function: &Block) -> &Value {
    function.at(&["environment", "variables"])
}

fn refers(value: &Value) -> bool {
    value.as_str().and_then(target).is_some()
}

/// Whether the runtime, the loader or the SDK reads a variable, which can run other code or redirect calls.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
fn is_of_the_runtime(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["AWS_", "LD_", "_"].iter().any(|it| name.starts_with(it)) || name.ends_with("_PROXY")
}

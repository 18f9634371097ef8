//! Service integrations: every parameter by its name and its type.
//!
//! AWS refuses a parameter that it does not know, while the machine is created or with `States.Runtime`, which nothing
//! retries or catches. What an expression will give is not looked into here: `model/flow/jsonata.rs` builds those, and
//! `lambdas/asl` looks at what they give.

use integrations::{Arguments, Integration};
use serde_json::Value;

use super::scope::{Report, State};

const RULE: &str = "asl/integration";

/// How the `Resource` of a service integration begins. Others are functions and activities, which take any JSON.
const SERVICE: &str = "arn:aws:states:::";

pub(super) fn check(state: &State<'_>, report: &mut Report<'_>) {
    let Some(resource) = state.text("Resource").filter(|_| state.kind() == "Task") else { return };
    let Some(integration) = Integration::of(resource) else {
        // An ARN that Terraform fills in is a function's or an activity's.
        if resource.starts_with(SERVICE)
            || !resource.starts_with("${") && !resource.starts_with("arn:")
        {
            let known: Vec<&str> = Integration::all().collect();
            report.at(
                &state.place,
                RULE,
                format!("`Resource` is {resource:?}, and what that takes is not known here"),
                format!(
                    "use one of {}; or add it to lambdas/integrations/derive.py",
                    known.join(", ")
                ),
            );
        }
        return;
    };
    let none = Value::Object(serde_json::Map::new());
    let arguments = state.body.get("Arguments").unwrap_or(&none);
    for problem in integration.problems(arguments, Arguments::Written) {
        report.at(
            &state.place,
            RULE,
            format!("`Arguments` of {resource}: {problem}"),
            "use the names that the integration takes: those of the AWS SDK for Java behind `aws-sdk:`, else the \
             service's own",
        );
    }
}

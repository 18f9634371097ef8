//! Checks the parameters of service integrations, by name and type.
//!
//! AWS refuses an unknown parameter when the machine is created, or with `States.Runtime`, which no `Retry` and no `Catch`
//! handles. The values of expressions are not checked here: `model/flow/jsonata.rs` builds the expressions, and
//! `crates/asl` checks their values.

use integrations::{Arguments, Integration};
use serde_json::Value;

use super::scope::{Report, State};

const RULE: &str = "asl/integration";

/// The prefix of a service integration's `Resource`. Other tasks are functions and activities, which accept any JSON.
const SERVICE: &str = "arn:aws:states:::";

pub(super) fn check(state: &State<'_>, report: &mut Report<'_>) {
    let Some(resource) = state.text("Resource").filter(|_| state.kind() == "Task") else { return };
    let Some(integration) = Integration::of(resource) else {
        // A placeholder stands for the ARN of a function or an activity.
        if resource.starts_with(SERVICE)
            || !resource.starts_with("${") && !resource.starts_with("arn:")
        {
            let known: Vec<&str> = Integration::all().collect();
            report.at(
                &state.place,
                RULE,
                format!("`Resource` is {resource:?}, an integration whose parameters infra-gen does not know"),
                format!(
                    "use one of {}; or add it to crates/integrations/derive.py",
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
            "use the integration's names: those of the AWS SDK for Java if it begins with `aws-sdk:`, otherwise the \
             names of the service's API",
        );
    }
}

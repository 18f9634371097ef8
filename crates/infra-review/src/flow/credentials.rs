//! Finds states that assume another role than that of the state machine.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::states;
use crate::{
    block::{Block, target},
    compare::Comparison,
    diff::short,
    finding::{Found, Rule, Severity},
    policy::bare,
};

/// Checks new machines, too. `rights` reports the permissions of a machine's own role, but not those of this one.
pub(crate) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (address, before, after) in compare.all() {
        let document = after.and_then(|it| it.document.as_ref());
        let is_machine = after.is_some_and(|it| it.tf_type == "aws_sfn_state_machine");
        let Some(document) = document.filter(|_| is_machine) else { continue };
        let was = before.and_then(|it: &Block| it.document.as_ref());
        let was = was.map_or(BTreeMap::new(), states);
        for (name, state) in states(document) {
            let credentials = &state["Credentials"];
            let old = was.get(name).map_or(&Value::Null, |it| &it["Credentials"]);
            if credentials.is_null() || credentials == old {
                continue;
            }
            let role = &credentials["RoleArn"];
            let severity = if is_own(compare, role) { Severity::Warning } else { Severity::Danger };
            let role = role.as_str().map_or_else(|| short(role), bare);
            let problem = format!("it assumes another role: {role}");
            let at = format!("{address}/{name}");
            found.push(Found::new(severity, Rule::RightsWidened, at, problem));
        }
    }
}

/// Whether a role belongs to this root or to its account. A role that only the execution computes does not.
fn is_own(compare: &Comparison<'_>, role: &Value) -> bool {
    let Some(role) = role.as_str() else { return false };
    let is_here = target(role).is_some_and(|it| compare.after.blocks.contains_key(it));
    let account = role.strip_prefix("arn:").and_then(|it| it.split(':').nth(3));
    is_here || account.is_some_and(|it| compare.after.accounts().iter().any(|own| own == it))
}

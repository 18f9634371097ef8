//! Checks the GitHub workflow: that a YAML parser reads the values that were written, and that no command contains text
//! from outside.

use serde_json::Value;

use super::{Violation, buildspec::located::Located};
use crate::render::workflow::{Step, Workflow};

/// Every violation in the `text` of a workflow, which is in the file `path`.
pub fn check(path: &str, text: &str, workflow: &Workflow) -> Vec<Violation> {
    let read = match Located::parse(text) {
        Ok(located) => located.value,
        Err(error) => {
            let address = format!("{path}:{}", error.line);
            let fix =
                "correct templates/workflow.yml.tera: the file must be YAML without duplicate keys";
            return vec![Violation::new("workflow/yaml", address, error.problem, fix)];
        }
    };
    let mut found = Vec::new();
    for (id, job) in &workflow.jobs {
        let steps = &read["jobs"][*id]["steps"];
        let same = steps.as_array().is_some_and(|it| it.len() == job.steps.len());
        if !same {
            found.push(differs(path, &format!("jobs.{id}.steps")));
            continue;
        }
        for (at, step) in job.steps.iter().enumerate() {
            let address = format!("jobs.{id}.steps[{at}]");
            found.extend(one(path, &address, step, &steps[at]));
        }
    }
    found
}

fn one(path: &str, address: &str, step: &Step, read: &Value) -> Option<Violation> {
    let Step::Run { command, .. } = step else {
        return (!read["uses"].is_string()).then(|| differs(path, address));
    };
    if read["run"] != command.as_str() {
        return Some(differs(path, &format!("{address}.run")));
    }
    // GitHub replaces `${{ … }}` before the shell runs, and the value may be the name of a stranger's branch.
    command.as_str().contains("${{").then(|| {
        Violation::new(
            "workflow/injection",
            format!("{path} {address}.run"),
            "GitHub would insert text into a shell command, so the author of that text could run commands",
            "pass the text to the step as an environment variable",
        )
    })
}

fn differs(path: &str, field: &str) -> Violation {
    Violation::new(
        "workflow/round-trip",
        format!("{path} {field}"),
        "a YAML parser reads another value than the one that was written",
        "correct the quoting in templates/workflow.yml.tera",
    )
}

//! Machines in place of the order machine, which end in a way that a test chooses.

use serde_json::{Value, json};

use super::Aws;

/// How executions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Not while the test runs.
    Never,
    /// At once, and well.
    Well,
    /// At once, with the error `Broken`.
    Badly,
}

impl Ending {
    fn definition(self) -> Value {
        let state = match self {
            Ending::Never => json!({ "Type": "Wait", "Seconds": 86_400, "End": true }),
            Ending::Well => json!({ "Type": "Succeed" }),
            Ending::Badly => json!({ "Type": "Fail", "Error": "Broken", "Cause": "internals" }),
        };
        json!({ "QueryLanguage": "JSONata", "StartAt": "Only", "States": { "Only": state } })
    }
}

/// Makes a machine, and says its ARN.
pub(super) fn create(aws: &Aws, ending: Ending) -> String {
    let call = aws
        .sfn
        .create_state_machine()
        .name(format!("dofs-dev-order-{ending:?}"))
        .role_arn(format!("arn:aws:iam::{}:role/dofs-dev-order", aws.account))
        .definition(ending.definition().to_string());
    aws.run(call.send()).state_machine_arn
}

impl Aws {
    /// A machine whose executions end so, by its ARN.
    #[track_caller]
    pub fn machine(&self, ending: Ending) -> String {
        create(self, ending)
    }

    /// What every execution of the order machine was started with, by its name.
    #[track_caller]
    pub fn executions(&self) -> Vec<(String, Value)> {
        let call = self.sfn.list_executions().state_machine_arn(&self.machine);
        let found = self.run(call.send());
        let read = |name: String, arn: &str| {
            let execution = self.run(self.sfn.describe_execution().execution_arn(arn).send());
            let input = execution.input.unwrap_or_default();
            let input = serde_json::from_str(&input).unwrap_or_else(|err| panic!("{input}: {err}"));
            (name, input)
        };
        found.executions.into_iter().map(|it| read(it.name, &it.execution_arn)).collect()
    }
}

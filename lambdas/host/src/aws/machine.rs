//! State machines in place of the order machine. The test chooses how their executions end.

use serde_json::{Value, json};

use super::Aws;

/// How executions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// They run for as long as the test.
    Never,
    /// They succeed at once.
    Well,
    /// They fail at once, with the error `Broken`.
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

/// Creates a state machine, and returns its ARN.
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
    /// Creates a state machine whose executions end as `ending`, and returns its ARN.
    #[track_caller]
    pub fn machine(&self, ending: Ending) -> String {
        create(self, ending)
    }

    /// Returns the name and the input of every execution of the order machine.
    #[track_caller]
    pub fn executions(&self) -> Vec<(String, Value)> {
        let call = self.sfn.list_executions().state_machine_arn(&self.machine);
        let found = self.run(call.send());
        let read = |name: String, arn: &str| {
            let execution = self.run(self.sfn.describe_execution().execution_arn(arn).send());
            let input = execution.input.unwrap_or_default();
            let input = serde_json::from_str(&input).unwrap_or_else(|err| {
                panic!("the input of an execution is not JSON ({err}): {input}")
            });
            (name, input)
        };
        found.executions.into_iter().map(|it| read(it.name, &it.execution_arn)).collect()
    }
}

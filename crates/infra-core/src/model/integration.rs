//! AWS APIs that state machines call directly, and the metrics of these calls.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html>

use super::{
    expr::Term,
    metric::Source,
    signal::{Form, Signal},
    stack::Module,
    unit::Count,
};

/// An API of an AWS service, as a task names it. The rights in `function_contract::kind` have only the names of the APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integration {
    /// GetItem of DynamoDB.
    DynamoDbGetItem,
    /// PutItem of DynamoDB.
    DynamoDbPutItem,
    /// TransactWriteItems of DynamoDB.
    DynamoDbTransactWriteItems,
}

impl Integration {
    const fn name(self) -> &'static str {
        match self {
            Integration::DynamoDbGetItem => "dynamodb:getItem",
            Integration::DynamoDbPutItem => "dynamodb:putItem",
            Integration::DynamoDbTransactWriteItems => "aws-sdk:dynamodb:transactWriteItems",
        }
    }

    /// A task's `Resource`.
    pub(in crate::model) fn resource(self) -> String {
        format!("arn:aws:states:::{}", self.name())
    }
}

impl Module<'_> {
    /// Failed and timed-out calls of these APIs by state machines. CloudWatch counts the calls of
    /// all machines of an account together, including retries. Its dimension contains the account, in contrast to a
    /// task's `Resource`.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html#cloudwatch-step-functions-service-integration-metrics>
    pub fn failed_calls(&self, of: &[Integration]) -> Signal<Count> {
        let scope = self.stack.scope();
        let mut metrics = Vec::new();
        for account in scope.account_ids() {
            for integration in of {
                let api = integration.name();
                let arn = format!("arn:aws:states:{}:{account}:{api}", scope.region.as_str());
                for name in ["ServiceIntegrationsFailed", "ServiceIntegrationsTimedOut"] {
                    let on = vec![("ServiceIntegrationResourceArn", Term::from(arn.as_str()))];
                    metrics.push(Source { namespace: "AWS/States".into(), name, dimensions: on });
                }
            }
        }
        Signal::faults(Form::Total(metrics))
    }
}

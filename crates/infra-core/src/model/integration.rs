//! AWS APIs that state machines call directly, and the metrics of these calls.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html>

use std::collections::BTreeSet;

use function_contract::kind::StateMachine;

use super::{
    expr::{Body, Term},
    metric::Source,
    signal::{Form, Signal},
    stack::{Handle, Module},
    unit::Count,
};

/// A task's `Resource` before the name of the API.
const RESOURCE: &str = "arn:aws:states:::";

/// An API of an AWS service, as a task names it. The rights in `function_contract::kind` have only the names of the APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Integration {
    /// GetItem of DynamoDB.
    DynamoDbGetItem,
    /// PutItem of DynamoDB.
    DynamoDbPutItem,
    /// TransactWriteItems of DynamoDB.
    DynamoDbTransactWriteItems,
}

impl Integration {
    const ALL: [Integration; 3] = [
        Integration::DynamoDbGetItem,
        Integration::DynamoDbPutItem,
        Integration::DynamoDbTransactWriteItems,
    ];

    /// The APIs that the states of a definition call, each once.
    pub(in crate::model) fn all_in(document: &Body) -> BTreeSet<Integration> {
        let all =
            |parts: &mut dyn Iterator<Item = &Body>| parts.flat_map(Integration::all_in).collect();
        match document {
            Body::Text(text) => {
                let called = text.strip_prefix(RESOURCE);
                Integration::ALL.into_iter().filter(|it| called == Some(it.name())).collect()
            }
            Body::List(items) => all(&mut items.iter()),
            Body::Map(fields) => all(&mut fields.values()),
            _ => BTreeSet::new(),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Integration::DynamoDbGetItem => "dynamodb:getItem",
            Integration::DynamoDbPutItem => "dynamodb:putItem",
            Integration::DynamoDbTransactWriteItems => "aws-sdk:dynamodb:transactWriteItems",
        }
    }

    /// A task's `Resource`.
    pub(in crate::model) fn resource(self) -> String {
        format!("{RESOURCE}{}", self.name())
    }
}

impl Module<'_> {
    /// Failed and timed-out calls of the APIs that a state machine calls directly. CloudWatch counts the calls of
    /// all machines of an account together, including retries. Its dimension contains the account, in contrast to a
    /// task's `Resource`.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html#cloudwatch-step-functions-service-integration-metrics>
    pub fn failed_calls<I: 'static>(&self, of: &Handle<StateMachine<I>>) -> Signal<Count> {
        let scope = self.stack.scope();
        let mut metrics = Vec::new();
        for account in scope.account_ids() {
            for integration in &of.facts().calls {
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

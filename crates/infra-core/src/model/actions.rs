//! The actions on each kind of resource, as IAM actions: on the resource itself, and on the key that encrypts it.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use function_contract::{
    Contract,
    item::{Item, TableIndex, index_name},
    kind::{
        ChangeMessageVisibility, DeleteItem, DescribeExecution, Function, GetItem, Invoke, PutItem,
        QueryIndex, Queue, ReceiveMessage, SendMessage, StartExecution, StateMachine, Table,
        UpdateItem,
    },
};

use super::{
    expr::Term,
    iam::{Action, Statement},
    stack::{Handle, Kind},
};

/// A kind whose data may be encrypted with a customer managed key. Rights on the key follow from the rights on the
/// resource.
pub(in crate::model) trait Encrypted: Kind {
    /// The statement for the key, if there is one.
    fn key_statement(on: &Handle<Self>, actions: &[&'static str]) -> Option<Statement>;
}

/// `Action on Kind: [on the resource] [on its key]`
macro_rules! actions {
    ($($action:ident on $kind:ident: [$($iam:literal),+] [$($kms:literal),*];)*) => {$(
        impl<P: 'static> Action<$kind<P>> for $action
        where
            $kind<P>: Encrypted,
        {
            fn statements(on: &Handle<$kind<P>>) -> Vec<Statement> {
                let own = Statement::new(&[$($iam),+], [on.attribute("arn")]);
                let key = <$kind<P> as Encrypted>::key_statement(on, &[$($kms),*]);
                [Some(own), key].into_iter().flatten().collect()
            }
        }
    )*};
}

actions! {
    SendMessage on Queue: ["sqs:SendMessage"] ["kms:Decrypt", "kms:GenerateDataKey"];
    ReceiveMessage on Queue:
        ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"] ["kms:Decrypt"];
    ChangeMessageVisibility on Queue: ["sqs:ChangeMessageVisibility"] [];
    GetItem on Table: ["dynamodb:GetItem"] ["kms:Decrypt"];
    PutItem on Table: ["dynamodb:PutItem"] ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];
    DeleteItem on Table:
        ["dynamodb:DeleteItem"] ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];
    UpdateItem on Table:
        ["dynamodb:UpdateItem"] ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"];
}

impl<I: Item, X: TableIndex<Item = I>> Action<Table<I>> for QueryIndex<X> {
    fn statements(on: &Handle<Table<I>>) -> Vec<Statement> {
        let index = Term::concat([
            on.attribute("arn"),
            Term::Text(format!("/index/{}", index_name::<X>())),
        ]);
        let own = Statement::new(&["dynamodb:Query"], [index]);
        [Some(own), Table::key_statement(on, &["kms:Decrypt"])].into_iter().flatten().collect()
    }
}

impl<C: Contract> Action<Function<C>> for Invoke {
    fn statements(on: &Handle<Function<C>>) -> Vec<Statement> {
        vec![Statement::new(&["lambda:InvokeFunction"], [on.alias("arn")])]
    }
}

impl<I: 'static> Action<StateMachine<I>> for StartExecution {
    fn statements(on: &Handle<StateMachine<I>>) -> Vec<Statement> {
        vec![Statement::new(&["states:StartExecution"], [on.attribute("arn")])]
    }
}

impl<I: 'static> Action<StateMachine<I>> for DescribeExecution {
    /// The ARN of an execution is that of its machine with `execution` for `stateMachine`, and with the name at the
    /// end.
    fn statements(on: &Handle<StateMachine<I>>) -> Vec<Statement> {
        let executions = Term::Call(
            "replace",
            vec![on.attribute("arn"), ":stateMachine:".into(), ":execution:".into()],
        );
        let all = Term::concat([executions, ":*".into()]);
        vec![Statement::new(&["states:DescribeExecution"], [all])]
    }
}

//! State machines: a [`Flow`] with a role, a log group and X-Ray tracing.

use std::collections::BTreeSet;

use function_contract::{kind::StateMachine, path::Payload};

use super::{
    data::DataKind,
    expr::{Body, Term},
    flow::{Ended, Flow},
    iam::{Addressed, Statement, Unscoped},
    integration::Integration,
    limits::{LogRetention, StateTimeout},
    name::Id,
    role::{self, Service},
    stack::{Handle, Kind, Meta, Module, Named},
};

impl<I: 'static> Kind for StateMachine<I> {
    const TF_TYPE: &'static str = "aws_sfn_state_machine";
    const LABEL: &'static str = "machine";
    type Facts = MachineFacts;
    const HAS_A_PAYLOAD: bool = true;
}

impl<I: 'static> Named for StateMachine<I> {}

impl<I: 'static> Addressed for StateMachine<I> {
    const CLIENT_ATTRIBUTE: &'static str = "arn";
}

/// Facts about a state machine.
pub struct MachineFacts {
    /// The timeout of an execution.
    pub(in crate::model) timeout: StateTimeout,
    /// The APIs that its states call directly, without a function.
    pub(in crate::model) calls: BTreeSet<Integration>,
}

/// The configuration of a state machine that does not follow from its flow.
pub struct MachineSpec {
    /// The timeout of an execution. No `Catch` handles it.
    pub timeout: StateTimeout,
    /// How long its log is kept.
    pub log_retention: LogRetention,
}

impl Module<'_> {
    /// Adds a state machine of type STANDARD. Its role has exactly the permissions that its states need. The type of
    /// the flow guarantees that every path ends.
    #[track_caller]
    pub fn state_machine<I: Payload>(
        &mut self,
        id: Id,
        spec: MachineSpec,
        flow: Flow<I, Ended>,
    ) -> Handle<StateMachine<I>> {
        let name = self.enter(id);
        let address = self.address(<StateMachine<I> as Kind>::TF_TYPE, name);
        let role = self.role(name, Service::States, &format!("the state machine {name}"));
        let group = self.log_group(
            name,
            // For names with this prefix, the account's log resource policy does not grow with each machine.
            format!("/aws/vendedlogs/states/{}", self.aws_name(name)),
            spec.log_retention,
            format!("The log of {name}: every state of every execution, without the data."),
        );
        let lowered = flow.lower(&address.to_string(), &id.doc(), spec.timeout);
        for violation in lowered.violations {
            self.stack.violate(violation);
        }
        self.stack.allow(role.address(), lowered.grant.into_statements());
        self.stack.allow(
            role.address(),
            [Unscoped::LogDelivery, Unscoped::XRay, Unscoped::XRaySampling]
                .map(Statement::unscoped),
        );
        let logging = Body::map([
            ("level", "ALL".into()),
            // Inputs and outputs hold what customers wrote.
            ("include_execution_data", false.into()),
            ("log_destination", Term::concat([group.attribute("arn"), ":*".into()]).into()),
        ]);
        let facts =
            MachineFacts { timeout: spec.timeout, calls: Integration::all_in(&lowered.document) };
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("type", "STANDARD".into()),
            ("role_arn", role.attribute("arn").into()),
            ("definition", Body::file(format!("{name}.asl.json"), lowered.document)),
            ("logging_configuration", Body::List(vec![logging])),
            ("tracing_configuration", Body::List(vec![Body::map([("enabled", true.into())])])),
        ]);
        // Step Functions checks the permissions for the log when the machine is created.
        let meta =
            Meta { depends_on: BTreeSet::from([role::role_policy_of(&role)]), ..Meta::default() };
        self.stack.hold::<I>(&address, DataKind::Input, Some(spec.timeout.get().into()));
        self.add_derived(name, id.doc(), facts, body, meta)
    }
}

//! Checks that the names that the operator's commands use are the names in the generated files.

use std::collections::BTreeSet;

use contracts::order::OrderAccepted;
use infra_core::{
    model::{Id, key::Encryption, limits::MessageRetention, name::Was, queue::DeadLetterQueueSpec},
    resource,
};
use infra_gen::{config::Environment, roots, topology::names};

use crate::kit::{self, A};

/// Every `name` of a resource of this type in a generated file.
fn generated(environment: Environment, tf_type: &str) -> BTreeSet<String> {
    let files = roots::environment(environment).files;
    let json = files.iter().filter(|(path, _)| path.ends_with(".tf.json"));
    let mut found = BTreeSet::new();
    for (_, text) in json {
        let file: serde_json::Value = serde_json::from_str(text).unwrap();
        for resource in file["resource"][tf_type].as_object().into_iter().flatten() {
            found.extend(resource.1["name"].as_str().map(str::to_owned));
        }
    }
    found
}

#[test]
fn names_are_those_that_are_generated() {
    fn check(environment: Environment) {
        let names = names(environment);
        let set = |names: [&str; 2]| BTreeSet::from(names.map(str::to_owned));
        assert_eq!(
            generated(environment, "aws_dynamodb_table"),
            set([&names.orders, &names.failed_orders])
        );
        let queues = set([&names.queue, &names.dead_letters]);
        assert!(generated(environment, "aws_sqs_queue").is_superset(&queues), "{queues:?}");
        assert_eq!(
            generated(environment, "aws_sfn_state_machine"),
            BTreeSet::from([names.machine.to_string()])
        );
        assert_eq!(*names.dead_letters, format!("dofs-{environment}-order-dlq"));
        assert_eq!(*names.queue, format!("dofs-{environment}-order-queue"));
    }
    Environment::ALL.into_iter().for_each(check);
}

/// AWS keeps the old name of a renamed resource, and so do operators.
#[test]
fn a_renamed_resource_keeps_its_name_in_aws() {
    fn check(id: Id, expected: &str) {
        let mut stack = kit::stack("dofs-test");
        let retention = MessageRetention::new(86_400);
        let spec = DeadLetterQueueSpec { encryption: Encryption::Aws, retention };
        let queue = stack.module(A).dead_letter_queue::<OrderAccepted>(id, spec);
        assert_eq!(&*stack.name_in_aws(&queue), expected);
    }
    const RENAMED: Id = resource!(
        /// Orders that wait.
        "order_q"
    );
    check(RENAMED, "dofs-test-order-q");
    check(RENAMED.was(const { &[Was::named("order_queue")] }), "dofs-test-order-queue");
}

//! Who may send to a queue, and how.

use serde_json::Value;

use super::everywhere;

/// A message with the attribute `Round` begins another round of a failed order, whoever sends it: the right to send is the
/// right to redrive.
#[test]
fn order_storage_alone_may_send_orders() {
    everywhere(|_, root| {
        let policies = root.policies();
        let may_send = |policy: &Value| {
            let statements = policy["statement"].as_array().unwrap();
            statements.iter().filter(|it| it["effect"] != "Deny").any(|statement| {
                let actions = statement["actions"].as_array().into_iter().flatten();
                let mut actions = actions.filter_map(Value::as_str);
                let resources = statement["resources"].to_string();
                let of_orders = resources.contains("order_queue") || resources.contains("\"*\"");
                of_orders
                    && actions
                        .any(|it| matches!(it, "*" | "sqs:*" | "sqs:Send*" | "sqs:SendMessage"))
            })
        };
        let senders: Vec<_> = policies.iter().filter(|(_, it)| may_send(it)).collect();
        let senders: Vec<_> = senders.into_iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(senders, ["lambdas.order_storage"]);
    });
}

#[test]
fn queues_refuse_requests_without_tls() {
    everywhere(|_, root| {
        for name in root.resources("aws_sqs_queue").keys() {
            let statement = &root.policies()[name]["statement"][0];
            assert_eq!(statement["effect"], "Deny");
            assert_eq!(statement["condition"][0]["variable"], "aws:SecureTransport");
        }
    });
}

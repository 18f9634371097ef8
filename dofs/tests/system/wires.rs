//! `dofs verify` finds a wire that is missing in the generated files, and names its address.

use std::fs;

use dofs::{root::Root, verify::differences};
use infra_core::model::backend::PROVIDER_VERSION;
use local_aws::Account;
use serde_json::Value;
use terraform_cli::Terraform;

use crate::support::scenario;

/// The wires to remove: the module, the JSON pointer, and the expected address.
const WIRES: [(&str, &str, &str); 5] = [
    (
        "lambdas",
        "/resource/aws_lambda_function/fulfill_order/environment/0/variables/ORDER_QUEUE_URL",
        "module.lambdas.aws_lambda_function.fulfill_order",
    ),
    (
        "lambdas",
        "/resource/aws_lambda_event_source_mapping/fulfill_order/function_response_types",
        "module.lambdas.aws_lambda_event_source_mapping.fulfill_order",
    ),
    (
        "sqs",
        "/resource/aws_sqs_queue/order_queue/visibility_timeout_seconds",
        "module.sqs.aws_sqs_queue.order_queue",
    ),
    (
        "lambdas",
        "/data/aws_iam_policy_document/order_storage/statement/0",
        "module.lambdas.aws_iam_role_policy.order_storage",
    ),
    (
        "monitoring",
        "/resource/aws_cloudwatch_metric_alarm/messages_unreadable/alarm_actions",
        "module.monitoring.aws_cloudwatch_metric_alarm.messages_unreadable",
    ),
];

#[test]
fn every_removed_wire_is_found() {
    scenario(|local| async move {
        let running = &local.up.running;
        let account = Account { id: running.account.clone(), region: running.region.clone() };
        let terraform = Terraform::find(PROVIDER_VERSION, &local.work).unwrap();
        // The files differ from the deployed resources, as if the deployment came from a copy without the wires.
        let work = local.work.join("wires");
        fs::create_dir_all(&work).unwrap();
        let packages = Root::packages(&work);
        let _ = fs::remove_file(&packages);
        std::os::unix::fs::symlink(Root::packages(&local.work), &packages).unwrap();
        let variables = account.variables(&running.endpoint);
        let root = Root::local(local.system.environment, &work, &terraform, variables).unwrap();
        for (module, pointer, _) in WIRES {
            let file = root.folder.join("modules").join(module).join("main.tf.json");
            let mut json: Value =
                serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let parent = json.pointer_mut(parent).unwrap_or_else(|| panic!("{module} {pointer}"));
            let pulled = match parent {
                Value::Object(fields) => fields.remove(name),
                Value::Array(items) => Some(items.remove(name.parse::<usize>().unwrap())),
                _ => None,
            };
            assert!(pulled.is_some(), "{module}: nothing at {pointer}");
            fs::write(file, json.to_string()).unwrap();
        }
        let found = differences(&root).await.unwrap_or_else(|err| panic!("{err:#}"));
        let named: Vec<&str> = found.iter().map(|it| it.address.as_str()).collect();
        for (_, pointer, address) in WIRES {
            assert!(
                named.contains(&address),
                "{pointer} was pulled, and {address} not named: {named:?}"
            );
        }
    });
}

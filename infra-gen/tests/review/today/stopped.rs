//! Edits that stop work, and limits that no longer fit each other.

use serde_json::{Value, json};

use super::{TABLES, Tree, between, check};

#[test]
fn a_change_that_stops_work_is_a_finding() {
    let stopped = |address: &str| format!("danger stopped prod {address}");
    let one = |module: &'static str, address: &'static str, edit: fn(&mut Value)| {
        let expected = stopped(&format!("module.{module}.{address}"));
        check(|tree| tree.block("prod", module, address, edit), &[&expected]);
    };
    let schedule = "aws_scheduler_schedule.reconcile_schedule";
    one("lambdas", schedule, |it| it["state"] = "DISABLED".into());
    one("dynamodb", TABLES, |it| it["is_enabled"] = false.into());
    let function = "aws_lambda_function.fulfill_order";
    one("lambdas", function, |it| it["reserved_concurrent_executions"] = 0.into());
    let source = "aws_lambda_event_source_mapping.fulfill_order";
    one("lambdas", source, |it| {
        it["filter_criteria"] = json!([{ "filter": [{ "pattern": "{\"body\":{}}" }] }]);
    });
    let gone = stopped(&format!("module.lambdas.{schedule}"));
    check(|tree| tree.without("prod", "lambdas", schedule), &[&gone]);
    check(
        |tree| {
            tree.block("prod", "lambdas", schedule, |it| {
                it["schedule_expression"] = "rate(12 hours)".into();
            });
        },
        &[&format!("warning stopped prod module.lambdas.{schedule}")],
    );
    check(
        |tree| {
            tree.block("prod", "api_gateway", "aws_api_gateway_api_key.orders", |it| {
                it["enabled"] = false.into();
            });
        },
        &[&stopped("module.api_gateway.aws_api_gateway_api_key.orders")],
    );
    check(
        |tree| tree.without("prod", "api_gateway", "aws_lambda_permission.post_order"),
        &["warning stopped prod module.lambdas.aws_lambda_function.api_handler"],
    );
}

/// A limit that was too small before, and is smaller now.
#[test]
fn a_growing_mismatch_is_a_finding() {
    let hidden = |seconds: u64| {
        move |tree: &mut Tree| {
            tree.block("prod", "sqs", "aws_sqs_queue.order_queue", |it| {
                it["visibility_timeout_seconds"] = seconds.into();
            });
        }
    };
    let misfit = ["danger limits-misfit prod module.sqs.aws_sqs_queue.order_queue"];
    between(hidden(60), hidden(30), &misfit);
}

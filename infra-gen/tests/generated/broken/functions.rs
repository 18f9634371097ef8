//! Functions.

use contracts::{
    functions::{ReconcileOrders, ReconcileOrdersEnv},
    order::FailedOrder,
};
use function_contract::{
    kind::{Function, Table},
    setting::{LogLevel, Minutes},
};
use infra_core::{
    model::{
        Handle, Wire,
        limits::{FunctionTimeout, Schedule},
        quotas::{Bucket, Quotas, Taken},
    },
    resource,
};
use infra_gen::config::Origin;

use super::{api::api, check, check_named, check_problem};
use crate::kit::*;

/// `TEN` is what the function of the API reserves, and Lambda keeps 100.
#[test]
fn functions_that_leave_the_account_nothing() {
    #[track_caller]
    fn check(concurrency: u32, taken: u32, broken: bool) {
        let mut stack = stack("dofs-test");
        let requests = Bucket::default();
        let quotas = Quotas { concurrency, ..stack.quotas() };
        stack.set_quotas(quotas, Taken { concurrency: taken, requests });
        api(&mut stack.module(A), SHORT, Origin::ANY);
        let found = violations(&stack.finish());
        let told: Vec<_> = found.iter().map(|it| (it.rule, it.address.as_str())).collect();
        let at = "module.a.aws_lambda_function.api.reserved_concurrent_executions";
        let expected = [("limit/reserved-concurrency", at)];
        assert_eq!(told, if broken { &expected[..] } else { &[] });
        assert!(found.iter().all(|it| it.fix.contains("L-B99A9384")), "{found:?}");
    }
    check(110, 0, false);
    check(109, 0, true);
    check(310, 200, false);
    check(309, 200, true);
    // A new account.
    check(10, 0, true);
}

#[test]
fn names_that_aws_refuses() {
    let prefix = "a-prefix-that-is-much-too-long-for-the-name-of-a-lambda-function";
    check_named(prefix, "limit/name-length", "module.a.aws_", |stack| {
        validator(&mut stack.module(A), "n", SHORT);
    });
}

#[test]
fn variables_that_lambda_refuses() {
    check("limit/environment-size", "module.a.aws_lambda_function.validator", |stack| {
        validator(&mut stack.module(A), &"n".repeat(5000), SHORT);
    });
}

#[test]
fn a_function_that_outlasts_its_schedule() {
    #[track_caller]
    fn check(timeout: u16, when: Schedule, expected: Option<&str>) {
        const DEADLINE: Minutes = Minutes::new(15);
        check_problem("limit/schedule-interval", expected, |stack| {
            let mut module = stack.module(A);
            let orders = table(&mut module);
            let failed: Handle<Table<FailedOrder>> = module.table(
                resource!(
                    /// Failed.
                    "failed"
                ),
                table_spec(),
            );
            let env = ReconcileOrdersEnv {
                orders: orders.access(),
                failed_orders: failed.access(),
                processing_deadline: Wire::setting(DEADLINE),
                log_level: Wire::setting(LogLevel::Info),
                metrics_namespace: Wire::setting("n".parse().unwrap()),
            };
            let function: Handle<Function<ReconcileOrders>> = module.function(
                resource!(
                    /// Closes.
                    "reconcile"
                ),
                spec(env, FunctionTimeout::new(timeout)),
            );
            let id = resource!(
                /// Every minute.
                "tick"
            );
            let _ = module.on_schedule(id, when, &function);
        });
    }
    let every_minute = Schedule::every_minutes(1);
    check(60, every_minute, None);
    check(61, every_minute, Some("every 60 s, but a call may take 61 s"));
    check(900, Schedule::cron("* * * * ? *"), None);
}

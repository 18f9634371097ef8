//! Resources that nothing uses.

use contracts::{
    functions::{OrderStorage, OrderStorageEnv},
    metric::OrderMetric,
};
use function_contract::{kind::Function, setting::LogLevel};
use infra_core::{
    check,
    model::{
        Handle, Stack, Wire,
        alarm::AlarmSpec,
        dashboard::{Row, Widget},
        key::{Key, Logs},
        limits::{DailyQuota, KeyDeletionWindow},
        metric::Namespace,
        policy::Posture,
        rest_api::{Callers, Origin},
        topic::Email,
        unit::Count,
    },
    resource,
};

use crate::kit::*;

/// The lint finds exactly these resources.
#[track_caller]
fn check(lint: &str, expected: &[&str], built: impl FnOnce(&mut Stack)) {
    let mut stack = stack("dofs-test");
    built(&mut stack);
    let found = check::stack(&stack.finish());
    let found = found.iter().filter(|it| it.rule == lint);
    let found: Vec<_> = found.map(|it| it.address.as_str()).collect();
    assert_eq!(found, expected);
}

#[test]
fn queues_at_one_end_of_which_nothing_is() {
    const ALIVE: &[&str] = &["module.a.aws_sqs_queue.alive"];
    let alone = |stack: &mut Stack| drop(queue(&mut stack.module(A), DAY, TWO_DAYS));
    check("wiring/queue-without-sender", ALIVE, alone);
    check("wiring/queue-without-consumer", ALIVE, alone);

    let taken = |stack: &mut Stack| drop(fulfill_order(&mut stack.module(A), SHORT, source()));
    check("wiring/queue-without-sender", ALIVE, taken);
    check("wiring/queue-without-consumer", &[], taken);
    check("wiring/queue-without-sender", &[], |stack| {
        let queue = queue(&mut stack.module(A), DAY, TWO_DAYS);
        stack.others_send(&queue);
    });

    let sent = |stack: &mut Stack| {
        let mut module = stack.module(A);
        let env = OrderStorageEnv {
            orders: table(&mut module).access(),
            queue: queue(&mut module, DAY, TWO_DAYS).access(),
            log_level: Wire::setting(LogLevel::Info),
        };
        let _: Handle<Function<OrderStorage>> = module.function(
            resource!(
                /// Stores.
                "store"
            ),
            spec(env, SHORT),
        );
    };
    check("wiring/queue-without-sender", &[], sent);
    check("wiring/queue-without-consumer", ALIVE, sent);
}

#[test]
fn tables_that_nothing_writes_or_reads() {
    const ORDERS: &[&str] = &["module.a.aws_dynamodb_table.orders"];
    let alone = |stack: &mut Stack| drop(table(&mut stack.module(A)));
    check("wiring/table-without-writer", ORDERS, alone);
    check("wiring/table-without-reader", ORDERS, alone);
    check("wiring/table-without-reader", &[], |stack| {
        let orders = table(&mut stack.module(A));
        stack.operators_read(&orders);
    });

    // It reads and updates orders, and only puts and deletes failed ones.
    let used = |stack: &mut Stack| drop(fulfill_order(&mut stack.module(A), SHORT, source()));
    check("wiring/table-without-writer", &[], used);
    check("wiring/table-without-reader", &["module.a.aws_dynamodb_table.failed"], used);
}

#[test]
fn functions_that_nothing_calls() {
    const LINT: &str = "wiring/function-without-caller";
    let alone = |stack: &mut Stack| drop(validator(&mut stack.module(A), "n", SHORT));
    check(LINT, &["module.a.aws_lambda_function.validator"], alone);
    check(LINT, &[], |stack| {
        let mut module = stack.module(A);
        let flow = validating(&mut module, SHORT);
        machine(&mut module, flow, HOUR);
    });
    check(LINT, &[], |stack| {
        super::api::api(&mut stack.module(A), SHORT, infra_gen::config::Origin::ANY);
    });
    check(LINT, &[], |stack| drop(fulfill_order(&mut stack.module(A), SHORT, source())));
}

#[test]
fn topics_at_one_end_of_which_nothing_is() {
    fn topic(stack: &mut Stack, emails: &[Email]) {
        const WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(7);
        let mut module = stack.module(A);
        let key = module.key(
            resource!(
                /// Encrypts.
                "operators"
            ),
            WINDOW,
        );
        let id = resource!(
            /// Notifies the operators.
            "operators"
        );
        drop(module.alarm_topic(id, &key, emails));
    }
    const EMAIL: Email = Email::new("operators@example.com");
    const OPERATORS: &[&str] = &["module.a.aws_sns_topic.operators"];
    check("wiring/topic-without-publisher", OPERATORS, |stack| topic(stack, &[EMAIL]));
    check("wiring/topic-without-publisher", &[], |stack| {
        // With an alarm on its dead letters.
        queue(&mut stack.module(A), DAY, TWO_DAYS);
    });
    let production = |emails: &'static [Email]| {
        move |stack: &mut Stack| {
            stack.set_posture(Posture::Production);
            topic(stack, emails);
        }
    };
    check("wiring/topic-without-subscriber", OPERATORS, production(&[]));
    check("wiring/topic-without-subscriber", &[], production(&[EMAIL]));
    check("wiring/topic-without-subscriber", &[], |stack| topic(stack, &[]));
}

#[test]
fn apis_that_callers_cannot_reach() {
    fn built(stack: &mut Stack, callers: Callers, url: bool, key: bool) {
        let api = super::api::api_for(&mut stack.module(A), SHORT, Origin::ANY, callers);
        if url {
            stack.output("url", "The URL.", &api.url());
        }
        if let (Some(it), true) = (api.key(), key) {
            stack.output("key", "The key.", it);
        }
    }
    const DAILY: DailyQuota = DailyQuota::new(1);
    const URL: &str = "wiring/api-without-url";
    const KEY: &str = "wiring/api-key-without-reader";
    check(URL, &["module.a.aws_api_gateway_stage.orders"], |it| {
        built(it, Callers::Anyone, false, false);
    });
    check(URL, &[], |it| built(it, Callers::Anyone, true, false));
    let with_key = Callers::WithKey { daily: DAILY };
    check(KEY, &["module.a.aws_api_gateway_api_key.orders"], |it| built(it, with_key, true, false));
    check(KEY, &[], |it| built(it, with_key, true, true));
}

#[test]
fn alarms_that_fire_together() {
    fn stuck(stack: &mut Stack, metric: OrderMetric, above: u32) {
        let orders = Namespace::new(stack.scope(), "orders");
        let mut module = stack.module(A);
        let topic = operators(&mut module);
        let first = resource!(
            /// One.
            "first"
        );
        let second = resource!(
            /// Two.
            "second"
        );
        let faults = orders.faults(OrderMetric::OrdersStuck).sum();
        module.alarm(first, AlarmSpec::lasting(faults, Count(0), &topic));
        let faults = orders.faults(metric).sum();
        module.alarm(second, AlarmSpec::lasting(faults, Count(above), &topic));
    }
    const LINT: &str = "wiring/same-alarm";
    check(LINT, &["module.a.aws_cloudwatch_metric_alarm.second"], |stack| {
        stuck(stack, OrderMetric::OrdersStuck, 0);
    });
    check(LINT, &[], |stack| stuck(stack, OrderMetric::OrdersStuck, 1));
    check(LINT, &[], |stack| stuck(stack, OrderMetric::CallsThrottled, 0));
}

#[test]
fn graphs_of_the_same_metrics() {
    fn shown(stack: &mut Stack, second: OrderMetric) {
        let orders = Namespace::new(stack.scope(), "orders");
        let graph = |title, metric| Widget::new(title, [orders.metric(metric).sum()]);
        let widgets = vec![graph("Stuck", OrderMetric::OrdersStuck), graph("Other", second)];
        stack.module(A).dashboard(
            resource!(
                /// Orders.
                "orders"
            ),
            vec![Row { title: "Orders", widgets }],
        );
    }
    const LINT: &str = "wiring/same-graph";
    check(LINT, &["module.a.aws_cloudwatch_dashboard.orders"], |stack| {
        shown(stack, OrderMetric::OrdersStuck);
    });
    check(LINT, &[], |stack| shown(stack, OrderMetric::CallsThrottled));
}

#[test]
fn resources_that_the_dashboard_lacks() {
    fn dashboard(stack: &mut Stack, rows: Vec<Row>) {
        stack.module(B).dashboard(
            resource!(
                /// All.
                "all"
            ),
            rows,
        );
    }
    const LINT: &str = "wiring/not-shown";
    fn built(stack: &mut Stack) {
        fulfill_order(&mut stack.module(A), SHORT, source());
    }
    check(LINT, &[], built);
    let tables = ["module.a.aws_dynamodb_table.failed", "module.a.aws_dynamodb_table.orders"];
    check(LINT, &tables, |stack| {
        built(stack);
        let functions = Row::of("functions", &stack.functions());
        let queues = Row::of("queues", &stack.queues()).and(&stack.dead_letter_queues());
        dashboard(stack, vec![functions, queues]);
    });
    check(LINT, &[], |stack| {
        built(stack);
        let functions = Row::of("functions", &stack.functions());
        let queues = Row::of("queues", &stack.queues()).and(&stack.dead_letter_queues());
        let tables = Row::of("tables", &stack.tables());
        dashboard(stack, vec![functions, queues, tables]);
    });
}

#[test]
fn keys_that_encrypt_nothing() {
    const LINT: &str = "wiring/key-without-data";
    fn key(stack: &mut Stack) -> Handle<Key<Logs>> {
        const WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(7);
        stack.module(A).key(
            resource!(
                /// Encrypts logs.
                "logs"
            ),
            WINDOW,
        )
    }
    check(LINT, &["module.a.aws_kms_key.logs"], |stack| drop(key(stack)));
    check(LINT, &[], |stack| {
        let key = key(stack);
        stack.encrypt_logs(&key);
        validator(&mut stack.module(B), "n", SHORT);
    });
}

//! Resources that nothing uses.

use contracts::functions::{OrderStorage, OrderStorageEnv};
use function_contract::{kind::Function, setting::LogLevel};
use infra_core::{
    check,
    model::{
        Handle, Stack, Wire,
        key::{Key, Logs},
        limits::KeyDeletionWindow,
        policy::Posture,
        topic::Email,
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

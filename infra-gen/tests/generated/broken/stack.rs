//! Mistakes that no stack may have, whatever its topology is.

use contracts::order::{FailedOrder, OrderSubmitted};
use function_contract::{kind::Table, path::Expr};
use infra_core::{
    model::{Handle, ModuleName, flow},
    resource,
};

use super::check;
use crate::kit::*;

#[test]
fn two_blocks_at_one_address() {
    check("stack/duplicate", "module.a.aws_dynamodb_table.orders", |stack| {
        table(&mut stack.module(A));
        table(&mut stack.module(A));
    });
}

#[test]
fn a_handle_of_another_stack() {
    let mut other = stack("other");
    let foreign = table(&mut other.module(B));
    check("stack/foreign-handle", "module.a.aws_", |stack| {
        let mut module = stack.module(A);
        let done = flow::put_item("Put", flow::put(&foreign, record(), flow::When::absent()), TASK)
            .catching(
                |_| flow::leave(OrderSubmitted::caught(), &gone()),
                flow::leave(OrderSubmitted::caught(), &gone()),
            )
            .then(flow::succeed("Done"));
        machine(&mut module, done, HOUR);
    });
}

#[test]
fn an_output_of_another_stacks_handle() {
    let mut other = stack("other");
    let foreign = table(&mut other.module(B)).arn();
    check("stack/foreign-handle", "output.orders", |stack| {
        stack.output("orders", "The order table.", &foreign);
    });
}

fn record() -> contracts::order::OrderRecordAt<OrderSubmitted> {
    let order = OrderSubmitted::at();
    contracts::order::OrderRecordAt {
        order_id: order.order_id,
        customer_id: order.customer_id,
        product_id: order.product_id,
        quantity: order.quantity,
        price: order.price,
        total_amount: Expr::none(),
        status: Expr::literal(contracts::domain::OrderStatus::Processing),
        created_at: order.submitted_at.clone(),
        updated_at: order.submitted_at,
        validation_status: Expr::literal(contracts::domain::ValidationStatus::Valid),
        metadata: order.metadata,
        fulfillment_details: Expr::none(),
        failure_reason: Expr::none(),
        failure_timestamp: Expr::none(),
        error_message: Expr::none(),
        expires_at: Expr::none(),
        round: Expr::literal(0),
        dead_letter: Expr::none(),
    }
}

#[test]
fn two_attributes_by_one_name() {
    check("stack/label-clash", "module.c", |stack| {
        const C: ModuleName = ModuleName::new("c");
        let first = table(&mut stack.module(A));
        let second: Handle<Table<FailedOrder>> = stack.module(B).table(
            resource!(
                /// Failed orders, by the name of the other table.
                "orders"
            ),
            table_spec(),
        );
        let mut module = stack.module(C);
        let topic = operators(&mut module);
        module.watch_as("one", &first, (), &topic);
        module.watch_as("two", &second, (), &topic);
    });
}

/// Two tables of one item could be swapped without an error.
#[test]
fn two_resources_that_the_compiler_cannot_tell_apart() {
    check("stack/same-payload", "module.b.aws_dynamodb_table.orders", |stack| {
        table(&mut stack.module(A));
        table(&mut stack.module(B));
    });
    let mut stack = stack("dofs-test");
    table(&mut stack.module(A));
    table(&mut stack.module(B));
    let found = violations(&stack.finish());
    let [violation] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        violation.problem,
        "it and module.a.aws_dynamodb_table.orders are both a Table<OrderRecord>, so the compiler accepts each of \
         them in the place of the other"
    );
}

#[test]
fn two_outputs_of_one_name() {
    check("stack/duplicate", "output.table", |stack| {
        let orders = table(&mut stack.module(A));
        stack.output("table", "One.", &orders.arn());
        stack.output("table", "Two.", &orders.arn());
    });
}

#[test]
fn every_violation_says_which_line_it_comes_from() {
    let mut stack = stack("dofs-test");
    queue(&mut stack.module(A), TWO_DAYS, TWO_DAYS);
    let found = violations(&stack.finish());
    let source = found[0].source.as_deref().unwrap();
    assert!(source.contains("kit.rs:"), "{source}");
}

//! The estimated costs of DOFS in a month.

use infra_gen::{config::Environment, topology};
use infra_review::cost::*;
use serde_json::Value;

use crate::{root::Root, snapshot::snapshot};

fn of(environment: Environment, orders: &str) -> Estimate {
    estimate(&topology::dofs(environment), orders.parse().unwrap())
}

#[test]
fn numbers_of_orders_are_read() {
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(text.parse::<Orders>().ok().map(Orders::get), expected, "{text}");
    }
    check("1e6", Some(1_000_000));
    check("0", Some(0));
    check("250000", Some(250_000));
    for wrong in ["", "-1", "1.5", "NaN", "inf", "1e13", "many"] {
        check(wrong, None);
    }
}

#[test]
fn quantities_equal_those_counted_by_hand() {
    let estimate = of(Environment::Prod, "1e6");
    let quantity = |address: &str, what| {
        let line = estimate.lines.iter().find(|it| it.address == address && it.what == what);
        line.unwrap_or_else(|| panic!("no {what:?} at {address}")).quantity
    };
    // One POST and one GET for each order.
    let stage = "module.api_gateway.aws_api_gateway_stage.orders";
    assert_eq!(quantity(stage, Price::GatewayRequest), 2e6);
    let firewall = "module.api_gateway.aws_wafv2_web_acl.orders";
    assert_eq!(quantity(firewall, Price::FirewallRequest), 2e6);
    assert_eq!(quantity(firewall, Price::FirewallRule), 7.0);
    // Step Functions counts the start, too.
    let machine = "module.stepfunctions.aws_sfn_state_machine.order";
    let transitions = 1 + states_of_a_stored_order();
    assert_eq!(quantity(machine, Price::MachineTransition), transitions as f64 * 1e6);
    // 70 of 100 are fulfilled at once, 30 are tried five times: 0.7 + 0.3 x 5 = 2.2.
    let fulfill = "module.lambdas.aws_lambda_function.fulfill_order";
    assert!((quantity(fulfill, Price::FunctionRequest) - 2.2e6).abs() < 1.0);
    // Every five minutes for 30 days.
    let reconcile = "module.lambdas.aws_lambda_function.reconcile_orders";
    assert_eq!(quantity(reconcile, Price::FunctionRequest), 8640.0);
    let keys = estimate.lines.iter().filter(|it| it.what == Price::CustomerKey);
    assert_eq!(keys.map(|it| it.usd).sum::<f64>(), 5.0);
}

/// The number of states that an order enters if nothing fails: each state's own next one, and the first way of a choice.
fn states_of_a_stored_order() -> usize {
    let machine = Root::of(Environment::Prod).file("order.asl.json").clone();
    let next = |state: &Value| {
        let way = state["Choices"].get(0).unwrap_or(state);
        way["Next"].as_str().map(str::to_owned)
    };
    let start = machine["StartAt"].as_str().map(str::to_owned);
    let states = std::iter::successors(start, |it| next(&machine["States"][it]));
    let states: Vec<String> = states.collect();
    assert!(states.iter().any(|it| it == "StoreOrder"), "{states:?}");
    assert_eq!(states.last().map(String::as_str), Some("Stored"));
    states.len()
}

/// The quantities of a month with a million orders, in the units of the prices.
#[test]
fn every_quantity_of_a_month_is_read_when_it_changes() {
    let estimate = of(Environment::Prod, "1e6");
    snapshot(
        "cost",
        estimate.lines.iter().map(|it| format!("{}: {:?} {:.1}", it.address, it.what, it.quantity)),
    );
}

#[test]
fn costs_grow_linearly_from_those_without_orders() {
    let idle = of(Environment::Prod, "0");
    let (some, many) = (of(Environment::Prod, "1e6"), of(Environment::Prod, "2e6"));
    assert!(0.0 < idle.usd && idle.usd < some.usd && some.usd < many.usd);
    // The cost of an order does not depend on the number of orders.
    let (first, second) = (some.usd - idle.usd, many.usd - some.usd);
    assert!((first - second).abs() < 1e-6 * first, "{first} {second}");
}

#[test]
fn every_price_is_used_and_has_a_source() {
    let stacks = [Environment::Dev, Environment::Prod];
    let lines: Vec<Line> = stacks.iter().flat_map(|it| of(*it, "1e6").lines).collect();
    for what in Price::ALL {
        // Arm is a choice that no environment makes today.
        let used = *what == Price::FunctionGbSecondArm || lines.iter().any(|it| it.what == *what);
        assert!(used, "{what:?}");
        let entry = PriceList::vendored().of(*what);
        assert!(entry.source.starts_with("https://aws.amazon.com/") && entry.as_of.len() == 10);
        assert!(entry.usd > 0.0 && entry.per >= 1.0);
    }
}

//! Estimates what a stack costs in a month, from its resources and from how often each order uses them.
//!
//! The estimate is meant for decisions, and is not a bill: it takes the list prices of one region on one day, without
//! free tiers, and the assumptions of [`usage`]. It reads the generated files, so that a review can estimate any
//! revision.

mod prices;
pub mod tell;
pub mod usage;

use std::{fmt, str::FromStr};

use serde::Serialize;

pub use prices::{Entry, Price, PriceList};

use crate::{model::Stack, render, review::root::Root};

/// How many orders come in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Orders(u64);

/// The error for a text that is not a number of orders.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the number of orders must be a whole number up to 1e12, such as 250000 or 1e6")]
pub struct OrdersError;

impl Orders {
    /// The default of `--orders`.
    pub const DEFAULT: Orders = Orders(1_000_000);

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Orders {
    type Err = OrdersError;

    fn from_str(text: &str) -> Result<Self, OrdersError> {
        let number: f64 = text.parse().map_err(|_| OrdersError)?;
        match (0.0..=1e12).contains(&number) && number.fract() == 0.0 {
            true => Ok(Orders(number as u64)),
            false => Err(OrdersError),
        }
    }
}

impl fmt::Display for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One priced quantity of a resource, and what it costs in a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The resource's Terraform address.
    pub address: String,
    /// The price that applies.
    pub what: Price,
    /// The quantity in a month.
    pub quantity: f64,
    /// The unit of the quantity.
    pub unit: &'static str,
    /// The costs of the whole quantity.
    pub usd: f64,
    /// The page with the price.
    pub source: &'static str,
    /// The day on which the page had this price.
    pub as_of: &'static str,
}

/// What a stack costs in a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// The number of orders in the month.
    pub orders: Orders,
    /// The region of the list prices.
    pub prices_of: &'static str,
    /// Sorted by address, then by price.
    pub lines: Vec<Line>,
    /// The sum of all lines.
    pub usd: f64,
}

/// Estimates what a stack costs in a month with this number of orders.
pub fn estimate(stack: &Stack, orders: Orders) -> Estimate {
    // The stack is read back from its generated files, because a review has nothing else of the revision before.
    let files = render::root(stack, None).into_iter();
    let files = files.map(|(path, text)| (format!("generated/{HERE}/{path}"), text)).collect();
    let root = Root::read(HERE, HERE, &files)
        .expect("a root that was just written can be read: the tests read every one there is");
    let lines = lines(&root, orders);
    let usd = lines.iter().map(|it| it.usd).sum();
    Estimate { orders, prices_of: &PriceList::vendored().region, lines, usd }
}

/// The name of the root while it is read back. It appears nowhere else.
const HERE: &str = "stack";

/// What a root costs in a month with this number of orders, sorted by address, then by price.
pub(crate) fn lines(root: &Root, orders: Orders) -> Vec<Line> {
    let prices = PriceList::vendored();
    let line = |used: usage::Used| {
        let entry = prices.of(used.what);
        Line {
            address: used.address,
            what: used.what,
            quantity: used.quantity,
            unit: &entry.unit,
            usd: used.quantity / entry.per * entry.usd,
            source: &entry.source,
            as_of: &entry.as_of,
        }
    };
    let mut lines: Vec<Line> = usage::of(root, orders).into_iter().map(line).collect();
    lines.sort_by(|a, b| (&a.address, a.what).cmp(&(&b.address, b.what)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Environment, topology};

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
        // ValidateOrder, StoreOrder, Stored; Step Functions counts the start, too.
        let machine = "module.stepfunctions.aws_sfn_state_machine.order";
        assert_eq!(quantity(machine, Price::MachineTransition), 5e6);
        // 70 of 100 are fulfilled at once, 30 are tried five times: 0.7 + 0.3 x 5 = 2.2.
        let fulfill = "module.lambdas.aws_lambda_function.fulfill_order";
        assert!((quantity(fulfill, Price::FunctionRequest) - 2.2e6).abs() < 1.0);
        // Every five minutes for 30 days.
        let reconcile = "module.lambdas.aws_lambda_function.reconcile_orders";
        assert_eq!(quantity(reconcile, Price::FunctionRequest), 8640.0);
        let keys = estimate.lines.iter().filter(|it| it.what == Price::CustomerKey);
        assert_eq!(keys.map(|it| it.usd).sum::<f64>(), 5.0);
    }

    #[test]
    fn costs_grow_linearly_from_those_without_orders() {
        let idle = of(Environment::Prod, "0");
        let (some, many) = (of(Environment::Prod, "1e6"), of(Environment::Prod, "2e6"));
        assert!(0.0 < idle.usd && idle.usd < some.usd && some.usd < many.usd);
        // What an order costs does not depend on how many there are.
        let (first, second) = (some.usd - idle.usd, many.usd - some.usd);
        assert!((first - second).abs() < 1e-6 * first, "{first} {second}");
    }

    #[test]
    fn every_price_is_used_and_has_a_source() {
        let stacks = [Environment::Dev, Environment::Prod];
        let lines: Vec<Line> = stacks.iter().flat_map(|it| of(*it, "1e6").lines).collect();
        for what in Price::ALL {
            // Arm is a choice that no environment makes today.
            let used =
                *what == Price::FunctionGbSecondArm || lines.iter().any(|it| it.what == *what);
            assert!(used, "{what:?}");
            let entry = PriceList::vendored().of(*what);
            assert!(entry.source.starts_with("https://aws.amazon.com/") && entry.as_of.len() == 10);
            assert!(entry.usd > 0.0 && entry.per >= 1.0);
        }
    }
}

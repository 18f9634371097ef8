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

use infra_core::{model::Stack, render};

use crate::root::Root;

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

/// The costs of a stack in a month.
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

/// The costs of a root in a month with this number of orders, sorted by address, then by price.
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

//! Compares the monthly costs before and after a change. Both sides have the same prices, so a difference comes from
//! the resources alone.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{compare::Comparison, root::Root};
use crate::cost::{self, Line, Orders, Price, PriceList};

/// The smallest difference that the review reports: half a cent.
const TOLD: f64 = 0.005;

/// The monthly costs of the environments that change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    /// The number of orders in the month.
    pub orders: Orders,
    /// The region of the list prices.
    pub prices_of: &'static str,
    /// The day of the oldest price.
    pub as_of: &'static str,
    /// The environments, sorted by name.
    pub environments: Vec<Month>,
}

/// The monthly costs of one environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Month {
    /// The environment.
    pub environment: String,
    /// The region of the environment.
    pub region: Option<String>,
    /// The costs before the change, in USD.
    pub before: f64,
    /// The costs after the change, in USD.
    pub after: f64,
    /// The costs that differ, the largest difference first.
    pub lines: Vec<Difference>,
}

/// The monthly costs of one price of a resource, before and after the change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The resource's Terraform address.
    pub address: String,
    /// The price that applies.
    pub what: Price,
    /// The costs before the change, in USD.
    pub before: f64,
    /// The costs after the change, in USD.
    pub after: f64,
}

impl Difference {
    /// How much more it costs, in USD.
    pub fn usd(&self) -> f64 {
        self.after - self.before
    }
}

impl Costs {
    pub(super) fn of(orders: Orders, environments: Vec<Month>) -> Self {
        let prices = PriceList::vendored();
        let (prices_of, as_of) = (prices.region.as_str(), prices.oldest());
        Costs { orders, prices_of, as_of, environments }
    }

    /// The assumptions and the limits of the estimate, one sentence each.
    pub(super) fn what_they_are(&self) -> Vec<String> {
        let mut told = vec![format!(
            "estimated at {} orders a month, by list prices of {} as of {} that are kept \
             with the source; AWS was not asked",
            grouped(self.orders),
            self.prices_of,
            self.as_of
        )];
        let regions = self.environments.iter().filter_map(|it| it.region.as_deref());
        let mut elsewhere: Vec<&str> = regions.filter(|it| *it != self.prices_of).collect();
        elsewhere.sort_unstable();
        elsewhere.dedup();
        if !elsewhere.is_empty() {
            told.push(format!("this runs in {}, where prices differ", elsewhere.join(", ")));
        }
        told
    }
}

impl Month {
    /// Compares the costs of both sides. `None` if neither side has known costs, or no block differs.
    pub(super) fn of(compare: &Comparison<'_>, orders: Orders) -> Option<Self> {
        let side = |root: &Root| cost::lines(root, orders);
        let (before, after) = (side(compare.before), side(compare.after));
        let sum = |lines: &[Line]| lines.iter().map(|it| it.usd).sum::<f64>();
        let changes = compare.all().any(|(_, before, after)| before != after);
        (changes && !(before.is_empty() && after.is_empty())).then(|| Month {
            environment: compare.after.name.clone(),
            region: compare.after.region().or_else(|| compare.before.region()),
            before: sum(&before),
            after: sum(&after),
            lines: differences(before, after),
        })
    }

    /// How much more it costs, in USD.
    pub fn usd(&self) -> f64 {
        self.after - self.before
    }

    /// Whether there is a difference to report.
    pub fn differs(&self) -> bool {
        self.usd().abs() >= TOLD || !self.lines.is_empty()
    }
}

fn differences(before: Vec<Line>, after: Vec<Line>) -> Vec<Difference> {
    let mut all: BTreeMap<(String, Price), (f64, f64)> = BTreeMap::new();
    for it in before {
        all.entry((it.address, it.what)).or_default().0 += it.usd;
    }
    for it in after {
        all.entry((it.address, it.what)).or_default().1 += it.usd;
    }
    let mut lines: Vec<Difference> = all
        .into_iter()
        .map(|((address, what), (before, after))| Difference { address, what, before, after })
        .filter(|it| it.usd().abs() >= TOLD)
        .collect();
    // The sort is stable, so equal differences stay in the order of their addresses.
    lines.sort_by(|a, b| b.usd().abs().total_cmp(&a.usd().abs()));
    lines
}

/// Writes a number with separators: `1,000,000`.
fn grouped(orders: Orders) -> String {
    let digits = orders.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes an amount with its sign and two decimals. An amount below half a cent has no sign.
pub(super) fn signed(usd: f64) -> String {
    if usd.abs() < TOLD { "0.00".to_owned() } else { format!("{usd:+.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        let orders = |text: &str| grouped(text.parse().unwrap());
        assert_eq!([orders("0"), orders("999"), orders("1e6")], ["0", "999", "1,000,000"]);
        assert_eq!([signed(1.0), signed(-0.25), signed(-0.004)], ["+1.00", "-0.25", "0.00"]);
    }

    #[test]
    fn added_removed_and_changed_costs_are_sorted_with_the_largest_first() {
        let line = |address: &str, usd| Line {
            address: address.to_owned(),
            what: Price::CustomerKey,
            quantity: usd,
            unit: "keys",
            usd,
            source: "",
            as_of: "",
        };
        let before = vec![line("gone", 1.0), line("kept", 2.0), line("same", 9.0)];
        let after = vec![line("kept", 2.5), line("new", 3.0), line("same", 9.001)];
        let told = differences(before, after);
        let told: Vec<_> = told.iter().map(|it| (it.address.as_str(), it.usd())).collect();
        assert_eq!(told, [("new", 3.0), ("gone", -1.0), ("kept", 0.5)]);
    }
}

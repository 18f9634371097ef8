//! An estimate as text.

use std::fmt::Write as _;

use super::{Estimate, PriceList, usage};

/// The estimate as a table: each resource that costs a cent or more, the rest in one line.
pub fn text(environment: &str, estimate: &Estimate) -> String {
    let mut out = format!(
        "{environment}, {} orders a month, estimated by list prices of {} as of {}\n\n",
        estimate.orders,
        estimate.prices_of,
        PriceList::vendored().oldest()
    );
    let (lines, small): (Vec<_>, Vec<_>) = estimate.lines.iter().partition(|it| it.usd >= 0.01);
    let width = lines.iter().map(|it| it.address.len()).max().unwrap_or(0);
    for it in &lines {
        let quantity = format!("{:.*}", usize::from(it.quantity.fract() != 0.0) * 2, it.quantity);
        let _ = writeln!(
            out,
            "{:>10.2} USD  {:<width$}  {} ({quantity} {})",
            it.usd,
            it.address,
            it.what.label(),
            it.unit
        );
    }
    let rest: f64 = small.iter().map(|it| it.usd).sum();
    if !small.is_empty() {
        let _ = writeln!(out, "{rest:>10.2} USD  {} lines below a cent", small.len());
    }
    let _ = writeln!(out, "{:>10.2} USD  a month", estimate.usd);
    let _ = writeln!(
        out,
        "\nAssumptions: the status of an order is requested {} time, a call takes {} ms, an item and the log of a \
         call have {} KB each, and X-Ray traces {} of 100 requests.\nNot included: free tiers, data transfer to the \
         internet, custom metrics, and emails.",
        usage::READS_OF_AN_ORDER,
        usage::CALL_SECONDS * 1000.0,
        usage::ITEM_GB * 1e6,
        usage::TRACED * 100.0,
    );
    let mut sources: Vec<_> = estimate.lines.iter().map(|it| (it.source, it.as_of)).collect();
    sources.sort_unstable();
    sources.dedup();
    out.push_str("\nSources of the prices. They were entered by hand on these days, and are not read from AWS:\n");
    for (source, as_of) in sources {
        let _ = writeln!(out, "  {as_of}  {source}");
    }
    out
}

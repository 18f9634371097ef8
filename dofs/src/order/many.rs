//! `dofs order --count`: places the same order many times, and prints a summary.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use contracts::domain::OrderStatus;
use serde::Serialize;

use super::Options;
use crate::{
    burst::{self, Burst, Plan, rate::Rate},
    interrupt::Interrupt,
    progress::Bar,
    system::System,
    target::Target,
    tell::{columns, tell, warn, word},
};

/// The results of many orders.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Summary {
    /// How many orders the options ask for.
    asked_for: u32,
    /// The rate at which they are placed.
    rate: Rate,
    /// How many were placed, which is fewer after an interrupt.
    placed: usize,
    /// How many the API accepted.
    accepted: usize,
    /// How often the API answered with each error, even if a repeated call succeeded.
    errors: BTreeMap<String, usize>,
    /// How many were decided with each status; `None` with --no-follow.
    ended: Option<BTreeMap<&'static str, usize>>,
    /// How many are not decided.
    undecided: usize,
}

const ENDS: [OrderStatus; 3] = [OrderStatus::Fulfilled, OrderStatus::Failed, OrderStatus::Rejected];

pub(super) async fn run(
    system: &System,
    options: &Options,
    count: u32,
    target: &Target,
    interrupt: &Interrupt,
) -> anyhow::Result<ExitCode> {
    let order = options.order.body()?;
    let plan = Plan {
        orders: (0..count).map(|_| order.clone()).collect(),
        rate: options.rate,
        taking: Duration::from_secs(options.timeout),
        ending: Duration::from_secs(options.timeout),
        follow: !options.no_follow,
    };
    let bar = Bar::begin(count as usize, plan.follow);
    let placing = burst::run(system, plan, interrupt, |progress| bar.at(progress));
    let burst = system.while_there(placing).await?;
    drop(bar);
    if let Some(problem) = &burst.problem {
        warn(&format!("the last attempt to read the orders failed: {problem}"));
    }
    let summary = Summary::of(&burst, options, count);
    tell(target, &summary.text(), &summary)?;
    let fulfilled = burst.with_status(OrderStatus::Fulfilled);
    let all = if options.no_follow { summary.accepted } else { fulfilled };
    Ok(interrupt.code(all == count as usize))
}

impl Summary {
    fn of(burst: &Burst, options: &Options, count: u32) -> Self {
        let ended = ENDS.map(|it| (word(it), burst.with_status(it))).into();
        Summary {
            asked_for: count,
            rate: options.rate,
            placed: burst.placed.len(),
            accepted: burst.placed.iter().filter(|it| it.outcome.is_ok()).count(),
            errors: burst.errors(),
            ended: (!options.no_follow).then_some(ended),
            undecided: burst.undecided().count(),
        }
    }

    fn text(&self) -> String {
        let row = |name: &str, number: usize| [name.to_owned(), number.to_string()];
        let mut rows = vec![
            [
                "placed".to_owned(),
                format!("{} of {} at {}", self.placed, self.asked_for, self.rate),
            ],
            row("accepted", self.accepted),
        ];
        rows.extend(self.errors.iter().map(|(kind, it)| row(kind, *it)));
        if let Some(ended) = &self.ended {
            rows.extend(ended.iter().map(|(status, it)| row(status, *it)));
            rows.push(row("undecided", self.undecided));
        }
        columns(None, rows)
    }
}

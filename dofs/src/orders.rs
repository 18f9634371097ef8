//! `dofs orders`: the orders of a status, the last changed first.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use contracts::{domain::OrderStatus, order::OrderRecord};

use crate::{
    interrupt::Interrupt,
    system::System,
    tables,
    target::Target,
    tell::{columns, tell, warn},
};

/// Which orders.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Where they stand.
    #[arg(long, value_enum)]
    pub status: Stored,

    /// At most so many.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// The statuses that records have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stored {
    /// Stored, and waiting to be fulfilled.
    Processing,
    /// Done.
    Fulfilled,
    /// Given up.
    Failed,
    /// Broke a rule.
    Rejected,
}

impl From<Stored> for OrderStatus {
    fn from(it: Stored) -> Self {
        match it {
            Stored::Processing => OrderStatus::Processing,
            Stored::Fulfilled => OrderStatus::Fulfilled,
            Stored::Failed => OrderStatus::Failed,
            Stored::Rejected => OrderStatus::Rejected,
        }
    }
}

/// Does what the command line asks for. As a library: [`tables::by_status`].
///
/// # Errors
///
/// What went wrong, and what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let interrupt = Interrupt::listen();
    let limit = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let asking = async {
        let system = System::find(target).await?;
        tables::by_status(&system, options.status.into(), limit).await
    };
    let Some(listing) = interrupt.unless(asking).await else { return Ok(interrupt.code(false)) };
    let listing = listing?;
    listing.unreadable.iter().for_each(|it| warn(it));
    tell(target, &text(&listing.orders), &listing.orders)?;
    Ok(interrupt.code(listing.unreadable.is_empty()))
}

fn text(orders: &[OrderRecord]) -> String {
    if orders.is_empty() {
        return "none".to_owned();
    }
    let rows = orders.iter().map(|it| {
        [
            it.order_id.to_string(),
            it.customer_id.clone(),
            it.total_amount.map_or_else(|| "-".to_owned(), |it| it.to_string()),
            it.updated_at.to_string(),
            it.failure_reason.clone().unwrap_or_default(),
        ]
    });
    columns(Some(["order", "customer", "amount", "updated", "reason"]), rows)
}

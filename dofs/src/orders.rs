//! `dofs orders`: lists the stored orders, the last changed first.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use contracts::{domain::OrderStatus, order::OrderRecord};
use runtime::moment::Moment;

use crate::{
    interrupt::Interrupt,
    system::Services,
    tables,
    target::Target,
    tell::{ago, columns, now, tell, warn, word},
};

/// The options of `dofs orders`.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// List only orders with this status. An ACCEPTED order has no record yet, so it is never listed.
    #[arg(long, value_enum)]
    pub status: Option<Stored>,

    /// List at most this many orders.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// The statuses that records have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stored {
    /// The order is stored and waits to be fulfilled.
    Processing,
    /// The order is fulfilled.
    Fulfilled,
    /// The order could not be fulfilled.
    Failed,
    /// The order is invalid.
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

/// Runs the command. Library users call [`tables::by_status`] and [`tables::last_changed`].
///
/// # Errors
///
/// If the command fails. The error says what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let interrupt = Interrupt::listen();
    let limit = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let asking = async {
        let system = Services::find(target).await?;
        match options.status {
            Some(status) => tables::by_status(&system, status.into(), limit).await,
            None => tables::last_changed(&system, limit).await,
        }
    };
    let Some(listing) = interrupt.unless(asking).await else { return Ok(interrupt.code(false)) };
    let listing = listing?;
    listing.unreadable.iter().for_each(|it| warn(&it.to_string()));
    tell(target, &text(&listing.items, options.status.is_some(), now()), &listing.items)?;
    Ok(interrupt.code(listing.unreadable.is_empty()))
}

/// Formats the list. If it has only one status, it shows the customer in place of the status.
fn text(orders: &[OrderRecord], of_a_status: bool, now: Moment) -> String {
    if orders.is_empty() {
        return "none".to_owned();
    }
    let rows = orders.iter().map(|it| {
        [
            it.order_id.to_string(),
            ago(&it.updated_at, now),
            if of_a_status { it.customer_id.to_string() } else { word(it.status).to_owned() },
            it.failure_reason.clone().unwrap_or_default(),
        ]
    });
    let third = if of_a_status { "customer" } else { "status" };
    columns(Some(["order", "updated", third, "reason"]), rows)
}

#[cfg(test)]
mod tests {
    use contracts::domain::ValidationStatus;

    use super::*;

    #[test]
    fn a_list_fits_into_80_columns() {
        let at = Moment::from_millis(1_753_016_788_324);
        let order = |number: u32, status| OrderRecord {
            order_id: format!("0192f0c1-2d3e-7a4b-8c5d-{number:012}").try_into().unwrap(),
            customer_id: "CUST-1234".into(),
            product_id: "PROD-1234".into(),
            quantity: 1,
            price: 1.into(),
            total_amount: None,
            status,
            created_at: at.timestamp(),
            updated_at: at.timestamp(),
            validation_status: ValidationStatus::Valid,
            metadata: None,
            fulfillment_details: None,
            failure_reason: (status == OrderStatus::Failed).then(|| "FulfillmentFailed".to_owned()),
            failure_timestamp: None,
            error_message: None,
            expires_at: None,
            round: 0,
            dead_letter: None,
        };
        let orders = [order(1, OrderStatus::Failed), order(2, OrderStatus::Processing)];
        let now = at + std::time::Duration::from_secs(59 * 60);
        for of_a_status in [false, true] {
            let text = text(&orders, of_a_status, now);
            assert!(text.lines().all(|it| it.len() <= 80), "{text}");
            assert!(text.contains("59 min ago") && text.contains("FulfillmentFailed"), "{text}");
            assert_eq!(text.contains("PROCESSING"), !of_a_status, "{text}");
            assert_eq!(text.contains("CUST-1234"), of_a_status, "{text}");
        }
    }
}

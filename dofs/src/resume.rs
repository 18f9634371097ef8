//! `dofs resume`: redrives executions that ended before their order had a record. Step Functions keeps the input of such an
//! execution, and can redrive it for 14 days after its end: the execution continues in the state in which it ended. A redrive
//! is asynchronous, so this command reports the executions that it redrove, and not the results of their orders.
//!
//! After an outage of days there may be 100,000 such executions, so most of them take only one call: the redrive. Only an
//! execution with the status FAILED is read before, because a redrive may fail again. One that timed out did not fail in its
//! state.
//!
//! - [`lost`]: finds the orders without a record.
//! - `look`: decides whether a redrive can help a failed execution.
//! - `work`: reads and redrives the executions, a few in parallel.
//! - `pace`: limits the rate of calls of Step Functions.
//! - `words`: the text output.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>

mod look;
pub mod lost;
mod pace;
mod words;
mod work;

use std::process::ExitCode;

use clap::Args;
use contracts::domain::OrderId;
use serde::Serialize;

use self::{lost::Lost, work::work};
use crate::{
    ask,
    interrupt::Interrupt,
    status::order_id,
    system::Services,
    target::Target,
    tell::{tell, warn},
};

/// The options of `dofs resume`.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Redrive only the execution of this order.
    #[arg(long, value_name = "ORDER_ID", value_parser = order_id)]
    pub order: Option<OrderId>,

    /// Also redrive executions that were stopped (ABORTED).
    #[arg(long)]
    pub aborted: bool,

    /// Redrive nothing. List the orders.
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// The result of the command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Whether this was a dry run.
    pub dry_run: bool,
    /// The orders without a record.
    pub orders: Vec<Lost>,
    /// How many orders without a record were left out, because their executions were stopped.
    pub aborted: usize,
    /// The errors.
    pub problems: Vec<String>,
}

impl Outcome {
    /// Whether each order without a record can be redriven, and nothing went wrong.
    fn is_good(&self) -> bool {
        self.problems.is_empty() && self.orders.iter().all(|it| it.redrivable == Some(true))
    }
}

/// Finds the orders. It reads an execution only if the options name its order.
async fn find(system: &Services, options: &Options) -> anyhow::Result<Outcome> {
    let found = match &options.order {
        Some(order) => lost::named(system, order, options.aborted).await?,
        None => lost::all(system, options.aborted).await?,
    };
    Ok(Outcome {
        dry_run: options.dry_run,
        orders: found.orders,
        aborted: found.aborted,
        problems: found.problem.into_iter().collect(),
    })
}

/// Runs the command.
///
/// # Errors
///
/// If the command fails. The error says what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = Services::find(target).await?;
    let interrupt = Interrupt::listen();
    let Some(found) = interrupt.unless(find(&system, options)).await else {
        return Ok(interrupt.code(false));
    };
    let mut outcome = found?;
    outcome.problems.iter().for_each(|it| warn(it));
    let known = outcome.problems.len();
    let may_help = outcome.orders.iter().any(|it| it.redrivable != Some(false));
    if may_help && !options.dry_run && !options.yes {
        let question = words::question(&outcome, &system);
        let agreed = interrupt.unless(ask::yes(question)).await.transpose()?;
        if agreed != Some(true) {
            return Ok(interrupt.code(false));
        }
    }
    let same = target.options();
    work(&system, &mut outcome, !options.dry_run, &interrupt, &same).await;
    outcome.problems.iter().skip(known).for_each(|it| warn(it));
    tell(target, &words::text(&outcome, &same), &outcome)?;
    Ok(interrupt.code(outcome.is_good()))
}

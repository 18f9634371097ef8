//! `dofs resume`: orders that the order machine gave up on before they had a record. Step Functions keeps such an execution
//! with all that the record needs, and redrives it for 14 days after its end: it goes on in the state in which it ended.
//! A redrive is asynchronous, so this command says which executions it redrove, and never how their orders end.
//!
//! After an outage of days there are 100,000 of them, so that each takes one call of Step Functions, its redrive. Only an
//! execution that failed is looked at before: one that timed out did not fail in its state.
//!
//! - [`lost`]: which orders those are.
//! - `look`: whether a redrive can lead a failed execution anywhere.
//! - `work`: a look and a redrive for each, a few at once.
//! - `pace`: how fast Step Functions is called.
//! - `words`: what people are told.
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

    /// Also redrive executions that somebody stopped (ABORTED).
    #[arg(long)]
    pub aborted: bool,

    /// Redrive nothing. List the orders.
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Whether nothing was redriven, on purpose.
    pub dry_run: bool,
    /// The orders without a record.
    pub orders: Vec<Lost>,
    /// How many orders without a record were left out, since somebody stopped their executions.
    pub aborted: usize,
    /// What went wrong, in words.
    pub problems: Vec<String>,
}

impl Outcome {
    /// Whether each order without a record can be redriven, and nothing went wrong.
    fn is_good(&self) -> bool {
        self.problems.is_empty() && self.orders.iter().all(|it| it.redrivable == Some(true))
    }
}

/// Finds the orders, and looks at none of them yet, unless it was named.
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

/// Does what the command line asks for.
///
/// # Errors
///
/// What went wrong, and what to do about it.
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

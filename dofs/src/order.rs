//! `dofs order`: places an order, and follows it until it is decided.
//!
//! - [`written`]: the order, as the command line gives it.
//! - [`mod@follow`]: follows its status and its execution.
//! - `lines`: the output for people.
//! - `many`: `--count`, which places the same order many times.

pub mod follow;
mod lines;
mod many;
pub mod written;

use std::{process::ExitCode, time::Duration};

use clap::Args;
use contracts::{
    api::OrderView,
    domain::{OrderId, OrderStatus},
};
use serde::Serialize;

use self::{
    follow::{Event, follow},
    written::Written,
};
use crate::{
    api::Refused,
    burst::{self, rate::Rate},
    interrupt::Interrupt,
    system::System,
    target::Target,
    tell::{tell, tell_people, warn},
};

/// The options of `dofs order`.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The order.
    #[command(flatten)]
    pub order: Written,

    /// Send this Idempotency-Key. The API places one order for each key.
    #[arg(long, conflicts_with = "count")]
    pub key: Option<String>,

    /// Do not follow the order.
    #[arg(long)]
    pub no_follow: bool,

    /// Follow the order for this long, at most a year.
    #[arg(
        long,
        default_value_t = 60,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=burst::LONGEST)
    )]
    pub timeout: u64,

    /// Place the order this many times, each time as a new order.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub count: Option<u32>,

    /// Place this many orders per second, without waiting for answers.
    #[arg(long, default_value = "5", requires = "count")]
    pub rate: Rate,
}

/// The result of placing and following one order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The order's id, if the API accepted the order.
    pub order_id: Option<OrderId>,
    /// The duration of the call.
    pub call_ms: f64,
    /// Why the API did not accept it.
    #[serde(serialize_with = "in_words")]
    pub refused: Option<Refused>,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The last answer of the API.
    pub view: Option<OrderView>,
    /// The error of the last attempt to read the order.
    pub problem: Option<String>,
}

impl Outcome {
    /// Returns the last known status.
    pub fn status(&self) -> Option<OrderStatus> {
        self.view.as_ref().map(|it| it.status)
    }
}

fn in_words<S: serde::Serializer>(refused: &Option<Refused>, to: S) -> Result<S::Ok, S::Error> {
    refused.as_ref().map(ToString::to_string).serialize(to)
}

/// News about an order, to print while it happens.
#[derive(Debug)]
pub enum News<'a> {
    /// The API accepted it.
    Taken(&'a OrderId, Duration),
    /// Its status or its execution changed.
    Event(&'a Event),
}

/// Places one order, and follows it unless the options say otherwise.
///
/// # Errors
///
/// If the order cannot be read.
pub async fn place(
    system: &System,
    options: &Options,
    interrupt: &Interrupt,
    mut each: impl FnMut(News<'_>),
) -> anyhow::Result<Outcome> {
    let answered = system.api.place_written(options.order.body()?, options.key.clone()).await;
    let mut outcome = Outcome {
        order_id: None,
        call_ms: answered.took.as_micros() as f64 / 1_000.0,
        refused: None,
        events: Vec::new(),
        view: None,
        problem: None,
    };
    let order = match answered.outcome {
        Ok(answer) => answer.order_id,
        Err(refused) => return Ok(Outcome { refused: Some(refused), ..outcome }),
    };
    each(News::Taken(&order, answered.took));
    if !options.no_follow {
        let timeout = Duration::from_secs(options.timeout);
        let followed =
            follow(system, &order, timeout, interrupt, |event| each(News::Event(event))).await;
        outcome.events = followed.events;
        outcome.view = followed.view;
        outcome.problem = followed.problem;
    }
    Ok(Outcome { order_id: Some(order), ..outcome })
}

/// Runs the command.
///
/// # Errors
///
/// If the command fails. The error says what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = System::find(target).await?;
    let interrupt = Interrupt::listen();
    if let Some(count) = options.count {
        return many::run(&system, options, count, target, &interrupt).await;
    }
    let mut told = Ok(());
    let placing = place(&system, options, &interrupt, |news| {
        if told.is_ok() {
            told = tell_people(target, &lines::news(&news));
        }
    });
    // Before the API accepts the order, there is nothing to report, so Ctrl-C just ends the command.
    let Some(outcome) = first_or_all(&interrupt, placing).await else {
        return Ok(interrupt.code(false));
    };
    let outcome = outcome?;
    told?;
    let good = match outcome.status() {
        Some(status) => status == OrderStatus::Fulfilled,
        None => options.no_follow && outcome.order_id.is_some(),
    };
    if let Some(problem) = &outcome.problem {
        warn(&format!("the last attempt to read the order failed: {problem}"));
    }
    tell(target, &lines::end(&outcome, options, target, &interrupt), &outcome)?;
    Ok(interrupt.code(good))
}

/// Returns the result of `work`. After Ctrl-C, `work` ends by itself, unless it waits for the answer to a call. Then this
/// returns `None` after a second.
async fn first_or_all<T>(interrupt: &Interrupt, work: impl Future<Output = T>) -> Option<T> {
    let patience = async {
        interrupt.wait().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    tokio::select! {
        outcome = work => Some(outcome),
        () = patience => None,
    }
}

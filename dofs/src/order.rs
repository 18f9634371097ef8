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

/// An order that was placed, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The order, where the API took it.
    pub order_id: Option<OrderId>,
    /// What the call took.
    pub call_ms: f64,
    /// Why the API did not take it.
    #[serde(serialize_with = "in_words")]
    pub refused: Option<Refused>,
    /// What happened to it.
    pub events: Vec<Event>,
    /// What the API said last.
    pub view: Option<OrderView>,
    /// What went wrong while following it, in words.
    pub problem: Option<String>,
}

impl Outcome {
    /// Where the order stands, as far as we know.
    pub fn status(&self) -> Option<OrderStatus> {
        self.view.as_ref().map(|it| it.status)
    }
}

fn in_words<S: serde::Serializer>(refused: &Option<Refused>, to: S) -> Result<S::Ok, S::Error> {
    refused.as_ref().map(ToString::to_string).serialize(to)
}

/// What is told while it happens.
#[derive(Debug)]
pub enum News<'a> {
    /// The API took it.
    Taken(&'a OrderId, Duration),
    /// Something happened to it.
    Event(&'a Event),
}

/// Places one order, and follows it unless it is to be left alone.
///
/// # Errors
///
/// Where the order cannot be read.
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

/// Does what the command line asks for.
///
/// # Errors
///
/// What went wrong, and what to do about it.
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
    // Before the order is taken, there is nothing to tell: Ctrl-C just ends it.
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

/// What `work` comes to. It ends by itself after Ctrl-C, but for a call that is not answered: that one
/// is not waited for.
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

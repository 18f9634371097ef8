//! The text output about orders without a record.

use super::{
    Outcome,
    lost::Lost,
    pace::{LOOKS, REDRIVES},
};
use crate::{
    system::Services,
    tell::{ago, columns, now, span},
};

/// How many orders are listed. `--format json` lists all.
const SHOWN: usize = 20;

/// Returns the question before anything is redriven.
pub(super) fn question(outcome: &Outcome, system: &Services) -> String {
    let orders = &outcome.orders;
    let count = |is: Option<bool>| orders.iter().filter(|it| it.redrivable == is).count();
    let (known, failed) = (count(Some(true)), count(None));
    let mut parts = vec![list(orders)];
    if failed > 0 {
        parts.push(format!(
            "{failed} of {} failed: dofs reads each of them first, and redrives it only if that can help",
            orders.len()
        ));
    }
    let time = (REDRIVES.time(known + failed) + LOOKS.time(failed)).as_secs();
    let time = if time < 60 { String::new() } else { format!(", which takes {}", span(time)) };
    parts.push(format!(
        "redrive the executions of {} orders without a record, of {}{time}?",
        known + failed,
        system.names.machine
    ));
    parts.join("\n\n")
}

/// Returns the text about the result. With `options`, another command uses the same system.
pub(super) fn text(outcome: &Outcome, options: &str) -> String {
    let mut parts = Vec::new();
    if !outcome.orders.is_empty() {
        parts.push(list(&outcome.orders));
    }
    parts.push(count(outcome, options));
    parts.extend(stuck(outcome, options));
    if outcome.aborted > 0 {
        parts.push(format!(
            "{} orders without a record are left out, because their executions were stopped (ABORTED). \
             --aborted includes them",
            outcome.aborted
        ));
    }
    parts.join("\n\n")
}

fn count(outcome: &Outcome, options: &str) -> String {
    let count = |is: fn(&Lost) -> bool| outcome.orders.iter().filter(|it| is(it)).count();
    let (redrivable, redriven) = (count(|it| it.redrivable == Some(true)), count(|it| it.redriven));
    match (outcome.orders.len(), outcome.dry_run) {
        (0, _) if outcome.aborted > 0 => {
            "no execution of the last 14 days failed or timed out without a record of its order"
                .to_owned()
        }
        (0, _) => "every order of the last 14 days whose execution did not succeed has a record"
            .to_owned(),
        (all, true) => format!("{redrivable} of {all} orders without a record would be redriven"),
        (all, false) => {
            let see = match redriven {
                0 => String::new(),
                _ => format!(
                    "; the machine decides how they end\n  see: `dofs status{options} ORDER_ID` for each, \
                     or `dofs resume{options} --dry-run` for those that ended without a record again"
                ),
            };
            format!("{redriven} of {all} orders without a record were redriven{see}")
        }
    }
}

/// Returns the text about orders that no redrive can help.
fn stuck(outcome: &Outcome, options: &str) -> Option<String> {
    let stuck: Vec<_> = outcome.orders.iter().filter(|it| it.redrivable == Some(false)).collect();
    let first = stuck.first()?;
    Some(format!(
        "{} orders cannot be resumed, because a redrive is refused or would fail again\n  \
         fix: place each again as a new order (docs/operating.md); `dofs status{options} {}` shows the input of its execution",
        stuck.len(),
        first.order
    ))
}

/// Lists the first orders. Those that need an operator come before those that continue.
fn list(orders: &[Lost]) -> String {
    let now = now();
    let mut shown: Vec<_> = orders.iter().collect();
    shown.sort_by_key(|it| (it.redriven, it.redrivable == Some(true)));
    let rows = shown.iter().take(SHOWN).map(|it| {
        let ended = it.stopped_at.as_ref().map_or_else(|| "-".to_owned(), |it| ago(it, now));
        let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".to_owned());
        let redrive = match (it.redrivable, &it.reason) {
            _ if it.redriven => "done".to_owned(),
            (_, Some(why)) => format!("no: {why}"),
            (Some(true), None) => "possible".to_owned(),
            _ => "not checked".to_owned(),
        };
        [it.order.to_string(), it.status.clone(), ended, text(&it.state), text(&it.error), redrive]
    });
    let header = ["order", "execution", "ended", "state", "error", "redrive"];
    let table = columns(Some(header), rows);
    match orders.len().saturating_sub(SHOWN) {
        0 => table,
        more => format!("{table}\nand {more} more: --format json lists each"),
    }
}

//! What people are told about orders without a record.

use super::{Outcome, lost::Lost};
use crate::{
    system::Services,
    tell::{ago, columns, now},
};

/// What is asked before anything is redriven.
pub(super) fn question(outcome: &Outcome, system: &Services) -> String {
    let count = outcome.orders.iter().filter(|it| it.redrivable).count();
    format!(
        "{}\n\n{count} without a record: redrive their executions of {}?",
        list(&outcome.orders),
        system.names.machine
    )
}

/// What came of it. `options` lead another command to the same system.
pub(super) fn text(outcome: &Outcome, options: &str) -> String {
    let mut parts = Vec::new();
    if !outcome.orders.is_empty() {
        parts.push(list(&outcome.orders));
    }
    parts.push(count(outcome, options));
    parts.extend(stuck(outcome, options));
    if outcome.aborted > 0 {
        parts.push(format!(
            "{} without a record are left out: somebody stopped their executions (ABORTED). --aborted \
             takes them along",
            outcome.aborted
        ));
    }
    parts.join("\n\n")
}

fn count(outcome: &Outcome, options: &str) -> String {
    let count = |is: fn(&Lost) -> bool| outcome.orders.iter().filter(|it| is(it)).count();
    let (redrivable, redriven) = (count(|it| it.redrivable), count(|it| it.redriven));
    match (outcome.orders.len(), outcome.dry_run) {
        (0, _) if outcome.aborted > 0 => {
            "no execution of the last 14 days failed or timed out without a record of its order"
                .to_owned()
        }
        (0, _) => "every order of the last 14 days whose execution did not succeed has a record"
            .to_owned(),
        (all, true) => format!("{redrivable} of {all} without a record would be redriven"),
        (all, false) => {
            let see = match redriven {
                0 => String::new(),
                _ => format!(
                    "; the machine decides how they end\n  see: `dofs status{options} ORDER_ID` for each, \
                     or `dofs resume{options} --dry-run` for those that ended without a record again"
                ),
            };
            format!("{redriven} of {all} without a record are redriven{see}")
        }
    }
}

/// Orders that no redrive helps.
fn stuck(outcome: &Outcome, options: &str) -> Option<String> {
    let stuck: Vec<_> = outcome.orders.iter().filter(|it| !it.redrivable).collect();
    let first = stuck.first()?;
    Some(format!(
        "{} cannot be resumed: a redrive would fail again in the state in which they ended\n  \
         fix: place each again as a new order (docs/operating.md); `dofs status{options} {}` shows the input of its execution",
        stuck.len(),
        first.order
    ))
}

fn list(orders: &[Lost]) -> String {
    let now = now();
    let rows = orders.iter().map(|it| {
        let ended = it.stopped_at.as_ref().map_or_else(|| "-".to_owned(), |it| ago(it, now));
        let state = it.state.clone().unwrap_or_else(|| "-".to_owned());
        [it.order.to_string(), it.status.clone(), state, ended]
    });
    columns(Some(["order", "execution", "state", "ended"]), rows)
}

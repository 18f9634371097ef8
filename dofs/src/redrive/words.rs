//! What people are told about dead letters.

use super::{Options, Outcome, Way, letter::Told};
use crate::{
    system::System,
    tell::{columns, warn},
};

/// What is asked before anything is moved.
pub(super) fn question(waiting: usize, options: &Options, system: &System) -> String {
    let which = [
        options.order.as_ref().map(|it| format!("of the order {it}")),
        options.reason.as_ref().map(|it| format!("with the reason {it}")),
    ];
    let which: Vec<_> = which.into_iter().flatten().collect();
    let which = match which.is_empty() {
        true => "all".to_owned(),
        false => format!("those {}", which.join(" and ")),
    };
    format!(
        "{} has about {waiting} dead letters: put {which} back on {}?",
        system.names.dead_letters, system.names.queue
    )
}

/// What came of it.
pub(super) fn text(outcome: &Outcome, system: &System) -> String {
    outcome.problems.iter().for_each(|it| warn(it));
    let Outcome { moved, stayed, .. } = outcome;
    let meant: Vec<_> = outcome.letters.iter().filter(|it| it.meant).collect();
    if outcome.dry_run {
        let others = outcome.letters.len() - meant.len();
        let count = format!("{} would be moved, {others} would stay", meant.len());
        return match meant.is_empty() {
            true => count,
            false => format!("{}\n\n{count}", list(&meant)),
        };
    }
    let names = &system.names;
    let who = match outcome.way {
        Way::MoveTask => ", by SQS",
        Way::ByHand => "",
    };
    let all = format!(
        "{moved} moved to {}{who}; {stayed} stayed among the dead letters in {}",
        names.queue, names.dead_letters
    );
    match meant.is_empty() {
        true => all,
        false => format!("{}\n\n{all}", list(&meant)),
    }
}

fn list(letters: &[&Told]) -> String {
    let rows = letters.iter().map(|it| {
        [
            it.order.clone(),
            it.reason.clone().unwrap_or_else(|| "no record says why".to_owned()),
            it.sent_at.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            it.receive_count.to_string(),
        ]
    });
    columns(Some(["order", "reason", "sent", "received"]), rows)
}

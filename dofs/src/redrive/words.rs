//! The text output about dead letters.

use super::{Depths, Options, Outcome, coming::Coming, letter::LetterReport};
use crate::{
    system::Services,
    target::Target,
    tell::{ago, columns, now, span},
};

/// Returns the question before anything is moved.
pub(super) fn question(depths: Depths, options: &Options, system: &Services) -> String {
    let which = match asked_for(options) {
        Some(which) => format!("the ones {which}"),
        None => "all of them".to_owned(),
    };
    let held = match depths.held {
        0 => String::new(),
        held => format!(" (and {held} that stay, because another receiver holds them)"),
    };
    format!(
        "{} has about {} dead letters{held}. Move {which} back to {}?",
        system.names.dead_letters, depths.waiting, system.names.queue
    )
}

/// Describes the filter: `of the order X and with the reason Y`.
fn asked_for(options: &Options) -> Option<String> {
    let which = [
        options.order.as_ref().map(|it| format!("of the order {}", it.trim())),
        options.reason.as_ref().map(|it| format!("with the reason {it}")),
    ];
    let which: Vec<_> = which.into_iter().flatten().collect();
    (!which.is_empty()).then(|| which.join(" and "))
}

/// Returns the text about the result.
pub(super) fn text(
    outcome: &Outcome,
    options: &Options,
    system: &Services,
    target: &Target,
) -> String {
    let meant: Vec<_> = outcome.letters.iter().filter(|it| it.meant).collect();
    let mut parts = Vec::new();
    if !meant.is_empty() {
        parts.push(list(&meant));
    }
    parts.push(count(outcome, meant.len(), system));
    if let Some(which) = asked_for(options)
        && !outcome.found_what_was_asked_for(options)
    {
        parts.push(nothing(outcome, &which, target));
    }
    if outcome.held > 0 {
        parts.push(format!(
            "{} more are held by another receiver, such as a killed redrive; they return within {}",
            outcome.held,
            span(super::by_hand::HOLD_SECONDS.unsigned_abs().into())
        ));
    }
    if !outcome.coming.is_empty() {
        parts.push(coming(&outcome.coming));
    }
    parts.join("\n\n")
}

fn count(outcome: &Outcome, meant: usize, system: &Services) -> String {
    if outcome.dry_run {
        return format!("{meant} would be moved, {} would stay", outcome.letters.len() - meant);
    }
    format!(
        "{} moved to {}; {} stayed among the dead letters in {}",
        outcome.moved, system.names.queue, outcome.stayed, system.names.dead_letters
    )
}

/// Returns the text for a filter that selects nothing. It lists the existing reasons, to help to find the right one.
fn nothing(outcome: &Outcome, which: &str, target: &Target) -> String {
    let mut reasons: Vec<_> =
        outcome.letters.iter().filter_map(|it| it.reason.as_deref()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let known = match reasons.is_empty() {
        true => String::new(),
        false => format!("\n  reasons of the other dead letters: {}", reasons.join(", ")),
    };
    let options = target.options();
    format!(
        "found no dead letter {which}{known}\n  \
         fix: list all of them with `dofs redrive{options} --dry-run`"
    )
}

fn coming(coming: &[Coming]) -> String {
    let rows = coming.iter().map(|it| {
        let left = match it.seconds {
            0 => "any moment".to_owned(),
            seconds => format!("in about {}", span(seconds)),
        };
        [it.order.clone(), it.reason.clone().unwrap_or_default(), left]
    });
    let (are, s) = if coming.len() == 1 { ("is", "") } else { ("are", "s") };
    format!(
        "{} failed order{s} {are} not among the dead letters yet, because SQS still delivers the message\n\n{}",
        coming.len(),
        columns(Some(["order", "reason", "dead letter"]), rows)
    )
}

fn reason(letter: &LetterReport) -> String {
    match &letter.reason {
        Some(reason) => reason.clone(),
        None if letter.fulfilled => "left over: FULFILLED".to_owned(),
        None => "no record".to_owned(),
    }
}

fn list(letters: &[&LetterReport]) -> String {
    let now = now();
    let rows = letters.iter().map(|it| {
        [
            it.order.clone(),
            reason(it),
            it.sent_at.as_ref().map_or_else(|| "-".to_owned(), |it| ago(it, now)),
            it.receive_count.to_string(),
        ]
    });
    columns(Some(["order", "reason", "sent", "received"]), rows)
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, SdkConfig};
    use infra_gen::config::Environment;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        target: Target,
    }

    const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";

    fn report(meant: bool) -> LetterReport {
        LetterReport {
            order: ORDER.to_owned(),
            message_id: "m1".to_owned(),
            reason: Some("FulfillmentFailed".to_owned()),
            fulfilled: false,
            sent_at: Some("2025-07-20T13:06:28.324Z".to_owned().try_into().unwrap()),
            receive_count: 4,
            meant,
        }
    }

    fn outcome(letters: Vec<LetterReport>, held: usize, seconds: &[u64]) -> Outcome {
        let coming = seconds.iter().map(|seconds| Coming {
            order: ORDER.to_owned(),
            message_id: "m2".to_owned(),
            reason: Some("FulfillmentFailed".to_owned()),
            due_at: "2025-07-20T13:06:28.324Z".to_owned().try_into().unwrap(),
            seconds: *seconds,
        });
        let coming = coming.collect();
        Outcome { dry_run: true, moved: 0, stayed: 0, held, coming, letters, problems: vec![] }
    }

    #[test]
    fn the_text_reports_pending_held_and_missing_letters() {
        fn check(outcome: &Outcome, order: Option<&str>, expected: &[&str], found: bool) {
            let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
            let system = Services::new(Environment::Dev, &config, None);
            let options = Options { order: order.map(str::to_owned), ..Options::default() };
            let line: Line = clap::Parser::parse_from(["redrive", "--env", "staging"]);
            let text = text(outcome, &options, &system, &line.target);
            for part in expected {
                assert!(text.contains(part), "{part:?} is not in {text}");
            }
            assert!(text.lines().all(|it| it.len() <= 100), "{text}");
            assert_eq!(outcome.found_what_was_asked_for(&options), found, "{text}");
        }
        check(&outcome(vec![], 0, &[]), None, &["0 would be moved, 0 would stay"], true);
        check(
            &outcome(vec![], 0, &[0, 59, 150]),
            None,
            &["3 failed orders are not among", "any moment", "in about 59 s", "in about 2 min"],
            true,
        );
        check(
            &outcome(vec![report(true)], 2, &[]),
            None,
            &["2 more are held", "within 15 min"],
            true,
        );
        let left_over = LetterReport { reason: None, fulfilled: true, ..report(true) };
        check(&outcome(vec![left_over], 0, &[]), None, &["left over: FULFILLED"], true);
        let unknown = LetterReport { reason: None, ..report(true) };
        check(&outcome(vec![unknown], 0, &[]), None, &["no record"], true);
        let other = &[
            "found no dead letter of the order x",
            "dead letters: FulfillmentFailed",
            "`dofs redrive --env staging --dry-run`",
        ];
        check(&outcome(vec![report(false)], 0, &[]), Some("x"), other, false);
        check(
            &outcome(vec![], 0, &[5]),
            Some(ORDER),
            &["1 failed order is not", "in about 5 s"],
            true,
        );
        // The list itself fits into 80 columns.
        let list = list(&[&report(true)]);
        assert!(list.lines().all(|it| it.len() <= 80), "{list}");
    }
}

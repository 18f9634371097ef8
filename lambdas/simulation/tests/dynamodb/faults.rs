//! Mistakes of the simulated DynamoDB, each of which must cause a finding.

use runtime::{
    item::Attribute,
    port::{Page, Write},
};
use simulation::{facts::Facts, services::refusal::Refusal};

use crate::{both::AS_MADE, sequence};

/// A deliberate mistake of the simulated DynamoDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// Conditions are ignored.
    ForgetsConditions,
    /// The reasons of a canceled transaction are in the wrong order.
    ReversesReasons,
    /// A repeated transaction takes effect again.
    ForgetsTokens,
    /// The writes before the failing one remain.
    WritesHalf,
    /// The last page has a key for another page.
    GoesOn,
    /// A write does not update the index.
    LeavesTheIndex,
    /// An item may be one byte too large.
    TakesOneMore,
    /// A read returns all attributes, not only the requested ones.
    ForgetsProjections,
    /// An empty text is not accepted as a value.
    RefusesEmptyTexts,
}

impl Mistake {
    pub(crate) fn of_writes(self, writes: &mut [Write]) {
        for write in writes {
            match (self, write) {
                (Mistake::ForgetsConditions, Write::Put(it)) => it.condition = None,
                (Mistake::TakesOneMore, Write::Put(it)) => {
                    for value in it.item.values_mut() {
                        if let Attribute::Text(it) = value
                            && it.len() > 300_000
                        {
                            it.pop();
                        }
                    }
                }
                (Mistake::RefusesEmptyTexts, Write::Put(it))
                    if it.item.values().any(|it| *it == Attribute::Text(String::new())) =>
                {
                    it.item.clear();
                }
                _ => {}
            }
        }
    }

    pub(crate) fn of_token(self, token: &mut String, fresh: u64) {
        if self == Mistake::ForgetsTokens {
            *token = format!("another-{fresh}");
        }
    }

    pub(crate) fn of_refusal(self, refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::Canceled(mut reasons) if self == Mistake::ReversesReasons => {
                reasons.reverse();
                Refusal::Canceled(reasons)
            }
            other => other,
        }
    }

    pub(crate) fn of_page(self, page: &mut Page) {
        if self == Mistake::GoesOn && page.next.is_none() {
            page.next = page.items.last().cloned();
        }
    }
}

/// Runs sequences until the mistake causes a finding, and checks the operation.
#[track_caller]
fn check(mistake: Mistake, operation: &str, as_made: bool) {
    let facts = Facts::of_dev().unwrap();
    let shows = (0..crate::SEQUENCES).find_map(|seed| {
        let findings = sequence::run(&facts, seed, Some(mistake)).findings;
        findings.into_iter().find(|it| it.operation == operation && (it.what == AS_MADE) == as_made)
    });
    let Some(found) = shows else {
        panic!("{mistake:?} does not show in {operation}: no comparison finds it");
    };
    let begin = |text: &str| text.chars().take(100).collect::<String>();
    let (simulated, second) = (begin(&found.simulated), begin(&found.second));
    println!("{mistake:?}: {} {}: {simulated}, not {second}", found.operation, found.what);
}

#[test]
fn an_ignored_condition_is_found() {
    check(Mistake::ForgetsConditions, "PutItem", true);
}

#[test]
fn reasons_in_another_order_are_found() {
    check(Mistake::ReversesReasons, "TransactWriteItems", true);
}

#[test]
fn a_repeated_transaction_is_found() {
    check(Mistake::ForgetsTokens, "TransactWriteItems", true);
}

#[test]
fn half_a_transaction_is_found() {
    check(Mistake::WritesHalf, "Scan", true);
}

#[test]
fn an_additional_page_is_found() {
    check(Mistake::GoesOn, "Query", true);
}

#[test]
fn an_index_without_the_update_is_found() {
    check(Mistake::LeavesTheIndex, "Query", true);
}

#[test]
fn an_item_that_is_too_large_is_found() {
    check(Mistake::TakesOneMore, "PutItem", false);
}

#[test]
fn attributes_that_were_not_requested_are_found() {
    check(Mistake::ForgetsProjections, "GetItem by a state", true);
}

#[test]
fn an_empty_text_that_is_refused_is_found() {
    check(Mistake::RefusesEmptyTexts, "PutItem", false);
}

//! Mistakes of the simulated DynamoDB, each of which has to show.

use runtime::{
    item::Attribute,
    port::{Page, Write},
};
use simulation::{facts::Facts, services::refusal::Refusal};

use crate::{both::AS_MADE, sequence};

/// A deliberate mistake of the simulated DynamoDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// No condition counts.
    ForgetsConditions,
    /// The reasons of a canceled transaction are in the wrong order.
    ReversesReasons,
    /// A transaction that is repeated happens again.
    ForgetsTokens,
    /// The writes before the one that fails stay.
    WritesHalf,
    /// The last page says that there is another one.
    GoesOn,
    /// A write does not come to the index.
    LeavesTheIndex,
    /// An item may have a byte more.
    TakesOneMore,
    /// A read gives every attribute, and not those alone that it asks for.
    ForgetsProjections,
    /// An empty text is no value.
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

/// Sequences until the mistake shows, and what it shows in.
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
fn a_condition_that_does_not_count_shows() {
    check(Mistake::ForgetsConditions, "PutItem", true);
}

#[test]
fn reasons_in_another_order_show() {
    check(Mistake::ReversesReasons, "TransactWriteItems", true);
}

#[test]
fn a_transaction_that_is_repeated_shows() {
    check(Mistake::ForgetsTokens, "TransactWriteItems", true);
}

#[test]
fn half_a_transaction_shows() {
    check(Mistake::WritesHalf, "Scan", true);
}

#[test]
fn a_page_too_many_shows() {
    check(Mistake::GoesOn, "Query", true);
}

#[test]
fn an_index_that_is_left_as_it_was_shows() {
    check(Mistake::LeavesTheIndex, "Query", true);
}

#[test]
fn an_item_that_is_too_large_shows() {
    check(Mistake::TakesOneMore, "PutItem", false);
}

#[test]
fn attributes_that_were_not_asked_for_show() {
    check(Mistake::ForgetsProjections, "GetItem by a state", true);
}

#[test]
fn an_empty_text_that_is_refused_shows() {
    check(Mistake::RefusesEmptyTexts, "PutItem", false);
}

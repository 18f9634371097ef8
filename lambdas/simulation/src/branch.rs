//! The branches of the handlers that runs reached, known by the handlers' answers.
//!
//! A handler does not report its branch. Its answer and the order's record, before and after the call, show it.

use contracts::domain::OrderStatus;
use runtime::handler::Raised;
use serde_json::Value;

use crate::listed::listed;

listed! {
    /// A branch of a handler, known by its answer.
    #[derive(PartialOrd, Ord)]
    pub enum Branch {
        /// `POST` of an order that was not accepted before: 202.
        PostIsTaken,
        /// `POST` of an order whose customer already had a 202: 202.
        PostIsRepeated,
        /// `POST` under another order's key: 409.
        PostFindsItsKeyTaken,
        /// `POST` under the key of an order that has expired: 409.
        PostFindsItsKeySpent,
        /// `POST` while a service fails: 503.
        PostIsUnavailable,
        /// `GET` of an order whose execution runs: ACCEPTED.
        GetShowsAccepted,
        /// `GET` of an order that is stored: PROCESSING.
        GetShowsProcessing,
        /// `GET` of an order that is fulfilled.
        GetShowsFulfilled,
        /// `GET` of an order that failed.
        GetShowsFailed,
        /// `GET` of an order that was rejected.
        GetShowsRejected,
        /// `GET` of an order that AWS does not show yet: 404 with `Retry-After`.
        GetSeesNothingYet,
        /// `GET` of an order that has expired: 404.
        GetFindsNothing,
        /// `GET` while a service fails: 503.
        GetIsUnavailable,
        /// The validator accepts the order.
        ValidatorTakes,
        /// The validator rejects the order.
        ValidatorRejects,
        /// The order is stored, now or by an earlier attempt, and its message is on the queue.
        StorageSends,
        /// The order is decided already.
        StorageFindsADecision,
        /// Another order is stored under the id.
        StorageFindsAnotherOrder,
        /// A service failed.
        StorageFails,
        /// The first round fulfils the order.
        FulfilDecidesFirst,
        /// The first round fails it.
        FulfilFailsFirst,
        /// A later round fulfils it.
        FulfilDecidesAgain,
        /// A later round fails it.
        FulfilFailsAgain,
        /// The order has failed, and no round is requested, so the message returns until it is a dead letter.
        FulfilHandsOn,
        /// The order is already fulfilled, so the message is deleted.
        FulfilIsDone,
        /// The message names no existing order, and is recorded.
        FulfilRecordsAMessage,
        /// The record cannot be read; the message is recorded.
        FulfilRecordsAnUnreadableOrder,
        /// A service failed, so the message returns to the queue.
        FulfilFails,
        /// The reconciler closes an order.
        ReconcilerCloses,
        /// The reconciler finds no order that is due.
        ReconcilerFindsNone,
        /// A record cannot be read. The reconciler reads the others.
        ReconcilerMeetsAnUnreadableRecord,
        /// A service failed.
        ReconcilerFails,
    }
}

impl Branch {
    /// Its bit in a set of branches.
    pub(crate) fn bit(self) -> u64 {
        1 << self as u64
    }

    /// Returns the branch of a `POST`. `is_known`: its customer had a 202 before.
    pub(crate) fn of_post(status: u64, body: &str, is_known: bool) -> Option<Self> {
        Some(match status {
            202 if is_known => Branch::PostIsRepeated,
            202 => Branch::PostIsTaken,
            409 if body.contains("IDEMPOTENCY_KEY_SPENT") => Branch::PostFindsItsKeySpent,
            409 => Branch::PostFindsItsKeyTaken,
            503 => Branch::PostIsUnavailable,
            _ => return None,
        })
    }

    /// Returns the branch of a `GET`. `is_to_return`: the answer has `Retry-After`.
    pub(crate) fn of_get(status: u64, body: &str, is_to_return: bool) -> Option<Self> {
        let view: Value = serde_json::from_str(body).unwrap_or_default();
        Some(match (status, view["status"].as_str()) {
            (200, Some("ACCEPTED")) => Branch::GetShowsAccepted,
            (200, Some("PROCESSING")) => Branch::GetShowsProcessing,
            (200, Some("FULFILLED")) => Branch::GetShowsFulfilled,
            (200, Some("FAILED")) => Branch::GetShowsFailed,
            (200, Some("REJECTED")) => Branch::GetShowsRejected,
            (404, _) if is_to_return => Branch::GetSeesNothingYet,
            (404, _) => Branch::GetFindsNothing,
            (503, _) => Branch::GetIsUnavailable,
            _ => return None,
        })
    }

    /// Returns the branch of a function that a state called.
    pub(crate) fn of_state(answer: &Result<Value, Raised>) -> Option<Self> {
        Some(match answer {
            Ok(it) if it["valid"].is_object() => Branch::ValidatorTakes,
            Ok(it) if it["invalid"].is_object() => Branch::ValidatorRejects,
            Ok(it) if it["status"] == "PROCESSING" => Branch::StorageSends,
            Ok(it) if it["status"].is_string() => Branch::StorageFindsADecision,
            Err(it) if it.name == "OrderConflict" => Branch::StorageFindsAnotherOrder,
            // The validator calls no service.
            Err(it) if it.name == runtime::handler::SERVICE_FAULT => Branch::StorageFails,
            _ => return None,
        })
    }

    /// Returns the branch of a delivered message.
    pub(crate) fn of_message(it: &Handled) -> Self {
        use OrderStatus::{Failed, Fulfilled, Processing};
        let Handled { before, after, is_back, is_recorded, is_faulted } = *it;
        let (from, to) = (before.map(|it| it.0), after.map(|it| it.0));
        let is_same_round = before.map(|it| it.1) == after.map(|it| it.1);
        match (from, to, is_back) {
            (_, _, true) if is_faulted => Branch::FulfilFails,
            (None, _, true) => Branch::FulfilRecordsAMessage,
            (_, _, true) if is_recorded => Branch::FulfilRecordsAnUnreadableOrder,
            (Some(Processing), Some(Failed), true) => Branch::FulfilFailsFirst,
            (Some(Processing), _, false) => Branch::FulfilDecidesFirst,
            (Some(Failed), Some(Fulfilled), false) => Branch::FulfilDecidesAgain,
            (Some(Failed), _, true) if !is_same_round => Branch::FulfilFailsAgain,
            (_, _, true) => Branch::FulfilHandsOn,
            (_, _, false) => Branch::FulfilIsDone,
        }
    }

    /// Returns the branch of the reconciler, which has closed so many orders.
    pub(crate) fn of_reconciler(answer: &Result<Value, Raised>, closed: u32) -> Self {
        match answer {
            Ok(_) if closed > 0 => Branch::ReconcilerCloses,
            Ok(_) => Branch::ReconcilerFindsNone,
            Err(it) if it.cause.contains(UNREADABLE) => Branch::ReconcilerMeetsAnUnreadableRecord,
            Err(_) => Branch::ReconcilerFails,
        }
    }
}

/// A part of the text of [`Fault::Unreadable`] that no other fault has.
///
/// [`Fault::Unreadable`]: runtime::port::Fault::Unreadable
const UNREADABLE: &str = "cannot be read";

/// The status and the round of an order.
pub(crate) type Stands = Option<(OrderStatus, u32)>;

/// How a message was handled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handled {
    /// The status and the round of its order at the delivery.
    pub(crate) before: Stands,
    /// The status and the round of its order now.
    pub(crate) after: Stands,
    /// Whether it returns to the queue.
    pub(crate) is_back: bool,
    /// Whether it has a record of its own.
    pub(crate) is_recorded: bool,
    /// Whether the handler has counted it as faulted.
    pub(crate) is_faulted: bool,
}

#[cfg(test)]
mod tests {
    use runtime::port::Fault;

    use super::*;

    #[test]
    fn each_branch_has_a_bit() {
        assert!(Branch::ALL.len() <= 64);
        let all = Branch::ALL.into_iter().fold(0, |all, it| all | it.bit());
        assert_eq!(all.count_ones() as usize, Branch::ALL.len());
    }

    #[test]
    fn a_run_of_the_reconciler_is_known_by_the_text_of_its_fault() {
        #[track_caller]
        fn check(fault: Fault, expected: Branch) {
            let raised = Raised { name: "Fault", cause: fault.to_string().into() };
            assert_eq!(Branch::of_reconciler(&Err(raised), 0), expected, "{fault}");
        }
        let service = "DynamoDB";
        let problem = "no such field".to_owned();
        check(Fault::Unreadable { service, problem }, Branch::ReconcilerMeetsAnUnreadableRecord);
        let code = || "code".to_owned();
        check(Fault::Throttled { service, code: code() }, Branch::ReconcilerFails);
        check(Fault::Unavailable { service, reason: code() }, Branch::ReconcilerFails);
        check(Fault::Refused { service, code: code(), message: code() }, Branch::ReconcilerFails);
    }

    #[test]
    fn a_message_is_known_by_its_order_before_and_after() {
        use OrderStatus::{Failed, Fulfilled, Processing};
        #[track_caller]
        fn check(before: Stands, after: Stands, is_back: bool, expected: Branch) {
            let handled = Handled { before, after, is_back, is_recorded: false, is_faulted: false };
            assert_eq!(Branch::of_message(&handled), expected);
            let faulted = Handled { is_faulted: true, is_back: true, ..handled };
            assert_eq!(Branch::of_message(&faulted), Branch::FulfilFails);
        }
        check(Some((Processing, 0)), Some((Fulfilled, 0)), false, Branch::FulfilDecidesFirst);
        check(Some((Processing, 0)), Some((Failed, 0)), true, Branch::FulfilFailsFirst);
        check(Some((Failed, 0)), Some((Fulfilled, 1)), false, Branch::FulfilDecidesAgain);
        check(Some((Failed, 0)), Some((Failed, 1)), true, Branch::FulfilFailsAgain);
        check(Some((Failed, 1)), Some((Failed, 1)), true, Branch::FulfilHandsOn);
        check(Some((Fulfilled, 1)), Some((Fulfilled, 1)), false, Branch::FulfilIsDone);
        check(None, None, true, Branch::FulfilRecordsAMessage);
        let unreadable = Some((Processing, 0));
        let handled = Handled {
            before: unreadable,
            after: unreadable,
            is_back: true,
            is_recorded: true,
            is_faulted: false,
        };
        assert_eq!(Branch::of_message(&handled), Branch::FulfilRecordsAnUnreadableOrder);
    }
}

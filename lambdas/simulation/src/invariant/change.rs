//! Checks the change of a record.

use contracts::reason::{DEADLINE_PASSED, FULFILLMENT_FAILED};
use contracts::{
    domain::{OrderStatus, ValidationStatus},
    order::OrderRecord,
};
use fulfill_order::chance::draw;
use runtime::moment::Moment;
use serde_json::Value;

use crate::{
    clause::{Clause, Violation},
    world::World,
};

/// Checks that a record may follow the one before.
pub(super) fn changed(world: &World, key: &str, order: &OrderRecord) -> Result<(), Violation> {
    use OrderStatus::{Failed, Fulfilled, Processing, Rejected};
    let watch = &world.watch;
    let before = watch.orders.get(key);
    let from = before.map(|it| it.status);
    let broken = |clause, what: &str| {
        let what = format!("{key}: {from:?} becomes {:?}: {what}", order.status);
        Err(Violation::new(clause, what))
    };
    let asked = watch.asked.get(key).copied().unwrap_or_default();
    match (from, order.status) {
        (None, Processing | Failed | Rejected) => {}
        (Some(Processing), Processing | Failed | Fulfilled) => {}
        (Some(Failed), Failed | Fulfilled) => {
            let round = before.map_or(0, |it| it.round);
            if order.round != round + 1 {
                return broken(
                    Clause::RoundDecidesOnce,
                    "a failed order is decided again in the same round",
                );
            }
        }
        (Some(Fulfilled | Rejected), _) => {
            return broken(Clause::DecisionIsFinal, "it was decided for good");
        }
        _ => return broken(Clause::KnownStep, "there is no such step"),
    }
    if order.round > asked {
        return broken(Clause::RoundIsAskedFor, "a round that was not requested");
    }
    let drawn = draw(&order.order_id, order.round, watch.rate);
    let failed_by_draw = order.failure_reason.as_deref() == Some(FULFILLMENT_FAILED);
    if order.status == Fulfilled && !drawn || failed_by_draw && drawn {
        return broken(Clause::DrawDecides, "the draw says otherwise");
    }
    if (order.status == Fulfilled) != order.fulfillment_details.is_some() {
        let what = "a tracking number belongs to a fulfilled order, and to no other";
        return broken(Clause::ParcelIsOfFulfilled, what);
    }
    let has_failed = matches!(order.status, Failed | Rejected);
    let fields = [order.failure_reason.is_some(), order.failure_timestamp.is_some()];
    if fields != [has_failed; 2] || order.error_message.is_some() != has_failed {
        let what = "the fields of a failure belong to one that failed or was rejected";
        return broken(Clause::FailureIsOfFailed, what);
    }
    if order.dead_letter.is_some() && order.status != Failed {
        return broken(Clause::LetterIsOfFailed, "a dead letter belongs to a failed order");
    }
    if order.expires_at.is_some() != (order.status == Rejected) {
        return broken(Clause::RejectedExpires, "a rejected order expires, and no other");
    }
    if order.failure_reason.as_deref() == Some(DEADLINE_PASSED) && order.round == 0 {
        let since = before.and_then(|it| Moment::parse(&it.updated_at)).map(Moment::millis);
        let is_early = since.is_none_or(|it| world.now + world.plan.skew < it + watch.deadline);
        if is_early {
            return broken(Clause::NotClosedEarly, "an order was closed before its deadline");
        }
    }
    ordered(world, key, order)
}

/// Checks that the record has the values of the placed order, and that the total is price times quantity.
fn ordered(world: &World, key: &str, order: &OrderRecord) -> Result<(), Violation> {
    let broken =
        |clause, what: String| Err(Violation::new(clause, format!("the record of {key}: {what}")));
    if world.watch.orders.contains_key(key) {
        let before = &world.watch.orders[key];
        let same = before.customer_id == order.customer_id
            && before.product_id == order.product_id
            && before.quantity == order.quantity
            && before.price == order.price
            && before.total_amount == order.total_amount
            && before.metadata == order.metadata
            && before.created_at == order.created_at;
        return match same {
            true => Ok(()),
            false => broken(Clause::RecordIsOfOneOrder, "it has become another order".to_owned()),
        };
    }
    if world.watch.foreign.get(key).is_some_and(|it| it.stands && it.record == *order) {
        return Ok(());
    }
    let Some(running) = world.sfn.executions.get(key) else {
        return broken(Clause::RecordIsOfAPlacedOrder, "it was not placed".to_owned());
    };
    let placed: Value = serde_json::from_str(&running.input).unwrap_or_default();
    let written = [
        ("customerId", Value::from(&*order.customer_id)),
        ("productId", (&*order.product_id).into()),
        ("quantity", order.quantity.into()),
        ("price", Value::Number(order.price.clone())),
        ("submittedAt", order.created_at.as_str().into()),
        ("metadata", serde_json::to_value(&order.metadata).unwrap_or_default()),
    ];
    for (name, written) in written {
        let placed = &placed[name];
        let same = match (placed.as_f64(), written.as_f64()) {
            (Some(placed), Some(written)) => placed == written,
            _ => *placed == written,
        };
        if !same {
            let what = format!("{name} was placed as {placed}, and is {written}");
            return broken(Clause::RecordIsAsPlaced, what);
        }
    }
    let total = order.total_amount.map(|it| it.cents());
    let expected = cents(&order.price.to_string()).map(|it| it * order.quantity);
    if order.validation_status == ValidationStatus::Valid && (total.is_none() || total != expected)
    {
        let what = format!("{} x {} is {total:?} cents", order.quantity, order.price);
        return broken(Clause::TotalIsRight, what);
    }
    Ok(())
}

/// A plain decimal with up to two places, in hundredths.
fn cents(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    (part.len() <= 2).then(|| format!("{whole}{part:0<2}").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_hundredths() {
        fn check(text: &str, expected: Option<i64>) {
            assert_eq!(cents(text), expected, "{text}");
        }
        check("0.01", Some(1));
        check("29.9", Some(2_990));
        check("10000", Some(1_000_000));
        check("1.0", Some(100));
        check("0.001", None);
        check("x", None);
    }
}

//! The route of an order through the topology, as edges of the picture.

use contracts::{
    domain::OrderStatus,
    reason::{DEADLINE_PASSED, FULFILLMENT_FAILED},
};

/// Edges of `topology.svg`, by their `id`, in order. Edges of one group are passed at the same time. An edge with a leading `-`
/// is passed against its arrow.
pub type Route = Vec<&'static [&'static str]>;

const TAKEN: [&[&str]; 3] = [&["client-gateway"], &["gateway-handler"], &["handler-validate"]];
const VALIDATED: [&[&str]; 2] = [&["validate-validator"], &["-validate-validator"]];
const STORED: [&[&str]; 3] =
    [&["validate-store"], &["store-storage"], &["storage-orders", "storage-queue"]];
const REJECTED: [&[&str]; 2] = [&["validate-reject"], &["reject-orders"]];
const FULFILLED: [&[&str]; 2] = [&["queue-fulfill"], &["fulfill-orders"]];
const NOT_FULFILLED: [&[&str]; 2] = [&["queue-fulfill"], &["fulfill-orders", "fulfill-failed"]];
const GIVEN_UP: [&[&str]; 2] = [&["validate-failure"], &["failure-orders", "failure-failed"]];
const NOT_STORED: [&[&str]; 2] = [&["store-failure"], &["failure-orders", "failure-failed"]];
const CLOSED: [&[&str]; 1] = [&["reconcile-orders", "reconcile-failed"]];

/// Returns the route from a status (`None`: from the customer) to another. Between two snapshots, an order may have passed
/// through several statuses. `reason` is why it failed.
pub fn route(from: Option<OrderStatus>, to: OrderStatus, reason: Option<&str>) -> Route {
    use OrderStatus::{Accepted, Failed, Fulfilled, Processing, Rejected};
    if from == Some(to) {
        return Route::new();
    }
    let taken: &[_] = if from.is_none() { &TAKEN } else { &[] };
    // Whether the order machine still has to handle it.
    let begins = matches!(from, None | Some(Accepted));
    let (validated, stored): (&[_], &[_]) = if begins { (&VALIDATED, &STORED) } else { (&[], &[]) };
    match to {
        Accepted => taken.to_vec(),
        Processing => [taken, validated, stored].concat(),
        Rejected => [taken, validated, &REJECTED].concat(),
        Fulfilled => [taken, validated, stored, &FULFILLED].concat(),
        Failed => match reason {
            Some(FULFILLMENT_FAILED) => [taken, validated, stored, &NOT_FULFILLED].concat(),
            Some(DEADLINE_PASSED) => [taken, validated, stored, &CLOSED].concat(),
            _ if begins => [taken, &GIVEN_UP].concat(),
            _ => NOT_STORED.to_vec(),
        },
    }
}

/// Returns the route of messages to the dead letters or back.
pub fn dead_letters(before: u64, after: u64) -> Route {
    match after.cmp(&before) {
        std::cmp::Ordering::Greater => vec![&["queue-dlq"]],
        std::cmp::Ordering::Less => vec![&["-queue-dlq"]],
        std::cmp::Ordering::Equal => Route::new(),
    }
}

#[cfg(test)]
mod tests {
    use OrderStatus::{Accepted, Failed, Fulfilled, Processing, Rejected};

    use super::*;

    #[test]
    fn a_route_consists_of_edges_of_the_picture() {
        fn check(from: Option<OrderStatus>, to: OrderStatus, reason: &str, expected: &str) {
            let steps = route(from, to, Some(reason).filter(|it| !it.is_empty()));
            let picture = include_str!("topology.svg");
            for edge in steps.iter().flat_map(|it| it.iter()) {
                let edge = edge.trim_start_matches('-');
                assert!(picture.contains(&format!("id=\"{edge}\"")), "{edge} is not drawn");
            }
            let told: Vec<_> = steps.iter().map(|it| it.join("+")).collect();
            assert_eq!(told.join(" "), expected, "{from:?} -> {to:?}");
        }
        const TAKEN: &str = "client-gateway gateway-handler handler-validate";
        const STORED: &str = "validate-validator -validate-validator \
                              validate-store store-storage storage-orders+storage-queue";
        check(None, Accepted, "", TAKEN);
        check(Some(Accepted), Accepted, "", "");
        check(Some(Accepted), Processing, "", STORED);
        check(None, Processing, "", &format!("{TAKEN} {STORED}"));
        check(
            Some(Accepted),
            Rejected,
            "OrderInvalid",
            "validate-validator -validate-validator validate-reject reject-orders",
        );
        check(Some(Processing), Fulfilled, "", "queue-fulfill fulfill-orders");
        check(Some(Failed), Fulfilled, "", "queue-fulfill fulfill-orders");
        check(
            Some(Processing),
            Failed,
            FULFILLMENT_FAILED,
            "queue-fulfill fulfill-orders+fulfill-failed",
        );
        check(Some(Processing), Failed, DEADLINE_PASSED, "reconcile-orders+reconcile-failed");
        check(
            Some(Accepted),
            Failed,
            "States.Timeout",
            "validate-failure failure-orders+failure-failed",
        );
        check(
            Some(Processing),
            Failed,
            "States.Timeout",
            "store-failure failure-orders+failure-failed",
        );
    }

    #[test]
    fn dead_letters_pass_the_edge_in_both_directions() {
        fn check(before: u64, after: u64, expected: &[&[&str]]) {
            assert_eq!(dead_letters(before, after), expected);
        }
        check(1, 1, &[]);
        check(0, 3, &[&["queue-dlq"]]);
        check(3, 0, &[&["-queue-dlq"]]);
    }
}

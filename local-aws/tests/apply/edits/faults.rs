//! Faults planted into a review: the comparison finds each, so it would find a rule that is missing.

use std::collections::BTreeSet;

use infra_review::{Change, Review, TerraformAction};

use super::{
    compare::{Problem, differences},
    plan::{Action, Plan},
};

/// Plants one fault at a time into a review that agrees with its plan. Returns how many faults were planted, after each was found.
pub(super) fn found(plan: &Plan, review: &Review, edited: &BTreeSet<String>) -> usize {
    let mut count = 0;
    let mut check = |address: &str, wrong: &Review, due: Problem| {
        let found = differences(plan, wrong, edited);
        let is = |it: &super::compare::Difference| it.address == address && it.problem == due;
        assert!(
            found.iter().any(is),
            "a planted fault is not found: {due:?} at {address}: {found:?}"
        );
        count += 1;
    };
    for (address, action) in plan {
        let is_lost = matches!(action, Action::Replace | Action::Delete);
        if is_lost {
            // A rule that reports a change in place, and a missing rule.
            check(
                address,
                &told(&hidden(review, address), address, TerraformAction::Update),
                Problem::Missed,
            );
            check(address, &hidden(review, address), Problem::Missed);
        } else if edited.contains(address) {
            check(address, &hidden(review, address), Problem::Silent);
        }
    }
    for address in edited.iter().filter(|it| !plan.contains_key(*it) && !it.contains(".data.")) {
        for action in [TerraformAction::Replace, TerraformAction::Update, TerraformAction::Delete] {
            check(address, &told(&hidden(review, address), address, action), Problem::Invented);
        }
    }
    count
}

/// A review that does not list a block.
fn hidden(review: &Review, address: &str) -> Review {
    let mut review = review.clone();
    for it in &mut review.changes {
        it.addresses.retain(|it| it != address);
    }
    for it in &mut review.findings {
        it.addresses.retain(|it| it != address);
    }
    review
}

/// A review with one more finding about a block.
fn told(review: &Review, address: &str, action: TerraformAction) -> Review {
    let mut review = review.clone();
    let addresses = vec![address.to_owned()];
    review.changes.push(Change { action, addresses, environments: Vec::new(), lines: Vec::new() });
    review
}

#[cfg(test)]
mod tests {
    use infra_review::{self, Files, cost::Orders};
    use serde_json::{Value, json};

    use super::*;

    fn files(resources: Value) -> Files {
        let path = |it: &str| format!("generated/a/{it}main.tf.json");
        let root = json!({ "module": { "m": { "source": "./modules/m" } } });
        let module = json!({ "resource": resources });
        [(path(""), root.to_string()), (path("modules/m/"), module.to_string())].into()
    }

    /// A review of four blocks, with the plan that agrees with it.
    fn agreed() -> (Plan, Review, BTreeSet<String>) {
        let before = json!({
            "aws_sqs_queue": { "replaced": { "name": "a" }, "updated": { "name": "b" }, "kept": { "name": "c" } },
            "aws_sns_topic": { "deleted": { "name": "d" } },
        });
        let after = json!({ "aws_sqs_queue": {
            "replaced": { "name": "other" },
            "updated": { "name": "b", "delay_seconds": 5 },
            "kept": { "name": "c", "lifecycle": { "prevent_destroy": true } },
        } });
        let review = infra_review::review(&files(before), &files(after), Orders::DEFAULT).unwrap();
        let address = |it: &str| format!("module.m.{it}");
        let plan = [
            ("aws_sqs_queue.replaced", Action::Replace),
            ("aws_sqs_queue.updated", Action::Update),
            ("aws_sns_topic.deleted", Action::Delete),
        ];
        let plan: Plan = plan.map(|(it, action)| (address(it), action)).into();
        let edited = plan.keys().cloned().chain([address("aws_sqs_queue.kept")]).collect();
        (plan, review, edited)
    }

    #[test]
    fn every_planted_fault_is_found_and_nothing_else() {
        let (plan, review, edited) = agreed();
        assert_eq!(differences(&plan, &review, &edited), []);
        // Two for each lost block, one for the changed block, three for the unchanged one.
        assert_eq!(found(&plan, &review, &edited), 2 + 2 + 1 + 3);
    }

    /// The plan has another action than the review.
    #[test]
    fn a_plan_that_does_more_or_less_is_found() {
        let (plan, review, edited) = agreed();
        let check = |address: &str, action: Option<Action>, due: Option<Problem>| {
            let address = format!("module.m.{address}");
            let mut plan = plan.clone();
            plan.remove(&address);
            plan.extend(action.map(|it| (address.clone(), it)));
            let found = differences(&plan, &review, &edited).into_iter();
            let found: Vec<_> = found.map(|it| (it.address, it.problem)).collect();
            assert_eq!(found, due.map(|it| (address, it)).into_iter().collect::<Vec<_>>());
        };
        check("aws_sqs_queue.replaced", Some(Action::Update), Some(Problem::Overstated));
        check("aws_sqs_queue.replaced", None, Some(Problem::Invented));
        check("aws_sns_topic.deleted", None, Some(Problem::Invented));
        check("aws_sqs_queue.kept", Some(Action::Replace), Some(Problem::Missed));
        check("aws_sqs_queue.kept", Some(Action::Update), Some(Problem::Silent));
        check("aws_sqs_queue.elsewhere", Some(Action::Delete), Some(Problem::Missed));
        // A value of a block that is not edited may be known only after the apply.
        check("aws_sqs_queue.elsewhere", Some(Action::Update), None);
    }
}

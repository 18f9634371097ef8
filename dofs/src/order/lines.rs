//! The text output about one order.

use contracts::{api::OrderView, domain::OrderStatus};

use super::{
    News, Options, Outcome,
    follow::{Event, What},
};
use crate::{
    execution::StepKind,
    interrupt::Interrupt,
    target::Target,
    tell::{time, word},
};

/// Returns a line about an event.
pub(super) fn news(news: &News<'_>) -> String {
    match news {
        News::Taken(order, call) => {
            format!("{order}\n{:>10}  the API took it", time(call.as_secs_f64() * 1_000.0))
        }
        News::Event(event) => {
            let bound = if event.at_most { "<= " } else { "" };
            format!("{:>10}  {}", format!("{bound}{:.3} s", seconds(event)), what(&event.what))
        }
    }
}

fn seconds(event: &Event) -> f64 {
    event.after_ms as f64 / 1_000.0
}

fn what(what: &What) -> String {
    match what {
        What::Status(status) => word(*status).to_owned(),
        What::Execution(StepKind::Entered(state)) => format!("  -> {state}"),
        What::Execution(StepKind::Tried(error)) => format!("     {error}"),
        What::Execution(StepKind::Ended(status)) => format!("  the execution has {status}"),
    }
}

/// Returns the closing text.
pub(super) fn end(
    outcome: &Outcome,
    options: &Options,
    target: &Target,
    interrupt: &Interrupt,
) -> String {
    if let Some(refused) = &outcome.refused {
        return format!("the order was not accepted\n{refused}");
    }
    let status = |why: &str| {
        let id = outcome.order_id.as_ref().map(ToString::to_string).unwrap_or_default();
        format!(
            "\n{why}; the system continues with it\n  see: dofs status {id}{}",
            target.options()
        )
    };
    match &outcome.view {
        Some(view) if view.status.is_final() => format!("\n{}", summary(view)),
        _ if options.no_follow => status("the order is not followed"),
        _ if interrupt.asked() => status("the order is no longer followed"),
        _ => status(&format!("the order was not decided within {} s", options.timeout)),
    }
}

/// Returns the status of an order and its fields, as its customer sees them.
fn summary(view: &OrderView) -> String {
    let mut lines = vec![word(view.status).to_owned()];
    let mut says = |name: &str, text: Option<String>| {
        if let Some(text) = text {
            lines.push(format!("  {name:<18} {text}"));
        }
    };
    says("total amount", view.total_amount.map(|it| it.to_string()));
    if view.status == OrderStatus::Fulfilled {
        says("tracking number", view.tracking_number.clone());
        says("carrier", view.carrier.clone());
        says("estimated delivery", view.estimated_delivery.as_ref().map(ToString::to_string));
    } else {
        says("reason", view.failure_reason.clone());
        says("", view.error_message.clone());
        for problem in &view.problems {
            says(&problem.pointer, Some(problem.message.clone()));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use function_contract::{http::Problem, time::Timestamp};

    use super::*;

    #[test]
    fn the_summary_shows_status_and_fields() {
        fn check(status: OrderStatus, expected: &str) {
            let at: Timestamp = "2025-07-20T13:06:28.324Z".to_owned().try_into().unwrap();
            let view = OrderView {
                order_id: "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned().try_into().unwrap(),
                status,
                customer_id: "".into(),
                product_id: "".into(),
                quantity: 1,
                price: 1.into(),
                metadata: None,
                total_amount: None,
                created_at: at.clone(),
                updated_at: at,
                tracking_number: Some("T1".to_owned()),
                carrier: None,
                estimated_delivery: None,
                failure_reason: Some("Why".to_owned()),
                error_message: None,
                problems: vec![Problem { pointer: "/price".to_owned(), message: "no".to_owned() }],
            };
            assert_eq!(summary(&view), expected);
        }
        check(OrderStatus::Fulfilled, "FULFILLED\n  tracking number    T1");
        check(OrderStatus::Rejected, "REJECTED\n  reason             Why\n  /price             no");
    }
}

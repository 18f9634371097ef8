//! Checks an order against the business rules, and reports every broken rule.
//!
//! A rejected order is a regular output, not an error, so Lambda's metric `Errors` counts only faults.

use contracts::{
    domain::{OrderId, Quantity, ValidationStatus},
    functions::{self, ValidatorEnv},
    metric::OrderMetric,
    money::Money,
    order::{OrderGivenUp, OrderJudged, OrderSubmitted, OrderValidated, Violations},
    reason::ORDER_INVALID,
};
use function_contract::{env::Live, error::NoError, http::Problem};
use runtime::{
    handler::{Failure, Handler, Invocation},
    port::{Clock, Meter},
};

/// The handler.
pub struct Validator<W> {
    env: ValidatorEnv<Live>,
    world: W,
}

impl<W: Meter> Validator<W> {
    /// Creates the handler with its environment and its ports.
    pub fn new(env: ValidatorEnv<Live>, world: W) -> Self {
        Validator { env, world }
    }
}

impl<W: Meter + Clock> Handler<functions::Validator> for Validator<W> {
    async fn handle(
        &self,
        order: OrderSubmitted,
        _: &Invocation,
    ) -> Result<OrderJudged, Failure<NoError>> {
        let order_id = order.order_id.clone();
        Ok(match judge(order.clone()) {
            Ok(order) => {
                tracing::info!(%order_id, "the order keeps every rule");
                OrderJudged::Valid(order)
            }
            Err(problems) => {
                // The log has only the number of problems, and no data of the customer.
                tracing::info!(%order_id, problems = problems.len(), "the order breaks rules");
                self.count(&order_id);
                OrderJudged::Invalid(self.rejected(order, problems))
            }
        })
    }
}

impl<W: Meter + Clock> Validator<W> {
    fn count(&self, order: &OrderId) {
        self.world.count(&self.env.metrics_namespace, OrderMetric::VerdictsInvalid, order);
    }

    fn rejected(&self, order: OrderSubmitted, problems: Vec<Problem>) -> OrderGivenUp {
        OrderGivenUp {
            order_id: order.order_id,
            customer_id: order.customer_id,
            product_id: order.product_id,
            quantity: order.quantity,
            price: order.price,
            total_amount: None,
            validation_status: ValidationStatus::Invalid,
            metadata: order.metadata,
            submitted_at: order.submitted_at,
            failed_at: self.world.now().timestamp(),
            error: ORDER_INVALID.to_owned(),
            cause: cause(problems).into(),
            canceled: None,
        }
    }
}

/// The range of the price of one piece, in hundredths.
const PRICE: std::ops::RangeInclusive<i64> = 1..=1_000_000;

/// Converts an order to the types that keep the rules.
///
/// # Errors
///
/// Returns every broken rule, in the order of the fields.
pub fn judge(order: OrderSubmitted) -> Result<OrderValidated, Vec<Problem>> {
    let mut problems = Vec::new();
    let customer_id = keep("/customerId", order.customer_id.parse(), &mut problems);
    let product_id = keep("/productId", order.product_id.parse(), &mut problems);
    let quantity = keep("/quantity", Quantity::try_from(order.quantity), &mut problems);
    let price = keep("/price", unit_price(&order.price), &mut problems);
    match (customer_id, product_id, quantity, price) {
        (Some(customer_id), Some(product_id), Some(quantity), Some(price)) => {
            let total_amount = keep("/price", total(price, quantity), &mut problems);
            let Some(total_amount) = total_amount else { return Err(problems) };
            Ok(OrderValidated {
                order_id: order.order_id,
                customer_id,
                product_id,
                quantity,
                price,
                total_amount,
                metadata: order.metadata,
                submitted_at: order.submitted_at,
            })
        }
        _ => Err(problems),
    }
}

fn keep<T>(
    pointer: &str,
    field: Result<T, impl Into<String>>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    field
        .map_err(|message| {
            problems.push(Problem { pointer: pointer.to_owned(), message: message.into() });
        })
        .ok()
}

fn unit_price(price: &serde_json::Number) -> Result<Money, &'static str> {
    match Money::parse(price) {
        Ok(price) if PRICE.contains(&price.cents()) => Ok(price),
        _ => Err("must be 0.01 to 10000 with at most two decimals"),
    }
}

fn total(price: Money, quantity: Quantity) -> Result<Money, &'static str> {
    price.times(quantity).ok_or("makes the total of the order more than 1000000")
}

/// Returns the violations as text, for the order's record.
///
/// # Panics
///
/// Never: payloads have a JSON form.
fn cause(problems: Vec<Problem>) -> String {
    serde_json::to_string(&Violations { problems }).expect("payloads have a JSON form")
}

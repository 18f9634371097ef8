//! Why an order was rejected or failed: the values of `failure_reason` that are about the order itself. A record may
//! also hold the name of an error that Lambda, Step Functions or a function gave, such as
//! `Lambda.TooManyRequestsException`.

/// The order breaks a rule. `validator` reports which one.
pub const ORDER_INVALID: &str = "OrderInvalid";

/// `fulfill_order` could not fulfil the order.
pub const FULFILLMENT_FAILED: &str = "FulfillmentFailed";

/// The order was not decided before its deadline, and `reconcile_orders` closed it.
pub const DEADLINE_PASSED: &str = "ProcessingDeadlinePassed";

/// The reasons that the API shows to customers unchanged.
pub const ALL: [&str; 3] = [ORDER_INVALID, FULFILLMENT_FAILED, DEADLINE_PASSED];

//! Traits for everything outside a function. The calls are plain data, like in AWS's API. So this is the one place
//! where calls can fail, be counted, or be simulated.

mod dynamodb;
mod fault;
mod sfn;
mod sqs;

use std::{pin::Pin, time::Duration};

use contracts::{
    domain::OrderId,
    metric::{MessageMetric, OrderMetric},
};

pub use dynamodb::{
    DeleteItem, DynamoDb, GetItem, Page, PutItem, Query, UpdateItem, Write, WriteError,
};
pub use fault::Fault;
pub use sfn::{DescribeExecution, Execution, ExecutionStatus, Sfn, StartError, StartExecution};
pub use sqs::{ChangeMessageVisibility, SendMessage, Sqs};

use crate::moment::Moment;

/// A clock.
pub trait Clock {
    /// Returns the current time.
    fn now(&self) -> Moment;
}

/// Pauses.
pub trait Sleep {
    /// Waits for `span`.
    fn sleep(&self, span: Duration) -> impl Future<Output = ()>;
}

/// A source of randomness.
pub trait Entropy {
    /// Returns ten random bytes, as many as a UUID of version 7 needs.
    fn random(&self) -> [u8; 10];
}

/// A receiver of metrics.
pub trait Meter {
    /// Counts one order. The log line has the order's id.
    fn count(&self, namespace: &str, metric: OrderMetric, order: &OrderId);

    /// Counts one message. The log line has the message's id.
    fn count_message(&self, namespace: &str, metric: MessageMetric, message_id: &str);
}

/// The future of a call of a typed client.
///
/// It is boxed so that its type does not contain the required permission. A call without permission then causes one
/// compile error instead of three.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// All ports together.
pub trait Outside: DynamoDb + Sqs + Sfn + Clock + Sleep + Entropy + Meter {}

impl<T: DynamoDb + Sqs + Sfn + Clock + Sleep + Entropy + Meter> Outside for T {}

//! Everything outside a function. What crosses here is data, as AWS's own API has it: the one place
//! where a call can fail, be counted, or be simulated.

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

/// What time it is.
pub trait Clock {
    /// Now.
    fn now(&self) -> Moment;
}

/// Waits.
pub trait Sleep {
    /// Comes back after so long.
    fn sleep(&self, span: Duration) -> impl Future<Output = ()>;
}

/// Where chance comes from.
pub trait Entropy {
    /// Ten random bytes: what a version 7 UUID has room for.
    fn random(&self) -> [u8; 10];
}

/// Where counts go.
pub trait Meter {
    /// Counts one order. It can be found by the order's id.
    fn count(&self, namespace: &str, metric: OrderMetric, order: &OrderId);

    /// Counts one message. It can be found by the message's id.
    fn count_message(&self, namespace: &str, metric: MessageMetric, message_id: &str);
}

/// A call of a typed client, on its way.
///
/// It is boxed so that its type says nothing about the right it needs: a call that is not granted is
/// then one error where it is made, and not three.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// All of them.
pub trait Outside: DynamoDb + Sqs + Sfn + Clock + Sleep + Entropy + Meter {}

impl<T: DynamoDb + Sqs + Sfn + Clock + Sleep + Entropy + Meter> Outside for T {}

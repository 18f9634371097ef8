//! The sizes that AWS services accept, in the order in which a payload passes them. [`request_body!`] compares the first
//! ones; a crate of contracts compares the others with the payloads that it makes out of a request.
//!
//! [`request_body!`]: crate::request_body

/// The longest request that API Gateway accepts.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const REQUEST: usize = 10 * 1024 * 1024;

/// The largest event of a synchronous call of a function.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const EVENT: usize = 6 * 1024 * 1024;

/// The longest body in the event of a request. The body is text in JSON there, where a quote takes two bytes. 64 KB are
/// more than the headers take, which an event has twice: API Gateway accepts 10,240 bytes of them.
pub const PROXIED_BODY: usize = (EVENT - 64 * 1024) / 2;

/// The largest input or output of a state, a task or an execution.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
pub const STATE: usize = 262_144;

/// The largest message of a queue, with its attributes: 1 MiB.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const MESSAGE: usize = 1_048_576;

/// The largest item of a table, with the names of its attributes: 400 KB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items>
pub const ITEM: usize = 400 * 1024;

const _: () =
    assert!(PROXIED_BODY < REQUEST, "API Gateway accepts every body that an event can have");

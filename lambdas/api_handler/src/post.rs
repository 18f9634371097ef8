//! `POST /order`: accepts an order and starts the order machine.
//!
//! The execution's name is the order's id, and is unique. With an `Idempotency-Key`, the id is derived from the key,
//! the caller and the customer, so the same key has the same execution. The execution's name is the only lock. Step
//! Functions allows the name of an execution again after 90 days. By then the order has a record in the table, so a
//! request with a key reads the table first.

use crate::{
    ApiHandler,
    answer::Answer,
    idempotency::{Caller, IdempotencyKey},
    request,
    seen::Seen,
};
use contracts::{
    api::OrderRequest, domain::OrderId, metric::OrderMetric, order::OrderSubmitted,
    ordered::Ordered,
};
use function_contract::event::ApiRequest;
use runtime::{
    machine::machine,
    moment::Moment,
    port::{Fault, Outside, StartError},
    table::table,
};

impl<W: Outside> ApiHandler<W> {
    /// Answers `POST /order`.
    pub(crate) async fn post(&self, request: &ApiRequest, deadline: Moment) -> Answer {
        match request::order(request) {
            Ok((order, key)) => {
                let caller = Caller::from(&request.request_context.identity);
                self.take(order, key, &caller, deadline).await.unwrap_or_else(Answer::from)
            }
            Err(answer) => {
                tracing::info!("the request is invalid");
                answer
            }
        }
    }

    async fn take(
        &self,
        order: OrderRequest,
        key: Option<IdempotencyKey>,
        caller: &Caller,
        deadline: Moment,
    ) -> Result<Answer, Fault> {
        let order_id = match &key {
            Some(key) => key.order_id(caller, &order.customer_id),
            None => self.new_order_id(),
        };
        let submitted = self.submitted(order_id.clone(), order);
        if key.is_some()
            && let Some(record) = table(&self.world, &self.env.orders).get(&order_id).await?
        {
            return Ok(self.again(order_id, Ordered::from(&record) == Ordered::from(&submitted)));
        }
        let orders = machine(&self.world, &self.env.order_machine);
        match orders.start(order_id.as_str(), &submitted).await {
            Ok(()) => {
                tracing::info!(%order_id, "the order is accepted");
                let namespace = &self.env.metrics_namespace;
                self.world.count(namespace, OrderMetric::OrdersAccepted, &order_id);
                Ok(Answer::Accepted(order_id))
            }
            // The client repeated the request, or the SDK repeated the call because a response was lost. AWS returns
            // this error only if the input differs or the execution has ended. The input always differs here, because
            // each request has its own time.
            Err(StartError::AlreadyExists) => {
                let seen = self.seen(&order_id, deadline).await?;
                let seen = seen.ok_or_else(|| Fault::Unavailable {
                    service: "Step Functions",
                    reason: "the execution already exists, but cannot be found".to_owned(),
                })?;
                if seen.has_expired() {
                    tracing::info!(%order_id, "the Idempotency-Key belongs to a rejected order whose record has expired");
                    return Ok(Answer::KeySpent);
                }
                let same = match &seen {
                    Seen::Record(it) => Ordered::from(&**it) == Ordered::from(&submitted),
                    Seen::Execution(it) => Ordered::from(&it.input) == Ordered::from(&submitted),
                };
                Ok(self.again(order_id, same))
            }
            Err(StartError::Fault(fault)) => Err(self.counted(fault, &order_id)),
        }
    }

    fn again(&self, order_id: OrderId, same: bool) -> Answer {
        if same {
            tracing::info!(%order_id, "the order was already accepted");
            return Answer::Accepted(order_id);
        }
        tracing::info!(%order_id, "the Idempotency-Key was already used for a different order");
        Answer::KeyTaken
    }

    /// # Panics
    ///
    /// Never: the text of a UUID has the format of an order's id.
    fn new_order_id(&self) -> OrderId {
        let (millis, random) = (self.world.now().millis(), self.world.random());
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        let text = uuid.hyphenated().to_string();
        OrderId::try_from(text).expect("a UUID's text has the form of an order's id")
    }

    fn submitted(&self, order_id: OrderId, order: OrderRequest) -> OrderSubmitted {
        // The pattern names each field, so a new field does not compile until it is passed on here.
        let OrderRequest { customer_id, product_id, quantity, price, metadata } = order;
        OrderSubmitted {
            order_id,
            customer_id: customer_id.into(),
            product_id: product_id.into(),
            quantity: quantity.into(),
            price: price.into(),
            metadata,
            submitted_at: self.world.now().timestamp(),
        }
    }
}

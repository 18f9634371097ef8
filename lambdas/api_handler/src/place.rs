//! Accepts an order and starts the order machine.
//!
//! The execution's name is the order's id, and is unique. With an `Idempotency-Key`, the id is derived from the key,
//! the caller and the customer, so the same key has the same execution. The execution's name is the only lock. Step
//! Functions allows the name of an execution again after 90 days. By then the order has a record in the table, so a
//! request with a key reads the table first.

use crate::{
    ApiHandler,
    idempotency::{Caller, order_id},
    log, request,
    seen::Seen,
};
use contracts::{
    api::{OrderAnswer, OrderApi, OrderPlaced, OrderRequest, ReadOrder},
    domain::{OrderId, OrderStatus},
    idempotency::IdempotencyKey,
    metric::OrderMetric,
    order::OrderSubmitted,
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
    /// Answers a request that places an order.
    pub(crate) async fn place(
        &self,
        request: &ApiRequest<OrderApi>,
        deadline: Moment,
    ) -> OrderPlaced {
        match request::order(request) {
            Ok((order, key)) => {
                let caller = Caller::from(&request.request_context.identity);
                self.take(order, key, &caller, deadline).await.unwrap_or_else(|fault| {
                    log(&fault);
                    OrderPlaced::Unavailable
                })
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
    ) -> Result<OrderPlaced, Fault> {
        let order_id = match &key {
            Some(key) => order_id(key, caller, &order.customer_id),
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
                Ok(accepted(order_id))
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
                    return Ok(OrderPlaced::KeySpent);
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

    fn again(&self, order_id: OrderId, same: bool) -> OrderPlaced {
        if same {
            tracing::info!(%order_id, "the order was already accepted");
            return accepted(order_id);
        }
        tracing::info!(%order_id, "the Idempotency-Key was already used for a different order");
        OrderPlaced::KeyTaken
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

fn accepted(order_id: OrderId) -> OrderPlaced {
    let answer = OrderAnswer {
        order_id: order_id.clone(),
        status: OrderStatus::Accepted,
        message: "The order was accepted. Request its Location for the status.".to_owned(),
    };
    OrderPlaced::Accepted(answer, ReadOrder { order_id })
}

#[cfg(test)]
mod tests {
    use contracts::api::{OrderRead, PlaceOrder};
    use function_contract::api::Route as _;
    use serde_json::json;
    use url::Url;

    use super::*;

    const ID: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";

    fn request(path: &str) -> ApiRequest<OrderApi> {
        let event = json!({
            "httpMethod": PlaceOrder::METHOD.as_str(), "resource": PlaceOrder::PATH.to_string(),
            "path": path, "requestContext": { "requestId": "r" },
        });
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_client_that_follows_the_location_finds_the_order() {
        #[track_caller]
        fn check(asked: &str, path: &str, expected: &str) {
            let order = OrderId::try_from(ID.to_owned()).unwrap();
            let reply = PlaceOrder {}.reply(accepted(order));
            let location = &reply.response("*", &request(path)).headers["Location"];
            let found = asked.parse::<Url>().unwrap().join(location).unwrap();
            assert_eq!(found.as_str(), format!("{expected}/{ID}"), "{asked}");
        }
        let host = "https://a1b2.execute-api.ap-south-1.amazonaws.com";
        check(&format!("{host}/dev/order"), "/order", &format!("{host}/dev/order"));
        check(&format!("{host}/dev/order?x=/y/"), "/order", &format!("{host}/dev/order"));
        check(&format!("{host}/dev/order/"), "/order/", &format!("{host}/dev/order"));
        // With a custom domain, the path includes its base path, if it has one.
        check("https://api.example/order", "/order", "https://api.example/order");
        check("https://api.example/shop/order", "/shop/order", "https://api.example/shop/order");
        check("https://api.example/shop/order/", "/shop/order/", "https://api.example/shop/order");
    }

    #[test]
    fn browsers_let_scripts_read_every_useful_header() {
        // Headers that a browser always lets scripts read, and headers that are only for browsers and caches.
        // https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
        let known = ["Cache-Control", "Content-Type", "Vary", "X-Content-Type-Options"];
        let order_id = OrderId::try_from(ID.to_owned()).unwrap();
        let place = PlaceOrder {};
        for reply in [
            place.reply(accepted(order_id.clone())),
            place.reply(OrderPlaced::Unavailable),
            place.reply(OrderPlaced::KeyTaken),
            ReadOrder { order_id }.reply(OrderRead::NotSeen),
        ] {
            let headers = reply.response("*", &request("/order")).headers;
            let exposed: Vec<_> = headers["Access-Control-Expose-Headers"].split(',').collect();
            for name in headers.keys().map(String::as_str) {
                let is_known = known.contains(&name) || name.starts_with("Access-Control-");
                assert!(is_known || exposed.contains(&name), "{name}");
            }
        }
    }
}

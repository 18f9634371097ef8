use std::{
    cell::Cell,
    task::{Context, Poll, Waker},
};

use contracts::{
    domain::OrderId,
    metric::{MessageMetric, OrderMetric},
};
use function_contract::env::EnvContract as _;
use runtime::{
    item::{Attribute, Attributes},
    moment::Moment,
    port::{GetItem, Page, PutItem, Query, UpdateItem, Write},
};

use super::*;

/// An index with an endless sequence of empty pages, each of which takes a second.
struct Endless {
    pages: Cell<u64>,
}

impl DynamoDb for Endless {
    async fn get_item(&self, _: GetItem) -> Result<Option<Attributes>, Fault> {
        unreachable!("the index names no order")
    }

    async fn put_item(&self, _: PutItem) -> Result<(), WriteError> {
        unreachable!("the index names no order")
    }

    async fn update_item(&self, _: UpdateItem) -> Result<(), WriteError> {
        unreachable!("the index names no order")
    }

    async fn transact_write_items(&self, _: Vec<Write>) -> Result<(), WriteError> {
        unreachable!("the index names no order")
    }

    async fn query(&self, _: Query) -> Result<Page, Fault> {
        self.pages.set(self.pages.get() + 1);
        assert!(self.pages.get() < 100, "it never ends");
        let next = [("order_id".to_owned(), Attribute::Text(String::new()))].into();
        Ok(Page { items: Vec::new(), next: Some(next) })
    }
}

impl Clock for Endless {
    fn now(&self) -> Moment {
        Moment::from_millis(1_000 * self.pages.get())
    }
}

impl Meter for Endless {
    fn count(&self, _: &str, _: OrderMetric, _: &OrderId) {}

    fn count_message(&self, _: &str, _: MessageMetric, _: &str) {}
}

fn env() -> ReconcileOrdersEnv<Live> {
    let value = |name: &str| match name {
        "PROCESSING_DEADLINE_MINUTES" => "30",
        "LOG_LEVEL" => "info",
        _ => "a",
    };
    let env = ReconcileOrdersEnv::parse(|name| Some(value(name).to_owned()));
    env.unwrap_or_else(|err| panic!("{err}"))
}

/// Lambda ends the invocation at its deadline, even in the middle of a page.
#[test]
fn a_page_begins_only_where_there_is_time_for_it() {
    #[track_caller]
    fn check(deadline: u64, pages: u64) {
        let function = ReconcileOrders::new(env(), Endless { pages: Cell::new(0) });
        let deadline = Moment::from_millis(deadline);
        let invocation = Invocation { request_id: String::new(), deadline };
        let work = function.handle(Tick {}, &invocation);
        let done = std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(done, Poll::Ready(Ok(())), "the next tick continues");
        assert_eq!(function.world.pages.get(), pages, "{deadline:?}");
    }
    check(10_999, 0);
    check(11_000, 1);
    check(11_999, 1);
    check(13_000, 3);
}

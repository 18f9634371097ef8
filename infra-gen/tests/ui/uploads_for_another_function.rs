//! A queue of uploads feeds a function that takes orders.

use contracts::functions::FulfillOrder;
use function_contract::{event::ObjectCreated, kind::{Function, Queue}};
use infra_core::{model::{Handle, Module, trigger::EventSourceSpec}, resource};

fn wrong(
    module: &mut Module<'_>,
    uploads: &Handle<Queue<ObjectCreated>>,
    function: &Handle<Function<FulfillOrder>>,
    spec: EventSourceSpec,
) {
    let id = resource!(
        /// Feeds.
        "feed"
    );
    module.on_messages(id, uploads, function, spec);
}

fn main() {}

//! The real handlers, as Lambda calls them.

use std::{cell::RefCell, pin::Pin, rc::Rc};

use contracts::functions::{FunctionName as Name, *};
use function_contract::{
    Contract,
    env::{EnvContract, Live},
};
use runtime::{
    handler::{Handler, Invocation, Raised, answer},
    port::Clock as _,
};
use serde_json::Value;

use crate::{
    facts::Facts,
    port::Port,
    world::{TaskId, World},
};

/// A running function.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Value, Raised>>>>;

/// Starts a function with an event and a deadline. Each function has an arm here, with its handler.
pub(crate) fn begin(
    facts: &Facts,
    world: &Rc<RefCell<World>>,
    task: TaskId,
    function: &str,
    mut event: Value,
) -> Option<Work> {
    if let Some(change) = world.borrow().plan.mistake.event {
        change(function, &mut event);
    }
    let call = Call { facts, world, task, event };
    Some(match Name::of(function)? {
        Name::Validator => call.work::<Validator, _>(validator::Validator::new),
        Name::OrderStorage => call.work::<OrderStorage, _>(order_storage::OrderStorage::new),
        Name::ReconcileOrders => {
            call.work::<ReconcileOrders, _>(reconcile_orders::ReconcileOrders::new)
        }
        Name::FulfillOrder => call.work::<FulfillOrder, _>(fulfill_order::FulfillOrder::new),
        Name::ApiHandler => call.work::<ApiHandler, _>(api_handler::ApiHandler::new),
    })
}

struct Call<'a> {
    facts: &'a Facts,
    world: &'a Rc<RefCell<World>>,
    task: TaskId,
    event: Value,
}

impl Call<'_> {
    /// # Panics
    ///
    /// If the generated environment does not match the contract, which is a bug of the generator.
    fn work<C, H>(self, make: impl FnOnce(<C::Env as EnvContract>::In<Live>, Port) -> H) -> Work
    where
        C: Contract<Input: serde::de::DeserializeOwned, Output: serde::Serialize>,
        H: Handler<C> + 'static,
    {
        let function = &self.facts.functions[C::BIN];
        let env = <C::Env as EnvContract>::parse(|name| function.environment.get(name).cloned());
        let env = env.unwrap_or_else(|err| panic!("{}: {err}", C::BIN));
        let ahead = self.world.borrow_mut().ahead();
        let port = Port { world: Rc::clone(self.world), task: self.task, function: C::BIN, ahead };
        let deadline = port.now() + std::time::Duration::from_millis(function.timeout);
        let handler = make(env, port);
        // `Display` would take twice as long.
        let event = serde_json::to_string(&self.event).expect("JSON has a text");
        let change = self.world.borrow().plan.mistake.answer;
        let change = change.map(|it| (it, self.event));
        let invocation = Invocation { request_id: format!("request-{}", self.task), deadline };
        Box::pin(async move {
            let output = answer::<C, H>(&handler, &event, &invocation).await?;
            let mut output = serde_json::to_value(output)
                .map_err(|err| Raised::new("Simulation", err.to_string()))?;
            if let Some((change, event)) = change {
                change(C::BIN, &event, &mut output);
            }
            Ok(output)
        })
    }
}

//! A function without errors in its contract cannot raise one.

use contracts::functions::ReconcileOrders;
use function_contract::{error::NoError, event::Tick};
use runtime::handler::{Failure, Handler, Invocation};

struct Mine;

impl Handler<ReconcileOrders> for Mine {
    async fn handle(&self, _: Tick, _: &Invocation) -> Result<(), Failure<NoError>> {
        Err(Failure::Named { error: NoError::OutOfTime, cause: "the clock runs".to_owned() })
    }
}

fn main() {}

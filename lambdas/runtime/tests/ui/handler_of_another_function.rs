//! A binary runs the handler of its own contract.

use std::process::ExitCode;

use contracts::{functions::{OrderStorage, Validator}, order::{OrderJudged, OrderSubmitted}};
use function_contract::error::NoError;
use runtime::handler::{Failure, Handler, Invocation};

struct Mine;

impl Handler<Validator> for Mine {
    async fn handle(
        &self,
        _: OrderSubmitted,
        _: &Invocation,
    ) -> Result<OrderJudged, Failure<NoError>> {
        unreachable!()
    }
}

fn main() -> ExitCode {
    runtime::start::main::<OrderStorage, Mine>(|env| *env.log_level, |_, _| Mine)
}

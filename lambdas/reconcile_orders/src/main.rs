//! The Lambda binary.

use std::process::ExitCode;

use contracts::functions;
use reconcile_orders::ReconcileOrders;

fn main() -> ExitCode {
    runtime::start::main::<functions::ReconcileOrders, _>(
        |env| *env.log_level,
        ReconcileOrders::new,
    )
}

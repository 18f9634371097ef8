//! What goes into `lambdas/announce_order/src/main.rs`.

use announce_order::contract as functions;
use announce_order::handler::AnnounceOrder;

// guide: main
use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::start::main::<functions::AnnounceOrder, _>(|env| *env.log_level, AnnounceOrder::new)
}
// end

//! The contents of `lambdas/announce_order/src/main.rs`.

use adding::contract as functions;
use adding::handler::AnnounceOrder;

// guide: main
use std::process::ExitCode;

fn main() -> ExitCode {
    runtime::start::main::<functions::AnnounceOrder, _>(|env| *env.log_level, AnnounceOrder::new)
}
// end

//! The contents of `lambdas/announce_order/src/main.rs`.

use adding::{contract::AnnounceOrder, handler::announce};

// guide: main
fn main() -> std::process::ExitCode {
    runtime::start::main::<AnnounceOrder, _>(|env| *env.log_level, runtime::message::each(announce))
}
// end

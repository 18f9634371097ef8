//! Code that must not compile. Each file in `tests/ui` makes one mistake, and its `.stderr` has rustc's message about
//! that mistake.
//!
//! After a change of a message: `DOFS_UI=bless cargo test -p infra-gen --test ui`, and then read the difference as the
//! author of the mistake would.

use compile_fail::Suite;

#[test]
fn wrong_wiring_does_not_compile() -> anyhow::Result<()> {
    Suite { invocation: compile_fail::invocation!(), folder: "tests/ui", fewest: 100 }.run()
}

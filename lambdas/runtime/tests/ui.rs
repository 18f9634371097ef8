//! Mistakes that must not compile. Each file in `tests/ui` makes one mistake, and its `.stderr` file has the message of
//! rustc.
//!
//! After a change that affects messages, run `DOFS_UI=bless cargo test -p runtime --test ui`, and read the diff as the
//! author of each mistake would.

use compile_fail::Suite;

#[test]
fn calls_without_permission_and_wrong_types_do_not_compile() {
    let suite = Suite { invocation: compile_fail::invocation!(), folder: "tests/ui", fewest: 15 };
    suite.run().expect("each mistake gets its message");
}

//! What must not compile. Each file in `tests/ui` makes one mistake, and its `.stderr` is what rustc says to the author of
//! that mistake.
//!
//! After a change of a message: `DOFS_UI=bless cargo test -p runtime --test ui`, and then read the difference as the
//! author of the mistake would.

use compile_fail::Suite;

#[test]
fn what_a_function_must_not_do_does_not_compile() {
    let suite = Suite { invocation: compile_fail::invocation!(), folder: "tests/ui", fewest: 15 };
    suite.run().expect("each mistake gets its message");
}

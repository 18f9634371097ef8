//! A handle out of the list of all functions is passed to code that calls the function.

use function_contract::{Contract, kind::Function};
use infra_core::model::{Handle, Stack};

fn call<C: Contract>(_: &Handle<Function<C>>) {}

fn wrong(stack: &Stack) {
    call(&stack.functions()[0]);
}

fn main() {}

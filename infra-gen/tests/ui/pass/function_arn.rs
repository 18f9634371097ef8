//! The ARN of a function where the ARN of a function is due.

use contracts::functions::Validator;
use function_contract::kind::Function;
use infra_core::model::{Arn, Handle, Ref};

fn call(_: Ref<Arn<Function<Validator>>>) {}

fn right(validator: &Handle<Function<Validator>>) {
    call(validator.arn());
}

fn main() {}

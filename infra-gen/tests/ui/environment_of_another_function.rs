//! The environment of one function given to another.

use contracts::functions::{OrderStorageEnv, Validator};
use infra_core::model::{Wired, function::FunctionSpec};

fn wrong(spec: FunctionSpec<Validator>, env: OrderStorageEnv<Wired>) -> FunctionSpec<Validator> {
    FunctionSpec { env, ..spec }
}

fn main() {}

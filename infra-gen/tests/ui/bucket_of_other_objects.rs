//! A pipeline that keeps its artifacts in the bucket of Terraform's states.

use infra_core::model::{
    Handle, Id, Module,
    bucket::{Bucket, States},
    delivery::pipeline::{Pipeline, Stages},
};

fn wrong(
    module: &mut Module<'_>,
    id: Id,
    stages: Stages,
    states: &Handle<Bucket<States>>,
) -> Handle<Pipeline> {
    module.pipeline(id, stages, states)
}

fn main() {}

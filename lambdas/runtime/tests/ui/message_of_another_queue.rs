//! The order queue carries `OrderAccepted`.

use contracts::{functions::OrderStorageEnv, order::OrderStored};
use runtime::{
    port::{Fault, Sqs},
    queue::queue,
};

async fn announce(
    aws: &impl Sqs,
    env: &OrderStorageEnv,
    stored: &OrderStored,
) -> Result<(), Fault> {
    queue(aws, &env.queue).send(stored).await
}

fn main() {}

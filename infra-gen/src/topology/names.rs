//! The names in AWS of the resources that the operator's commands use.

use contracts::order::{FailedOrder, OrderAccepted, OrderRecord, OrderSubmitted};
use function_contract::kind::{DeadLetterQueue, Queue, StateMachine, Table};

use super::{add, scope};
use infra_core::model::{Stack, name::NameOf};

use crate::config::Environment;

/// The names of an environment's resources in AWS. Each name comes from the handle of the resource, so it follows a
/// rename, and does not compile if the resource is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The table of orders.
    pub orders: NameOf<Table<OrderRecord>>,
    /// The table of failed orders.
    pub failed_orders: NameOf<Table<FailedOrder>>,
    /// The order queue.
    pub queue: NameOf<Queue<OrderAccepted>>,
    /// The queue for its dead letters.
    pub dead_letters: NameOf<DeadLetterQueue<OrderAccepted>>,
    /// The order machine.
    pub machine: NameOf<StateMachine<OrderSubmitted>>,
}

/// The names of an environment's resources.
pub fn names(environment: Environment) -> Names {
    let config = environment.config();
    let mut stack = Stack::new(scope(config));
    let made = add(&mut stack, config);
    Names {
        orders: stack.name_in_aws(&made.stores.tables.orders),
        failed_orders: stack.name_in_aws(&made.stores.tables.failed_orders),
        queue: stack.name_in_aws(&made.stores.queues.orders),
        dead_letters: stack.name_in_aws(&made.stores.queues.dead_letters),
        machine: stack.name_in_aws(&made.machine),
    }
}

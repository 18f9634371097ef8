//! The functions, queues and tables of a stack, for alarms, dashboards and suppressions that cover each of them.

use function_contract::kind::{DeadLetterQueue, Function, Queue, Table};

use super::{
    expr::Address,
    function::FunctionFacts,
    limits::MessageRetention,
    queue::QueueFacts,
    stack::{Handle, Kind, Stack},
    table::TableFacts,
};

/// The contract of a function, the payload of a queue, or the item of a table, if only the resource matters.
///
/// A `Handle<Function<Any>>` has an address and metrics. It is not a [`Contract`](function_contract::Contract), so it cannot be
/// called, scheduled or fed.
pub enum Any {}

/// The resources of each kind, in the order in which they were added.
#[derive(Default)]
pub(in crate::model) struct Every {
    pub(in crate::model) functions: Vec<(Address, FunctionFacts)>,
    pub(in crate::model) queues: Vec<(Address, QueueFacts)>,
    pub(in crate::model) dead_letter_queues: Vec<(Address, MessageRetention)>,
    pub(in crate::model) tables: Vec<(Address, TableFacts)>,
}

impl Every {
    /// Adds the resources of a cell.
    pub(in crate::model) fn absorb(&mut self, cell: Every) {
        self.functions.extend(cell.functions);
        self.queues.extend(cell.queues);
        self.dead_letter_queues.extend(cell.dead_letter_queues);
        self.tables.extend(cell.tables);
    }
}

fn handles<K: Kind<Facts: Clone>>(all: &[(Address, K::Facts)]) -> Vec<Handle<K>> {
    all.iter().map(|(address, facts)| Handle::new(address.clone(), facts.clone())).collect()
}

impl Stack {
    /// Every function, in the order in which they were added.
    pub fn functions(&self) -> Vec<Handle<Function<Any>>> {
        handles(&self.every.functions)
    }

    /// Every queue of work, in the order in which they were added.
    pub fn queues(&self) -> Vec<Handle<Queue<Any>>> {
        handles(&self.every.queues)
    }

    /// Every dead-letter queue, in the order in which they were added.
    pub fn dead_letter_queues(&self) -> Vec<Handle<DeadLetterQueue<Any>>> {
        handles(&self.every.dead_letter_queues)
    }

    /// Every table, in the order in which they were added.
    pub fn tables(&self) -> Vec<Handle<Table<Any>>> {
        handles(&self.every.tables)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            ModuleName, Scope,
            key::Encryption,
            limits::{MaxReceiveCount, VisibilityTimeout},
            place::{AccountId, Region},
            queue::{DeadLetterQueueSpec, DeadLetters, QueueSpec, QueueWithDeadLettersSpec},
        },
        render, resource,
    };

    const DAY: MessageRetention = MessageRetention::new(86_400);
    const WEEK: MessageRetention = MessageRetention::new(7 * 86_400);
    const HIDDEN: VisibilityTimeout = VisibilityTimeout::new(60);
    const AFTER: MaxReceiveCount = MaxReceiveCount::new(5);

    fn stack() -> Stack {
        Stack::new(Scope {
            accounts: vec![AccountId::new("123456789012")],
            region: Region::EuCentral1,
            prefix: "test".to_owned(),
            tags: [].into(),
        })
    }

    #[test]
    fn one_call_adds_both_queues_as_two_calls_do() {
        let (mut one, mut two) = (stack(), stack());
        let (queue, dead) = (
            resource!(
                /// Waits.
                "orders"
            ),
            resource!(
                /// Failed.
                "orders_dlq"
            ),
        );
        let spec = QueueWithDeadLettersSpec {
            encryption: Encryption::Aws,
            visibility: HIDDEN,
            retention: DAY,
            dead_letter_retention: WEEK,
            max_receive_count: AFTER,
        };
        let _ = one.module(ModuleName::new("a")).queue_with_dead_letters::<()>(queue, dead, spec);
        let mut module = two.module(ModuleName::new("a"));
        let (encryption, visibility) = (Encryption::Aws, HIDDEN);
        let of_dead = DeadLetterQueueSpec { encryption, retention: WEEK };
        let dead = module.dead_letter_queue::<()>(dead, of_dead);
        let letters = DeadLetters { to: &dead, after: AFTER };
        let _ = module.queue(queue, QueueSpec { encryption, visibility, retention: DAY }, letters);

        let address = |it: &Address| it.to_string();
        let queues = one.queues().iter().map(|it| address(it.address())).collect::<Vec<_>>();
        assert_eq!(queues, ["module.a.aws_sqs_queue.orders"]);
        let dead = one.dead_letter_queues();
        let dead = dead.iter().map(|it| address(it.address())).collect::<Vec<_>>();
        assert_eq!(dead, ["module.a.aws_sqs_queue.orders_dlq"]);
        assert!(one.functions().is_empty());
        assert_eq!(render::root(&one.finish(), None), render::root(&two.finish(), None));
    }
}

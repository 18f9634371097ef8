//! The tables.

use contracts::order::{FailedOrder, OrderRecord};
use function_contract::kind::Table;

use super::DYNAMODB;
use infra_core::model::{
    Handle, Stack, key::Encryption, limits::KeyDeletionWindow, table::TableSpec,
};

use crate::{
    config::{Config, Keys},
    resource,
};

pub(super) const KEY_DELETION_WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(30);

pub(super) struct Tables {
    pub(super) orders: Handle<Table<OrderRecord>>,
    pub(super) failed_orders: Handle<Table<FailedOrder>>,
}

pub(super) fn tables(stack: &mut Stack, config: &Config) -> Tables {
    let mut module = stack.module(DYNAMODB);

    let key = match config.keys {
        Keys::Aws => None,
        Keys::Customer => Some(module.key(
            resource!(
                /// Encrypts the tables. Its use is logged, and it can be withdrawn.
                "tables"
            ),
            KEY_DELETION_WINDOW,
        )),
    };
    let spec = || TableSpec {
        encryption: key.as_ref().map_or(Encryption::Aws, Encryption::Customer),
        deletion_protection: config.deletion_protection,
    };

    let orders = module.table(
        resource!(
            /// Every order that was taken, by its id: the one truth about where it stands. Rejected
            /// orders expire, the others stay.
            "orders"
        ),
        spec(),
    );
    let failed_orders = module.table(
        resource!(
            /// Why an order failed: one item for each FAILED order, and for each message that could
            /// not be read. Nothing here expires: it is the operator's list.
            "failed_orders"
        ),
        spec(),
    );
    stack.operators_read(&failed_orders);
    Tables { orders, failed_orders }
}

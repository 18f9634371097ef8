//! An index over fields of an item that the table does not hold.

use contracts::{
    order::{ByStatus, FailedOrder},
    item::IndexKeys,
};

fn wrong() -> IndexKeys {
    let at = FailedOrder::at();
    IndexKeys::of::<ByStatus, _, _>(&at.failure_reason, &at.failed_timestamp)
}

fn main() {}

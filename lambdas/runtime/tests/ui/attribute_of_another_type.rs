//! The status of an order is an `OrderStatus`, not any text.

use contracts::order::OrderRecord;
use runtime::expression::Set;

fn shipped() -> Set<OrderRecord> {
    Set::to(&OrderRecord::at().status, &"SHIPPED")
}

fn main() {}

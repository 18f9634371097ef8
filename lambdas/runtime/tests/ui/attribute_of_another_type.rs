//! An order's status is one of five, not just any text.

use contracts::order::OrderRecord;
use runtime::expression::Set;

fn shipped() -> Set<OrderRecord> {
    Set::to(&OrderRecord::at().status, &"SHIPPED")
}

fn main() {}

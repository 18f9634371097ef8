//! The ids of a customer and of a product swapped in a record. Both are text as the customer wrote it.

use contracts::order::{OrderRecordAt, OrderSubmitted};

fn wrong(record: OrderRecordAt<OrderSubmitted>) -> OrderRecordAt<OrderSubmitted> {
    let order = OrderSubmitted::at();
    OrderRecordAt { customer_id: order.product_id, ..record }
}

fn main() {}

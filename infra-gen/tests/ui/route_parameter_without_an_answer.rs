//! A route that does not say what it answers if its parameter cannot be parsed.

use contracts::{api::OrderRead, domain::OrderId};

function_contract::api! {
    /// An API.
    pub enum Wrong {
        /// Returns an order.
        Read = GET / "order" / { order_id: OrderId }, answers OrderRead;
    }
}

fn main() {}

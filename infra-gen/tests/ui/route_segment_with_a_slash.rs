//! A segment of a path that is two segments.

use contracts::api::OrderPlaced;

function_contract::api! {
    /// An API.
    pub enum Wrong {
        /// Places an order.
        Place = POST / "shop/order", answers OrderPlaced;
    }
}

fn main() {}

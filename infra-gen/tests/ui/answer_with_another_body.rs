//! An answer with a body of another type than the contract has.

use contracts::api::{OrderAnswer, OrderRead};

fn wrong(answer: OrderAnswer) -> OrderRead {
    OrderRead::Found(answer)
}

fn main() {}

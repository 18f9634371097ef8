//! A body that the contract does not have for this route.

use contracts::api::{OrderRequest, ReadOrder};
use function_contract::{api::Route, http::Problem};

fn wrong(body: &[u8]) -> Result<OrderRequest, Vec<Problem>> {
    ReadOrder::read(body)
}

fn main() {}

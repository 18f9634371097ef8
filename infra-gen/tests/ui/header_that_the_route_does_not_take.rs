//! A header that the contract does not have for this route.

use contracts::{
    api::{OrderApi, ReadOrder},
    idempotency::IdempotencyKey,
};
use function_contract::{api::Route, event::ApiRequest, http::Problem};

fn wrong(request: &ApiRequest<OrderApi>) -> Option<Result<IdempotencyKey, Problem>> {
    ReadOrder::header(request)
}

fn main() {}

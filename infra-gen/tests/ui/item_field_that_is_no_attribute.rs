//! An item with a field that DynamoDB has no attribute for.

function_contract::item! {
    pub struct Parcel, at ParcelAt {
        parcel_id: String,
        weights: Vec<u32>,
    }
}

fn main() {}

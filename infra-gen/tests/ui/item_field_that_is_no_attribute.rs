//! An item with a field that DynamoDB has no attribute for.

contracts::item! {
    pub struct Parcel, at ParcelAt {
        parcel_id: String,
        weights: Vec<u32>,
    }
}

fn main() {}

//! A payload whose field has another name on the wire than its path says.

function_contract::payload! {
    pub struct Parcel, at ParcelAt {
        #[serde(rename = "id")]
        parcel_id: String,
    }
}

fn main() {}

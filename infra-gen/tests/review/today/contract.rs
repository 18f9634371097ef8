//! The OpenAPI documents: what breaks the clients of the API. `crates/infra-review/src/api/tests.rs` has every kind of change.

use serde_json::{Value, json};

use super::{Tree, check};

const FILE: &str = "prod/modules/api_gateway/orders.openapi.json";

fn document(edit: fn(&mut Value)) -> impl FnOnce(&mut Tree) {
    move |tree| tree.file(FILE, edit)
}

#[test]
fn a_change_that_breaks_clients_is_a_danger() {
    let post = "danger api-broken prod orders.openapi.json: POST /order";
    let get = "danger api-broken prod orders.openapi.json: GET /order/{orderId}";
    let gone = |it: &mut Value| drop(it["paths"].as_object_mut().unwrap().remove("/order"));
    check(document(gone), &[post]);
    let all: fn(&mut Value) = |it| {
        let schemas = &mut it["components"]["schemas"];
        schemas["OrderRequest"]["required"].as_array_mut().unwrap().push(json!("metadata"));
        schemas["OrderView"]["properties"].as_object_mut().unwrap().remove("totalAmount");
        schemas["OrderRequest"]["properties"]["quantity"]["maximum"] = 100.into();
    };
    check(document(all), &[post, get]);
}

#[test]
fn other_changes_of_the_document_are_reported_too() {
    let changed: fn(&mut Value) = |it| it["paths"]["/lid"] = json!({ "get": {} });
    check(document(changed), &["notice api-changed prod orders.openapi.json: GET /lid"]);
    let unknown: fn(&mut Value) = |it| it["webhooks"] = json!({});
    check(document(unknown), &["warning unjudged prod orders.openapi.json"]);
    let gone = |tree: &mut Tree| drop(tree.0.remove(&format!("generated/{FILE}")));
    let inside = FILE.trim_start_matches("prod/");
    check(gone, &[&format!("warning api-broken prod {inside}")]);
    let broken = |tree: &mut Tree| {
        tree.0.insert(format!("generated/{FILE}"), "{".to_owned());
    };
    check(broken, &[&format!("warning unjudged prod {inside}")]);
}

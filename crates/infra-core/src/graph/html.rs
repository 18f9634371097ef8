//! The picture as an HTML page in one file, with the explanation (`infra-gen explain`) of each box.

use serde_json::{Map, Value, json};
use tera::{Context, Tera};

use super::{
    Graph,
    svg::{STYLE, drawn},
};
use crate::explain::Roots;

const TEMPLATE: &str = "graph.html";

/// The page of one of the roots.
///
/// # Errors
///
/// If the template cannot be rendered.
pub fn html(graph: &Graph, roots: &Roots, root: &str) -> Result<String, tera::Error> {
    let mut explained = Map::new();
    for address in graph.nodes.iter().filter_map(|it| it.address.as_deref()) {
        if let Some(it) = roots.explain(address, Some(root)) {
            explained.insert(address.to_owned(), json!(it));
        }
    }
    let (width, height, picture) = drawn(graph);
    let mut context = Context::new();
    context.insert("environment", root);
    context.insert("width", &width);
    context.insert("height", &height);
    context.insert("picture", &picture);
    context.insert("style", STYLE);
    context.insert("explained", &script(&Value::Object(explained)));
    let mut tera = Tera::new();
    tera.add_raw_template(TEMPLATE, include_str!("../../../../templates/graph.html.tera"))?;
    tera.render(TEMPLATE, &context)
}

/// JSON for a script element. `<` is escaped, because the element ends at the first `</script`.
fn script(value: &Value) -> String {
    crate::render::compact(value).replace('<', "\\u003c")
}

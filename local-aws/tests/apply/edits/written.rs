//! Edits that write the same value in another way, or only seem to.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{
    draw::Draw,
    edit::{Edit, Kind, Step},
    root::fields,
    values,
};

/// A list with its items in another order: the order of a set has no meaning, and that of a list may have one.
pub(super) fn order(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let has_one = |body: &Value| !longer(body).is_empty();
    let place = draw.place(rng, |it| has_one(draw.root.block(it)))?;
    let body = draw.root.block(place);
    let path = rng.choice(longer(body))?;
    let mut items = body.pointer(&values::pointer(&path))?.as_array()?.clone();
    let before = items.clone();
    match rng.bool() {
        true => items.reverse(),
        false => rng.shuffle(&mut items),
    }
    let step = Step::Set(place.clone(), path, Value::Array(items.clone()));
    (items != before).then(|| Edit::of(Kind::Order, [place.clone()], vec![step]))
}

/// Lists with more than one item.
fn longer(body: &Value) -> Vec<Vec<String>> {
    let is_longer = |it: &Vec<String>| {
        body.pointer(&values::pointer(it)).and_then(Value::as_array).is_some_and(|it| it.len() > 1)
    };
    values::lists(body).into_iter().filter(is_longer).collect()
}

/// The same value, in another form that Terraform accepts.
pub(super) fn rewritten(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let place = draw.place(rng, |_| true)?;
    let body = draw.root.block(place);
    let path = rng.choice(values::arguments(body))?;
    let value = body.pointer(&values::pointer(&path))?;
    let schema = draw.schema(place, &path);
    let is_block = schema.is_some_and(|it| !it["block"].is_null());
    let mut ways = Vec::new();
    match value {
        Value::Number(it) => ways.extend([json!(it.to_string()), json!(format!("${{{it}}}"))]),
        Value::Bool(it) => ways.extend([json!(it.to_string()), json!(format!("${{{it}}}"))]),
        Value::String(text) => {
            if let Ok(document @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                ways.push(json!(format!("{:#}", backwards(&document))));
                if !text.contains("${") && !text.contains("%{") {
                    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
                    ways.push(json!(format!("${{\"{quoted}\"}}")));
                }
            } else if let Some(inner) = text.strip_prefix("${").and_then(|it| it.strip_suffix('}'))
            {
                ways.push(json!(format!("${{({inner})}}")));
            } else if let Ok(number) = text.parse::<u64>() {
                ways.push(json!(number));
            }
        }
        Value::Array(items) if is_block && items.len() == 1 => ways.push(items[0].clone()),
        Value::Array(items) if items.len() == 1 && !items[0].is_object() => {
            ways.push(json!([items[0], items[0]]));
        }
        Value::Object(_) if is_block && path.last()?.parse::<usize>().is_ok() => {
            // An argument that is null, and one with its default value.
            let absent = fields(&schema?["block"]["attributes"]);
            let absent = absent.filter(|it| it.1["optional"] == true && value[it.0].is_null());
            let name = rng.choice(absent.map(|it| it.0).collect::<Vec<_>>())?;
            let mut more = value.clone();
            more[name] = Value::Null;
            ways.push(more);
        }
        _ => (),
    }
    let step = Step::Set(place.clone(), path, rng.choice(ways)?);
    Some(Edit::of(Kind::Rewritten, [place.clone()], vec![step]))
}

/// The same document, with the members of each object in reverse.
fn backwards(document: &Value) -> Value {
    match document {
        Value::Object(_) => {
            let mut all: Vec<_> = fields(document).collect();
            all.reverse();
            let all = all.into_iter().map(|(name, it)| (name.clone(), backwards(it)));
            Value::Object(all.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(backwards).collect(),
        other => other.clone(),
    }
}

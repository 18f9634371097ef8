//! Edits of documents: statements of policies, and files that blocks read.

use fastrand::Rng;
use serde_json::{Value, json};

use super::{
    draw::Draw,
    edit::{Edit, Kind, Step},
    root::Place,
    values,
};

/// A statement of a policy: another action, resource or effect, one statement more or one less.
pub(super) fn statement(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let place = draw.place(rng, Place::is_data)?;
    let statements = draw.root.block(place)["statement"].as_array()?;
    let at = rng.usize(..statements.len());
    let path = |rest: &[&str]| -> Vec<String> {
        let way = ["statement", &at.to_string()].map(str::to_owned);
        way.into_iter().chain(rest.iter().map(|it| (*it).to_owned())).collect()
    };
    let statement = &statements[at];
    let actions = statement["actions"].as_array()?;
    let step = match rng.u8(..6) {
        0 => {
            let service = actions[0].as_str()?.split_once(':')?.0;
            let more = actions.iter().cloned().chain([json!(format!("{service}:List*"))]);
            Step::Set(place.clone(), path(&["actions"]), more.collect())
        }
        1 if actions.len() > 1 => {
            Step::Unset(place.clone(), path(&["actions", &rng.usize(..actions.len()).to_string()]))
        }
        2 => Step::Set(place.clone(), path(&["effect"]), json!("Deny")),
        3 if statements.len() > 1 => Step::Unset(place.clone(), path(&[])),
        4 => {
            let mut more = statements.clone();
            let mut copy = statement.clone();
            copy["sid"] = json!("Other");
            more.push(copy);
            Step::Set(place.clone(), vec!["statement".to_owned()], Value::Array(more))
        }
        5 => Step::Set(place.clone(), path(&["sid"]), json!("Other")),
        _ => return None,
    };
    Some(Edit::of(Kind::Policy, [place.clone()], vec![step]))
}

/// A value in a file that a block reads.
pub(super) fn document(draw: &Draw, rng: &mut Rng) -> Option<Edit> {
    let read = [
        ("aws_sfn_state_machine", "modules/stepfunctions/order.asl.json"),
        ("aws_cloudwatch_dashboard", "modules/monitoring/dashboard.json"),
    ];
    let (tf_type, path) = rng.choice(read)?;
    let place = draw.place(rng, |it| it.tf_type == tf_type)?;
    let file = draw.root.0.get(path)?;
    let leaf = rng.choice(values::leaves(file))?;
    let new = match leaf.value {
        Value::Number(it) => json!(it.as_u64()? + 1),
        Value::Bool(it) => json!(!it),
        Value::String(it) if it.starts_with("{%") => json!(it.replace("%}", " %}")),
        Value::String(it) => json!(format!("{it} other")),
        _ => return None,
    };
    let step = Step::File(path.to_owned(), values::pointer(&leaf.path), new);
    Some(Edit::of(Kind::Document, [place.clone()], vec![step]))
}

//! A block, and access to its values.

use serde_json::Value;

use infra_core::model::BlockKind;

/// A resource or data source, every reference in it resolved to a full address.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) address: String,
    pub(crate) kind: BlockKind,
    pub(crate) tf_type: String,
    pub(crate) body: Value,
    /// The document that `templatefile` reads, with its variables filled in.
    pub(crate) document: Option<Value>,
}

impl Block {
    /// `aws_sqs_queue.order_queue`: the address without its module.
    pub(super) fn local(&self) -> &str {
        let at = self.address.find(&format!("{}.", self.tf_type)).unwrap_or(0);
        &self.address[at..]
    }

    /// Whether Terraform only reads it.
    pub(super) fn is_data(&self) -> bool {
        self.kind == BlockKind::Data
    }

    /// The value at a path. A nested block can be an object or a list of objects, of which the first counts.
    pub(super) fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(&self.body, |value, name| first(&value[*name]))
    }

    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path).as_str()
    }

    pub(super) fn number(&self, path: &[&str]) -> Option<f64> {
        number(self.at(path))
    }

    pub(super) fn truth(&self, path: &[&str]) -> Option<bool> {
        match self.at(path) {
            Value::Bool(it) => Some(*it),
            Value::String(it) => it.parse().ok(),
            _ => None,
        }
    }

    /// A list of texts, sorted, because AWS treats it as a set.
    pub(super) fn texts(&self, path: &[&str]) -> Vec<&str> {
        let (last, way) = path.split_last().expect("a path names something");
        let within = way.iter().fold(&self.body, |value, name| first(&value[*name]));
        texts(&within[*last])
    }

    /// The document that an attribute contains as JSON.
    pub(super) fn json(&self, name: &str) -> Option<Value> {
        self.body[name].as_str().and_then(|it| super::json::parse(it).ok())
    }

    /// The address of the resource that an attribute refers to.
    pub(super) fn refers(&self, path: &[&str]) -> Option<&str> {
        self.text(path).and_then(target)
    }
}

/// The first of a list of nested blocks. Any other value is returned as it is.
pub(super) fn first(value: &Value) -> &Value {
    match value {
        Value::Array(items) if items.first().is_some_and(Value::is_object) => &items[0],
        it => it,
    }
}

/// The items of a list. Any other value is a list of one item, and null an empty list.
pub(super) fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        it => std::slice::from_ref(it),
    }
}

/// Plain values as texts, sorted: `true` equals `"true"`, and `5` equals `"5"`.
pub(super) fn scalars(value: &Value) -> Vec<String> {
    let text = |it: &Value| match it {
        Value::String(it) => it.clone(),
        other => other.to_string(),
    };
    let mut all: Vec<String> = items(value).iter().map(text).collect();
    all.sort_unstable();
    all
}

pub(super) fn texts(value: &Value) -> Vec<&str> {
    let mut texts: Vec<&str> = items(value).iter().filter_map(Value::as_str).collect();
    texts.sort_unstable();
    texts
}

/// A number. Terraform also accepts it as a text.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// `module.sqs.aws_sqs_queue.order_queue` of `${module.sqs.aws_sqs_queue.order_queue.arn}`.
pub(super) fn target(text: &str) -> Option<&str> {
    let (_, inner) = text.split_once("${")?;
    let end = inner.find(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.')));
    let path = &inner[..end.unwrap_or(inner.len())];
    path.contains("aws_").then(|| path.rsplit_once('.').map(|(address, _)| address))?
}

/// The address and the attribute of a text that is exactly `${address.attribute}`.
pub(super) fn reference(text: &str) -> Option<(&str, &str)> {
    let path = text.strip_prefix("${")?.strip_suffix('}')?;
    let address = target(text)?;
    let attribute = path.strip_prefix(address)?.strip_prefix('.')?;
    let is_name = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    attribute.chars().all(is_name).then_some((address, attribute))
}

/// The minutes between two calls of a schedule, if its expression is a rate.
pub(super) fn minutes(schedule: &Block) -> Option<f64> {
    let rate = schedule.text(&["schedule_expression"])?.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = rate.split_once(' ')?;
    let factor = match unit.trim_end_matches('s') {
        "minute" => 1.0,
        "hour" => 60.0,
        "day" => 1440.0,
        _ => return None,
    };
    Some(count.parse::<f64>().ok()? * factor)
}

/// A number without a needless fraction.
pub(super) fn plain(number: f64) -> String {
    format!("{number}")
}

/// A duration for people, such as `3 days`.
pub(super) fn span(seconds: f64) -> String {
    let of = |unit: f64, name: &str| {
        let count = seconds / unit;
        format!("{} {name}{}", plain(count), if count == 1.0 { "" } else { "s" })
    };
    match seconds {
        it if it >= 86_400.0 && it % 86_400.0 == 0.0 => of(86_400.0, "day"),
        it if it >= 3_600.0 && it % 3_600.0 == 0.0 => of(3_600.0, "hour"),
        _ => format!("{} s", plain(seconds)),
    }
}

//! A stack as the rules see it: every block as Terraform will read it, and what it mentions.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{model::Stack, render};

/// A block as Terraform will read it.
#[derive(Debug, Clone)]
pub struct Block {
    /// `module.sqs.aws_sqs_queue.order_queue`
    pub address: String,
    /// `sqs`
    pub module: &'static str,
    /// `aws_sqs_queue`
    pub tf_type: &'static str,
    /// Its arguments.
    pub body: Value,
}

/// All blocks of a stack.
#[derive(Debug, Clone)]
pub struct Blocks {
    all: Vec<Block>,
    /// By module and variable, the block whose attribute is handed in.
    labels: BTreeMap<(&'static str, String), String>,
}

impl Blocks {
    /// The blocks of a stack.
    pub fn of(stack: &Stack) -> Self {
        let mut labels = BTreeMap::new();
        let mut all = Vec::new();
        for node in stack.nodes() {
            let module = node.address.module().as_str();
            for attribute in node.body.attributes() {
                labels.insert((module, attribute.label().to_owned()), attribute.of().to_string());
            }
            all.push(Block {
                address: node.address.to_string(),
                module,
                tf_type: node.address.tf_type(),
                body: render::block(node),
            });
        }
        Blocks { all, labels }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Block> {
        self.all.iter()
    }

    /// Those of a type.
    pub(crate) fn each<'b>(&'b self, tf_type: &'b str) -> impl Iterator<Item = &'b Block> {
        self.all.iter().filter(move |it| it.tf_type == tf_type)
    }

    /// The arguments of a block, to change them.
    pub fn body_mut(&mut self, address: &str) -> Option<&mut Value> {
        self.all.iter_mut().find(|it| it.address == address).map(|it| &mut it.body)
    }

    /// Takes a block away. Gives whether it was there.
    pub fn remove(&mut self, address: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|it| it.address != address);
        self.all.len() < before
    }

    /// Every block that a value of `at` mentions.
    pub(crate) fn mentioned(&self, at: &Block, value: &Value) -> Vec<&Block> {
        let mut names = Vec::new();
        collect(value, &mut names);
        let addresses = names.iter().filter_map(|it| self.address(at, it));
        addresses.filter_map(|it| self.all.iter().find(|block| block.address == it)).collect()
    }

    /// Whether a value of `at` mentions `block`.
    pub(crate) fn mentions(&self, at: &Block, value: &Value, block: &Block) -> bool {
        self.mentioned(at, value).iter().any(|it| it.address == block.address)
    }

    /// The address behind `var.order_queue_arn` or `aws_sqs_queue.order_queue.arn`.
    fn address(&self, at: &Block, name: &str) -> Option<String> {
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            ["var", label] => self.labels.get(&(at.module, (*label).to_owned())).cloned(),
            ["data", tf_type, name, ..] => {
                Some(format!("module.{}.data.{tf_type}.{name}", at.module))
            }
            [tf_type, name, _, ..] => Some(format!("module.{}.{tf_type}.{name}", at.module)),
            _ => None,
        }
    }
}

/// What may be a name in an expression, wherever it stands in a value.
fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        // Templates nest; a word that is no reference names no block either.
        Value::String(text) if text.contains("${") => {
            let words = text
                .split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-')));
            names.extend(words.filter(|it| it.contains('.')).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, names)),
        Value::Object(fields) => fields.values().for_each(|it| collect(it, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

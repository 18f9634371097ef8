//! A stack as the rules see it: every block as Terraform will read it, and what it mentions.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    ops::Deref,
    sync::OnceLock,
};

use serde_json::Value;

use crate::{
    model::{Stack, stack::Node},
    render,
    wiring::field,
};

/// A block as Terraform will read it.
#[derive(Debug, Clone)]
pub struct Block<'s> {
    /// `module.sqs.aws_sqs_queue.order_queue`
    pub address: String,
    /// `sqs`
    pub module: &'static str,
    /// `aws_sqs_queue`
    pub tf_type: &'static str,
    /// Its arguments.
    pub body: Arguments<'s>,
}

/// The arguments of a block. They are rendered when they are first asked for: most rules look at a
/// few types, and of some types no rule asks anything.
#[derive(Debug, Clone)]
pub struct Arguments<'s> {
    node: &'s Node,
    rendered: OnceLock<Value>,
}

impl Deref for Arguments<'_> {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.rendered.get_or_init(|| render::block(self.node))
    }
}

impl Arguments<'_> {
    /// Whether there is an argument of this name, as the topology gave it.
    pub(super) fn has(&self, name: &str) -> bool {
        match self.rendered.get() {
            Some(rendered) => !rendered[name].is_null(),
            None => field(&self.node.body, name).is_some(),
        }
    }
}

/// All blocks of a stack.
#[derive(Debug, Clone)]
pub struct Blocks<'s> {
    all: Vec<Block<'s>>,
    /// Where each stands in `all`, by address.
    at: HashMap<String, usize>,
    /// Where those of a type stand in `all`.
    types: BTreeMap<&'static str, Vec<usize>>,
    /// By module and variable, the block whose attribute is handed in.
    labels: BTreeMap<&'static str, HashMap<&'s str, &'s str>>,
}

impl<'s> Blocks<'s> {
    /// The blocks of a stack.
    pub fn of(stack: &'s Stack) -> Self {
        Self::of_nodes(&stack.nodes().collect::<Vec<_>>())
    }

    pub(in crate::check) fn of_nodes(nodes: &[&'s Node]) -> Self {
        let mut labels: BTreeMap<_, HashMap<_, _>> = BTreeMap::new();
        for node in nodes {
            let taken = labels.entry(node.address.module().as_str()).or_default();
            for attribute in node.body.attributes() {
                taken.entry(attribute.label()).or_insert(attribute.of().as_str());
            }
        }
        let block = |node: &&'s Node| Block {
            address: node.address.to_string(),
            module: node.address.module().as_str(),
            tf_type: node.address.tf_type(),
            body: Arguments { node, rendered: OnceLock::new() },
        };
        let all = nodes.iter().map(block).collect();
        let mut blocks = Blocks { all, at: HashMap::new(), types: BTreeMap::new(), labels };
        blocks.count();
        blocks
    }

    fn count(&mut self) {
        self.at = self.all.iter().enumerate().map(|(at, it)| (it.address.clone(), at)).collect();
        self.types.clear();
        for (at, it) in self.all.iter().enumerate() {
            self.types.entry(it.tf_type).or_default().push(at);
        }
    }

    /// All of them.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Block<'s>> {
        self.all.iter()
    }

    /// The one at an address.
    pub(crate) fn get(&self, address: &str) -> Option<&Block<'s>> {
        self.at.get(address).map(|at| &self.all[*at])
    }

    /// Those of a type.
    pub(crate) fn each(&self, tf_type: &str) -> impl Iterator<Item = &Block<'s>> {
        self.types.get(tf_type).into_iter().flatten().map(|at| &self.all[*at])
    }

    /// The arguments of a block, to change them.
    pub fn body_mut(&mut self, address: &str) -> Option<&mut Value> {
        let at = *self.at.get(address)?;
        let body = &mut self.all[at].body;
        // Rendered, if it was not yet.
        let _: &Value = body;
        body.rendered.get_mut()
    }

    /// Takes a block away. Gives whether it was there.
    pub fn remove(&mut self, address: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|it| it.address != address);
        self.count();
        self.all.len() < before
    }

    /// Every block that a value of `at` mentions.
    pub(crate) fn mentioned(&self, at: &Block<'_>, value: &Value) -> Vec<&Block<'s>> {
        let mut names = Vec::new();
        collect(value, &mut names);
        names.iter().filter_map(|it| self.get(&self.address(at, it)?)).collect()
    }

    /// What the blocks of a type are about: the blocks that this argument of theirs mentions.
    pub(super) fn about(&self, tf_type: &str, argument: &str) -> About<'_> {
        let mut about: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for it in self.each(tf_type) {
            for block in self.mentioned(it, &it.body[argument]) {
                about.entry(block.address.as_str()).or_default().push(it);
            }
        }
        About(about)
    }

    /// The address behind `var.order_queue_arn` or `aws_sqs_queue.order_queue.arn`.
    fn address(&self, at: &Block<'_>, name: &str) -> Option<Cow<'_, str>> {
        let mut parts = name.split('.');
        match (parts.next()?, parts.next()?, parts.next(), parts.next()) {
            ("var", label, None, _) => {
                self.labels.get(at.module)?.get(label).map(|it| (*it).into())
            }
            ("data", tf_type, Some(name), _) => {
                Some(format!("module.{}.data.{tf_type}.{name}", at.module).into())
            }
            (tf_type, name, Some(_), _) => {
                Some(format!("module.{}.{tf_type}.{name}", at.module).into())
            }
            _ => None,
        }
    }
}

/// Blocks, by the address of what they are about.
pub(super) struct About<'b>(BTreeMap<&'b str, Vec<&'b Block<'b>>>);

impl<'b> About<'b> {
    /// Those about a block.
    pub(super) fn of(&self, block: &Block<'_>) -> impl Iterator<Item = &'b Block<'b>> {
        self.0.get(block.address.as_str()).into_iter().flatten().copied()
    }
}

/// What may be a name in an expression, wherever it stands in a value.
fn collect<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        // Templates nest; a word that is no reference names no block either.
        Value::String(text) if text.contains("${") => {
            let words = text
                .split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-')));
            names.extend(words.filter(|it| it.contains('.')));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, names)),
        Value::Object(fields) => fields.values().for_each(|it| collect(it, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

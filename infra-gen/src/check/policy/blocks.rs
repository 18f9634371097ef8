//! A stack as the rules see it: every block as Terraform will read it, and what it mentions.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    ops::{Deref, Index},
    sync::OnceLock,
};

use foldhash::HashMap;
use serde_json::Value;

use crate::{
    model::{
        Address, Stack,
        expr::{Attribute, Body},
        stack::{BESIDE_THE_BODY, Node},
    },
    render,
};

/// A block as Terraform will read it.
#[derive(Debug, Clone)]
pub struct Block<'s> {
    /// `module.sqs.aws_sqs_queue.order_queue`
    pub address: &'s str,
    /// `sqs`
    pub module: &'static str,
    /// `aws_sqs_queue`
    pub tf_type: &'static str,
    /// Its arguments.
    pub body: Arguments<'s>,
}

/// The arguments of a block. Each is rendered when it is first asked for: most rules look at a few
/// arguments of a few types, and after some no rule asks.
#[derive(Debug, Clone)]
pub struct Arguments<'s> {
    node: &'s Node,
    /// The block, where somebody asked for all of it.
    rendered: OnceLock<Value>,
    /// The arguments that somebody asked for, each where it stands in the node's body.
    each: OnceLock<Box<[OnceLock<Value>]>>,
    /// The policy that stands in a string, read.
    policy: OnceLock<Value>,
}

impl Index<&str> for Arguments<'_> {
    type Output = Value;

    /// An argument, or null where there is none.
    fn index(&self, name: &str) -> &Value {
        static NONE: Value = Value::Null;
        if let Some(rendered) = self.rendered.get() {
            return &rendered[name];
        }
        match &self.node.body {
            Body::Map(fields) if !BESIDE_THE_BODY.contains(&name) => {
                let Some(at) = fields.position(name) else { return &NONE };
                let empty = || fields.values().map(|_| OnceLock::new()).collect();
                let each = self.each.get_or_init(empty);
                each[at].get_or_init(|| render::argument(self.node, name))
            }
            _ => &(**self)[name],
        }
    }
}

impl Deref for Arguments<'_> {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.rendered.get_or_init(|| render::block(self.node))
    }
}

impl Arguments<'_> {
    /// The policy that stands in the argument `policy` as JSON, or null where none does. Several rules ask
    /// for it, so it is read once.
    pub(super) fn policy(&self) -> &Value {
        let read = |policy: &Value| serde_json::from_str(policy.as_str()?).ok();
        self.policy.get_or_init(|| read(&self["policy"]).unwrap_or_default())
    }
}

/// All blocks of a stack.
#[derive(Debug, Clone)]
pub struct Blocks<'s> {
    all: Vec<Block<'s>>,
    /// Where each stands in `all`, by address.
    at: HashMap<&'s str, usize>,
    /// Where those of a type stand in `all`.
    types: BTreeMap<&'static str, Vec<usize>>,
    /// By module and variable, the attribute that is handed in.
    labels: HashMap<(&'static str, &'s str), &'s Attribute>,
    clashes: Vec<Clash<'s>>,
}

/// Two attributes that a module takes by one name: one would hide the other.
#[derive(Debug, Clone)]
pub(in crate::check) struct Clash<'s> {
    /// Where the second is mentioned.
    pub(in crate::check) at: &'s Address,
    pub(in crate::check) first: &'s Attribute,
    pub(in crate::check) second: &'s Attribute,
}

impl<'s> Blocks<'s> {
    /// The blocks of a stack.
    pub fn of(stack: &'s Stack) -> Self {
        Self::of_nodes(&stack.nodes().collect::<Vec<_>>())
    }

    pub(in crate::check) fn of_nodes(nodes: &[&'s Node]) -> Self {
        let (mut labels, mut clashes) = (HashMap::default(), Vec::new());
        for node in nodes {
            let module = node.address.module().as_str();
            for second in node.mentions.attributes() {
                let first: &Attribute = labels.entry((module, second.label())).or_insert(second);
                if (first.of(), first.name()) != (second.of(), second.name()) {
                    clashes.push(Clash { at: &node.address, first, second });
                }
            }
        }
        let block = |node: &&'s Node| Block {
            address: node.address.as_str(),
            module: node.address.module().as_str(),
            tf_type: node.address.tf_type(),
            body: Arguments {
                node,
                rendered: OnceLock::new(),
                each: OnceLock::new(),
                policy: OnceLock::new(),
            },
        };
        let all = nodes.iter().map(block).collect();
        let mut blocks =
            Blocks { all, at: HashMap::default(), types: BTreeMap::new(), labels, clashes };
        blocks.count();
        blocks
    }

    fn count(&mut self) {
        self.at = self.all.iter().enumerate().map(|(at, it)| (it.address, at)).collect();
        self.types.clear();
        for (at, it) in self.all.iter().enumerate() {
            self.types.entry(it.tf_type).or_default().push(at);
        }
    }

    /// All of them.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Block<'s>> {
        self.all.iter()
    }

    /// Names that mean two attributes in one module.
    pub(in crate::check) fn clashes(&self) -> &[Clash<'s>] {
        &self.clashes
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
        // What was read of it is no longer so.
        body.policy.take();
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
                about.entry(block.address).or_default().push(it);
            }
        }
        About(about)
    }

    /// The address behind `var.order_queue_arn` or `aws_sqs_queue.order_queue.arn`.
    fn address(&self, at: &Block<'_>, name: &str) -> Option<Cow<'_, str>> {
        let mut parts = name.split('.');
        match (parts.next()?, parts.next()?, parts.next(), parts.next()) {
            ("var", label, None, _) => {
                self.labels.get(&(at.module, label)).map(|it| it.of().as_str().into())
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
        self.0.get(block.address).into_iter().flatten().copied()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Environment, topology};

    #[test]
    fn an_argument_by_itself_is_the_argument_of_the_block() {
        let stack = topology::dofs(Environment::Prod);
        for (node, block) in stack.nodes().zip(Blocks::of(&stack).all()) {
            let whole = render::block(node);
            for (name, value) in whole.as_object().unwrap() {
                assert_eq!(&block.body[name.as_str()], value, "{}.{name}", block.address);
            }
            assert_eq!(block.body["no_such_argument"], Value::Null);
        }
    }
}

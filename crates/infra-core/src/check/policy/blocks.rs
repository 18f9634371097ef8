//! The blocks of a stack for the rules: each as Terraform will read it, with the blocks that it refers to.

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

/// A block, as Terraform will read it.
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

/// The arguments of a block. Each is rendered at its first use, because most rules look at a few arguments of a few
/// types.
#[derive(Debug, Clone)]
pub struct Arguments<'s> {
    node: &'s Node,
    /// The whole block, once it was used.
    rendered: OnceLock<Value>,
    /// The single arguments that were used, each at its position in the node's body.
    each: OnceLock<Box<[OnceLock<Value>]>>,
    /// The parsed policy of the argument `policy`.
    policy: OnceLock<Value>,
}

impl Index<&str> for Arguments<'_> {
    type Output = Value;

    /// An argument, or null if it is not set.
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
    /// The policy in the argument `policy`, or null if it has none. It is parsed once, because several rules use it.
    pub(super) fn policy(&self) -> &Value {
        let read = |policy: &Value| serde_json::from_str(policy.as_str()?).ok();
        self.policy.get_or_init(|| read(&self["policy"]).unwrap_or_default())
    }
}

/// All blocks of a stack.
#[derive(Debug, Clone)]
pub struct Blocks<'s> {
    all: Vec<Block<'s>>,
    /// The position in `all` of each address.
    at: HashMap<&'s str, usize>,
    /// The positions in `all` of each type.
    types: BTreeMap<&'static str, Vec<usize>>,
    /// The attribute that each variable of a module gets, by module and variable.
    labels: HashMap<(&'static str, &'s str), &'s Attribute>,
    clashes: Vec<Clash<'s>>,
}

/// Two attributes that would become the same variable of a module.
#[derive(Debug, Clone)]
pub(in crate::check) struct Clash<'s> {
    /// The block that refers to the second one.
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

    /// All blocks.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Block<'s>> {
        self.all.iter()
    }

    /// Variables that two attributes of one module would share.
    pub(in crate::check) fn clashes(&self) -> &[Clash<'s>] {
        &self.clashes
    }

    /// The block with an address.
    pub(crate) fn get(&self, address: &str) -> Option<&Block<'s>> {
        self.at.get(address).map(|at| &self.all[*at])
    }

    /// The blocks of a type.
    pub(crate) fn each(&self, tf_type: &str) -> impl Iterator<Item = &Block<'s>> {
        self.types.get(tf_type).into_iter().flatten().map(|at| &self.all[*at])
    }

    /// The arguments of a block, for a test that changes them.
    pub fn body_mut(&mut self, address: &str) -> Option<&mut Value> {
        let at = *self.at.get(address)?;
        let body = &mut self.all[at].body;
        // The dereference renders the body, if it was not rendered yet.
        let _: &Value = body;
        // The change may change the policy, so it must be parsed again.
        body.policy.take();
        body.rendered.get_mut()
    }

    /// Removes a block. Returns whether there was one.
    pub fn remove(&mut self, address: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|it| it.address != address);
        self.count();
        self.all.len() < before
    }

    /// Every block that a value of the block `at` refers to.
    pub(crate) fn mentioned(&self, at: &Block<'_>, value: &Value) -> Vec<&Block<'s>> {
        let mut names = Vec::new();
        collect(value, &mut names);
        names.iter().filter_map(|it| self.get(&self.address(at, it)?)).collect()
    }

    /// The blocks of a type, by the blocks that their `argument` refers to.
    pub(in crate::check) fn about(&self, tf_type: &str, argument: &str) -> About<'_> {
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

/// Blocks by the address that one of their arguments refers to, such as queue policies by their queue.
pub(in crate::check) struct About<'b>(BTreeMap<&'b str, Vec<&'b Block<'b>>>);

impl<'b> About<'b> {
    /// The blocks that refer to `block`.
    pub(in crate::check) fn of(&self, block: &Block<'_>) -> impl Iterator<Item = &'b Block<'b>> {
        self.0.get(block.address).into_iter().flatten().copied()
    }
}

/// Collects every word in the expressions of a value that may be a reference.
fn collect<'v>(value: &'v Value, names: &mut Vec<&'v str>) {
    match value {
        // Templates can be nested, so the text is not parsed. A word that is not a reference matches no block.
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
    use crate::thumbnails::thumbnails;

    #[test]
    fn a_single_argument_equals_that_of_the_rendered_block() {
        let stack = thumbnails();
        for (node, block) in stack.nodes().zip(Blocks::of(&stack).all()) {
            let whole = render::block(node);
            for (name, value) in whole.as_object().unwrap() {
                assert_eq!(&block.body[name.as_str()], value, "{}.{name}", block.address);
            }
            assert_eq!(block.body["no_such_argument"], Value::Null);
        }
    }
}

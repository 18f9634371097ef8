//! Wiring: the references, rights and alarms of a stack, read from its blocks.

use std::collections::{BTreeSet, HashMap};

use crate::model::{
    Address, BlockKind, Stack,
    expr::{Attribute, Body},
    stack::Node,
};

/// The references, rights and alarms of a stack.
pub struct Wiring<'s> {
    stack: &'s Stack,
    /// The blocks that each block refers to, with the attributes.
    uses: HashMap<&'s Address, Uses<'s>>,
    used_by: HashMap<&'s Address, Uses<'s>>,
    rights: Vec<Right<'s>>,
}

/// Referenced blocks (or referring ones), each with the attribute of the reference, sorted. `None` for `depends_on`.
type Uses<'s> = Vec<(&'s Address, Option<&'static str>)>;

/// A permission, or a denial.
pub struct Right<'s> {
    /// The function, machine or schedule that has the role, or the role if nothing has it. For a resource policy, its
    /// principal.
    pub who: Who<'s>,
    /// Whether it allows or denies.
    pub allows: bool,
    /// The actions, sorted.
    pub actions: Vec<&'s str>,
    /// The resources. Empty if the actions support no resources.
    pub on: BTreeSet<&'s Address>,
    /// The conditions, all of which must hold.
    pub conditions: Vec<String>,
}

/// The holder of a right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who<'s> {
    /// A block.
    Block(&'s Address),
    /// A principal in a policy, such as `apigateway.amazonaws.com`, or `*`.
    Principal(String),
}

impl<'s> Wiring<'s> {
    /// Reads the wiring of a stack.
    pub fn of(stack: &'s Stack) -> Self {
        let mut wiring =
            Wiring { stack, uses: HashMap::new(), used_by: HashMap::new(), rights: Vec::new() };
        for node in stack.nodes() {
            let attributes = node.mentions.attributes().iter();
            let mut mentions: Uses<'_> = attributes.map(|it| (it.of(), Some(it.name()))).collect();
            mentions.extend(node.depends_on.iter().map(|it| (it, None)));
            mentions.sort();
            mentions.dedup();
            for (of, attribute) in &mentions {
                wiring.used_by.entry(of).or_default().push((&node.address, *attribute));
            }
            wiring.uses.insert(&node.address, mentions);
        }
        wiring.used_by.values_mut().for_each(|it| it.sort());
        for node in stack.nodes() {
            let rights = wiring.rights_in(node);
            wiring.rights.extend(rights);
        }
        wiring
    }

    /// The stack.
    pub fn stack(&self) -> &'s Stack {
        self.stack
    }

    /// The block at an address.
    pub(crate) fn node(&self, address: &Address) -> Option<&'s Node> {
        self.stack.node(address)
    }

    /// The blocks that a block refers to.
    pub fn uses(
        &self,
        address: &Address,
    ) -> impl Iterator<Item = (&'s Address, Vec<&'static str>)> {
        pairs(self.uses.get(address))
    }

    /// The blocks that refer to a block.
    pub fn used_by(
        &self,
        address: &Address,
    ) -> impl Iterator<Item = (&'s Address, Vec<&'static str>)> {
        pairs(self.used_by.get(address))
    }

    /// Every right.
    pub fn rights(&self) -> impl Iterator<Item = &Right<'s>> {
        self.rights.iter()
    }

    /// The alarms that watch a block.
    pub fn alarms(&self, address: &Address) -> impl Iterator<Item = &'s Node> {
        let of_alarms = |it: &&'s Node| it.address.tf_type() == "aws_cloudwatch_metric_alarm";
        // An alarm also refers to the topic that it notifies, which it does not watch.
        let topic = address.tf_type() == "aws_sns_topic";
        let nodes = self.used_by(address).filter_map(|(it, _)| self.node(it));
        nodes.filter(of_alarms).filter(move |_| !topic)
    }

    /// The resource that an address belongs to, such as the function of an alias.
    pub fn owner(&self, address: &'s Address) -> &'s Address {
        match address.tf_type() {
            "aws_lambda_alias" => self.used(address, "aws_lambda_function").unwrap_or(address),
            _ => address,
        }
    }

    /// The block of a type that a block refers to.
    pub fn used(&self, address: &Address, tf_type: &str) -> Option<&'s Address> {
        let mentions = self.uses.get(address)?.iter();
        mentions.map(|(it, _)| *it).find(|it| it.tf_type() == tf_type)
    }

    fn rights_in(&self, node: &'s Node) -> Vec<Right<'s>> {
        let document = || self.used_document(&node.address);
        match node.address.tf_type() {
            "aws_iam_role_policy" => match (document(), self.used(&node.address, "aws_iam_role")) {
                (Some(document), Some(role)) => {
                    self.statements(document, &self.holders(role), None)
                }
                _ => Vec::new(),
            },
            "aws_lambda_permission" => self.permission(node).into_iter().collect(),
            "aws_kms_key" => key_policy(node),
            // A resource policy, or the trust policy of a role.
            _ => match document().filter(|_| node.address.kind() == BlockKind::Resource) {
                Some(document) => self.statements(document, &[], Some(&node.address)),
                None => Vec::new(),
            },
        }
    }

    fn used_document(&self, address: &Address) -> Option<&'s Node> {
        self.used(address, "aws_iam_policy_document").and_then(|it| self.node(it))
    }

    /// The function or machine that has a role. The role itself if nothing has it.
    fn holders(&self, role: &'s Address) -> Vec<&'s Address> {
        let mentions = self.used_by.get(role).into_iter().flatten();
        let with_arn = mentions.filter(|(_, attribute)| *attribute == Some("arn"));
        let holders: Vec<_> = with_arn.map(|(it, _)| *it).collect();
        if holders.is_empty() { vec![role] } else { holders }
    }

    /// The rights in a policy document. In a resource policy, its principals have the rights, and a statement without a
    /// resource applies to `own`.
    fn statements(
        &self,
        document: &'s Node,
        holders: &[&'s Address],
        own: Option<&'s Address>,
    ) -> Vec<Right<'s>> {
        let mut rights = Vec::new();
        for statement in items(field(&document.body, "statement")) {
            let mut on = Vec::new();
            for resource in items(field(statement, "resources")) {
                on.extend(resource.attributes().into_iter().map(Attribute::of));
            }
            if let (Some(own), true) = (own, on.is_empty()) {
                on.push(own);
            }
            let on: BTreeSet<_> = on.into_iter().map(|it| self.owner(it)).collect();
            let principals = items(field(statement, "principals"))
                .flat_map(|it| items(field(it, "identifiers")))
                .filter_map(text)
                .map(|it| Who::Principal(it.to_owned()));
            let who = holders.iter().map(|it| Who::Block(it)).chain(principals);
            for who in who {
                rights.push(Right {
                    who,
                    allows: field(statement, "effect").and_then(text) != Some("Deny"),
                    actions: items(field(statement, "actions")).filter_map(text).collect(),
                    on: on.clone(),
                    conditions: items(field(statement, "condition")).map(condition).collect(),
                });
            }
        }
        rights
    }

    fn permission(&self, node: &'s Node) -> Option<Right<'s>> {
        let principal = field(&node.body, "principal").and_then(text)?;
        let source = field(&node.body, "source_arn").map(Body::attributes).unwrap_or_default();
        let who = match source.first() {
            Some(source) => Who::Block(source.of()),
            None => Who::Principal(principal.to_owned()),
        };
        Some(Right {
            who,
            allows: true,
            actions: field(&node.body, "action").and_then(text).into_iter().collect(),
            on: self.used(&node.address, "aws_lambda_function").into_iter().collect(),
            conditions: Vec::new(),
        })
    }
}

/// The rights in a key policy, which is a document inside of the key's block. The resource `*` is the key.
fn key_policy(node: &Node) -> Vec<Right<'_>> {
    let policy = match field(&node.body, "policy") {
        Some(Body::Json(policy)) => policy,
        _ => return Vec::new(),
    };
    let mut rights = Vec::new();
    for statement in items(field(policy, "Statement")) {
        let principals = match field(statement, "Principal") {
            Some(Body::Map(kinds)) => kinds.values().flat_map(texts).collect(),
            _ => Vec::new(),
        };
        for principal in principals {
            rights.push(Right {
                who: Who::Principal(principal.to_owned()),
                allows: field(statement, "Effect").and_then(text) != Some("Deny"),
                actions: field(statement, "Action").map(texts).unwrap_or_default(),
                on: BTreeSet::from([&node.address]),
                conditions: match field(statement, "Condition") {
                    Some(Body::Map(tests)) => tests.iter().flat_map(key_condition).collect(),
                    _ => Vec::new(),
                },
            });
        }
    }
    rights
}

fn key_condition((test, variables): (&str, &Body)) -> Vec<String> {
    let Body::Map(variables) = variables else { return Vec::new() };
    let line =
        |(name, values): (&str, &Body)| format!("{test} {name} {}", texts(values).join(", "));
    variables.iter().map(line).collect()
}

/// The texts of a value: one text, or a list of texts.
fn texts(body: &Body) -> Vec<&str> {
    match body {
        Body::List(items) => items.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

/// Each block once, with all its referenced attributes.
fn pairs<'m, 's>(
    mentions: Option<&'m Uses<'s>>,
) -> impl Iterator<Item = (&'s Address, Vec<&'static str>)> + use<'m, 's> {
    let mentions = mentions.map_or(&[][..], Vec::as_slice);
    mentions.chunk_by(|(a, _), (b, _)| a == b).map(|of_one| {
        (of_one[0].0, of_one.iter().filter_map(|(_, attribute)| *attribute).collect())
    })
}

/// A field of an object.
pub(crate) fn field<'s>(body: &'s Body, name: &str) -> Option<&'s Body> {
    match body {
        Body::Map(fields) => fields.get(name),
        _ => None,
    }
}

/// The items of a list, or nothing.
pub(crate) fn items(body: Option<&Body>) -> impl Iterator<Item = &Body> {
    let items = match body {
        Some(Body::List(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter()
}

/// Plain text.
pub(crate) fn text(body: &Body) -> Option<&str> {
    match body {
        Body::Text(text) => Some(text),
        _ => None,
    }
}

/// `StringEquals aws:SourceAccount 111122223333`
fn condition(body: &Body) -> String {
    let words = ["test", "variable"].map(|it| field(body, it).and_then(text).unwrap_or_default());
    let values = items(field(body, "values")).map(|it| match it {
        Body::Text(text) => text.to_string(),
        it => it.attributes().iter().map(|it| it.of().to_string()).collect::<Vec<_>>().join(" "),
    });
    let values: Vec<_> = values.collect();
    format!("{} {} {}", words[0], words[1], values.join(", "))
}

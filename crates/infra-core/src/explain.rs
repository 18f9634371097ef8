//! `infra-gen explain`: describes one address: its line of Rust and the reason for it, its references, rights and
//! alarms, and the differences between environments.

mod differ;
mod search;
mod text;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;

use crate::{
    check::line,
    model::{Address, Stack, stack::Finished},
    wiring::{Right, Who, Wiring},
};

pub use search::{Hit, near, search};

/// Roots by the names of their folders.
pub struct Roots {
    /// The environments, the most important last.
    environments: Vec<(String, Arc<Finished>)>,
    /// The roots that exist once.
    others: Vec<(String, Arc<Finished>)>,
}

/// The description of an address.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The address.
    pub address: String,
    /// The line of Rust that added it.
    pub source: String,
    /// The reason for it.
    pub doc: String,
    /// The root whose block is described.
    pub root: String,
    /// The roots that have it.
    pub roots: Vec<String>,
    /// The blocks that it refers to.
    pub references: Vec<Mention>,
    /// The blocks that refer to it.
    pub referenced_by: Vec<Mention>,
    /// The rights of others on it.
    pub allowed: Vec<Allowed>,
    /// Its own rights.
    pub may: Vec<Allowed>,
    /// The alarms that watch it.
    pub alarms: Vec<Alarm>,
    /// The arguments that differ between roots, except for names and accounts.
    pub differs: Vec<Difference>,
}

/// The block at the other end of a reference.
#[derive(Debug, Serialize)]
pub struct Mention {
    /// The block.
    pub address: String,
    /// The attributes of the reference. Empty for `depends_on`.
    pub attributes: Vec<&'static str>,
}

/// A right, as seen from one of its two sides.
#[derive(Debug, Serialize)]
pub struct Allowed {
    /// The other side: the holder, or the resources. `*` if the actions support no resources.
    pub other: String,
    /// Whether it allows or denies.
    pub allows: bool,
    /// The actions.
    pub actions: Vec<String>,
    /// The conditions, all of which must hold.
    pub conditions: Vec<String>,
}

/// An alarm.
#[derive(Debug, Serialize)]
pub struct Alarm {
    /// The alarm's address.
    pub address: String,
    /// How to respond when it fires.
    pub doc: String,
}

/// An argument that differs between roots.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// Its path in the block, such as `environment[0].variables.LOG_LEVEL`.
    pub path: String,
    /// Its value in each root, dev first.
    pub values: Vec<Value>,
}

/// The value of an argument in a root.
#[derive(Debug, Serialize)]
pub struct Value {
    /// The root.
    pub root: String,
    /// The value. `None` if the argument is not set.
    pub value: Option<serde_json::Value>,
}

impl Roots {
    /// Takes the environments, the most important last, and the roots that are in no environment.
    pub fn new(
        environments: Vec<(String, Arc<Finished>)>,
        others: Vec<(String, Arc<Finished>)>,
    ) -> Self {
        Roots { environments, others }
    }

    /// All roots, the environments first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Stack)> {
        self.environments.iter().chain(&self.others).map(|(name, it)| (name.as_str(), &***it))
    }

    /// The roots that have an address.
    fn with<'r>(&'r self, address: &str) -> Vec<(&'r str, &'r Stack, &'r Address)> {
        let mut found = Vec::new();
        for (name, stack) in self.iter() {
            let node = stack.nodes().find(|it| it.address.to_string() == address);
            found.extend(node.map(|it| (name, stack, &it.address)));
        }
        found
    }

    /// Explains an address as it is in a root. Without a root, as it is in the most important environment that has it, or
    /// in another root. `None` if no root has it.
    pub fn explain(&self, address: &str, root: Option<&str>) -> Option<Explained> {
        let with = self.with(address);
        let is_environment = |name: &str| self.environments.iter().any(|it| it.0 == name);
        let environments = with.iter().rev().find(|(name, ..)| is_environment(name));
        let (root, stack, found) = match root {
            Some(wanted) => with.iter().find(|(name, ..)| *name == wanted),
            None => environments.or(with.last()),
        }?;
        let node = stack.node(found)?;
        let wiring = Wiring::of(stack);
        let mention = |(address, attributes): (&Address, Vec<_>)| Mention {
            address: address.to_string(),
            attributes,
        };
        Some(Explained {
            address: address.to_owned(),
            source: line(node.source),
            doc: node.doc.clone(),
            root: (*root).to_owned(),
            roots: with.iter().map(|(name, ..)| (*name).to_owned()).collect(),
            references: wiring.uses(found).map(mention).collect(),
            referenced_by: wiring.used_by(found).map(mention).collect(),
            allowed: allowed(&wiring, wiring.owner(&node.address)),
            may: may(&wiring, &node.address),
            alarms: wiring
                .alarms(found)
                .map(|it| Alarm { address: it.address.to_string(), doc: it.doc.clone() })
                .collect(),
            differs: differ::differences(&with),
        })
    }
}

fn allowed(wiring: &Wiring<'_>, to: &Address) -> Vec<Allowed> {
    let rights = wiring.rights().filter(|it| it.on.contains(to));
    merged(rights.map(|it| {
        let other = match &it.who {
            Who::Block(address) => address.to_string(),
            Who::Principal(name) => name.clone(),
        };
        (other, it)
    }))
}

fn may(wiring: &Wiring<'_>, who: &Address) -> Vec<Allowed> {
    let rights = wiring.rights().filter(|it| it.who == Who::Block(who));
    merged(rights.map(|it| {
        let on: Vec<_> = it.on.iter().map(|it| it.to_string()).collect();
        (if on.is_empty() { "*".to_owned() } else { on.join(", ") }, it)
    }))
}

/// Merges rights with the same other side and the same conditions.
fn merged<'r>(rights: impl Iterator<Item = (String, &'r Right<'r>)>) -> Vec<Allowed> {
    let mut merged: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for (other, right) in rights {
        let key = (other, right.allows, right.conditions.clone());
        merged.entry(key).or_default().extend(&right.actions);
    }
    let all = merged.into_iter().map(|((other, allows, conditions), actions)| Allowed {
        other,
        allows,
        actions: actions.into_iter().map(str::to_owned).collect(),
        conditions,
    });
    all.collect()
}

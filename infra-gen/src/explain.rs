//! One address, explained: which line of Rust made it and why, what it is wired to, who may do what
//! to it, what watches it, and in which environments it is another one.

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
    config::Environment,
    model::{Address, Stack, stack::Finished},
    topology,
    wiring::{Right, Who, Wiring},
};

pub(crate) use search::near;
pub use search::{Hit, search};

/// Every root, by the name of its folder.
pub struct Roots {
    roots: Vec<(String, Arc<Finished>)>,
}

/// All there is to say about an address.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The address.
    pub address: String,
    /// The line of Rust that added it.
    pub source: String,
    /// Why it is there.
    pub doc: String,
    /// The root that is described here.
    pub root: String,
    /// The roots that have it.
    pub roots: Vec<String>,
    /// What it mentions.
    pub references: Vec<Mention>,
    /// What mentions it.
    pub referenced_by: Vec<Mention>,
    /// Who may do what to it.
    pub allowed: Vec<Allowed>,
    /// What it may do.
    pub may: Vec<Allowed>,
    /// What watches it.
    pub alarms: Vec<Alarm>,
    /// In what the roots differ, but for names and accounts.
    pub differs: Vec<Difference>,
}

/// A block on the other end of a reference.
#[derive(Debug, Serialize)]
pub struct Mention {
    /// The block.
    pub address: String,
    /// The attributes that are mentioned. None where one only waits for the other.
    pub attributes: Vec<&'static str>,
}

/// A right, from one side.
#[derive(Debug, Serialize)]
pub struct Allowed {
    /// Who, or to what. `*` where AWS knows no resources for the actions.
    pub other: String,
    /// Whether it allows. Otherwise it denies.
    pub allows: bool,
    /// What.
    pub actions: Vec<String>,
    /// Only where all of this holds.
    pub conditions: Vec<String>,
}

/// An alarm.
#[derive(Debug, Serialize)]
pub struct Alarm {
    /// The alarm.
    pub address: String,
    /// What to do when it fires.
    pub doc: String,
}

/// An argument that is not the same in all roots.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// Where in the block, such as `environment[0].variables.LOG_LEVEL`.
    pub path: String,
    /// What each root has there, dev first.
    pub values: Vec<Value>,
}

/// What a root has somewhere.
#[derive(Debug, Serialize)]
pub struct Value {
    /// The root.
    pub root: String,
    /// What is there. None where nothing is.
    pub value: Option<serde_json::Value>,
}

impl Roots {
    /// All that is generated.
    pub fn all() -> Self {
        let environments =
            Environment::ALL.map(|it| (it.to_string(), Arc::new(topology::dofs(it))));
        let bootstraps = topology::bootstraps().into_iter();
        let bootstraps = bootstraps.map(|it| (format!("bootstrap/{}", it.name), it.stack));
        let cicd = [("cicd".to_owned(), Arc::new(topology::cicd()))];
        Roots { roots: environments.into_iter().chain(bootstraps).chain(cicd).collect() }
    }

    /// The roots that have an address.
    fn with<'r>(&'r self, address: &str) -> Vec<(&'r str, &'r Stack, &'r Address)> {
        let mut found = Vec::new();
        for (name, stack) in &self.roots {
            let node = stack.nodes().find(|it| it.address.to_string() == address);
            found.extend(node.map(|it| (name.as_str(), &***stack, &it.address)));
        }
        found
    }

    /// Explains an address, as it is in an environment, or else in the one closest to customers that
    /// has it. None where none has.
    pub fn explain(&self, address: &str, environment: Option<Environment>) -> Option<Explained> {
        let with = self.with(address);
        let wanted = environment.map(Environment::as_str);
        let is_environment = |name: &str| Environment::ALL.iter().any(|it| it.as_str() == name);
        let environments = with.iter().rev().find(|(name, ..)| is_environment(name));
        let (root, stack, found) = match wanted {
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

/// One line for each other side and condition.
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

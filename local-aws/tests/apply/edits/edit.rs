//! An edit: its changes of the files, and its name.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use super::root::{Place, Root};

/// A kind of edit, each with its name in the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Argument,
    Removed,
    Added,
    Nested,
    Order,
    Rewritten,
    Rewired,
    Policy,
    Document,
    BlockRemoved,
    BlockAdded,
    Renamed,
    Moved,
    Count,
    Lifecycle,
}

impl Kind {
    pub(super) const ALL: [Kind; 15] = [
        Kind::Argument,
        Kind::Removed,
        Kind::Added,
        Kind::Nested,
        Kind::Order,
        Kind::Rewritten,
        Kind::Rewired,
        Kind::Policy,
        Kind::Document,
        Kind::BlockRemoved,
        Kind::BlockAdded,
        Kind::Renamed,
        Kind::Moved,
        Kind::Count,
        Kind::Lifecycle,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Argument => "another value of an argument",
            Kind::Removed => "an argument removed",
            Kind::Added => "an argument added",
            Kind::Nested => "a nested block added or removed",
            Kind::Order => "another order of a list",
            Kind::Rewritten => "the same written differently",
            Kind::Rewired => "a reference to another block",
            Kind::Policy => "a statement of a policy",
            Kind::Document => "a document next to the configuration",
            Kind::BlockRemoved => "a block removed",
            Kind::BlockAdded => "a block added",
            Kind::Renamed => "a block renamed",
            Kind::Moved => "a block renamed with `moved`",
            Kind::Count => "`count` or `for_each`",
            Kind::Lifecycle => "`lifecycle` or `depends_on`",
        }
    }
}

/// A single change of the files.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Puts a value into a block. Missing parts of the path are created.
    Set(Place, Vec<String>, Value),
    /// Removes an argument or an item from a block.
    Unset(Place, Vec<String>),
    /// Adds a block.
    Put(Place, Value),
    /// Removes a block.
    Take(Place),
    /// Gives a block another name, and changes the references to it.
    Rename(Place, String),
    /// Adds a `moved` block for a renamed block.
    Moved(Place, Place),
    /// Puts a value into a file that a block reads.
    File(String, String, Value),
}

/// The steps of one edit.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) kind: Kind,
    pub(super) steps: Vec<Step>,
    /// The blocks that are edited, as they were and as they will be.
    pub(super) at: BTreeSet<Place>,
}

impl Edit {
    pub(super) fn of(kind: Kind, at: impl IntoIterator<Item = Place>, steps: Vec<Step>) -> Self {
        Edit { kind, steps, at: at.into_iter().collect() }
    }

    pub(super) fn addresses(&self) -> BTreeSet<String> {
        self.at.iter().map(Place::address).collect()
    }
}

/// Returns the root with all of these edits. They change different blocks, so the order matters only for names.
pub(super) fn edited<'e>(base: &Root, edits: impl IntoIterator<Item = &'e Edit>) -> Root {
    let mut root = base.clone();
    let (last, first): (Vec<_>, Vec<_>) = edits
        .into_iter()
        .flat_map(|it| &it.steps)
        .partition(|it| matches!(it, Step::Rename(..) | Step::Moved(..)));
    for step in first.into_iter().chain(last) {
        match step {
            Step::Set(place, path, value) => set(root.block_mut(place), path, value),
            Step::Unset(place, path) => unset(root.block_mut(place), path),
            Step::Put(place, body) => *root.block_mut(place) = body.clone(),
            Step::Take(place) => drop(root.take(place)),
            Step::Rename(place, name) => root.rename(place, name),
            Step::Moved(from, to) => root.moved(from, to),
            Step::File(path, pointer, value) => {
                let file = root.0.get_mut(path).unwrap_or_else(|| panic!("no {path}"));
                *file.pointer_mut(pointer).unwrap() = value.clone();
            }
        }
    }
    root
}

/// Returns the value of an object by its name, or of a list by its index.
fn inner<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    match value {
        Value::Array(items) => &mut items[name.parse::<usize>().unwrap()],
        it => &mut it[name],
    }
}

fn set(block: &mut Value, path: &[String], new: &Value) {
    *path.iter().fold(block, |value, name| inner(value, name)) = new.clone();
}

fn unset(block: &mut Value, path: &[String]) {
    let (last, way) = path.split_last().unwrap();
    match way.iter().fold(block, |value, name| inner(value, name)) {
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        it => drop(it.as_object_mut().unwrap().remove(last).unwrap()),
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.kind.name())?;
        for step in &self.steps {
            match step {
                Step::Set(place, path, value) => {
                    write!(f, " {} `{}` = {value};", place.address(), path.join("."))
                }
                Step::Unset(place, path) => {
                    write!(f, " {} without `{}`;", place.address(), path.join("."))
                }
                Step::Put(place, body) => write!(f, " {} is new: {body};", place.address()),
                Step::Take(place) => write!(f, " {} goes;", place.address()),
                Step::Rename(place, name) => write!(f, " {} is called {name};", place.address()),
                Step::Moved(..) => write!(f, " with `moved`;"),
                Step::File(path, pointer, value) => write!(f, " {path} {pointer} = {value};"),
            }?;
        }
        Ok(())
    }
}

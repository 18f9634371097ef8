//! The result of a read: the parsed items, and those that cannot be parsed.

use std::fmt;

use anyhow::bail;

/// The result of a read.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<I> {
    /// The items.
    pub items: Vec<I>,
    /// The records that cannot be parsed.
    pub unreadable: Vec<Unreadable>,
}

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Its key; empty if the key is not a string.
    pub key: String,
    /// Its table, and what is wrong with it.
    pub problem: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl<I> Found<I> {
    pub(super) fn nothing() -> Self {
        Found { items: Vec::new(), unreadable: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len() + self.unreadable.len()
    }

    pub(super) fn add(&mut self, found: Result<I, Unreadable>) {
        match found {
            Ok(it) => self.items.push(it),
            Err(it) => self.unreadable.push(it),
        }
    }

    /// Returns the only item, if there is one.
    pub(super) fn only(mut self) -> anyhow::Result<Option<I>> {
        match self.unreadable.pop() {
            Some(it) => bail!("{it}"),
            None => Ok(self.items.pop()),
        }
    }
}

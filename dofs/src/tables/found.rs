//! What was read out of a table, and what of it cannot be read.

use std::fmt;

use anyhow::bail;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<I> {
    /// The items.
    pub items: Vec<I>,
    /// What is there and cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Its key; empty where that is no text.
    pub key: String,
    /// Of which table it is, and what is wrong with it.
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

    /// The item that was asked for, if it is there.
    pub(super) fn only(mut self) -> anyhow::Result<Option<I>> {
        match self.unreadable.pop() {
            Some(it) => bail!("{it}"),
            None => Ok(self.items.pop()),
        }
    }
}

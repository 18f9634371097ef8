//! The references in the body of a block. They are collected once, because several checks and the rendering need them,
//! and walking through all bodies of a large stack is slow.

use super::expr::{Attribute, Body, RootVariable};

/// Every attribute and every root variable in a body, with repeats.
#[derive(Debug)]
pub(crate) struct Mentions {
    attributes: Vec<Attribute>,
    variables: Vec<RootVariable>,
}

impl Mentions {
    pub(in crate::model) fn of(body: &Body) -> Self {
        let (mut attributes, mut variables) = (Vec::new(), Vec::new());
        body.terms(&mut |term| {
            term.each_attribute(&mut |it| attributes.push(it.clone()));
            term.each_variable(&mut |it| variables.push(*it));
        });
        Mentions { attributes, variables }
    }

    /// The attributes.
    pub(crate) fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The root variables.
    pub(crate) fn variables(&self) -> &[RootVariable] {
        &self.variables
    }
}

//! The data of a stack that one version writes and another one reads: messages, items, and what functions and state
//! machines take and return.

use function_contract::data::{Data, DataShape};

use super::{Address, stack::Stack};

/// Data of one type at a resource.
#[derive(Debug, Clone)]
pub struct Held {
    /// The resource.
    pub at: Address,
    /// What the resource does with it.
    pub as_what: What,
    /// The type.
    pub shape: DataShape,
    /// How long the resource keeps it, in seconds. `None` for as long as the resource exists.
    pub kept: Option<u64>,
}

/// What a resource does with data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It keeps items.
    Item,
    /// It keeps messages.
    Message,
    /// It takes the data when it is called.
    Input,
    /// It returns the data.
    Output,
}

impl What {
    /// Every variant.
    pub const ALL: [What; 4] = [What::Item, What::Message, What::Input, What::Output];

    /// The name in `contracts.json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            What::Item => "item",
            What::Message => "message",
            What::Input => "input",
            What::Output => "output",
        }
    }
}

impl Stack {
    /// Records that a resource has data of the type `D`.
    pub(in crate::model) fn hold<D: Data>(
        &mut self,
        at: &Address,
        as_what: What,
        kept: Option<u64>,
    ) {
        if let Some(shape) = D::shape() {
            self.held.push(Held { at: at.clone(), as_what, shape, kept });
        }
    }

    /// The data of the stack, in the order in which the resources were added.
    pub(crate) fn held(&self) -> &[Held] {
        &self.held
    }
}

//! The data of a stack that one version writes and another one reads: messages, items, and what functions and state
//! machines take and return.

use function_contract::data::{Data, DataShape};
use serde::{Deserialize, Serialize};

use super::{Address, stack::Stack};

/// Data of one type at a resource.
#[derive(Debug, Clone)]
pub struct Held {
    /// The resource.
    pub at: Address,
    /// The kind of data.
    pub kind: DataKind,
    /// The type.
    pub shape: DataShape,
    /// How long the resource keeps it, in seconds. `None` for as long as the resource exists.
    pub kept: Option<u64>,
}

/// The kind of data, by its use at the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataKind {
    /// It keeps items.
    Item,
    /// It keeps messages.
    Message,
    /// It takes the data when it is called.
    Input,
    /// It returns the data.
    Output,
}

impl DataKind {
    /// The name in `contracts.json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            DataKind::Item => "item",
            DataKind::Message => "message",
            DataKind::Input => "input",
            DataKind::Output => "output",
        }
    }
}

impl Stack {
    /// Records that a resource has data of the type `D`.
    pub(in crate::model) fn hold<D: Data>(
        &mut self,
        at: &Address,
        kind: DataKind,
        kept: Option<u64>,
    ) {
        if let Some(shape) = D::shape() {
            self.held.push(Held { at: at.clone(), kind, shape, kept });
        }
    }

    /// The data of the stack, in the order in which the resources were added.
    pub(crate) fn held(&self) -> &[Held] {
        &self.held
    }
}

//! Attributes of blocks, and the names of the variables that carry them into other modules.

use std::sync::Arc;

use super::address::Address;

/// An attribute of a block. It is cheap to copy, because expressions and the facts of blocks contain it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute(Arc<Parts>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Parts {
    of: Address,
    name: &'static str,
    label: Box<str>,
}

/// The sensitive attributes of the types in use. Terraform's state contains their values in clear text.
const SECRETS: [(&str, &str); 1] = [("aws_api_gateway_api_key", "value")];

/// Whether the state of a resource of this type contains a secret.
pub(in crate::model) fn holds_a_secret(tf_type: &str) -> bool {
    SECRETS.iter().any(|(it, _)| *it == tf_type)
}

impl Attribute {
    /// The attribute of a block, whose kind is called `kind` inside names.
    pub(in crate::model) fn new(of: &Address, kind: &str, name: &'static str) -> Self {
        // The name of a resource or attribute may contain the kind (`order_queue`, `stage_name`): it is not repeated.
        let label = match of.name().ends_with(kind) || name.starts_with(kind) {
            true => [of.name(), "_", name].concat(),
            false => [of.name(), "_", kind, "_", name].concat(),
        };
        Attribute(Arc::new(Parts { of: of.clone(), name, label: label.into() }))
    }

    /// The block.
    pub fn of(&self) -> &Address {
        &self.0.of
    }

    /// The attribute's name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Whether it is sensitive. Terraform refuses an output of a sensitive value that is not marked as sensitive.
    pub(crate) fn is_secret(&self) -> bool {
        SECRETS.contains(&(self.of().tf_type(), self.name()))
    }

    /// Its name as a variable or output: `order_queue_arn`.
    pub fn label(&self) -> &str {
        &self.0.label
    }
}

//! Attributes of blocks, and what they are called where they cross modules.

use std::sync::Arc;

use super::address::Address;

/// An attribute of a block. A copy is cheap: expressions hold it, and what is known of a block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute(Arc<Parts>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Parts {
    of: Address,
    name: &'static str,
    label: Box<str>,
}

/// The attributes that the provider calls sensitive, of the types in use. A state holds them as they are.
const SECRETS: [(&str, &str); 1] = [("aws_api_gateway_api_key", "value")];

/// Whether the state of a resource of this type holds a secret.
pub(in crate::model) fn holds_a_secret(tf_type: &str) -> bool {
    SECRETS.iter().any(|(it, _)| *it == tf_type)
}

impl Attribute {
    /// The attribute of a block, whose kind is called `kind` inside names.
    pub(in crate::model) fn new(of: &Address, kind: &str, name: &'static str) -> Self {
        // `order_queue` of kind `queue`, or attribute `stage_name` of kind `stage`: once is enough.
        let label = match of.name().ends_with(kind) || name.starts_with(kind) {
            true => [of.name(), "_", name].concat(),
            false => [of.name(), "_", kind, "_", name].concat(),
        };
        Attribute(Arc::new(Parts { of: of.clone(), name, label: label.into() }))
    }

    /// The block that has it.
    pub fn of(&self) -> &Address {
        &self.0.of
    }

    /// The attribute's name.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Whether it is a secret. Terraform refuses an output that does not say so.
    pub(crate) fn is_secret(&self) -> bool {
        SECRETS.contains(&(self.of().tf_type(), self.name()))
    }

    /// What it is called as a variable or output: `order_queue_arn`.
    pub fn label(&self) -> &str {
        &self.0.label
    }
}

//! The Terraform address of a block.

use std::{
    cell::RefCell,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::name::ModuleName;

/// Whether a block is a resource or a data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockKind {
    /// `resource`
    Resource,
    /// `data`
    Data,
}

/// The Terraform address of a block: `module.sqs.aws_sqs_queue.orders`.
///
/// The text is built once, because checks and rendering read it many times.
#[derive(Debug, Clone)]
pub struct Address {
    module: ModuleName,
    kind: BlockKind,
    tf_type: &'static str,
    /// The whole address. Modules, types and names have no dots, so the text is unique.
    text: Arc<str>,
}

impl Address {
    pub(in crate::model) fn new(
        module: ModuleName,
        kind: BlockKind,
        tf_type: &'static str,
        name: &str,
    ) -> Self {
        let word = |it: &str| it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
        debug_assert!(word(tf_type) && word(name), "{tf_type}.{name} is not an address");
        thread_local! {
            /// The buffer in which addresses are built. A stack has many, and each is copied once into memory of its
            /// own.
            static ROOM: RefCell<String> = const { RefCell::new(String::new()) };
        }
        let text = ROOM.with_borrow_mut(|room| {
            room.clear();
            room.extend(["module.", module.as_str(), ".", data(kind), tf_type, ".", name]);
            room.as_str().into()
        });
        Address { module, kind, tf_type, text }
    }

    /// The resource of another type with the same name, in the same module.
    pub(in crate::model) fn beside(&self, tf_type: &'static str) -> Self {
        Address::new(self.module, BlockKind::Resource, tf_type, self.name())
    }

    /// The module.
    pub fn module(&self) -> ModuleName {
        self.module
    }

    /// Whether it is a resource or a data source.
    pub fn kind(&self) -> BlockKind {
        self.kind
    }

    /// Terraform's type, such as `aws_sqs_queue`.
    pub fn tf_type(&self) -> &'static str {
        self.tf_type
    }

    /// Terraform's name.
    pub fn name(&self) -> &str {
        &self.local()[data(self.kind).len() + self.tf_type.len() + ".".len()..]
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The whole address, as a shared text.
    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The address inside its module.
    pub fn local(&self) -> &str {
        &self.text["module.".len() + self.module.as_str().len() + ".".len()..]
    }
}

/// The part of the address before the type.
fn data(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Resource => "",
        BlockKind::Data => "data.",
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Address {}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_parts() {
        fn check(kind: BlockKind, tf_type: &'static str, text: &str, local: &str) {
            let address = Address::new(ModuleName::new("sqs"), kind, tf_type, "orders");
            assert_eq!((address.to_string().as_str(), address.local()), (text, local));
            assert_eq!((address.name(), address.tf_type()), ("orders", tf_type));
            assert_eq!((address.kind(), address.module().as_str()), (kind, "sqs"));
        }
        let queue = "aws_sqs_queue";
        let policy = "aws_iam_policy_document";
        check(
            BlockKind::Resource,
            queue,
            "module.sqs.aws_sqs_queue.orders",
            "aws_sqs_queue.orders",
        );
        check(
            BlockKind::Data,
            policy,
            "module.sqs.data.aws_iam_policy_document.orders",
            "data.aws_iam_policy_document.orders",
        );
    }

    #[test]
    fn a_companion_has_the_same_name_and_another_type() {
        let role = Address::new(ModuleName::new("sqs"), BlockKind::Resource, "aws_iam_role", "a");
        let policy = role.beside("aws_iam_role_policy");
        assert_eq!(policy.as_str(), "module.sqs.aws_iam_role_policy.a");
        assert_ne!(policy, role);
    }
}

//! Where a block lives.

use std::{
    cell::RefCell,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::name::ModuleName;

/// Whether Terraform makes the thing or only reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockKind {
    /// `resource`
    Resource,
    /// `data`
    Data,
}

/// Where a block lives: `module.sqs.aws_sqs_queue.orders`.
///
/// The text is made once. Whatever reads a stack asks for it again and again.
#[derive(Debug, Clone)]
pub struct Address {
    module: ModuleName,
    kind: BlockKind,
    tf_type: &'static str,
    /// All of it. Neither a module, a type nor a name has a dot, so no two blocks have the same.
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
        debug_assert!(word(tf_type) && word(name), "{tf_type}.{name} is no address");
        thread_local! {
            /// Where texts are put together. A stack has many, and each is copied into its own room once.
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

    /// Whether Terraform makes it or only reads it.
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

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// All of it, to be kept.
    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The address inside its module.
    pub fn local(&self) -> &str {
        &self.text["module.".len() + self.module.as_str().len() + ".".len()..]
    }
}

/// What stands in front of the type.
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
    fn one_beside_has_another_type() {
        let role = Address::new(ModuleName::new("sqs"), BlockKind::Resource, "aws_iam_role", "a");
        let policy = role.beside("aws_iam_role_policy");
        assert_eq!(policy.as_str(), "module.sqs.aws_iam_role_policy.a");
        assert_ne!(policy, role);
    }
}

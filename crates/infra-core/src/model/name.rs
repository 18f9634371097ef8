//! Names in Terraform and in AWS.

use std::{fmt, marker::PhantomData, ops::Deref};

/// The name of a resource, and the reason for it. [`resource!`](crate::resource) makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id {
    name: &'static str,
    doc: &'static str,
    in_aws: Option<&'static str>,
    was: &'static [Was],
}

impl Id {
    #[doc(hidden)]
    #[track_caller]
    pub const fn __new(name: &'static str, doc: &'static str) -> Self {
        check_identifier(name);
        Id { name, doc, in_aws: None, was: &[] }
    }

    /// The Terraform name.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Declares the former names of the resource, the oldest first. In a state with a former name, Terraform moves the
    /// resource and everything that was added with it, and destroys nothing. In AWS the resource keeps its oldest name,
    /// because most names in AWS cannot be changed.
    ///
    /// ```
    /// use infra_core::model::name::Was;
    /// let id = infra_core::resource!(
    ///     /// Every order, by its id.
    ///     "orders"
    /// )
    /// .was(&[const { Was::named("order_table") }]);
    /// assert_eq!(id.stem(), "order_table");
    /// ```
    pub const fn was(self, names: &'static [Was]) -> Self {
        Id { was: names, ..self }
    }

    /// Sets a name in AWS that differs from the name in Terraform. It replaces [`Id::was`] when no state has the former
    /// name any more.
    ///
    /// # Panics
    ///
    /// If it is not a valid name; in a `const`, that does not compile.
    #[track_caller]
    pub const fn in_aws(self, name: &'static str) -> Self {
        check_identifier(name);
        Id { in_aws: Some(name), ..self }
    }

    /// The former names.
    pub(in crate::model) const fn former(self) -> &'static [Was] {
        self.was
    }

    /// The part of its name in AWS after the prefix.
    pub fn stem(self) -> &'static str {
        let oldest = self.was.first().map(|it| it.name());
        self.in_aws.or(oldest).unwrap_or(self.name)
    }

    /// The reason for the resource, from its doc comment.
    pub fn doc(self) -> String {
        sentence(self.doc)
    }
}

/// Names a resource, with the reason for it in a doc comment, which is also in the generated file.
///
/// ```
/// let id = infra_core::resource!(
///     /// Every order, by its id.
///     "orders"
/// );
/// assert_eq!(id.name(), "orders");
/// assert_eq!(id.doc(), "Every order, by its id.");
/// ```
#[macro_export]
macro_rules! resource {
    ($(#[doc = $doc:literal])+ $name:literal) => {{
        const ID: $crate::model::Id = $crate::model::Id::__new($name, concat!($($doc, "\n"),+));
        ID
    }};
    ($name:literal) => {
        ::std::compile_error!("a resource says why it is there: put a doc comment in front of its name")
    };
}

/// The name of a Terraform module: a folder under `modules/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleName(&'static str);

impl ModuleName {
    /// Use it in a `const` item, where a name that Terraform refuses does not compile.
    ///
    /// # Panics
    ///
    /// If the name is not an identifier in lower case.
    #[track_caller]
    pub const fn new(name: &'static str) -> Self {
        check_identifier(name);
        ModuleName(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// `aws_sqs_queue.orders`: lower-case words of letters and digits, and one dot in between.
#[track_caller]
pub(in crate::model) const fn check_local_address(local: &str) {
    let bytes = local.as_bytes();
    let (mut dots, mut i) = (0, 0);
    while i < bytes.len() {
        match bytes[i] {
            b'.' => dots += 1,
            b'a'..=b'z' | b'0'..=b'9' | b'_' => (),
            _ => panic!("an address has only lower-case letters, digits, _ and a dot"),
        }
        i += 1;
    }
    assert!(
        dots == 1 && bytes[0] != b'.' && bytes[bytes.len() - 1] != b'.',
        "an address is a type, a dot and a name, such as aws_sqs_queue.orders"
    );
}

#[track_caller]
pub(in crate::model) const fn check_identifier(name: &str) {
    let bytes = name.as_bytes();
    assert!(!bytes.is_empty() && bytes.len() <= 40, "a resource's name has 1 to 40 characters");
    assert!(bytes[0].is_ascii_lowercase(), "a resource's name starts with a lower-case letter");
    let mut i = 0;
    while i < bytes.len() {
        assert!(
            bytes[i].is_ascii_lowercase() || bytes[i].is_ascii_digit() || bytes[i] == b'_',
            "a resource's name has only lower-case letters, digits and _"
        );
        i += 1;
    }
}

/// The name in AWS of a resource of the kind `K`. Programs that run next to the stack call the resource by it.
pub struct NameOf<K> {
    name: String,
    _of: PhantomData<fn() -> K>,
}

impl<K> NameOf<K> {
    pub(in crate::model) fn new(name: String) -> Self {
        NameOf { name, _of: PhantomData }
    }
}

impl<K> Clone for NameOf<K> {
    fn clone(&self) -> Self {
        NameOf::new(self.name.clone())
    }
}

impl<K> PartialEq for NameOf<K> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<K> Eq for NameOf<K> {}

impl<K> Deref for NameOf<K> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl<K> fmt::Debug for NameOf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<K> fmt::Display for NameOf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<K> From<&NameOf<K>> for String {
    fn from(it: &NameOf<K>) -> String {
        it.name.clone()
    }
}

/// Joins the lines of a doc comment.
pub(crate) fn sentence(doc: &str) -> String {
    doc.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The name of a state in a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateName(&'static str);

impl StateName {
    /// Use it in a `const` item, where a name that Step Functions refuses does not compile.
    ///
    /// # Panics
    ///
    /// If the name is empty or longer than 80 characters.
    #[track_caller]
    pub const fn new(name: &'static str) -> Self {
        assert!(!name.is_empty() && name.len() <= 80, "a state's name has 1 to 80 characters");
        StateName(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl From<&'static str> for StateName {
    /// A name that is not checked here. The ASL check refuses one that is too long.
    fn from(name: &'static str) -> Self {
        StateName(name)
    }
}

/// A former name of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Was {
    pub(in crate::model) module: Option<ModuleName>,
    pub(in crate::model) name: &'static str,
}

impl Was {
    /// Another name in the same module.
    ///
    /// # Panics
    ///
    /// If it is not a valid name; in a `const`, that does not compile.
    #[track_caller]
    pub const fn named(name: &'static str) -> Self {
        check_identifier(name);
        Was { module: None, name }
    }

    /// A name in another module.
    ///
    /// # Panics
    ///
    /// If it is not a valid name; in a `const`, that does not compile.
    #[track_caller]
    pub const fn in_module(module: ModuleName, name: &'static str) -> Self {
        check_identifier(name);
        Was { module: Some(module), name }
    }

    /// The name alone.
    pub(in crate::model) const fn name(self) -> &'static str {
        self.name
    }
}

//! Names in Terraform and in AWS.

/// What a resource is called, and why it is there. Made by [`resource!`](crate::resource).
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

    /// Says what the resource was called before, the oldest name first. States that know it by such
    /// a name move it, with all that was added with it, and destroy nothing: in AWS it keeps its
    /// oldest name, since most of AWS's names cannot be changed.
    ///
    /// ```
    /// use infra_gen::model::name::Was;
    /// let id = infra_gen::resource!(
    ///     /// Every order, by its id.
    ///     "orders"
    /// )
    /// .was(&[const { Was::named("order_table") }]);
    /// assert_eq!(id.stem(), "order_table");
    /// ```
    pub const fn was(self, names: &'static [Was]) -> Self {
        Id { was: names, ..self }
    }

    /// Gives it a name in AWS that does not follow from its name in Terraform: what remains of
    /// [`Id::was`] once no state needs that any more.
    ///
    /// # Panics
    ///
    /// Where it is no name; in a `const`, that does not compile.
    #[track_caller]
    pub const fn in_aws(self, name: &'static str) -> Self {
        check_identifier(name);
        Id { in_aws: Some(name), ..self }
    }

    /// What it was called before.
    pub(in crate::model) const fn former(self) -> &'static [Was] {
        self.was
    }

    /// What its name in AWS is made of.
    pub fn stem(self) -> &'static str {
        let oldest = self.was.first().map(|it| it.name());
        self.in_aws.or(oldest).unwrap_or(self.name)
    }

    /// Why the resource is there, from its doc comment.
    pub fn doc(self) -> String {
        sentence(self.doc)
    }
}

/// Names a resource and says why it is there, in a doc comment that ends up beside it in the
/// generated file.
///
/// ```
/// let id = infra_gen::resource!(
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
    /// Meant for a `const` item: there, a name that Terraform refuses does not compile.
    ///
    /// # Panics
    ///
    /// Where the name is no identifier in lower case.
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

/// Joins the lines of a doc comment.
pub(crate) fn sentence(doc: &str) -> String {
    doc.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The name of a state in a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateName(&'static str);

impl StateName {
    /// Meant for a `const` item: there, a name that Step Functions refuses does not compile.
    ///
    /// # Panics
    ///
    /// Where the name is empty or longer than 80 characters.
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
    /// For names in place; the ASL check refuses one that is too long.
    fn from(name: &'static str) -> Self {
        StateName(name)
    }
}

/// What a resource was called before.
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
    /// Where it is no name; in a `const`, that does not compile.
    #[track_caller]
    pub const fn named(name: &'static str) -> Self {
        check_identifier(name);
        Was { module: None, name }
    }

    /// A name in another module.
    ///
    /// # Panics
    ///
    /// Where it is no name; in a `const`, that does not compile.
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

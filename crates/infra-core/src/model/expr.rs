//! References, and the bodies of blocks, which contain them.

use std::{borrow::Cow, marker::PhantomData};

use serde_json::{Number, Value};

use super::fields::Fields;
pub use super::{
    address::{Address, BlockKind},
    attribute::Attribute,
};

/// A value that is known only when Terraform applies, such as an ARN. `V` is its meaning.
///
/// It has no `Display`, and cannot be made from text: only a handle gives it out.
pub struct Ref<V> {
    term: Term,
    _tag: PhantomData<fn() -> V>,
}

/// The ARN of a `K`.
pub struct Arn<K>(PhantomData<fn() -> K>);

/// A secret, which Terraform does not print.
pub enum Secret {}

/// The URL of an HTTP API.
pub enum Url {}

impl<V> Ref<V> {
    pub(in crate::model) fn new(term: Term) -> Self {
        Ref { term, _tag: PhantomData }
    }

    pub(in crate::model) fn term(&self) -> &Term {
        &self.term
    }
}

impl<V> Clone for Ref<V> {
    fn clone(&self) -> Self {
        Ref::new(self.term.clone())
    }
}

/// A Terraform expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    /// An attribute of a block in any module.
    Attribute(Attribute),
    /// A variable of the root. It is boxed, because it is rare, and would make every expression larger.
    Variable(Box<RootVariable>),
    /// Text that is not escaped.
    Text(String),
    /// Several expressions, joined to one text.
    Concat(Vec<Term>),
    /// A call of one of Terraform's functions.
    Call(&'static str, Vec<Term>),
    /// The text of a file, by its path from the root's folder.
    File(&'static str),
}

impl Term {
    pub(in crate::model) fn concat(terms: impl IntoIterator<Item = Term>) -> Term {
        Term::Concat(terms.into_iter().collect())
    }

    /// Every attribute that the expression refers to.
    pub(crate) fn attributes<'a>(&'a self, acc: &mut Vec<&'a Attribute>) {
        self.each_attribute(&mut |it| acc.push(it));
    }

    /// Calls `visit` for every attribute that the expression refers to.
    pub(crate) fn each_attribute<'a>(&'a self, visit: &mut impl FnMut(&'a Attribute)) {
        match self {
            Term::Attribute(attribute) => visit(attribute),
            Term::Variable(_) | Term::Text(_) | Term::File(_) => (),
            Term::Concat(terms) | Term::Call(_, terms) => {
                terms.iter().for_each(|it| it.each_attribute(visit));
            }
        }
    }

    /// Calls `visit` for every root variable that the expression refers to.
    pub(crate) fn each_variable<'a>(&'a self, visit: &mut impl FnMut(&'a RootVariable)) {
        match self {
            Term::Variable(variable) => visit(variable),
            Term::Attribute(_) | Term::Text(_) | Term::File(_) => (),
            Term::Concat(terms) | Term::Call(_, terms) => {
                terms.iter().for_each(|it| it.each_variable(visit));
            }
        }
    }
}

impl From<&str> for Term {
    fn from(text: &str) -> Self {
        Term::Text(text.to_owned())
    }
}

/// A variable of the root, which the operator may set when Terraform runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootVariable {
    pub(in crate::model) name: &'static str,
    pub(in crate::model) description: &'static str,
    pub(in crate::model) default: &'static str,
}

impl RootVariable {
    /// The variable `package_dir`: the folder of the functions' zips, which Terraform reads when it plans. Its default is
    /// relative to the folder of the root.
    pub const fn packages(default: &'static str) -> Self {
        let description = "The folder that holds the functions' zips: <architecture>/<binary>.zip.";
        RootVariable::new("package_dir", description, default)
    }

    /// A variable with a default. Use it in a `const` item, where one text in the place of another does not compile.
    ///
    /// # Panics
    ///
    /// If the name is not a lower-case identifier, if the description is not a sentence with a full stop, or if the
    /// default is one.
    #[track_caller]
    pub const fn new(name: &'static str, description: &'static str, default: &'static str) -> Self {
        assert!(is_word(name), "the name of a variable has only lower-case letters, digits and _");
        assert!(is_sentence(description), "the description of a variable ends with a full stop");
        assert!(!is_sentence(default), "the default of a variable is a value, not a sentence");
        RootVariable { name, description, default }
    }

    /// The variable's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The variable's description.
    pub fn description(&self) -> &'static str {
        self.description
    }

    /// The variable's default.
    pub fn default(&self) -> &'static str {
        self.default
    }
}

const fn is_sentence(text: &str) -> bool {
    matches!(text.as_bytes(), [.., b'.'])
}

const fn is_word(text: &str) -> bool {
    let mut bytes = text.as_bytes();
    while let [b'a'..=b'z' | b'0'..=b'9' | b'_', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes.is_empty() && !text.is_empty()
}

/// The body of a block. References stay typed until the body is rendered, so the body itself shows what a block depends
/// on.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Text that is not escaped.
    Text(Cow<'static, str>),
    /// A number.
    Number(Number),
    /// True or false.
    Bool(bool),
    /// An expression.
    #[doc(hidden)]
    Term(Box<Expression>),
    /// A list, in order.
    List(Vec<Body>),
    /// An object.
    Map(Fields),
    /// A JSON document inside a string.
    Json(Box<Body>),
    /// A JSON document in a file of its own, in the folder of the module.
    File(Box<Document>),
}

/// An expression in a body. Only the model makes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression(pub(crate) Term);

/// A JSON document in a file of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub(crate) file: String,
    pub(crate) body: Body,
}

impl Body {
    pub(crate) fn map<K: Into<Cow<'static, str>>>(
        fields: impl IntoIterator<Item = (K, Body)>,
    ) -> Body {
        Body::Map(fields.into_iter().collect())
    }

    pub(crate) fn list<B: Into<Body>>(items: impl IntoIterator<Item = B>) -> Body {
        Body::List(items.into_iter().map(Into::into).collect())
    }

    pub(in crate::model) fn json(self) -> Body {
        Body::Json(Box::new(self))
    }

    pub(in crate::model) fn file(file: String, body: Body) -> Body {
        Body::File(Box::new(Document { file, body }))
    }

    /// Adds a field to an object if it has a value.
    pub(in crate::model) fn with(
        mut self,
        key: &'static str,
        value: Option<impl Into<Body>>,
    ) -> Body {
        if let (Body::Map(fields), Some(value)) = (&mut self, value) {
            fields.insert(key, value.into());
        }
        self
    }

    /// Calls `visit` for every expression in the body.
    pub(crate) fn terms<'a>(&'a self, visit: &mut impl FnMut(&'a Term)) {
        match self {
            Body::Text(_) | Body::Number(_) | Body::Bool(_) => (),
            Body::Term(it) => visit(&it.0),
            Body::List(items) => items.iter().for_each(|it| it.terms(visit)),
            Body::Map(fields) => fields.values().for_each(|it| it.terms(visit)),
            Body::Json(inner) => inner.terms(visit),
            Body::File(document) => document.body.terms(visit),
        }
    }

    /// Every attribute that the body refers to.
    pub(crate) fn attributes(&self) -> Vec<&Attribute> {
        let mut acc = Vec::new();
        self.terms(&mut |term| term.attributes(&mut acc));
        acc
    }

    /// Every document with a file of its own.
    pub(crate) fn documents<'a>(&'a self, acc: &mut Vec<&'a Document>) {
        match self {
            Body::List(items) => items.iter().for_each(|it| it.documents(acc)),
            Body::Map(fields) => fields.values().for_each(|it| it.documents(acc)),
            Body::File(document) => acc.push(document),
            _ => (),
        }
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Body::Text(text.into())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body::Text(text.into())
    }
}

impl From<Cow<'static, str>> for Body {
    fn from(text: Cow<'static, str>) -> Self {
        Body::Text(text)
    }
}

impl From<bool> for Body {
    fn from(it: bool) -> Self {
        Body::Bool(it)
    }
}

impl From<u64> for Body {
    fn from(number: u64) -> Self {
        Body::Number(number.into())
    }
}

impl From<u32> for Body {
    fn from(number: u32) -> Self {
        Body::Number(number.into())
    }
}

impl From<f64> for Body {
    /// A number that is not finite becomes 0; thresholds and rates are finite by their types.
    fn from(number: f64) -> Self {
        let whole = number as i64;
        if whole as f64 == number {
            return Body::Number(whole.into());
        }
        Body::Number(Number::from_f64(number).unwrap_or_else(|| 0.into()))
    }
}

impl From<Term> for Body {
    fn from(term: Term) -> Self {
        match term {
            Term::Text(text) => text.into(),
            term => Body::Term(Box::new(Expression(term))),
        }
    }
}

impl<V> From<&Ref<V>> for Body {
    fn from(it: &Ref<V>) -> Self {
        it.term.clone().into()
    }
}

impl<B: Into<Body>> From<Vec<B>> for Body {
    fn from(items: Vec<B>) -> Self {
        Body::list(items)
    }
}

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        match value {
            // No generated file has an explicit null. If one is added by mistake, the text `null` makes it visible.
            Value::Null => "null".into(),
            Value::Bool(it) => it.into(),
            Value::Number(number) => Body::Number(number),
            Value::String(text) => text.into(),
            Value::Array(items) => Body::list(items),
            Value::Object(fields) => {
                Body::Map(fields.into_iter().map(|(key, it)| (key, it.into())).collect())
            }
        }
    }
}

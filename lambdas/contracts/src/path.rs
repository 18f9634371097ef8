//! Typed expressions over payloads: paths into them, literals, and what a running execution knows.

use std::{borrow::Cow, marker::PhantomData};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::kept::Kept;

/// A value of type `T`, computed from a `Root`: most often the path to a field of it.
///
/// An `Expr` has no constructor that takes text, so a path that does not exist cannot be written.
#[derive(Debug)]
pub struct Expr<Root, T> {
    source: Source,
    _tag: PhantomData<fn(Root) -> T>,
}

/// How the value of an [`Expr`] comes about. The generator turns it into JSONata.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// A field of the state's input, as wire names from the outside in.
    Field(Cow<'static, [&'static str]>),
    /// Always the same value.
    Literal(serde_json::Value),
    /// The moment of evaluation, in RFC 3339 with milliseconds, UTC.
    Now,
    /// Whole seconds since the Unix epoch, this many seconds after a moment.
    EpochAfter(Box<Source>, u64),
    /// The name of the error that was caught.
    ErrorName,
    /// The beginning of the cause of the error that was caught, no longer than a [`Kept`].
    ErrorCause,
    /// The first where it is there and not null, else the second.
    Or(Box<Source>, Box<Source>),
    /// As the inner one; it is known to be there.
    Some(Box<Source>),
}

impl<Root, T> Expr<Root, T> {
    /// For the macros of this crate: the wire name of a field that exists, in a list, as a path of one step.
    #[doc(hidden)]
    pub fn __field(name: &'static [&'static str; 1]) -> Self {
        Expr::new(Source::Field(name.into()))
    }

    pub(crate) fn new(source: Source) -> Self {
        Expr { source, _tag: PhantomData }
    }

    /// How the value comes about.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// How the value comes about, for whoever needs nothing else of it.
    pub fn into_source(self) -> Source {
        self.source
    }

    /// A field of the value that this path leads to.
    pub fn then<Next>(self, next: Expr<T, Next>) -> Expr<Root, Next> {
        match (self.source, next.source) {
            (Source::Field(mut names), Source::Field(more)) => {
                names.to_mut().extend_from_slice(&more);
                Expr::new(Source::Field(names))
            }
            // What does not look at its root is the same seen from any root.
            (_, other) => Expr::new(other),
        }
    }

    /// This value where an optional one is due.
    pub fn some(self) -> Expr<Root, Option<T>> {
        Expr::new(Source::Some(Box::new(self.source)))
    }
}

impl<Root, T: Serialize> Expr<Root, T> {
    /// Always `value`.
    ///
    /// # Panics
    ///
    /// Where `value` has no JSON form. Payload types always have one: a test round-trips each.
    pub fn literal(value: T) -> Self {
        let json = serde_json::to_value(value).expect("payload types have a JSON form");
        Expr::new(Source::Literal(json))
    }
}

impl<Root, T> Expr<Root, Option<T>> {
    /// No value.
    pub fn none() -> Self {
        Expr::new(Source::Literal(serde_json::Value::Null))
    }

    /// The value, or `default` where there is none.
    pub fn or(self, default: Expr<Root, T>) -> Expr<Root, T> {
        Expr::new(Source::Or(Box::new(self.source), Box::new(default.source)))
    }
}

/// What an error route sees: the input of the state that failed, and the error.
pub struct Caught<I>(PhantomData<fn() -> I>);

impl<I> Expr<Caught<I>, String> {
    /// The error's name, such as `OrderInvalid` or `States.Timeout`.
    pub fn error_name() -> Self {
        Expr::new(Source::ErrorName)
    }
}

impl<I> Expr<Caught<I>, Kept> {
    /// The beginning of the error's cause, as text; empty where the error has none.
    pub fn error_cause() -> Self {
        Expr::new(Source::ErrorCause)
    }
}

impl<Root, T> Clone for Expr<Root, T> {
    fn clone(&self) -> Self {
        Expr::new(self.source.clone())
    }
}

/// An expression that builds a whole `Out`, field by field, out of pieces of a `Root`.
///
/// It comes from the struct of paths that `payload!` and `item!` define, so a field that is
/// forgotten does not compile.
#[derive(Debug)]
pub struct Shape<Root, Out> {
    fields: Vec<(&'static str, Source)>,
    _tag: PhantomData<fn(Root) -> Out>,
}

impl<Root, Out> Shape<Root, Out> {
    #[doc(hidden)]
    pub fn __new(fields: Vec<(&'static str, Source)>) -> Self {
        Shape { fields, _tag: PhantomData }
    }

    /// Wire name and value of every field, in the order of the type.
    pub fn into_fields(self) -> Vec<(&'static str, Source)> {
        self.fields
    }
}

/// A struct of paths that builds a whole `Out` out of pieces of a `Root`. Made by `payload!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not build a `{Out}` out of a `{Root}`",
    label = "expected the paths of a `{Out}`, seen from `{Root}`"
)]
pub trait Builds<Root, Out> {
    /// Every field, and where it comes from.
    fn shape(self) -> Shape<Root, Out>;
}

/// A struct of paths that builds a DynamoDB item out of pieces of a `Root`. Made by `item!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not build an item of a table of `{Out}`",
    label = "expected the paths of a `{Out}`"
)]
pub trait BuildsItem<Root, Out> {
    /// Every attribute, and where it comes from.
    fn item(self) -> ItemShape<Root, Out>;
}

/// A JSON payload with typed paths. Made by `payload!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a payload",
    note = "payloads are defined by `payload!` in `lambdas/contracts`"
)]
pub trait Payload: Serialize + DeserializeOwned + JsonSchema + 'static {
    /// One typed path for each field, as seen from `Root`.
    type At<Root>;

    /// Wire names of all fields, in the order of the type.
    const WIRE_NAMES: &'static [&'static str];

    /// For the macros of this crate: the paths, where the payload itself stands at the root.
    #[doc(hidden)]
    fn __paths<Root>() -> Self::At<Root>;
}

/// How a value is written as a DynamoDB attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// Text, `S`.
    Text,
    /// A number, `N`.
    Number,
    /// A map from text to text, `M`.
    TextMap,
}

/// A type that can be a DynamoDB attribute.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be written as a DynamoDB attribute")]
pub trait Attribute: Serialize + DeserializeOwned + JsonSchema + 'static {
    /// How it is written where it is there.
    const TYPE: AttributeType;
    /// Whether it may be absent.
    const OPTIONAL: bool = false;
}

impl<T: Attribute> Attribute for Option<T> {
    const TYPE: AttributeType = T::TYPE;
    const OPTIONAL: bool = true;
}

impl Attribute for String {
    const TYPE: AttributeType = AttributeType::Text;
}

impl Attribute for i64 {
    const TYPE: AttributeType = AttributeType::Number;
}

impl Attribute for u32 {
    const TYPE: AttributeType = AttributeType::Number;
}

impl Attribute for serde_json::Number {
    const TYPE: AttributeType = AttributeType::Number;
}

/// Builds a whole DynamoDB item: every attribute with its type.
#[derive(Debug)]
pub struct ItemShape<Root, Out> {
    attributes: Vec<AttributeShape>,
    _tag: PhantomData<fn(Root) -> Out>,
}

impl<Root, Out> ItemShape<Root, Out> {
    #[doc(hidden)]
    pub fn __new(attributes: Vec<AttributeShape>) -> Self {
        ItemShape { attributes, _tag: PhantomData }
    }

    /// Every attribute, in the order of the type.
    pub fn into_attributes(self) -> Vec<AttributeShape> {
        self.attributes
    }
}

/// One attribute of an [`ItemShape`].
#[derive(Debug, Clone)]
pub struct AttributeShape {
    /// The attribute's name.
    pub name: &'static str,
    /// How it is written where it is there.
    pub is: AttributeType,
    /// Whether it may be absent.
    pub optional: bool,
    /// Its value.
    pub value: Source,
}

/// A type that is written as plain text.
pub trait Text {}

/// A type whose numbers can all be read as an `N`.
pub trait Within<N> {}

impl<Root, T: Text> Expr<Root, T> {
    /// The same value where any text will do.
    pub fn into_text(self) -> Expr<Root, String> {
        Expr::new(self.source)
    }
}

impl<Root, T> Expr<Root, T> {
    /// The same number where a wider type will do.
    pub fn into_number<N>(self) -> Expr<Root, N>
    where
        T: Within<N>,
    {
        Expr::new(self.source)
    }
}

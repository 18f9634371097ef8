//! Typed expressions over payloads: paths to fields, literals, and values of a running execution.

use std::{borrow::Cow, marker::PhantomData};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::{data::Data, kept::Kept};

/// A value of type `T`, computed from a `Root`: most often the path to a field of it.
///
/// An `Expr` has no constructor that takes text, so a path that does not exist cannot be written.
#[derive(Debug)]
pub struct Expr<Root, T> {
    source: Source,
    _tag: PhantomData<fn(Root) -> T>,
}

/// The source of the value of an [`Expr`]. The generator renders it as JSONata.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// A field of the state's input: the JSON names from the outermost to the innermost.
    Field(Cow<'static, [&'static str]>),
    /// A constant.
    Literal(serde_json::Value),
    /// The time of evaluation, in RFC 3339 with milliseconds, in UTC.
    Now,
    /// The time of the inner value plus this many seconds, in whole seconds since the Unix epoch.
    EpochAfter(Box<Source>, u64),
    /// The name of the error that was caught.
    ErrorName,
    /// The beginning of the cause of the error that was caught, at most as long as a [`Kept`].
    ErrorCause,
    /// The first expression if it exists and is not null, otherwise the second.
    Or(Box<Source>, Box<Source>),
    /// The value of the inner expression, which is known to exist.
    Some(Box<Source>),
}

impl<Root, T> Expr<Root, T> {
    /// For the macros of this crate: a path of one step, to a field that exists. The list has the field's JSON name.
    #[doc(hidden)]
    pub fn __field(name: &'static [&'static str; 1]) -> Self {
        Expr::new(Source::Field(name.into()))
    }

    pub(crate) fn new(source: Source) -> Self {
        Expr { source, _tag: PhantomData }
    }

    /// Returns the source of the value.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the source of the value, and consumes the expression.
    pub fn into_source(self) -> Source {
        self.source
    }

    /// Returns the path to a field of the value at this path.
    pub fn then<Next>(self, next: Expr<T, Next>) -> Expr<Root, Next> {
        match (self.source, next.source) {
            (Source::Field(mut names), Source::Field(more)) => {
                names.to_mut().extend_from_slice(&more);
                Expr::new(Source::Field(names))
            }
            // A source that does not read its root has the same value for any root.
            (_, other) => Expr::new(other),
        }
    }

    /// Returns the same value as an optional one.
    pub fn some(self) -> Expr<Root, Option<T>> {
        Expr::new(Source::Some(Box::new(self.source)))
    }
}

impl<Root, T: Serialize> Expr<Root, T> {
    /// Returns the constant `value`.
    ///
    /// # Panics
    ///
    /// If `value` has no JSON form. Payload types always have one: a test round-trips each of them.
    pub fn literal(value: T) -> Self {
        let json = serde_json::to_value(value).expect("payload types have a JSON form");
        Expr::new(Source::Literal(json))
    }
}

impl<Root, T> Expr<Root, Option<T>> {
    /// Returns an absent value.
    pub fn none() -> Self {
        Expr::new(Source::Literal(serde_json::Value::Null))
    }

    /// Returns the value, or `default` if the value is absent.
    pub fn or(self, default: Expr<Root, T>) -> Expr<Root, T> {
        Expr::new(Source::Or(Box::new(self.source), Box::new(default.source)))
    }
}

/// The data that an error route can read: the input of the failed state, and the error.
pub struct Caught<I>(PhantomData<fn() -> I>);

impl<I> Expr<Caught<I>, String> {
    /// The error's name, such as `OrderInvalid` or `States.Timeout`.
    pub fn error_name() -> Self {
        Expr::new(Source::ErrorName)
    }
}

impl<I> Expr<Caught<I>, Kept> {
    /// The beginning of the error's cause as text. Empty if the error has no cause.
    pub fn error_cause() -> Self {
        Expr::new(Source::ErrorCause)
    }
}

impl<Root, T> Clone for Expr<Root, T> {
    fn clone(&self) -> Self {
        Expr::new(self.source.clone())
    }
}

/// An expression that builds a complete `Out`, field by field, from parts of a `Root`.
///
/// It comes from the struct of paths that `payload!` and `item!` define, so a missing field does not compile.
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

    /// Returns the JSON name and the value of every field, in the order of the type.
    pub fn into_fields(self) -> Vec<(&'static str, Source)> {
        self.fields
    }
}

/// A struct of paths that builds a complete `Out` from parts of a `Root`. `payload!` defines it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not build a `{Out}` out of a `{Root}`",
    label = "expected the paths of a `{Out}`, seen from `{Root}`"
)]
pub trait Builds<Root, Out> {
    /// Returns every field with the source of its value.
    fn shape(self) -> Shape<Root, Out>;
}

/// A struct of paths that builds a DynamoDB item from parts of a `Root`. `item!` defines it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not build an item of a table of `{Out}`",
    label = "expected the paths of a `{Out}`"
)]
pub trait BuildsItem<Root, Out> {
    /// Returns every attribute with the source of its value.
    fn item(self) -> ItemShape<Root, Out>;
}

/// A JSON payload with typed paths. `payload!` defines its type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a payload",
    note = "payloads are defined by `payload!` in `lambdas/contracts`"
)]
pub trait Payload: Data + Serialize + DeserializeOwned + JsonSchema {
    /// The struct with one typed path for each field, relative to `Root`.
    type At<Root>;

    /// The JSON names of all fields, in the order of the type.
    const WIRE_NAMES: &'static [&'static str];

    /// For the macros of this crate: the paths if the payload itself is the root.
    #[doc(hidden)]
    fn __paths<Root>() -> Self::At<Root>;
}

/// The DynamoDB type of an attribute.
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
    /// The DynamoDB type of a present value.
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

/// An expression that builds a complete DynamoDB item: every attribute with its type.
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
    /// The DynamoDB type of a present value.
    pub is: AttributeType,
    /// Whether it may be absent.
    pub optional: bool,
    /// Its value.
    pub value: Source,
}

/// A type whose values are plain text in JSON.
pub trait Text {}

/// A type whose numbers all fit into `N`.
pub trait Within<N> {}

/// A type that is a number in JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number on the wire, so it has no order",
    note = "compare it with `is`"
)]
pub trait Numeric: serde::Serialize {}

impl Numeric for i64 {}
impl Numeric for u32 {}
impl Numeric for serde_json::Number {}

/// A type whose values are texts of 1 to 36 characters that identify a request, so that a service carries it out once.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub trait Token {}

impl<Root, T: Text> Expr<Root, T> {
    /// Returns the same value as plain text.
    pub fn into_text(self) -> Expr<Root, String> {
        Expr::new(self.source)
    }
}

impl<Root, T> Expr<Root, T> {
    /// Returns the same number in a wider type.
    pub fn into_number<N>(self) -> Expr<Root, N>
    where
        T: Within<N>,
    {
        Expr::new(self.source)
    }
}

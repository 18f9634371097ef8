//! The contract of an HTTP API: its routes, and every answer of each route.
//!
//! [`api!`](crate::api!) defines the routes: method, path, typed parameters, the body, the headers, and the type of the
//! answers. [`answers!`](crate::answers!) defines the answers of a route: status, body, error code and headers. The
//! generator adds the routes to API Gateway and writes the OpenAPI document from them, the function matches on them, and
//! a client makes its requests with them. So no other place spells a path, a parameter or a status.

mod answers;
mod path;
mod reply;
mod routes;

use std::{borrow::Cow, fmt::Display, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};

pub use path::{HttpMethod, RoutePath, Segment};
pub use reply::Reply;

use crate::{event::ApiRequest, http::Problem, payload::doc_lines, read, read::RequestBody};

/// The routes of an HTTP API, as an enum with a variant for each route. [`api!`](crate::api!) makes one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an HTTP API",
    note = "an API is an enum of routes, made by `function_contract::api!`"
)]
pub trait Api: Sized + 'static {
    /// The version of the contract.
    const VERSION: &'static str;

    /// Every route, in the order of the definition.
    fn routes() -> Vec<RouteShape>;

    /// Finds the route of a request, and parses its parameters.
    ///
    /// # Errors
    ///
    /// The answer, if there is no such route, or a parameter cannot be parsed.
    fn route(request: &ApiRequest<Self>) -> Result<Self, Reply>;
}

/// A route with the values of its parameters. [`api!`](crate::api!) makes one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a route of an HTTP API",
    note = "routes are made by `function_contract::api!`"
)]
pub trait Route: Sized + 'static {
    /// The API.
    type Api: Api;
    /// Its answers.
    type Answers: Answers;
    /// The name of its type, such as `FillCup`.
    const NAME: &'static str;
    /// The HTTP method.
    const METHOD: HttpMethod;
    /// The path, with the names of its parameters.
    const PATH: RoutePath;

    /// The description for the generator.
    fn shape() -> RouteShape;

    /// The segments of the path with the values of the parameters.
    #[doc(hidden)]
    fn __segments(&self) -> Vec<String>;

    /// The path with the values of the parameters, such as `/cup/7`.
    fn path(&self) -> String {
        self.__segments().iter().map(|it| format!("/{}", path::encoded(it))).collect()
    }

    /// Parses the body of a request.
    ///
    /// # Errors
    ///
    /// Every problem, up to 20.
    fn read<B: RequestBody>(body: &[u8]) -> Result<B, Vec<Problem>>
    where
        Self: TakesBody<Body = B>,
    {
        read::read(body)
    }

    /// Returns a header of a request, or the problem with it. `None` if the request does not have it.
    fn header<H: RequestHeader>(request: &ApiRequest<Self::Api>) -> Option<Result<H, Problem>>
    where
        Self: TakesHeader<H>,
    {
        let text = request.header(H::NAME)?.to_owned();
        Some(text.try_into().map_err(|problem| {
            let message = format!("the header {} {problem}", H::NAME);
            Problem { pointer: String::new(), message }
        }))
    }

    /// The reply with one of the answers of this route.
    fn reply(&self, answer: Self::Answers) -> Reply {
        answer.reply()
    }
}

/// A route whose requests have a body.
#[diagnostic::on_unimplemented(
    message = "requests of the route `{Self}` have no body",
    note = "a route has a body if its definition in `api!` says `takes` and the type of the body"
)]
pub trait TakesBody: Route {
    /// The body.
    type Body: RequestBody + JsonSchema;
    /// The length in bytes of the longest body that the API accepts.
    const LARGEST_BYTES: usize = Self::Body::LARGEST_BYTES;
}

/// A route whose requests may have the header `H`.
#[diagnostic::on_unimplemented(
    message = "requests of the route `{Self}` have no header `{H}`",
    note = "a route has a header if its definition in `api!` lists it after `with`"
)]
pub trait TakesHeader<H: RequestHeader>: Route {}

/// An optional header of a request.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a header of a request")]
pub trait RequestHeader: TryFrom<String, Error = String> + JsonSchema {
    /// The header's name.
    const NAME: &'static str;
    /// Its purpose, for callers.
    const DOC: &'static str;
}

/// A value that can be a parameter of a path.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a path",
    note = "a parameter is parsed from text and written as text; `function_contract::text!` makes such a type"
)]
pub trait PathValue: TryFrom<String> + Display + JsonSchema {}

impl<T: TryFrom<String> + Display + JsonSchema> PathValue for T {}

/// The answers of a route, as an enum with a variant for each. [`answers!`](crate::answers!) makes one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of answers",
    note = "answers are made by `function_contract::answers!`"
)]
pub trait Answers: Sized + 'static {
    /// The body of the answer that is not an error.
    type Body: Serialize + DeserializeOwned;
    /// The status of the answer that is not an error.
    const STATUS: u16;

    /// Every answer, in the order of the definition.
    fn shapes() -> Vec<AnswerShape>;

    /// The answer as a reply.
    fn reply(self) -> Reply;
}

/// Writes the JSON Schema of a type.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// A route, as the generator sees it.
#[derive(Debug, Clone)]
pub struct RouteShape {
    /// The name of its type, such as `FillCup`.
    pub name: &'static str,
    /// Its purpose, from the doc comment.
    pub doc: String,
    /// The HTTP method.
    pub method: HttpMethod,
    /// The path.
    pub path: RoutePath,
    /// The parameters of the path, in their order.
    pub parameters: Vec<ValueShape>,
    /// The headers that a request may have.
    pub headers: Vec<ValueShape>,
    /// The body, if requests have one.
    pub body: Option<BodyShape>,
    /// The answers of the function.
    pub answers: Vec<AnswerShape>,
    /// How long the function may delay its answer by design, while it waits for another service.
    pub waits: Duration,
}

/// A parameter or a header.
#[derive(Debug, Clone)]
pub struct ValueShape {
    /// Its name.
    pub name: &'static str,
    /// Its purpose.
    pub doc: String,
    /// Its type.
    pub schema: SchemaOf,
}

impl ValueShape {
    #[doc(hidden)]
    pub fn __parameter<T: PathValue>(name: &'static str, doc: &[&str]) -> Self {
        ValueShape { name, doc: doc_lines(doc), schema: |it| it.subschema_for::<T>() }
    }

    #[doc(hidden)]
    pub fn __header<T: RequestHeader>() -> Self {
        let schema: SchemaOf = |it| it.subschema_for::<T>();
        ValueShape { name: T::NAME, doc: T::DOC.to_owned(), schema }
    }
}

/// The body of a request.
#[derive(Debug, Clone)]
pub struct BodyShape {
    /// The name of its type.
    pub name: Cow<'static, str>,
    /// Its type, by reference.
    pub schema: SchemaOf,
    /// Its type as a document of its own.
    pub document: fn(SchemaGenerator) -> Schema,
    /// The length in bytes of the longest body that the API accepts.
    pub largest_bytes: usize,
    /// The message of the answer to a longer body.
    pub too_large: String,
}

impl BodyShape {
    /// The shape of a body.
    pub fn of<T: RequestBody + JsonSchema>() -> Self {
        BodyShape {
            name: T::schema_name(),
            schema: |it| it.subschema_for::<T>(),
            document: |it| it.into_root_schema_for::<T>(),
            largest_bytes: T::LARGEST_BYTES,
            too_large: T::too_large(),
        }
    }
}

/// An answer of the function.
#[derive(Debug, Clone)]
pub struct AnswerShape {
    /// The HTTP status.
    pub status: u16,
    /// Its meaning, from the doc comment.
    pub doc: String,
    /// The error code, if it is an error. An error has the body [`crate::http::ApiError`].
    pub error: Option<&'static str>,
    /// The body, if it is not an error.
    pub body: Option<AnswerBody>,
    /// The route that the header `Location` leads to, by the name of its type.
    pub location: Option<&'static str>,
    /// Whether it has the header `Retry-After`.
    pub retry_after: bool,
}

/// The body of an answer that is not an error.
#[derive(Debug, Clone)]
pub struct AnswerBody {
    /// Its type.
    pub schema: SchemaOf,
    /// The JSON names of its fields.
    pub names: &'static [&'static str],
}

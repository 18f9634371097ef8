//! The response to a request, made from an answer.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;

use super::{Api, Route, path::relative};
use crate::{
    event::{ApiRequest, ApiResponse},
    http::{ApiError, EXPOSED_HEADERS, Problem},
};

/// An answer without the parts that depend on the request.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    status: u16,
    content: Content,
    /// The segments of the path that `Location` leads to.
    location: Option<Vec<String>>,
    /// The number of seconds in `Retry-After`.
    retry_after: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    /// The body as text.
    Payload(String),
    Error {
        error: &'static str,
        message: Cow<'static, str>,
        problems: Vec<Problem>,
    },
}

impl Reply {
    /// # Panics
    ///
    /// Never: payloads have a JSON form.
    #[doc(hidden)]
    pub fn __payload(status: u16, body: &impl Serialize) -> Self {
        let text = serde_json::to_string(body).expect("payloads have a JSON form");
        Reply { status, content: Content::Payload(text), location: None, retry_after: None }
    }

    #[doc(hidden)]
    pub fn __error(
        status: u16,
        error: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let content = Content::Error { error, message: message.into(), problems: Vec::new() };
        Reply { status, content, location: None, retry_after: None }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn __with(mut self, all: Vec<Problem>) -> Self {
        if let Content::Error { problems, .. } = &mut self.content {
            *problems = all;
        }
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn __at(self, route: &impl Route) -> Self {
        Reply { location: Some(route.__segments()), ..self }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn __again_after(self, seconds: u32) -> Self {
        Reply { retry_after: Some(seconds), ..self }
    }

    /// The reply to a request without a route.
    pub fn no_such_route() -> Self {
        Reply::__error(404, "NOT_FOUND", "There is no such route.")
    }

    /// Returns the response in API Gateway's form, which a script of this origin may read.
    pub fn response<A: Api>(self, origin: &str, request: &ApiRequest<A>) -> ApiResponse {
        let mut headers: BTreeMap<String, String> = [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
            ("Cache-Control", "no-store"),
            ("Content-Type", "application/json"),
            ("Vary", "Origin"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if let Some(to) = &self.location {
            let own = request.resource.split('/').filter(|it| !it.is_empty()).count();
            headers.insert("Location".to_owned(), relative(&request.path, own, to));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert("Retry-After".to_owned(), seconds.to_string());
        }
        let body = match self.content {
            Content::Payload(text) => text,
            Content::Error { error, message, problems } => {
                let request_id = request.request_context.request_id.clone();
                let (error, message) = (error.to_owned(), message.into_owned());
                let error = ApiError { error, message, problems, request_id };
                serde_json::to_string(&error).expect("an error has a JSON form")
            }
        };
        ApiResponse { status_code: self.status, headers, body }
    }
}

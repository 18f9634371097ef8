//! The error format of an HTTP API.
//!
//! It is part of the vocabulary, and not of one API, because three parties write it: a function, API Gateway in place of a
//! function, and the firewall in front of both.

use crate::payload;

/// Response headers that a browser lets scripts of another origin read, in addition to those that are always readable.
/// Every response lists them in `Access-Control-Expose-Headers`, both from the function and from API Gateway.
///
/// <https://fetch.spec.whatwg.org/#http-access-control-expose-headers>
pub const EXPOSED_HEADERS: &str = "Location,Retry-After";

/// The request header in which API Gateway expects the key of a caller.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html>
pub const API_KEY_HEADER: &str = "x-api-key";

payload! {
    /// The body of every error response of an API, both from a function and from API Gateway.
    pub struct ApiError, at ApiErrorAt, strict {
        /// A stable error code, such as `BAD_REQUEST_BODY`.
        error: String,
        /// A sentence for people.
        message: String,
        /// Every problem of the request.
        problems: Vec<Problem>,
        /// The id of the request, by which an operator finds it in the logs.
        request_id: String,
    }
}

payload! {
    /// One problem of a request.
    pub struct Problem, at ProblemAt, strict {
        /// The place in the body, as an RFC 6901 JSON pointer. Empty for the whole body.
        pointer: String,
        /// The problem of the field.
        message: String,
    }
}

//! Events that AWS services pass to a function, with only the fields that the functions read.
//!
//! AWS adds fields to these events over time, so they accept unknown fields.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::{Deserialize, Serialize};

use crate::api::{PathValue, Route};

/// The event of API Gateway's proxy integration: a request to the API `A`.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound = "")]
pub struct ApiRequest<A> {
    /// The HTTP method, such as `POST`.
    pub http_method: String,
    /// The path template of the route, such as `/order/{orderId}`.
    pub resource: String,
    /// The path as the client sent it, such as `/order` or `/order/`.
    #[serde(default)]
    pub path: String,
    /// The values of the template's parameters.
    #[serde(default)]
    pub path_parameters: Option<BTreeMap<String, String>>,
    /// The headers, with names as the client sent them.
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
    /// The body. It is base64 if `is_base64_encoded` is true.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the body is base64.
    #[serde(default)]
    pub is_base64_encoded: bool,
    /// API Gateway's information about the request.
    pub request_context: RequestContext,
    #[serde(skip)]
    _api: PhantomData<fn() -> A>,
}

impl<A> ApiRequest<A> {
    /// Whether it is a request of this route.
    pub fn is_of<R: Route<Api = A>>(&self) -> bool {
        self.http_method == R::METHOD.as_str() && self.resource == R::PATH.to_string()
    }

    /// Returns the value of a parameter of the path. `None` if it is missing or cannot be parsed.
    pub fn parameter<T: PathValue>(&self, name: &str) -> Option<T> {
        let text = self.path_parameters.as_ref()?.get(name)?.clone();
        text.try_into().ok()
    }

    /// Returns the value of a header without the spaces around it. The case of its name does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_ref()?;
        let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

/// API Gateway's information about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// The id of the request, which is also in the access log and in a response header.
    pub request_id: String,
    /// The caller.
    #[serde(default)]
    pub identity: Identity,
}

/// The caller of a request.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The id of the API key, if the method requires one. It is not the key itself.
    #[serde(default)]
    pub api_key_id: Option<String>,
    /// The principal that signed the request, if the method uses IAM authorization: the id of a user, or the id of a
    /// role followed by a colon and the session name.
    #[serde(default)]
    pub user: Option<String>,
}

/// The response that API Gateway's proxy integration expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiResponse {
    /// The HTTP status.
    pub status_code: u16,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body, as text.
    pub body: String,
}

/// A batch of messages from a queue that carries `M`.
///
/// Bodies stay text here, so that one unreadable message does not fail the whole batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqsEvent<M> {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<SqsRecord<M>>,
}

/// One message of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound = "")]
pub struct SqsRecord<M> {
    /// The message's id.
    pub message_id: String,
    /// The handle with which this delivery is deleted or hidden.
    pub receipt_handle: String,
    /// The body. It should be an `M` in JSON, but a sender can send anything.
    pub body: String,
    /// System attributes, such as `ApproximateReceiveCount` and `SentTimestamp`.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Attributes that the sender set.
    #[serde(default)]
    pub message_attributes: BTreeMap<String, MessageAttribute>,
    #[serde(skip)]
    _message: PhantomData<fn() -> M>,
}

/// An attribute of a message.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageAttribute {
    /// The value, if it is text or a number.
    #[serde(default)]
    pub string_value: Option<String>,
}

/// The messages of a batch that failed. Lambda deletes all others from the queue.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsBatchResponse {
    /// The messages that return to the queue.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// One message that returns to the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// The message's id.
    pub item_identifier: String,
}

/// The message that S3 sends to a queue when objects are created.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCreated {
    /// The objects. Empty in the test message that S3 sends when the notification is configured.
    #[serde(rename = "Records", default)]
    pub records: Vec<ObjectRecord>,
}

/// One object that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRecord {
    /// The object and its bucket.
    pub s3: ObjectPlace,
}

/// A bucket, and an object in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPlace {
    /// The bucket.
    pub bucket: BucketName,
    /// The object.
    pub object: ObjectKey,
}

/// A bucket by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketName {
    /// The name.
    pub name: String,
}

/// An object by its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectKey {
    /// The key, encoded like the query of a URL.
    pub key: String,
    /// The object's size in bytes.
    #[serde(default)]
    pub size: u64,
}

/// The event of a scheduled call. It has no fields that functions read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tick {}

//! Events that AWS services hand to a function, cut to the fields that functions read.
//!
//! AWS adds fields to these over time, so unlike our own payloads they take unknown ones.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::{Deserialize, Serialize};

/// What API Gateway's proxy integration sends.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiRequest {
    /// `POST` and its kin.
    pub http_method: String,
    /// The route's template, such as `/order/{orderId}`.
    pub resource: String,
    /// The path as the client wrote it, such as `/order` or `/order/`.
    #[serde(default)]
    pub path: String,
    /// Values of the template's parameters.
    #[serde(default)]
    pub path_parameters: Option<BTreeMap<String, String>>,
    /// Header names as the client wrote them.
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
    /// The body; text in base64 where `is_base64_encoded`.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the body is base64.
    #[serde(default)]
    pub is_base64_encoded: bool,
    /// What API Gateway knows about the request.
    pub request_context: RequestContext,
}

/// What API Gateway knows about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext {
    /// The id that is in the access log and in the answer's header.
    pub request_id: String,
    /// Who calls, as far as API Gateway knows.
    #[serde(default)]
    pub identity: Identity,
}

/// Who calls.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The id of the API key, where the method asks for one. It is not the key.
    #[serde(default)]
    pub api_key_id: Option<String>,
    /// The principal who signed the request, where the method asks IAM: a user's id, or a role's id, a colon and
    /// the name of the session.
    #[serde(default)]
    pub user: Option<String>,
}

/// What API Gateway's proxy integration takes back.
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
/// Bodies stay text here: one that cannot be read must not fail its neighbours.
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
    /// The handle by which this delivery is deleted or hidden.
    pub receipt_handle: String,
    /// The body: an `M` in JSON, if the sender kept its word.
    pub body: String,
    /// `ApproximateReceiveCount`, `SentTimestamp` and their kin.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// What its sender attached to it.
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
    /// Its value, where that is a text or a number.
    #[serde(default)]
    pub string_value: Option<String>,
}

/// Which messages of a batch failed: the others are deleted.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsBatchResponse {
    /// The messages that go back to the queue.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// One message that goes back to the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// The message's id.
    pub item_identifier: String,
}

/// What S3 puts on a queue for each object that was written.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCreated {
    /// The objects. A message that S3 sends to see whether it may has none.
    #[serde(rename = "Records", default)]
    pub records: Vec<ObjectRecord>,
}

/// One object that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRecord {
    /// Where it is.
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
    /// The key, encoded as in a URL's query.
    pub key: String,
    /// Its bytes.
    #[serde(default)]
    pub size: u64,
}

/// A call by the clock. It says nothing but that it is time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tick {}

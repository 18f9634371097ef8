//! Buckets for uploads: the rights of functions on objects, and a queue with a message for each new object.

use function_contract::{
    event::ObjectCreated,
    kind::{Called, GetObject, PutObject, Queue, Service},
};

use super::{
    bucket::Bucket,
    expr::Body,
    iam::{Action, Addressed, Statement},
    key::Encryption,
    limits::{MessageRetention, VisibilityTimeout},
    name::Id,
    queue::{DeadLetters, QueueSpec, QueueStatement},
    stack::{Handle, Meta, Module},
    statement::Condition,
};

impl<O> Called for Bucket<O> {
    const SERVICE: Service = Service::SimpleStorageService;
}

impl<O: 'static> Addressed for Bucket<O> {
    const CLIENT_ATTRIBUTE: &'static str = "id";
}

impl<O: 'static> Action<Bucket<O>> for GetObject {
    fn statements(on: &Handle<Bucket<O>>) -> Vec<Statement> {
        vec![on.object_rights("*", &["s3:GetObject"])]
    }
}

impl<O: 'static> Action<Bucket<O>> for PutObject {
    fn statements(on: &Handle<Bucket<O>>) -> Vec<Statement> {
        vec![on.object_rights("*", &["s3:PutObject"])]
    }
}

/// The configuration of a queue for uploads. A key of SQS encrypts it, which S3 may use without a further permission.
pub struct UploadQueueSpec {
    /// How long a received message stays hidden.
    pub visibility: VisibilityTimeout,
    /// How long SQS keeps a message.
    pub retention: MessageRetention,
}

impl Module<'_> {
    /// Adds a queue with a message for every object that is written to a bucket. S3 may send messages to it only for
    /// this bucket and this account.
    ///
    /// A bucket has one set of notifications, so a second queue for the same bucket is refused: it would have the same
    /// address.
    #[track_caller]
    pub fn upload_queue<O: 'static>(
        &mut self,
        id: Id,
        bucket: &Handle<Bucket<O>>,
        spec: UploadQueueSpec,
        dead_letters: DeadLetters<'_, ObjectCreated>,
    ) -> Handle<Queue<ObjectCreated>> {
        let this_bucket = Condition {
            test: "ArnEquals",
            variable: "aws:SourceArn",
            values: vec![bucket.attribute("arn")],
        };
        let conditions = [this_bucket, Condition::same_account(self.stack.scope())];
        let s3 = Body::map([
            ("type", "Service".into()),
            ("identifiers", Body::list(["s3.amazonaws.com"])),
        ]);
        let statement = Body::map([
            ("sid", "BucketMaySend".into()),
            ("effect", "Allow".into()),
            ("actions", Body::list(["sqs:SendMessage"])),
            ("principals", Body::List(vec![s3])),
            ("condition", Body::list(conditions.iter().map(Condition::body))),
        ]);
        let UploadQueueSpec { visibility, retention } = spec;
        let spec = QueueSpec { encryption: Encryption::Aws, visibility, retention };
        let queue = self.queue_that_takes(id, spec, dead_letters, vec![QueueStatement(statement)]);
        let policy = self.address("aws_sqs_queue_policy", queue.address().name());
        let heard = Body::map([
            ("queue_arn", queue.attribute("arn").into()),
            ("events", Body::list(["s3:ObjectCreated:*"])),
        ]);
        let body = Body::map([
            ("bucket", bucket.attribute("id").into()),
            ("queue", Body::List(vec![heard])),
        ]);
        // S3 sends a test message when the notification is created, so the queue's policy must exist before.
        let meta = Meta { depends_on: [policy].into(), ..Meta::default() };
        let doc = format!("Sends a message to {} for every new object.", queue.address().local());
        let name = bucket.address().name().to_owned();
        self.push("aws_s3_bucket_notification", &name, doc, body, meta);
        queue
    }
}

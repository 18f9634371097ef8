//! Buckets that people put things into: what functions may do with objects, and a queue that hears
//! of each.

use contracts::{
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

impl Called for Bucket {
    const SERVICE: Service = Service::SimpleStorageService;
}

impl Addressed for Bucket {
    const CLIENT_ATTRIBUTE: &'static str = "id";
}

impl Action<Bucket> for GetObject {
    fn statements(on: &Handle<Bucket>) -> Vec<Statement> {
        vec![on.object_rights("*", &["s3:GetObject"])]
    }
}

impl Action<Bucket> for PutObject {
    fn statements(on: &Handle<Bucket>) -> Vec<Statement> {
        vec![on.object_rights("*", &["s3:PutObject"])]
    }
}

/// How a queue of uploads is kept. SQS's own key encrypts it: S3 may use that one without a word.
pub struct UploadQueueSpec {
    /// How long a message that was received stays hidden.
    pub visibility: VisibilityTimeout,
    /// How long a message is kept.
    pub retention: MessageRetention,
}

impl Module<'_> {
    /// Adds a queue that hears of every object that is written into a bucket. S3 may put messages on
    /// it, for this bucket and this account alone.
    ///
    /// A bucket has one set of notifications: a second queue for the same bucket is refused, since it
    /// would be at the same address.
    #[track_caller]
    pub fn upload_queue(
        &mut self,
        id: Id,
        bucket: &Handle<Bucket>,
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
        // S3 sends a message to see whether it may.
        let meta = Meta { depends_on: [policy].into(), ..Meta::default() };
        let doc = format!("Tells {} of every object.", queue.address().local());
        let name = bucket.address().name().to_owned();
        self.push("aws_s3_bucket_notification", &name, doc, body, meta);
        queue
    }
}

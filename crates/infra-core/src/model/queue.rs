//! SQS queues and their dead-letter queues.

use function_contract::{
    data::Data,
    kind::{DeadLetterQueue, Queue},
};

use super::{
    data::DataKind,
    expr::Body,
    iam::Addressed,
    key::{Encryption, KeyFact, Sqs},
    limits::{MaxReceiveCount, MessageRetention, VisibilityTimeout},
    name::Id,
    role,
    stack::{Handle, Kind, Meta, Module, Named, attribute},
    statement::Condition,
};
use crate::violation::Violation;

impl<M: 'static> Kind for Queue<M> {
    const TF_TYPE: &'static str = "aws_sqs_queue";
    const LABEL: &'static str = "queue";
    type Facts = QueueFacts;
    const HAS_A_PAYLOAD: bool = true;
}

impl<M: 'static> Named for Queue<M> {}

impl<M: 'static> Addressed for Queue<M> {
    const CLIENT_ATTRIBUTE: &'static str = "url";
}

impl<M: 'static> Kind for DeadLetterQueue<M> {
    const TF_TYPE: &'static str = <Queue<M> as Kind>::TF_TYPE;
    const LABEL: &'static str = <Queue<M> as Kind>::LABEL;
    /// How long it keeps a message.
    type Facts = MessageRetention;
    const HAS_A_PAYLOAD: bool = true;
}

impl<M: 'static> Named for DeadLetterQueue<M> {}

/// No action applies to a dead-letter queue, so no function has access to one. Without this, rustc would report two errors for
/// a function that is given one.
impl<M: 'static> Addressed for DeadLetterQueue<M> {
    const CLIENT_ATTRIBUTE: &'static str = "url";
}

/// The facts that a handle of a queue has.
#[derive(Clone)]
pub struct QueueFacts {
    key: Option<KeyFact>,
    pub(in crate::model) visibility: VisibilityTimeout,
    pub(in crate::model) retention: MessageRetention,
}

impl AsRef<Option<KeyFact>> for QueueFacts {
    fn as_ref(&self) -> &Option<KeyFact> {
        &self.key
    }
}

/// The configuration of a queue.
pub struct QueueSpec<'k> {
    /// Its encryption at rest.
    pub encryption: Encryption<'k, Sqs>,
    /// How long a received message stays hidden.
    pub visibility: VisibilityTimeout,
    /// How long SQS keeps a message.
    pub retention: MessageRetention,
}

/// The configuration of a dead-letter queue.
///
/// It has no visibility timeout of its own, because no function takes its messages. SQS's default of 30 seconds applies to
/// receivers that do not set another one. A redrive of SQS and `ReceiveMessage` with a timeout of its own do not depend on
/// it.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
pub struct DeadLetterQueueSpec<'k> {
    /// Its encryption at rest.
    pub encryption: Encryption<'k, Sqs>,
    /// How long SQS keeps a message, from its first enqueue time on.
    pub retention: MessageRetention,
}

/// The dead-letter queue of a queue. Both have the same message type.
pub struct DeadLetters<'q, M: 'static> {
    /// The dead-letter queue.
    pub to: &'q Handle<DeadLetterQueue<M>>,
    /// The number of receives after which SQS moves a message.
    pub after: MaxReceiveCount,
}

/// The configuration of a queue and of its dead-letter queue.
#[derive(Clone, Copy)]
pub struct QueueWithDeadLettersSpec<'k> {
    /// The encryption at rest of both.
    pub encryption: Encryption<'k, Sqs>,
    /// How long a received message stays hidden.
    pub visibility: VisibilityTimeout,
    /// How long SQS keeps a message in the queue.
    pub retention: MessageRetention,
    /// How long SQS keeps a message in both queues together: it counts from the first enqueue time.
    pub dead_letter_retention: MessageRetention,
    /// The number of receives after which SQS moves a message.
    pub max_receive_count: MaxReceiveCount,
}

/// A statement of a queue's policy, without the queue.
pub(in crate::model) struct QueueStatement(pub(in crate::model) Body);

impl Module<'_> {
    /// Adds a queue for dead letters.
    #[must_use = "a dead-letter queue gets dead letters of the queue that it is given to"]
    #[track_caller]
    pub fn dead_letter_queue<M: Data>(
        &mut self,
        id: Id,
        spec: DeadLetterQueueSpec<'_>,
    ) -> Handle<DeadLetterQueue<M>> {
        let body = self.queue_body(id, &spec.encryption, spec.retention);
        let queue: Handle<DeadLetterQueue<M>> = self.add(id, spec.retention, body);
        self.stack.every.dead_letter_queues.push((queue.address().clone(), spec.retention));
        self.stack.hold::<M>(queue.address(), DataKind::Message, Some(spec.retention.get().into()));
        self.queue_policy(&queue, Vec::new());
        queue
    }

    /// Adds a queue with a dead-letter queue. The queue denies requests without TLS, and the dead-letter queue accepts
    /// messages only from this queue.
    #[must_use = "a queue needs a sender and a consumer, which take its handle"]
    #[track_caller]
    pub fn queue<M: Data>(
        &mut self,
        id: Id,
        spec: QueueSpec<'_>,
        dead_letters: DeadLetters<'_, M>,
    ) -> Handle<Queue<M>> {
        self.queue_that_takes(id, spec, dead_letters, Vec::new())
    }

    /// Adds a queue, and its dead-letter queue with the name `dead_letters`.
    #[must_use = "a queue needs a sender and a consumer, which take its handle"]
    #[track_caller]
    pub fn queue_with_dead_letters<M: Data>(
        &mut self,
        id: Id,
        dead_letters: Id,
        spec: QueueWithDeadLettersSpec<'_>,
    ) -> (Handle<Queue<M>>, Handle<DeadLetterQueue<M>>) {
        let QueueWithDeadLettersSpec { encryption, visibility, retention, .. } = spec;
        let of_dead_letters =
            DeadLetterQueueSpec { encryption, retention: spec.dead_letter_retention };
        let dead = self.dead_letter_queue(dead_letters, of_dead_letters);
        let after = DeadLetters { to: &dead, after: spec.max_receive_count };
        let queue = self.queue(id, QueueSpec { encryption, visibility, retention }, after);
        (queue, dead)
    }

    /// Adds a queue with a dead-letter queue, and with `more` statements in its policy.
    #[track_caller]
    pub(in crate::model) fn queue_that_takes<M: Data>(
        &mut self,
        id: Id,
        spec: QueueSpec<'_>,
        dead_letters: DeadLetters<'_, M>,
        more: Vec<QueueStatement>,
    ) -> Handle<Queue<M>> {
        let (retention, dlq) = (spec.retention, dead_letters.to);
        let body = self
            .queue_body(id, &spec.encryption, retention)
            .with("visibility_timeout_seconds", Some(spec.visibility));
        let (key, visibility) = (spec.encryption.fact(), spec.visibility);
        let facts = QueueFacts { key, visibility, retention };
        let queue: Handle<Queue<M>> = self.add(id, facts.clone(), body);
        self.stack.every.queues.push((queue.address().clone(), facts));
        self.stack.hold::<M>(queue.address(), DataKind::Message, Some(retention.get().into()));
        self.queue_policy(&queue, more);
        if *dlq.facts() <= retention {
            // A message keeps its first enqueue time when SQS moves it.
            self.stack.violate(Violation::new(
                "limit/dlq-retention",
                dlq.address().to_string(),
                format!(
                    "it keeps messages for {} s, and {} for {} s: SQS would delete a dead letter \
                     too soon, because a moved message keeps its first enqueue time",
                    dlq.facts().get(),
                    queue.address(),
                    retention.get()
                ),
                "keep messages longer in the dead-letter queue than in its source",
            ));
        }
        let redrive = Body::map([
            ("deadLetterTargetArn", dlq.attribute("arn").into()),
            ("maxReceiveCount", dead_letters.after.into()),
        ]);
        let body = Body::map([
            ("queue_url", queue.attribute("id").into()),
            ("redrive_policy", redrive.json()),
        ]);
        let doc =
            format!("Moves messages that failed after every attempt to {}.", dlq.address().local());
        self.push("aws_sqs_queue_redrive_policy", id.name(), doc, body, Meta::default());

        let allow = Body::map([
            ("redrivePermission", "byQueue".into()),
            ("sourceQueueArns", Body::list([queue.attribute("arn")])),
        ]);
        let body = Body::map([
            ("queue_url", dlq.attribute("id").into()),
            ("redrive_allow_policy", allow.json()),
        ]);
        let name = dlq.address().name().to_owned();
        let doc = format!("Takes dead letters of {} alone.", queue.address().local());
        self.push("aws_sqs_queue_redrive_allow_policy", &name, doc, body, Meta::default());
        queue
    }

    /// The arguments that every queue has.
    #[track_caller]
    fn queue_body(
        &mut self,
        id: Id,
        encryption: &Encryption<'_, Sqs>,
        retention: MessageRetention,
    ) -> Body {
        let name = self.enter(id);
        let managed = matches!(encryption, Encryption::Aws).then_some(true);
        Body::map([
            ("name", self.aws_name(name).into()),
            ("message_retention_seconds", retention.into()),
            // Long polling: a receive waits for a message before it returns an empty answer.
            ("receive_wait_time_seconds", 20_u32.into()),
        ])
        .with("sqs_managed_sse_enabled", managed)
        .with("kms_master_key_id", encryption.key_arn())
    }

    /// Adds the policy of a queue, which denies requests without TLS. A queue has one policy, so all other statements
    /// go into it, too.
    #[track_caller]
    fn queue_policy<K: Kind>(&mut self, queue: &Handle<K>, more: Vec<QueueStatement>) {
        let statement = Body::map([
            ("sid", "TlsOnly".into()),
            ("effect", "Deny".into()),
            ("actions", Body::list(["sqs:*"])),
            ("resources", Body::list([queue.attribute("arn")])),
            ("principals", Body::List(vec![role::everyone()])),
            ("condition", Body::List(vec![Condition::without_tls().body()])),
        ]);
        let more = more
            .into_iter()
            .map(|it| it.0.with("resources", Some(Body::list([queue.attribute("arn")]))));
        let statements = [statement].into_iter().chain(more).collect();
        let name = queue.address().name().to_owned();
        let policy = role::policy_document(
            self.stack,
            queue.address().module(),
            &name,
            format!("Refuses calls of {} without TLS.", queue.address().local()),
            statements,
            std::panic::Location::caller(),
        );
        let body = Body::map([
            ("queue_url", queue.attribute("id").into()),
            ("policy", attribute(&policy, "policy", "json").into()),
        ]);
        let doc = "Puts the TLS-only policy on the queue.";
        self.push("aws_sqs_queue_policy", &name, doc, body, Meta::default());
    }
}

//! SNS topics that alarms and notifications are published to.

use super::{
    expr::Body,
    key::{
        ByItself, Encryption, Key, KeyFact, KeyUser, Publisher, SnsFromCloudWatch,
        SnsFromNotifications,
    },
    name::Id,
    role,
    stack::{Handle, Kind, Meta, Module, attribute},
    statement::Condition,
};
/// An SNS topic for alarms.
pub enum AlarmTopic {}

impl Kind for AlarmTopic {
    const TF_TYPE: &'static str = "aws_sns_topic";
    const LABEL: &'static str = "topic";
    type Facts = ();
}

/// An SNS topic for notifications about a pipeline.
pub enum NotificationTopic {}

impl Kind for NotificationTopic {
    const TF_TYPE: &'static str = "aws_sns_topic";
    const LABEL: &'static str = "topic";
    /// The key that it is encrypted with.
    type Facts = Option<KeyFact>;
}

impl Module<'_> {
    /// Adds a topic for notifications about this account's pipelines, which sends emails to `subscribers`.
    #[track_caller]
    pub fn notification_topic(
        &mut self,
        id: Id,
        key: &Handle<Key<SnsFromNotifications>>,
        subscribers: &[Email],
    ) -> Handle<NotificationTopic> {
        let doc = "Lets notifications about this account's pipelines in, and nothing else.";
        self.topic(id, key, Encryption::Customer(key).fact(), doc, subscribers)
    }

    /// Adds a topic for this account's alarms, which sends emails to `subscribers`.
    ///
    /// It requires a customer managed key: with the key alias/aws/sns, alarms cannot publish, and report no error.
    #[must_use = "an alarm notifies a topic, of which it takes the handle"]
    #[track_caller]
    pub fn alarm_topic(
        &mut self,
        id: Id,
        key: &Handle<Key<SnsFromCloudWatch>>,
        subscribers: &[Email],
    ) -> Handle<AlarmTopic> {
        let doc = "Lets this account's alarms publish over TLS, and no other caller.";
        self.topic(id, key, (), doc, subscribers)
    }

    /// Adds a topic for the one service that may use its key.
    #[track_caller]
    fn topic<K: Kind, U: KeyUser>(
        &mut self,
        id: Id,
        key: &Handle<Key<U>>,
        facts: K::Facts,
        doc: &str,
        subscribers: &[Email],
    ) -> Handle<K> {
        let name = self.enter(id);
        let body = Body::map([("name", self.aws_name(name).into())])
            .with("kms_master_key_id", Encryption::Customer(key).key_arn());
        let topic: Handle<K> = self.add(id, facts, body);

        let same_account = Condition::same_account(self.stack.scope());
        let statement = |publisher: Publisher| {
            let service = Body::map([
                ("type", "Service".into()),
                ("identifiers", Body::list([publisher.principal])),
            ]);
            Body::map([
                ("sid", publisher.sid.into()),
                ("effect", "Allow".into()),
                ("actions", Body::list(["sns:Publish"])),
                ("resources", Body::list([topic.attribute("arn")])),
                ("principals", Body::List(vec![service])),
                ("condition", Body::List(vec![same_account.body()])),
            ])
        };
        let publisher = match U::BY_ITSELF {
            ByItself::Publishes(publisher) => Some(statement(publisher)),
            _ => None,
        };
        let plain = Body::map([
            ("sid", "TlsOnly".into()),
            ("effect", "Deny".into()),
            ("actions", Body::list(["sns:Publish"])),
            ("resources", Body::list([topic.attribute("arn")])),
            ("principals", Body::List(vec![role::everyone()])),
            ("condition", Body::List(vec![Condition::without_tls().body()])),
        ]);
        let policy = role::policy_document(
            self.stack,
            topic.address().module(),
            name,
            doc.to_owned(),
            publisher.into_iter().chain([plain]).collect(),
            std::panic::Location::caller(),
        );
        let body = Body::map([
            ("arn", topic.attribute("arn").into()),
            ("policy", attribute(&policy, "policy", "json").into()),
        ]);
        let doc = "Puts the policy on the topic.";
        self.push("aws_sns_topic_policy", name, doc, body, Meta::default());

        for email in subscribers {
            let body = Body::map([
                ("topic_arn", topic.attribute("arn").into()),
                ("protocol", "email".into()),
                ("endpoint", email.as_str().into()),
            ]);
            let name = format!("{name}_{}", email.identifier());
            let doc = "Gets an e-mail for each notification, after the address is confirmed.";
            self.push("aws_sns_topic_subscription", &name, doc, body, Meta::default());
        }
        topic
    }
}

/// An e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Email(&'static str);

impl Email {
    /// Use it in a `const` item, where an invalid address does not compile.
    ///
    /// # Panics
    ///
    /// If it does not have exactly one `@` with text on both sides, or has other characters than letters, digits and
    /// `.-_+`.
    #[track_caller]
    pub const fn new(address: &'static str) -> Self {
        let bytes = address.as_bytes();
        let (mut i, mut ats) = (0, 0);
        while i < bytes.len() {
            if bytes[i] == b'@' {
                assert!(i > 0 && i + 1 < bytes.len(), "an e-mail address has a name and a host");
                ats += 1;
            } else {
                assert!(
                    bytes[i].is_ascii_alphanumeric()
                        || matches!(bytes[i], b'.' | b'-' | b'_' | b'+'),
                    "an e-mail address has only letters, digits and . - _ + around its @"
                );
            }
            i += 1;
        }
        assert!(ats == 1, "an e-mail address has exactly one @");
        Email(address)
    }

    /// The address.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The address as a part of a Terraform name.
    pub(crate) fn identifier(self) -> String {
        let plain =
            |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '_' };
        self.0.chars().map(plain).collect()
    }
}

//! SNS topics that alarms publish to.

use super::{
    expr::Body,
    iam::{self, Condition},
    key::{Encryption, Key, SnsFromCloudWatch},
    name::Id,
    stack::{Handle, Kind, Meta, Module, attribute},
};
use crate::config::Email;

/// An SNS topic for alarms.
pub enum AlarmTopic {}

impl Kind for AlarmTopic {
    const TF_TYPE: &'static str = "aws_sns_topic";
    const LABEL: &'static str = "topic";
    type Facts = ();
}

impl Module<'_> {
    /// Adds a topic that this account's alarms may publish to, and that mails to `subscribers`.
    ///
    /// Its key must be one of ours: with the AWS-managed key, alarms would be dropped silently.
    #[track_caller]
    pub fn alarm_topic(
        &mut self,
        id: Id,
        key: &Handle<Key<SnsFromCloudWatch>>,
        subscribers: &[Email],
    ) -> Handle<AlarmTopic> {
        let name = id.name();
        let body = Body::map([("name", self.aws_name(name).into())])
            .with("kms_master_key_id", Encryption::Customer(key).key_arn());
        let topic: Handle<AlarmTopic> = self.add(id, (), body);

        let same_account = Condition::same_account(self.stack.scope());
        let cloudwatch = Body::map([
            ("type", "Service".into()),
            ("identifiers", Body::list(["cloudwatch.amazonaws.com"])),
        ]);
        let statement = Body::map([
            ("sid", "AlarmsMayPublish".into()),
            ("effect", "Allow".into()),
            ("actions", Body::list(["sns:Publish"])),
            ("resources", Body::list([topic.attribute("arn")])),
            ("principals", Body::List(vec![cloudwatch])),
            ("condition", Body::List(vec![same_account.body()])),
        ]);
        let policy = iam::policy_document(
            self.stack,
            topic.address().clone(),
            name.to_owned(),
            "Lets this account's alarms publish, and nobody else.".to_owned(),
            vec![statement],
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
            let doc = "Is told about alarms, once the address is confirmed.";
            self.push("aws_sns_topic_subscription", &name, doc, body, Meta::default());
        }
        topic
    }
}

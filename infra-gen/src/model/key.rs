//! KMS keys.

use std::marker::PhantomData;

use super::{
    actions::Encrypted,
    expr::{Body, Term},
    limits::KeyDeletionWindow,
    name::Id,
    stack::{Handle, Kind, Meta, Module},
    statement::{Condition, Statement},
};

/// A symmetric KMS key of ours, rotated every year, with which `U` encrypts and nobody else.
pub struct Key<U>(PhantomData<fn() -> U>);

impl<U: KeyUser> Kind for Key<U> {
    const TF_TYPE: &'static str = "aws_kms_key";
    const LABEL: &'static str = "key";
    type Facts = KeyFacts;
}

/// What a handle of a key knows.
#[derive(Debug, Clone, Copy)]
pub struct KeyFacts {
    region: &'static str,
}

/// A service that encrypts with a key.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a service that encrypts with a key")]
pub trait KeyUser: 'static {
    /// The first part of the service's host name. Only what comes through it may use the key.
    const SERVICE: &'static str;
    /// Who uses the key through that service without a role of ours.
    const PUBLISHER: Option<Publisher> = None;
}

/// A service that publishes to topics in our account's name.
#[derive(Debug, Clone, Copy)]
pub struct Publisher {
    /// The name of the statement that lets it.
    pub(in crate::model) sid: &'static str,
    /// The service.
    pub(in crate::model) principal: &'static str,
}

/// Encrypts tables.
pub enum DynamoDb {}

/// Encrypts queues.
pub enum Sqs {}

/// Encrypts topics that CloudWatch alarms publish to. The AWS-managed key would not let them,
/// silently. <https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns>
pub enum SnsFromCloudWatch {}

/// Encrypts topics that notifications about a pipeline are published to.
/// <https://docs.aws.amazon.com/dtconsole/latest/userguide/notification-target-create.html>
pub enum SnsFromNotifications {}

impl KeyUser for DynamoDb {
    const SERVICE: &'static str = "dynamodb";
}

impl KeyUser for Sqs {
    const SERVICE: &'static str = "sqs";
}

impl KeyUser for SnsFromCloudWatch {
    const SERVICE: &'static str = "sns";
    const PUBLISHER: Option<Publisher> =
        Some(Publisher { sid: "AlarmsMayPublish", principal: "cloudwatch.amazonaws.com" });
}

impl KeyUser for SnsFromNotifications {
    const SERVICE: &'static str = "sns";
    const PUBLISHER: Option<Publisher> = Some(Publisher {
        sid: "NotificationsMayPublish",
        principal: "codestar-notifications.amazonaws.com",
    });
}

/// With what something of `U` is encrypted at rest.
pub enum Encryption<'k, U: KeyUser> {
    /// With a key that AWS owns and manages.
    Aws,
    /// With a key of ours.
    Customer(&'k Handle<Key<U>>),
}

impl<U: KeyUser> Encryption<'_, U> {
    /// What a handle remembers of the key.
    pub(in crate::model) fn fact(&self) -> Option<KeyFact> {
        match self {
            Encryption::Aws => None,
            Encryption::Customer(key) => {
                let host = format!("{}.{}.amazonaws.com", U::SERVICE, key.facts().region);
                Some(KeyFact { arn: key.attribute("arn"), via: host })
            }
        }
    }

    pub(in crate::model) fn key_arn(&self) -> Option<Term> {
        self.fact().map(|it| it.arn)
    }
}

/// What the handle of something encrypted knows of its key.
#[derive(Debug, Clone)]
pub struct KeyFact {
    arn: Term,
    via: String,
}

impl KeyFact {
    pub(in crate::model) fn statement(&self, actions: &[&'static str]) -> Option<Statement> {
        let via = Condition {
            test: "StringEquals",
            variable: "kms:ViaService",
            values: vec![Term::Text(self.via.clone())],
        };
        (!actions.is_empty()).then(|| Statement::new(actions, [self.arn.clone()]).when(via))
    }
}

/// Implements [`Encrypted`] for a kind whose facts hold a key.
macro_rules! encrypted {
    ($($kind:ident<$param:ident>),*) => {$(
        impl<$param: 'static> Encrypted for contracts::kind::$kind<$param>
        where
            Self: Kind<Facts: AsRef<Option<KeyFact>>>,
        {
            fn key_statement(on: &Handle<Self>, actions: &[&'static str]) -> Option<Statement> {
                on.facts().as_ref().as_ref()?.statement(actions)
            }
        }
    )*};
}

encrypted!(Queue<M>, Table<I>);

impl Module<'_> {
    /// Adds a key and its alias.
    #[track_caller]
    pub fn key<U: KeyUser>(
        &mut self,
        id: Id,
        deletion_window: KeyDeletionWindow,
    ) -> Handle<Key<U>> {
        let name = self.enter(id);
        let region = self.stack.scope().region.as_str();
        let body = Body::map([
            ("description", id.doc().into()),
            ("enable_key_rotation", true.into()),
            ("deletion_window_in_days", deletion_window.into()),
            ("policy", key_policy::<U>(self).json()),
        ]);
        let key: Handle<Key<U>> = self.add(id, KeyFacts { region }, body);
        let alias = Body::map([
            ("name", format!("alias/{}", self.aws_name(name)).into()),
            ("target_key_id", key.attribute("key_id").into()),
        ]);
        let doc = "A name for the key, for people.";
        self.push("aws_kms_alias", name, doc, alias, Meta::default());
        key
    }
}

/// The account may hand out rights on the key through IAM, as AWS's default key policy says, and
/// services that act without a role of ours are named. In a key's own policy `*` is that key.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
fn key_policy<U: KeyUser>(module: &Module<'_>) -> Body {
    let accounts: Vec<&str> = module.stack.scope().account_ids().collect();
    let roots = accounts.iter().map(|it| format!("arn:aws:iam::{it}:root"));
    let root = Body::map([
        ("Sid", "AccountDecidesThroughIam".into()),
        ("Effect", "Allow".into()),
        ("Principal", Body::map([("AWS", Body::list(roots))])),
        ("Action", "kms:*".into()),
        ("Resource", "*".into()),
    ]);
    let publisher = U::PUBLISHER.map(|it| {
        Body::map([
            ("Sid", it.sid.into()),
            ("Effect", "Allow".into()),
            ("Principal", Body::map([("Service", it.principal.into())])),
            ("Action", Body::list(["kms:Decrypt", "kms:GenerateDataKey"])),
            ("Resource", "*".into()),
            (
                "Condition",
                Body::map([("StringEquals", Body::map([("aws:SourceAccount", accounts.into())]))]),
            ),
        ])
    });
    let statements = [Some(root)].into_iter().chain([publisher]).flatten().collect();
    Body::map([("Version", "2012-10-17".into()), ("Statement", Body::List(statements))])
}

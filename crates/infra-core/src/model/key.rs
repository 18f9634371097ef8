//! KMS keys.

use std::marker::PhantomData;

use super::{
    actions::Encrypted,
    expr::{Body, Term},
    limits::KeyDeletionWindow,
    name::Id,
    place::Scope,
    stack::{Handle, Kind, Meta, Module, Stack},
    statement::{Condition, Statement},
};

/// A symmetric customer managed KMS key, rotated every year, which only the service `U` uses.
pub struct Key<U>(PhantomData<fn() -> U>);

impl<U: KeyUser> Kind for Key<U> {
    const TF_TYPE: &'static str = "aws_kms_key";
    const LABEL: &'static str = "key";
    type Facts = KeyFacts;
}

/// The facts that a handle of a key has.
#[derive(Debug, Clone, Copy)]
pub struct KeyFacts {
    region: &'static str,
}

/// A service that encrypts with a key.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a service that encrypts with a key")]
pub trait KeyUser: 'static {
    /// The first part of the service's host name. Only requests through this service may use the key.
    const SERVICE: &'static str;
    /// The use of the key by AWS itself, without a role of this account.
    const BY_ITSELF: ByItself = ByItself::Nothing;
}

/// How AWS uses a key in its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByItself {
    /// Not at all: a role makes every request.
    Nothing,
    /// A service that continues to work after the caller's request. It creates grants for itself.
    Grants,
    /// A service that publishes to topics in our account's name.
    Publishes(Publisher),
    /// CloudWatch Logs, for the groups of this account.
    LogGroups,
    /// Schedules. When a schedule runs, its role decrypts it directly, and not through the scheduler.
    Scheduled,
}

/// A service that publishes to topics in our account's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publisher {
    /// The id of the statement that allows it.
    pub(in crate::model) sid: &'static str,
    /// The service.
    pub(in crate::model) principal: &'static str,
}

/// Encrypts tables.
pub enum DynamoDb {}

/// Encrypts queues.
pub enum Sqs {}

/// Encrypts log groups.
pub enum Logs {}

/// Encrypts schedules.
pub enum Schedules {}

/// Encrypts topics that CloudWatch alarms publish to. With the key alias/aws/sns, alarms cannot publish, and report no
/// error. <https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns>
pub enum SnsFromCloudWatch {}

/// Encrypts topics that notifications about a pipeline are published to.
/// <https://docs.aws.amazon.com/dtconsole/latest/userguide/notification-target-create.html>
pub enum SnsFromNotifications {}

impl KeyUser for DynamoDb {
    const SERVICE: &'static str = "dynamodb";
    const BY_ITSELF: ByItself = ByItself::Grants;
}

impl KeyUser for Sqs {
    const SERVICE: &'static str = "sqs";
}

impl KeyUser for SnsFromCloudWatch {
    const SERVICE: &'static str = "sns";
    const BY_ITSELF: ByItself = ByItself::Publishes(Publisher {
        sid: "AlarmsMayPublish",
        principal: "cloudwatch.amazonaws.com",
    });
}

impl KeyUser for SnsFromNotifications {
    const SERVICE: &'static str = "sns";
    const BY_ITSELF: ByItself = ByItself::Publishes(Publisher {
        sid: "NotificationsMayPublish",
        principal: "codestar-notifications.amazonaws.com",
    });
}

impl KeyUser for Logs {
    const SERVICE: &'static str = "logs";
    const BY_ITSELF: ByItself = ByItself::LogGroups;
}

impl KeyUser for Schedules {
    const SERVICE: &'static str = "scheduler";
    const BY_ITSELF: ByItself = ByItself::Scheduled;
}

/// The encryption at rest of a resource of `U`.
pub enum Encryption<'k, U: KeyUser> {
    /// With a key that AWS owns and manages.
    Aws,
    /// With a customer managed key.
    Customer(&'k Handle<Key<U>>),
}

impl<U: KeyUser> Clone for Encryption<'_, U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<U: KeyUser> Copy for Encryption<'_, U> {}

impl<U: KeyUser> Encryption<'_, U> {
    /// The part of the key that a handle keeps.
    pub(in crate::model) fn fact(&self) -> Option<KeyFact> {
        match self {
            Encryption::Aws => None,
            Encryption::Customer(key) => {
                let via = Condition::via(U::SERVICE, key.facts().region);
                Some(KeyFact { arn: key.attribute("arn"), via })
            }
        }
    }

    pub(in crate::model) fn key_arn(&self) -> Option<Term> {
        self.fact().map(|it| it.arn)
    }
}

/// The key of an encrypted resource, as its handle keeps it.
#[derive(Debug, Clone)]
pub struct KeyFact {
    arn: Term,
    via: Condition,
}

impl KeyFact {
    pub(in crate::model) fn statement(&self, actions: &[&'static str]) -> Option<Statement> {
        (!actions.is_empty())
            .then(|| Statement::new(actions, [self.arn.clone()]).when(self.via.clone()))
    }
}

/// Implements [`Encrypted`] for a kind whose facts contain a key.
macro_rules! encrypted {
    ($($kind:ident<$param:ident>),*) => {$(
        impl<$param: 'static> Encrypted for function_contract::kind::$kind<$param>
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

impl Stack {
    /// Encrypts every log group that is added after this call with a customer managed key.
    pub fn encrypt_logs(&mut self, key: &Handle<Key<Logs>>) {
        self.log_key = Encryption::Customer(key).key_arn();
    }

    /// Encrypts every schedule that is added after this call with a customer managed key.
    pub fn encrypt_schedules(&mut self, key: &Handle<Key<Schedules>>) {
        self.schedule_key = Encryption::Customer(key).key_arn();
    }
}

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

/// The actions to administer a key. None of them decrypts data. They are listed one by one, because a wildcard would
/// allow every action that AWS adds later.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
const KEEPING: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// The actions to encrypt and to decrypt.
const USE: &[&str] = &[
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// The encryption context of the scheduler, which has the ARN of the schedule.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html>
pub(in crate::model) const SCHEDULE: &str = "kms:EncryptionContext:aws:scheduler:schedule:arn";

/// The ARNs of the schedules with a name, one for each account.
pub(in crate::model) fn schedules(scope: &Scope, name: &str) -> Vec<String> {
    let region = scope.region.as_str();
    let arn = |it| format!("arn:aws:scheduler:{region}:{it}:schedule/default/{name}");
    scope.account_ids().map(arn).collect()
}

/// The key policy. Principals with permissions in IAM may administer the key, and may use it only through its one
/// service. Services that use it without a role of this account are listed. In a key policy, the resource `*` is the
/// key itself.
fn key_policy<U: KeyUser>(module: &Module<'_>) -> Body {
    let scope = module.stack.scope();
    let (region, accounts) = (scope.region.as_str(), scope.account_ids().collect::<Vec<_>>());
    let roots = accounts.iter().map(|it| format!("arn:aws:iam::{it}:root"));
    let account = Body::map([("AWS", Body::list(roots))]);
    let service = |name: String| Body::map([("Service", name.into())]);
    let allow =
        |sid: &'static str, principal: &Body, actions: &[&'static str], when: Option<Body>| {
            Body::map([
                ("Sid", sid.into()),
                ("Effect", "Allow".into()),
                ("Principal", principal.clone()),
                ("Action", Body::list(actions.iter().copied())),
                ("Resource", "*".into()),
            ])
            .with("Condition", when)
        };
    let via = |more: Vec<(&'static str, Body)>| {
        let through = Body::map([
            ("kms:CallerAccount", accounts.clone().into()),
            ("kms:ViaService", format!("{}.{region}.amazonaws.com", U::SERVICE).into()),
        ]);
        Body::map([("StringEquals", through)].into_iter().chain(more))
    };
    let mut statements = vec![
        allow("AccountKeepsTheKeyThroughIam", &account, KEEPING, None),
        allow("UsedThroughItsServiceAlone", &account, USE, Some(via(Vec::new()))),
    ];
    statements.extend(match U::BY_ITSELF {
        ByItself::Nothing => None,
        ByItself::Grants => {
            let for_aws = Body::map([("kms:GrantIsForAWSResource", true.into())]);
            let when = via(vec![("Bool", for_aws)]);
            Some(allow("ServiceKeepsItByGrant", &account, &["kms:CreateGrant"], Some(when)))
        }
        ByItself::Publishes(publisher) => {
            let ours = Body::map([("aws:SourceAccount", accounts.into())]);
            let when = Body::map([("StringEquals", ours)]);
            let principal = service(publisher.principal.to_owned());
            let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
            Some(allow(publisher.sid, &principal, &actions, Some(when)))
        }
        ByItself::Scheduled => {
            let when =
                Body::map([("ArnLike", Body::map([(SCHEDULE, schedules(scope, "*").into())]))]);
            Some(allow("RolesReadTheirSchedules", &account, &["kms:Decrypt"], Some(when)))
        }
        ByItself::LogGroups => {
            let groups =
                accounts.iter().map(|it| format!("arn:aws:logs:{region}:{it}:log-group:*"));
            let ours = Body::map([("kms:EncryptionContext:aws:logs:arn", Body::list(groups))]);
            let when = Body::map([("ArnLike", ours)]);
            let logs = service(format!("logs.{region}.amazonaws.com"));
            Some(allow("LogGroupsOfThisAccount", &logs, USE, Some(when)))
        }
    });
    Body::map([("Version", "2012-10-17".into()), ("Statement", Body::List(statements))])
}

//! The names of the policies, and suppressions of them. `check/policy` has the policies themselves.

use super::expr::Address;

/// How strictly a stack is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Posture {
    /// An environment without customers: policies that cost money and only protect customers' data do not apply.
    Development,
    /// An environment with customers: every policy applies.
    Production,
}

/// Defines the policies: their variants and their names in violations.
macro_rules! rules {
    ($($name:ident $id:literal)*) => {
        /// A policy of the policy pack.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(
                #[doc = concat!("`", $id, "`")]
                $name,
            )*
        }

        impl Rule {
            /// All policies.
            pub const ALL: &[Rule] = &[$(Rule::$name),*];

            /// The name in a violation.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Rule::$name => $id,)*
                }
            }
        }
    };
}

rules! {
    AlarmAction "policy/alarm-action"
    AlarmMissing "policy/alarm-missing"
    ApiAccessLog "policy/api-access-log"
    ApiAnyOrigin "policy/api-any-origin"
    ApiAuthorization "policy/api-authorization"
    ApiCache "policy/api-cache"
    ApiClientCertificate "policy/api-client-certificate"
    ApiDataTrace "policy/api-data-trace"
    ApiErrorLog "policy/api-error-log"
    ApiFirewall "policy/api-firewall"
    ApiGap "policy/api-gap"
    ApiRequestValidation "policy/api-request-validation"
    ApiThrottling "policy/api-throttling"
    ApiTracing "policy/api-tracing"
    ApiUsageLimit "policy/api-usage-limit"
    ConfusedDeputy "policy/confused-deputy"
    DeadLetterAlarm "policy/dead-letter-alarm"
    DeadLetterSource "policy/dead-letter-source"
    EventSourcePartialBatch "policy/event-source-partial-batch"
    FirewallBodySize "policy/firewall-body-size"
    FirewallLog "policy/firewall-log"
    FirewallManagedRules "policy/firewall-managed-rules"
    FirewallMetrics "policy/firewall-metrics"
    FirewallRate "policy/firewall-rate"
    FunctionCodeSigning "policy/function-code-signing"
    FunctionConcurrency "policy/function-concurrency"
    FunctionDeadLetters "policy/function-dead-letters"
    FunctionInVpc "policy/function-in-vpc"
    FunctionLimits "policy/function-limits"
    FunctionLog "policy/function-log"
    FunctionPermission "policy/function-permission"
    FunctionRuntime "policy/function-runtime"
    FunctionSecrets "policy/function-secrets"
    FunctionTracing "policy/function-tracing"
    KeyAccountWide "policy/key-account-wide"
    KeyEnabled "policy/key-enabled"
    KeyRotation "policy/key-rotation"
    LogEncryption "policy/log-encryption"
    LogKeptAYear "policy/log-kept-a-year"
    LogRetention "policy/log-retention"
    MachineExecutionData "policy/machine-execution-data"
    MachineLog "policy/machine-log"
    MachineTracing "policy/machine-tracing"
    ManagedPolicy "policy/managed-policy"
    PublicPrincipal "policy/public-principal"
    QueueDeadLetters "policy/queue-dead-letters"
    QueueEncryption "policy/queue-encryption"
    QueueTls "policy/queue-tls"
    ScheduleEncryption "policy/schedule-encryption"
    ScheduleHeartbeat "policy/schedule-heartbeat"
    ScheduleRetry "policy/schedule-retry"
    TableCapacity "policy/table-capacity"
    TableDeletion "policy/table-deletion"
    TableEncryption "policy/table-encryption"
    TableRecovery "policy/table-recovery"
    TopicEncryption "policy/topic-encryption"
    TopicTls "policy/topic-tls"
}

/// The suppression of a policy for some resources, with a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub(in crate::model) rule: Rule,
    pub(in crate::model) on: Vec<Address>,
    pub(in crate::model) reason: &'static str,
}

impl Suppression {
    /// The rule.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// The resources.
    pub fn on(&self) -> &[Address] {
        &self.on
    }

    /// The reason.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

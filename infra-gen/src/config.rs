//! The configuration of each environment: one table, [`Environment::config`].

pub mod delivery;
pub mod relations;

use std::fmt;

use clap::ValueEnum;
use function_contract::setting::{LogLevel, Minutes, Percent};
use serde::Serialize;

use infra_core::model::{
    function::Architecture,
    limits::{
        BatchSize, BatchWindow, BurstLimit, CallerRate, DailyQuota, KeptDays, LogRetention,
        MaxReceiveCount, MaximumConcurrency, MemoryMb, RateLimit, ReservedConcurrency, Schedule,
    },
};

pub use infra_core::model::{
    place::{AccountId, Region},
    policy::Posture,
    quotas::{Quotas, Taken},
    rest_api::{Callers, Origin},
    topic::Email,
};

/// An environment of DOFS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// For developers.
    Dev,
    /// Like prod, but without customers.
    Staging,
    /// For customers.
    Prod,
}

impl Environment {
    /// All environments.
    pub const ALL: [Environment; 3] = [Environment::Dev, Environment::Staging, Environment::Prod];

    /// The environment's name in names of resources.
    pub const fn as_str(self) -> &'static str {
        match self {
            Environment::Dev => "dev",
            Environment::Staging => "staging",
            Environment::Prod => "prod",
        }
    }

    /// How strictly the policy pack judges it.
    pub const fn posture(self) -> Posture {
        match self {
            Environment::Dev | Environment::Staging => Posture::Development,
            Environment::Prod => Posture::Production,
        }
    }

    /// Everything that differs between environments.
    pub const fn config(self) -> &'static Config {
        match self {
            Environment::Dev => &DEV,
            Environment::Staging => &STAGING,
            Environment::Prod => &PROD,
        }
    }
}

const _: () = {
    let mut at = 0;
    while at < Environment::ALL.len() {
        let environment = Environment::ALL[at];
        assert!(
            environment.config().environment as usize == environment as usize,
            "Environment::config returns the configuration of another environment"
        );
        at += 1;
    }
};

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The configuration of an environment. Values that are the same everywhere are in the topology.
#[derive(Debug)]
pub struct Config {
    /// The environment.
    pub environment: Environment,
    /// The only AWS account that it may be applied to.
    pub account: AccountId,
    /// Whether other environments, or the pipeline, may have the same account.
    pub neighbours: Neighbours,
    /// The region.
    pub region: Region,
    /// The quotas of the account in the region: the defaults of AWS, or raised ones.
    pub quotas: Quotas,
    /// The architecture of the functions.
    pub architecture: Architecture,
    /// Memory of the functions that call AWS.
    pub memory: MemoryMb,
    /// How much the functions log.
    pub log_level: LogLevel,
    /// How long logs are kept.
    pub log_retention: LogRetention,
    /// Which keys encrypt tables and queues.
    pub keys: Keys,
    /// Whether AWS refuses to delete the tables.
    pub deletion_protection: bool,
    /// How often SQS delivers a message before it moves it to the dead-letter queue.
    pub max_receive_count: MaxReceiveCount,
    /// The reserved concurrency of `api_handler`.
    pub api_concurrency: Option<ReservedConcurrency>,
    /// The reserved concurrency of `fulfill_order`.
    pub fulfillment_concurrency: Option<ReservedConcurrency>,
    /// The maximum concurrency of the order queue's event source.
    pub queue_concurrency: MaximumConcurrency,
    /// The largest batch of messages.
    pub batch_size: BatchSize,
    /// How long Lambda gathers a batch.
    pub batch_window: BatchWindow,
    /// The share of orders that can be fulfilled.
    pub fulfillment_rate: Percent,
    /// How long an order may be PROCESSING.
    pub processing_deadline: Minutes,
    /// How often the reconciler runs.
    pub reconcile: Schedule,
    /// How long a rejected order is kept.
    pub rejected_kept: KeptDays,
    /// Who may call the API.
    pub callers: Callers,
    /// The limits of the firewall in front of the API. `None` for no firewall.
    pub firewall: Option<Limits>,
    /// The origin that browsers may call from.
    pub origin: Origin,
    /// The rate limit of the API, in requests a second.
    pub rate: RateLimit,
    /// The burst limit of the API.
    pub burst: BurstLimit,
    /// The addresses that alarms send emails to.
    pub alarm_emails: &'static [Email],
}

impl Config {
    /// How much the other environments in the same account and region take of its quotas.
    pub fn taken_by_others(&self) -> Taken {
        let others = Environment::ALL.iter().map(|it| it.config()).filter(|it| {
            it.environment != self.environment
                && (it.account, it.region) == (self.account, self.region)
        });
        others.fold(Taken::default(), |mut taken, it| {
            taken.concurrency += it.reserved_concurrency();
            taken.requests.size += it.burst.get();
            taken.requests.refill += it.rate.get();
            taken
        })
    }

    /// The concurrency that its functions reserve in total.
    fn reserved_concurrency(&self) -> u32 {
        let reserved = [self.api_concurrency, self.fulfillment_concurrency];
        reserved.into_iter().flatten().map(|it| u32::from(it.get())).sum()
    }
}

/// The limits of a firewall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one caller in five minutes. A caller is an API key if the API requires one, otherwise an IP address.
    pub from_one_caller: CallerRate,
}

/// Whether an environment shares its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbours {
    /// The account is the environment's own, so that no role of another environment can reach its data.
    None,
    /// Other environments, and the pipeline, may be in the account.
    Allowed,
}

/// Which keys encrypt data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Keys of AWS, which cost nothing, and whose use is not logged for the customer.
    Aws,
    /// Customer managed keys: their use is logged, and access can be withdrawn.
    Customer,
}

const DEV: Config = Config {
    environment: Environment::Dev,
    account: AccountId::new("111111111111"),
    neighbours: Neighbours::Allowed,
    region: Region::ApSouth1,
    quotas: Quotas::of(Region::ApSouth1),
    architecture: Architecture::X86_64,
    memory: MemoryMb::new(256),
    log_level: LogLevel::Debug,
    log_retention: LogRetention::days(7),
    keys: Keys::Aws,
    deletion_protection: false,
    max_receive_count: MaxReceiveCount::new(3),
    api_concurrency: None,
    fulfillment_concurrency: None,
    queue_concurrency: MaximumConcurrency::new(2),
    batch_size: BatchSize::new(10),
    batch_window: BatchWindow::new(0),
    fulfillment_rate: Percent::new(70),
    processing_deadline: Minutes::new(15),
    reconcile: Schedule::every_minutes(5),
    rejected_kept: KeptDays::new(7),
    callers: Callers::Anyone,
    firewall: None,
    origin: Origin::ANY,
    rate: RateLimit::new(20),
    burst: BurstLimit::new(40),
    alarm_emails: &[],
};

const STAGING: Config = Config {
    environment: Environment::Staging,
    account: AccountId::new("222222222222"),
    memory: MemoryMb::new(512),
    log_level: LogLevel::Info,
    log_retention: LogRetention::days(30),
    // Two routes with the burst of the API, and reads that wait for an order that does not exist, 160 at once.
    api_concurrency: Some(ReservedConcurrency::new(420)),
    fulfillment_concurrency: Some(ReservedConcurrency::new(10)),
    queue_concurrency: MaximumConcurrency::new(10),
    processing_deadline: Minutes::new(60),
    rejected_kept: KeptDays::new(30),
    origin: Origin::new("https://staging.dofs.example"),
    rate: RateLimit::new(100),
    burst: BurstLimit::new(130),
    alarm_emails: &[Email::new("orders-staging@dofs.example")],
    ..DEV
};

const PROD: Config = Config {
    environment: Environment::Prod,
    account: AccountId::new("333333333333"),
    neighbours: Neighbours::None,
    log_retention: LogRetention::days(365),
    keys: Keys::Customer,
    deletion_protection: true,
    max_receive_count: MaxReceiveCount::new(5),
    api_concurrency: Some(ReservedConcurrency::new(470)),
    fulfillment_concurrency: Some(ReservedConcurrency::new(50)),
    queue_concurrency: MaximumConcurrency::new(50),
    rejected_kept: KeptDays::new(90),
    callers: Callers::WithKey { daily: DailyQuota::new(10_000_000) },
    firewall: Some(Limits {
        // The most that the API accepts with one key: 130 a second for five minutes, and a burst of 130.
        from_one_caller: CallerRate::new(39_130),
    }),
    origin: Origin::new("https://orders.dofs.example"),
    // A sixth of the state transitions that Step Functions allows: without retries, an order takes at most six.
    rate: RateLimit::new(130),
    burst: BurstLimit::new(130),
    alarm_emails: &[Email::new("orders-oncall@dofs.example")],
    ..STAGING
};

//! The quotas of an AWS account in a region. `check/quotas.rs` compares the limits of a topology with them.

use super::place::Region;

/// A token bucket: its size, and its refill in each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The burst: how many calls are accepted at once.
    pub size: u32,
    /// The rate: how many calls a second are accepted in the long run.
    pub refill: u32,
}

/// The quotas of an account in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// The concurrent executions of all Lambda functions together.
    pub concurrency: u32,
    /// The requests of all APIs of API Gateway together.
    pub api: Bucket,
    /// The started executions of all state machines together.
    pub start_execution: Bucket,
    /// The state transitions of all state machines together.
    pub state_transition: Bucket,
}

/// The concurrency that must stay unreserved. Lambda refuses a reservation that would leave less.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
pub const UNRESERVED_CONCURRENCY: u32 = 100;

impl Quotas {
    /// The default quotas of AWS. If an account has raised quotas, or lower ones because it is new, its configuration
    /// has them.
    ///
    /// - <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
    /// - <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
    pub const fn of(region: Region) -> Self {
        let (start_execution, state_transition) = match region {
            Region::EuWest1 | Region::UsEast1 | Region::UsWest2 => {
                (Bucket { size: 1300, refill: 300 }, Bucket { size: 5000, refill: 5000 })
            }
            Region::ApSouth1 | Region::ApSoutheast1 | Region::EuCentral1 => {
                (Bucket { size: 800, refill: 150 }, Bucket { size: 800, refill: 800 })
            }
        };
        // The default is lower in some newer regions, none of which is in `Region`.
        let api = Bucket { size: 5000, refill: 10_000 };
        Quotas { concurrency: 1000, api, start_execution, state_transition }
    }
}

/// How much other stacks in the same account and region take of its quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// The concurrency that their functions reserve.
    pub concurrency: u32,
    /// The limits of their APIs.
    pub requests: Bucket,
}

impl Default for Bucket {
    /// Nothing.
    fn default() -> Self {
        Bucket { size: 0, refill: 0 }
    }
}

/// The names of a quota in Service Quotas, for a request to raise it.
/// <https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaCode {
    /// `lambda`
    pub service: &'static str,
    /// `L-B99A9384`
    pub code: &'static str,
    /// Its name in Service Quotas.
    pub name: &'static str,
}

/// The concurrent executions of all functions.
pub const CONCURRENCY: QuotaCode =
    QuotaCode { service: "lambda", code: "L-B99A9384", name: "Concurrent executions" };
/// The requests a second of all APIs. AWS derives the burst from it.
pub const API_RATE: QuotaCode =
    QuotaCode { service: "apigateway", code: "L-8A5B8E43", name: "Throttle rate" };
/// The burst of started executions.
pub const START_EXECUTION_SIZE: QuotaCode = QuotaCode {
    service: "states",
    code: "L-CE9F8059",
    name: "StartExecution throttle token bucket size",
};
/// The rate of started executions.
pub const START_EXECUTION_REFILL: QuotaCode = QuotaCode {
    service: "states",
    code: "L-1B55A735",
    name: "StartExecution throttle token refill rate per second",
};
/// The burst of state transitions.
pub const STATE_TRANSITION_SIZE: QuotaCode = QuotaCode {
    service: "states",
    code: "L-137B3F65",
    name: "StateTransition throttle token bucket size",
};
/// The rate of state transitions.
pub const STATE_TRANSITION_REFILL: QuotaCode = QuotaCode {
    service: "states",
    code: "L-AD9B4E93",
    name: "StateTransition throttle token refill rate per second",
};

impl std::fmt::Display for QuotaCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` ({} in {})", self.name, self.code, self.service)
    }
}

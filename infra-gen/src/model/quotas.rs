//! Quotas that AWS sets for an account in a region, and that limits in a topology must stay within.

use super::place::Region;

/// A token bucket: what it holds, and what is added each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Calls at once.
    pub size: u32,
    /// Calls a second, in the long run.
    pub refill: u32,
}

/// What an account may use in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Instances of Lambda functions that run at the same time, all functions together.
    pub concurrency: u32,
    /// Requests that API Gateway takes, all APIs together.
    pub api: Bucket,
    /// Executions that Step Functions starts, all state machines together.
    pub start_execution: Bucket,
    /// States that executions enter, all state machines together.
    pub state_transition: Bucket,
}

/// Lambda refuses to reserve concurrency that would leave less than this to the functions without a
/// reservation. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
pub const UNRESERVED_CONCURRENCY: u32 = 100;

impl Quotas {
    /// What AWS gives to an account by default. An account whose quotas were raised, or a new account that
    /// has less, says so in its configuration.
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
        // API Gateway gives less to some newer regions, of which none is in `Region`.
        let api = Bucket { size: 5000, refill: 10_000 };
        Quotas { concurrency: 1000, api, start_execution, state_transition }
    }
}

/// What other stacks in the same account and region take of its quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Concurrency that their functions reserve.
    pub concurrency: u32,
    /// Requests that their APIs take, at once and each second.
    pub requests: Bucket,
}

impl Default for Bucket {
    /// Nothing.
    fn default() -> Self {
        Bucket { size: 0, refill: 0 }
    }
}

/// A quota by the names under which Service Quotas lists it, for whoever has to ask for more.
/// <https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaCode {
    /// `lambda`
    pub service: &'static str,
    /// `L-B99A9384`
    pub code: &'static str,
    /// What Service Quotas calls it.
    pub name: &'static str,
}

/// Concurrency of all functions.
pub const CONCURRENCY: QuotaCode =
    QuotaCode { service: "lambda", code: "L-B99A9384", name: "Concurrent executions" };
/// Requests a second of all APIs. AWS sets the burst by it.
pub const API_RATE: QuotaCode =
    QuotaCode { service: "apigateway", code: "L-8A5B8E43", name: "Throttle rate" };
/// Executions at once.
pub const START_EXECUTION_SIZE: QuotaCode = QuotaCode {
    service: "states",
    code: "L-CE9F8059",
    name: "StartExecution throttle token bucket size",
};
/// Executions a second.
pub const START_EXECUTION_REFILL: QuotaCode = QuotaCode {
    service: "states",
    code: "L-1B55A735",
    name: "StartExecution throttle token refill rate per second",
};
/// States at once.
pub const STATE_TRANSITION_SIZE: QuotaCode = QuotaCode {
    service: "states",
    code: "L-137B3F65",
    name: "StateTransition throttle token bucket size",
};
/// States a second.
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

//! The relations between the numbers of a configuration that DOFS couples, and AWS does not. They are checked at compile
//! time. Relations that AWS couples are in `infra_core::check::relations`.

use super::{AccountId, Config, Environment, Neighbours, Posture, delivery::DELIVERY};
use crate::topology::sqs::VISIBILITY;

const _: () = {
    let mut i = 0;
    while i < Environment::ALL.len() {
        let config = Environment::ALL[i].config();
        check(config);
        is_judged(config, Environment::ALL[i].posture());
        let mut j = 0;
        while j < Environment::ALL.len() {
            if i != j {
                may_share(config, Environment::ALL[j].config().account);
                has_its_origin(config, Environment::ALL[j].config());
            }
            j += 1;
        }
        may_share(config, DELIVERY.account);
        i += 1;
    }
};

/// Checks the relations within the configuration of one environment. Use it in a `const` item, where a broken relation
/// does not compile.
///
/// # Panics
///
/// If a relation does not hold.
#[track_caller]
pub const fn check(config: &Config) {
    let deliveries = VISIBILITY.get() * config.max_receive_count.get() as u32;
    assert!(
        config.processing_deadline.seconds() >= deliveries,
        "processing_deadline is shorter than max_receive_count x the visibility timeout of the order queue: \
         reconcile_orders would fail orders that the queue still delivers"
    );
    if let Some(interval) = config.reconcile.interval() {
        assert!(
            interval.get() <= config.processing_deadline.seconds(),
            "reconcile is longer than processing_deadline: an order could be undecided for more than twice the deadline"
        );
    }
    // A batch is a few calls of DynamoDB for each order, far less than a second. So with this many orders at once,
    // fulfill_order keeps up with the API even if a batch takes a second.
    let at_once = config.queue_concurrency.get() as u32 * config.batch_size.get() as u32;
    assert!(
        config.rate.get() <= at_once,
        "rate is more than queue_concurrency x batch_size, the orders that fulfill_order fulfils at once: the order \
         queue would grow as long as the API is busy"
    );
}

/// Checks that an environment with an account of its own has an origin of its own.
///
/// # Panics
///
/// If another environment has the same one.
#[track_caller]
pub const fn has_its_origin(config: &Config, other: &Config) {
    assert!(
        matches!(config.neighbours, Neighbours::Allowed)
            || !same(config.origin.as_str(), other.origin.as_str()),
        "an environment with Neighbours::None has the origin of another one, whose pages could call it"
    );
}

/// Checks that the environment with an account of its own is the one that is judged as production.
///
/// # Panics
///
/// If it is only one of the two.
#[track_caller]
pub const fn is_judged(config: &Config, posture: Posture) {
    assert!(
        matches!(config.neighbours, Neighbours::None) == matches!(posture, Posture::Production),
        "an environment for customers has both an account with Neighbours::None and Posture::Production"
    );
}

/// Checks that an environment whose account has no neighbours has it alone. `other` is the account of another environment
/// or of the pipeline.
///
/// # Panics
///
/// If both have the same account.
#[track_caller]
pub const fn may_share(config: &Config, other: AccountId) {
    assert!(
        matches!(config.neighbours, Neighbours::Allowed)
            || !same(config.account.as_str(), other.as_str()),
        "an environment with Neighbours::None has the account of another environment or of the pipeline"
    );
}

/// `==` is not `const` for text.
const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut i = 0;
    while i < one.len() && i < other.len() {
        if one[i] != other[i] {
            return false;
        }
        i += 1;
    }
    one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use function_contract::setting::Minutes;
    use infra_core::model::limits::{MaximumConcurrency, RateLimit, Schedule};

    use super::*;

    const DEV: &Config = Environment::Dev.config();

    /// Each relation at its bound.
    #[test]
    fn the_bounds_are_allowed() {
        // Three receives of 180 seconds.
        const DEADLINE: Minutes = Minutes::new(9);
        const RECONCILE: Schedule = Schedule::every_minutes(9);
        const RATE: RateLimit = RateLimit::new(20);
        const CONCURRENCY: MaximumConcurrency = MaximumConcurrency::new(2);
        check(&Config {
            processing_deadline: DEADLINE,
            reconcile: RECONCILE,
            rate: RATE,
            queue_concurrency: CONCURRENCY,
            ..*DEV
        });
        may_share(DEV, DEV.account);
        may_share(Environment::Prod.config(), DEV.account);
    }

    #[test]
    #[should_panic(
        expected = "processing_deadline is shorter than max_receive_count x the visibility"
    )]
    fn a_deadline_before_the_last_delivery() {
        const DEADLINE: Minutes = Minutes::new(8);
        check(&Config { processing_deadline: DEADLINE, ..*DEV });
    }

    #[test]
    #[should_panic(expected = "reconcile is longer than processing_deadline")]
    fn a_reconciler_that_comes_too_rarely() {
        const RECONCILE: Schedule = Schedule::every_minutes(16);
        check(&Config { reconcile: RECONCILE, ..*DEV });
    }

    #[test]
    #[should_panic(expected = "rate is more than queue_concurrency x batch_size")]
    fn orders_that_come_faster_than_they_are_fulfilled() {
        const RATE: RateLimit = RateLimit::new(21);
        check(&Config { rate: RATE, ..*DEV });
    }

    #[test]
    #[should_panic(expected = "has the origin of another one")]
    fn prod_with_the_origin_of_staging() {
        has_its_origin(Environment::Prod.config(), Environment::Prod.config());
    }

    #[test]
    #[should_panic(expected = "has both an account with Neighbours::None")]
    fn customers_without_the_policies_of_production() {
        is_judged(Environment::Prod.config(), Posture::Development);
    }

    #[test]
    #[should_panic(expected = "has both an account with Neighbours::None")]
    fn production_in_a_shared_account() {
        is_judged(DEV, Posture::Production);
    }

    #[test]
    #[should_panic(expected = "has the account of another environment or of the pipeline")]
    fn prod_in_the_account_of_another_environment() {
        may_share(&Config { account: DEV.account, ..*Environment::Prod.config() }, DEV.account);
    }
}

//! Tables.

use infra_core::model::{
    limits::{BurstLimit, RateLimit},
    quotas::{Bucket, Quotas, Taken},
    rest_api::Callers,
};
use infra_gen::config::Origin;

use super::api::api_with;
use crate::kit::*;

/// Each order is written twice into the index as PROCESSING, and a partition takes 1,000 writes a second. The account's
/// other quotas are raised, so that this is the first limit that a rate meets.
#[test]
fn an_api_that_writes_more_than_a_partition_of_an_index_takes() {
    #[track_caller]
    fn check(rates: &[u32], fix: Option<&str>) {
        let mut stack = stack("dofs-test");
        let most = Bucket { size: 10_000, refill: 10_000 };
        let quotas = Quotas { start_execution: most, state_transition: most, ..stack.quotas() };
        stack.set_quotas(quotas, Taken::default());
        for (rate, module) in rates.iter().zip([A, B]) {
            let limits = (RateLimit::new(*rate), BurstLimit::new(*rate));
            api_with(&mut stack.module(module), SHORT, Origin::ANY, Callers::Anyone, limits);
        }
        let found = violations(&stack.finish()).into_iter();
        // The two modules have tables of one item, which no topology has.
        let found: Vec<_> = found.filter(|it| it.rule != "stack/same-payload").collect();
        let fixes: Vec<&str> = found.iter().map(|it| it.fix.split(',').next().unwrap()).collect();
        assert_eq!(fixes, Vec::from_iter(fix), "{found:#?}");
        if let Some(it) = found.first() {
            let at = "module.a.aws_dynamodb_table.orders.global_secondary_index[status-updated_at]";
            assert_eq!((it.rule, &*it.address), ("limit/index-rate", at));
            assert!(it.source.is_some(), "{it}");
        }
    }
    check(&[500], None);
    check(&[501], Some("lower the rate limit to 500"));
    check(&[2_000], Some("lower the rate limit to 500"));
    // Modules that mention nothing of each other: each writes its own table.
    check(&[300, 300], None);
}

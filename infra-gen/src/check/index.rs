//! Writes of an index against what one partition takes: a partition has all items of one value of the partition key, and
//! a throttled index blocks the writes to its table.

use super::{Violation, policy::Blocks, quotas};
use crate::model::Stack;

/// Write units a second that one partition takes. An entry of an index has keys alone, far less than the 1 KB of a unit,
/// so each write of it is one unit.
///
/// - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>
/// - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/gsi-throttling.html>
const PARTITION: u32 = 1_000;

/// Every index of which the APIs of a part write more under one value than a partition takes. A request writes one item
/// at most, so the rate of the requests is the most that any table sees in the long run.
pub(super) fn check(stack: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let rate = quotas::rate(blocks);
    let over = stack.indexes().filter(|(table, index)| {
        rate.saturating_mul(index.writes) > PARTITION && blocks.get(&table.to_string()).is_some()
    });
    over.map(|(table, index)| {
        let (name, key, each) = (index.name, &index.hash.0, index.writes);
        Violation::new(
            "limit/index-rate",
            format!("{table}.global_secondary_index[{name}]"),
            format!(
                "the APIs let in {rate} requests a second, and the index is written {each} times for each item under \
                 one value of `{key}`: {} writes a second, and a partition takes {PARTITION}",
                rate.saturating_mul(each)
            ),
            format!(
                "lower the rate to {}, or index an attribute that spreads the items over more values",
                PARTITION / each.max(1)
            ),
        )
    })
    .collect()
}

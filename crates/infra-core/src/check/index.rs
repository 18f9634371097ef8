//! Compares the writes to an index with the limit of one partition. A partition has all items with one value of the
//! partition key, and a throttled index throttles the writes to its table.

use super::{Violation, policy::Blocks, quotas};
use crate::model::Stack;

/// The write units that one partition takes in a second. An index entry has only keys, far less than the 1 KB of a unit,
/// so each write is one unit.
///
/// - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>
/// - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/gsi-throttling.html>
const PARTITION: u32 = 1_000;

/// Every index that may get more writes under one key than a partition takes. A request writes at most one item, so the
/// rate limit of the APIs is the highest sustained rate of writes to any table.
pub(super) fn check(stack: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let rate = quotas::rate(blocks);
    let over = stack.indexes().filter(|(table, index)| {
        rate.saturating_mul(index.writes) > PARTITION && blocks.get(&table.to_string()).is_some()
    });
    over.map(|(table, index)| {
        let (name, key, each) = (&index.name, &index.hash.0, index.writes);
        Violation::new(
            "limit/index-rate",
            format!("{table}.global_secondary_index[{name}]"),
            format!(
                "the APIs accept {rate} requests a second, and each item is written {each} times to the index under \
                 one value of `{key}`: {} writes a second, but a partition takes {PARTITION}",
                rate.saturating_mul(each)
            ),
            format!(
                "lower the rate limit to {}, or index an attribute with more values",
                PARTITION / each.max(1)
            ),
        )
    })
    .collect()
}

//! Who takes the messages of a queue or a stream.

use super::{block::Block, identity::alike, root::Root};

const TYPE: &str = "aws_lambda_event_source_mapping";

/// Whether a mapping takes messages: one that is switched off takes none.
pub(super) fn runs(mapping: &Block) -> bool {
    mapping.tf_type == TYPE && mapping.truth(&["enabled"]) != Some(false)
}

/// Whether another mapping takes messages from the same source in a tree. The mapping that is asked about can be
/// of another tree than that.
pub(super) fn is_shared(root: &Root, mapping: &Block, of: &Root) -> bool {
    others(root, mapping, of).any(runs)
}

/// The mappings of a tree at other addresses that have the same source.
pub(super) fn others<'r>(
    root: &'r Root,
    mapping: &'r Block,
    of: &'r Root,
) -> impl Iterator<Item = &'r Block> {
    const SOURCE: &str = "event_source_arn";
    let is_other = |it: &&Block| {
        mapping.tf_type == TYPE
            && it.address != mapping.address
            && alike((&it.body[SOURCE], root), (&mapping.body[SOURCE], of))
    };
    root.of_type(TYPE).filter(is_other)
}
